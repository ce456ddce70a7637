import { MetricUnit } from '@aws-lambda-powertools/metrics';
import * as z from 'zod';
import type { DeviceRate } from '../common/device-rate';
import { logger, metrics } from '../common/observability';
import { parseMessage, UnusableMessage, type Delivery } from '../common/queue-worker';
import { parseEnvelope } from '../common/rule-envelope';
import { created, frameOf } from '../image-detector/frame';
import { deviceCounts } from './counts';
import { countFrame, type FramePorts } from './frames';
import type { Monitor } from './monitor';
import type { Register } from './settings';
import type { Count } from './staffing';

export interface Ports {
  readonly monitor: Pick<Monitor, 'take'>;
  readonly registers: readonly Register[];
  readonly rate: DeviceRate;
  readonly now: () => number;
  /** Where people are counted in frames, instead of on devices. */
  readonly frames?: FramePorts;
}

/** S3 sends it once, when the notification is configured. */
const testEvent = z.object({ Event: z.literal('s3:TestEvent') });

/** Takes in what a device has counted, or counts what is in a frame. */
export async function handle(body: string, ports: Ports, { sentAt }: Delivery): Promise<void> {
  // Nothing is counted after it was sent; the same however often it is delivered.
  const take = (counts: Count[]) =>
    ports.monitor.take(counts.map((count) => ({ ...count, capturedAt: Math.min(count.capturedAt, sentAt) })));
  await (ports.frames ? takeFrames(body, ports, ports.frames, take) : takeCounts(body, ports, take));
}

async function takeFrames(
  body: string,
  { registers }: Ports,
  frames: FramePorts,
  take: (counts: Count[]) => Promise<void>,
) {
  // Not a union with the other: what that says of a wrong message names no field.
  if (testEvent.safeParse(parseMessage(z.unknown(), body)).success) return;
  for (const record of parseMessage(created, body).Records) await countFrame(frameOf(record), registers, frames, take);
}

async function takeCounts(body: string, { registers, rate, now }: Ports, take: (counts: Count[]) => Promise<void>) {
  const { device, open } = parseEnvelope(body);
  // Before anything is read of it: what floods is as likely to be unusable, and would fill the dead-letter queue.
  const tell = () => logger.warn('Messages are dropped: the device sends too many', { device });
  if (!rate.allows(device, now(), tell)) {
    metrics.addMetric('MessageLimited', MetricUnit.Count, 1);
    return;
  }
  const { capturedAt, counts } = open(deviceCounts);
  const stranger = counts.find(
    ({ register }) => !registers.some((own) => own.name === register && own.device === device),
  );
  if (stranger) throw new UnusableMessage(`'${stranger.register}' is not a register of the device '${device}'.`);
  await take(counts.map((count) => ({ ...count, capturedAt: Date.parse(capturedAt) })));
}
