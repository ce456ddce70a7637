import { createHash } from 'node:crypto';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import * as z from 'zod';
import { logger, metrics } from '../common/observability';
import type { Sighting } from '../common/obstacles';
import { UnusableMessage, parseMessage, type Delivery } from '../common/queue-worker';
import { report, type ReportPorts } from '../common/report';
import type { Analyser } from './analysers/analyser';
import { frameForAlert, type EvidencePorts } from './evidence';
import { created, frameOf, type Frame } from './frame';
import { passesGate, type GatingPorts } from './gating';
import { isGone } from './objects';
import type { Turn } from './turns';

export interface Ports extends ReportPorts {
  readonly analyser: Analyser;
  readonly turn: Turn;
  readonly maximumAgeSeconds: number;
  readonly evidence: EvidencePorts;
  /** Which frames are worth it; without it, all are. */
  readonly gating?: GatingPorts;
}

/** S3 sends it once, when the notification is configured. */
const testEvent = z.object({ Event: z.literal('s3:TestEvent') });

/** Looks for obstacles in the frames that a notification of S3 tells of, and raises alerts. */
export async function handle(body: string, ports: Ports, delivery: Delivery): Promise<void> {
  // Not a union with the other: what that says of a wrong message names no field.
  if (testEvent.safeParse(parseMessage(z.unknown(), body)).success) return;
  for (const record of parseMessage(created, body).Records) await examine(frameOf(record), delivery, ports);
}

async function examine(frame: Frame, { tries, sentAt }: Delivery, ports: Ports): Promise<void> {
  if (isStale(frame, tries, ports)) return;
  if (ports.gating && !(await whileThere(frame, ports, () => passesGate(frame, ports.gating!)))) return;
  await ports.turn();
  // It may have become so while others had theirs.
  if (isStale(frame, tries, ports)) return;
  const sightings = await whileThere(frame, ports, () => ports.analyser.analyse(frame));
  if (sightings) await tell(frame, sentAt, sightings, ports);
}

/**
 * Whether fresher frames should go first. It is the time at S3 that counts: the clock of a device may be wrong, and what
 * a device sends late, because it had no network, is news all the same.
 *
 * @throws UnusableMessage when it became so by failing: that is for somebody to look at
 */
function isStale({ bucket, key, createdAt }: Frame, tries: number, { alerts, maximumAgeSeconds }: Ports): boolean {
  const age = (alerts.now() - createdAt.getTime()) / 1000;
  if (age <= maximumAgeSeconds) return false;
  if (tries > 1) throw new UnusableMessage(`s3://${bucket}/${key} could not be analysed before it was stale.`);
  metrics.addMetric('FrameStale', MetricUnit.Count, 1);
  logger.warn('Frame is stale', { bucket, key, age });
  return true;
}

/** What comes of the frame, or nothing if it was deleted meanwhile. */
async function whileThere<T>(frame: Frame, { evidence }: Ports, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    // Services say of what is gone only that they can't read it.
    if (error instanceof UnusableMessage || !(await isGone(evidence.s3, frame))) throw error;
    metrics.addMetric('FrameExpired', MetricUnit.Count, 1);
    logger.warn('Frame is gone', { bucket: frame.bucket, key: frame.key });
    return undefined;
  }
}

async function tell(frame: Frame, arrivedAt: number, sightings: Sighting[], ports: Ports): Promise<void> {
  const { bucket, key } = frame;
  logger.debug('Frame examined', { bucket, key, labels: sightings.map(({ label }) => label) });
  const id = createHash('sha256').update(`${bucket}/${key}`).digest('hex').slice(0, 32);
  // One for all classes that are seen in it.
  let kept: ReturnType<typeof frameForAlert> | undefined;
  const keepFrame = () => (kept ??= frameForAlert(frame, ports.evidence));
  await report({ ...frame, id, arrivedAt, source: 'IMAGE', frame: { bucket, key }, keepFrame, sightings }, ports);
}
