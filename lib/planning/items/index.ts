import type { Load } from '../load';
import { frameUsage, handlingUsage } from './handling';
import { iotUsage } from './iot';
import { rekognitionUsage, streamUsage, webrtcUsage } from './kinesis-video';
import { operationUsage, viewingUsage } from './operation';
import type { Usage } from './usage';

/** Each family of services, in the order in which media meets them. */
const FAMILIES: [service: string, usage: (load: Load) => Usage[]][] = [
  ['Kinesis Video Streams', streamUsage],
  ['WebRTC', webrtcUsage],
  ['Rekognition', rekognitionUsage],
  ['AWS IoT', iotUsage],
  ['Handling', handlingUsage],
  ['Frames in S3', frameUsage],
  ['Operation', operationUsage],
  ['Viewing', viewingUsage],
];

/** All that a fleet uses of what has a price. */
export function usageOf(load: Load): (Usage & { service: string })[] {
  return FAMILIES.flatMap(([service, usage]) => usage(load).map((used) => ({ service, ...used }))).filter(
    ({ amount }) => amount > 0,
  );
}
