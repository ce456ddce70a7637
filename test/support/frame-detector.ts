import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ObstacleClass } from '../../lambda/common/obstacles';
import type { Analyser } from '../../lambda/image-detector/analysers/analyser';
import type { Frame } from '../../lambda/image-detector/frame';
import { handle, type Ports } from '../../lambda/image-detector/handler';
import { read } from '../../lambda/image-detector/objects';
import { FRAME_BUCKET, FRAME_TIME, frameKey } from '../events/s3';
import type { AlertTarget } from './alert-target';
import { FrameBucket } from './frame-bucket';
import { TestQueue } from './work-queue';

/** One that analysers are asked about. */
export const FRAME: Frame = {
  bucket: FRAME_BUCKET,
  key: frameKey({ folder: 'frames/drone-1', stream: 'drone-1' }),
  device: 'drone-1',
  capturedAt: new Date('2026-11-24T10:00:00.000Z'),
  createdAt: new Date(FRAME_TIME),
};

/** A picture of test/frames. */
export function testFrame(name: string): Buffer {
  return readFileSync(join(__dirname, '..', 'frames', name));
}

/** The image detector, with its bucket and its queue. */
export class FrameDetector {
  readonly bucket = new FrameBucket();
  readonly queue: TestQueue;
  readonly readFrame = (frame: { bucket: string; key: string }, maxBytes: number) =>
    read(this.bucket.client, frame, maxBytes);

  /**
   * @param analyser made with what reads frames from the bucket
   * @param more than the defaults: no pace, a maximum age of a minute, and evidence
   */
  constructor(
    target: AlertTarget,
    obstacles: ObstacleClass[],
    analyser: (readFrame: FrameDetector['readFrame']) => Analyser,
    more: Partial<Pick<Ports, 'turn'>> & {
      readonly evidencePrefix?: string;
      readonly gating?: (readFrame: FrameDetector['readFrame']) => Ports['gating'];
    } = {},
  ) {
    const { turn = async () => {}, evidencePrefix = 'evidence' } = more;
    const ports: Ports = {
      fleet: 'delivery',
      obstacles,
      alerts: target.ports,
      analyser: analyser(this.readFrame),
      turn,
      gating: more.gating?.(this.readFrame),
      maximumAgeSeconds: 60,
      evidence: { s3: this.bucket.client, settings: { evidencePrefix, linkSeconds: 900 }, now: target.ports.now },
    };
    this.queue = new TestQueue((body, delivery) => handle(body, ports, delivery), target.ports.now);
  }
}
