import { Duration } from 'aws-cdk-lib';
import { StorageTier } from '../stream/video-stream';
import { Bitrate } from './bitrate';
import { VideoAnalysis, type FleetWorkload } from './fleet-usage';
import { time } from './format';
import type { CompleteWorkload } from './load';
import { seconds } from './units';

/** Something to change, if there is anything of it to change in the workload. */
interface Choice {
  readonly id: string;
  readonly name: string;
  readonly explanation: string;
  /** What to say where it saves nothing or costs more. */
  readonly otherwise: string;
  readonly changes: Partial<FleetWorkload>;
}

/**
 * Which share of what is filmed there is something to see in: drones that fly, with 30 seconds after each motion.
 * `npm run bench:gating` draws it from stated distributions.
 */
export const MOTION_SHARE = 0.11;

const LOWER_BITRATE = 1_000_000;

export function choicesOf(workload: CompleteWorkload): Choice[] {
  const { analysis, analysedShare, bitrate, retention, storageTier, imageInterval, fragmentDuration } = workload;
  const images = analysis === VideoAnalysis.IMAGES;
  const warm = storageTier === StorageTier.WARM;
  const days = seconds(retention) / 86_400;
  const choices: (Choice | false)[] = [
    bitrate.toBitsPerSecond() > LOWER_BITRATE && {
      id: 'lowerBitrate',
      name: '720p at 1 Mbps',
      changes: { bitrate: Bitrate.bitsPerSecond(LOWER_BITRATE) },
      explanation: 'Set in the encoder. Small and far things are harder to see.',
      otherwise: 'What depends on the bitrate is billed by other units here: fragments, images.',
    },
    analysis !== VideoAnalysis.NONE &&
      analysedShare > MOTION_SHARE && {
        id: 'motionGate',
        name: 'Analysis only while something moves',
        changes: { analysedShare: MOTION_SHARE },
        explanation: '`motionGate`, open for 30 s after motion. Images are made all the same.',
        otherwise:
          'More images than are analysed would be left: the gate only decides which ones, so that those with motion are not dropped.',
      },
    seconds(workload.streamingPerDay) > 0 && {
      id: 'edgeRecording',
      name: 'Devices stream only while something moves',
      changes: { streamingPerDay: Duration.millis(seconds(workload.streamingPerDay) * 1000 * MOTION_SHARE) },
      explanation: 'The device looks at its video before it sends any. What it misses is in no recording.',
      otherwise: 'There is nothing that depends on it.',
    },
    analysis !== VideoAnalysis.NONE && {
      id: 'edgeAnalysis',
      name: 'Models on the devices, none in the cloud',
      changes: { analysis: VideoAnalysis.NONE, onDeviceDetection: true },
      explanation: 'No images are made. It takes a device that can run a model.',
      otherwise: 'The messages of the devices cost more than the analysis in the cloud.',
    },
    days > 1 && {
      id: 'shorterRetention',
      name: `Media kept for ${time(Duration.hours((days / 2) * 24))}`,
      changes: { retention: Duration.hours((days / 2) * 24) },
      explanation: 'Half as long as now.',
      otherwise: 'Media in the WARM tier is billed for 30 days however soon it is deleted.',
    },
    !warm && {
      id: 'warmTier',
      name: 'WARM tier',
      changes: { storageTier: StorageTier.WARM },
      explanation: 'It is billed by fragments taken in, and for 30 days at least.',
      otherwise: `It is billed for 30 days at least and by fragments of ${time(fragmentDuration)}, and media is kept for ${time(retention)}.`,
    },
    warm &&
      seconds(fragmentDuration) < 10 && {
        id: 'longerFragments',
        name: 'Fragments of 10 s',
        changes: { fragmentDuration: Duration.seconds(10) },
        explanation: 'Key frames farther apart. Live playback by HLS starts later.',
        otherwise: 'There are too few fragments.',
      },
    images && {
      id: 'fewerImages',
      name: `An image each ${time(Duration.millis(imageInterval.toMilliseconds() * 2))}`,
      changes: { imageInterval: Duration.millis(imageInterval.toMilliseconds() * 2) },
      explanation: 'Half as many. What shows up is seen that much later.',
      otherwise: 'There are no images.',
    },
    workload.onDeviceDetection &&
      !workload.basicIngest && {
        id: 'basicIngest',
        name: 'Messages by Basic Ingest',
        changes: { basicIngest: true },
        explanation: 'No price for messages. Consoles can not be subscribed to them, and lose the fast path.',
        otherwise: 'There are no messages.',
      },
  ];
  return choices.filter((choice) => choice !== false);
}
