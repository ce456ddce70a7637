import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { DeleteObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { BoundingBox } from '../common/detection-event';
import { logger, metrics } from '../common/observability';
import type { Sighting } from '../common/obstacles';
import type { Analyser } from '../image-detector/analysers/analyser';
import type { Frame } from '../image-detector/frame';
import { isGone } from '../image-detector/objects';
import type { Turn } from '../image-detector/turns';
import type { Register } from './settings';
import type { Count } from './staffing';

export interface FramePorts {
  readonly s3: S3Client;
  readonly analyser: Analyser;
  readonly turn: Turn;
  /** In percent. */
  readonly minimumConfidence: number;
  /** In milliseconds. */
  readonly staleAfter: number;
  readonly now: () => number;
}

/**
 * Counts the people in a frame, hands their number on, and deletes the frame. One that isn't worth counting is deleted all
 * the same; only one that fails stays, until the bucket lets it expire.
 */
export async function countFrame(
  frame: Frame,
  registers: readonly Register[],
  ports: FramePorts,
  take: (counts: Count[]) => Promise<void>,
): Promise<void> {
  const seen = registers.filter(({ device, camera }) => device === frame.device && camera === frame.camera);
  if (seen.length === 0) drop('FrameUnwanted', frame);
  else if (ports.now() - frame.capturedAt.getTime() > ports.staleAfter) drop('FrameStale', frame);
  else {
    await ports.turn();
    const people = await peopleIn(frame, ports);
    if (people === 'gone') return drop('FrameExpired', frame);
    if (people === 'unknown') drop('FrameUncounted', frame);
    else await take(seen.map((register) => countAt(register, people, frame)));
  }
  const { bucket, key } = frame;
  await ports.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
}

/** How many of the people stand in line, and whether one is where the cashier is. */
export function countAt(
  { name, line, cashier }: Register,
  people: BoundingBox[],
  frame: Pick<Frame, 'capturedAt'>,
): Count {
  const [serving, others] = [true, false].map((isCashier) =>
    people.filter((person) => isCashier === (cashier !== undefined && isIn(cashier, person))),
  );
  return {
    register: name,
    waiting: others.filter((person) => !line || isIn(line, person)).length,
    ...(cashier && { open: serving.length > 0 }),
    capturedAt: frame.capturedAt.getTime(),
  };
}

/** Where people are, unless the frame is gone, or the model only says that there are some. */
async function peopleIn(
  frame: Frame,
  { analyser, s3, minimumConfidence }: FramePorts,
): Promise<BoundingBox[] | 'gone' | 'unknown'> {
  let sightings: Sighting[];
  try {
    sightings = await analyser.analyse(frame);
  } catch (error) {
    // A service says of what is gone only that it can't read it.
    if (await isGone(s3, frame)) return 'gone';
    throw error;
  }
  const people = sightings
    .filter(({ label, confidence }) => label === 'Person' && confidence >= minimumConfidence)
    .map(({ boundingBox }) => boundingBox);
  return people.every((box) => box !== undefined) ? people : 'unknown';
}

/** By the middle of the box, so that nobody is in two lines that are side by side. */
function isIn(region: BoundingBox, box: BoundingBox): boolean {
  const x = box.left + box.width / 2;
  const y = box.top + box.height / 2;
  return x >= region.left && x < region.left + region.width && y >= region.top && y < region.top + region.height;
}

function drop(metric: string, { bucket, key }: Frame): void {
  metrics.addMetric(metric, MetricUnit.Count, 1);
  logger.warn('Frame is not counted', { metric, bucket, key });
}
