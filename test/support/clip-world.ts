import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { handle } from '../../lambda/clip-archive/handler';
import type { ClipSettings } from '../../lambda/clip-archive/incident';
import type { DetectionEvent } from '../../lambda/common/detection-event';
import { ObjectStore } from './object-store';
import { StreamModel, fragmentNumber, type StoredFragment } from './stream-model';

/** When what the tests are about happened. */
export const AT = Date.parse('2026-11-24T10:00:00.000Z');

export const ALERT: DetectionEvent = {
  schemaVersion: '1.1',
  id: 'drone-1:1:person',
  fleet: 'delivery',
  device: 'drone-1',
  source: 'IMAGE',
  obstacle: 'person',
  severity: 'CRITICAL',
  label: 'Person',
  confidence: 97.46,
  capturedAt: new Date(AT).toISOString(),
  detectedAt: '2026-11-24T10:00:02.000Z',
  frame: { bucket: 'frames', key: 'evidence/1.jpg', url: 'https://frames.example.com/1.jpg?X-Amz-Signature=1' },
};

export const SETTINGS: ClipSettings = {
  beforeSeconds: 30,
  afterSeconds: 60,
  settleSeconds: 60,
  patienceSeconds: 900,
  legalHolds: true,
};

/** The folder of the incident that the alert is. */
export const FOLDER = 'clips/drone-1/2026/11/24/drone-1-1-person-';

/** Streams, a bucket and an index, and the function that makes clips. */
export class ClipWorld {
  readonly video = new StreamModel();
  readonly store = new ObjectStore();
  now = AT + 3_600_000;
  remaining = 300_000;

  constructor(
    private readonly dynamodb: DynamoDBDocumentClient,
    readonly tableName: string,
    private readonly settings: Partial<ClipSettings> = {},
    private readonly alertTable?: string,
  ) {
    this.video.streams.set('drone-1', []);
  }

  handle(body: string): Promise<void> {
    return handle(body, {
      media: this.video.media,
      s3: this.store.client,
      bucket: 'archive',
      dynamodb: this.dynamodb,
      tableName: this.tableName,
      alertTable: this.alertTable,
      settings: { ...SETTINGS, ...this.settings },
      now: () => this.now,
      remaining: () => this.remaining,
    });
  }

  get keys(): string[] {
    return [...this.store.objects.keys()].sort();
  }

  keyOf(ending: string): string {
    const found = this.keys.filter((key) => key.endsWith(ending));
    if (found.length !== 1) throw new Error(`Of '${ending}' there are ${found.length} objects.`);
    return found[0];
  }
}

/** Fragments of a camera that sends without a break. */
export function recording(from: number, count: number, change: Partial<StoredFragment> = {}): StoredFragment[] {
  return Array.from({ length: count }, (_none, index) => ({
    number: fragmentNumber(Math.round(from / 1000) + 2 * index),
    producedAt: from + 2000 * index,
    receivedAt: from + 2000 * index + 2500,
    milliseconds: 2000,
    bytes: 500_000,
    codec: 'h264',
    ...change,
  }));
}
