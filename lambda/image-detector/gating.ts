import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Gates } from '../common/gates';
import { logger, metrics } from '../common/observability';
import { UnusableMessage } from '../common/queue-worker';
import { streamNameOf } from '../common/video-source';
import { decodeGray } from './analysers/gray-image';
import type { ReadFrame } from './analysers/analyser';
import type { Frame } from './frame';
import { changedShare, thumbnailOf, type Thumbnail } from './thumbnail';

export interface GatingPorts {
  readonly gates: Gates;
  /** How motion is found in the frames themselves; without it, only devices tell of it. */
  readonly difference?: {
    readonly dynamodb: DynamoDBDocumentClient;
    readonly tableName: string;
    readonly readFrame: ReadFrame;
    /** The share of the frame that must change. */
    readonly motionShare: number;
    readonly now: () => number;
  };
}

/** As many bytes as a frame of the most pixels that are decoded usually has, and ten times more. */
const MAX_BYTES = 5 * 1024 * 1024;

/** After how long a frame says nothing any more about what moves, in milliseconds. */
const FORGOTTEN_AFTER = 600_000;

/** Whether the frame is to be analysed: the gate of its stream is open, or is opened for it. */
export async function passesGate(frame: Frame, { gates, difference }: GatingPorts): Promise<boolean> {
  const stream = streamNameOf(frame);
  if (difference && (await hasMotion(frame, stream, difference))) await gates.open(stream, frame.key);
  if (await gates.isOpen(stream, frame.capturedAt.getTime())) return true;
  metrics.addMetric('FrameGated', MetricUnit.Count, 1);
  logger.debug('Frame is not analysed: nothing moves', { bucket: frame.bucket, key: frame.key });
  return false;
}

/** Whether the frame differs from the one before it. The first one does: nobody knows what has been there before. */
async function hasMotion(
  frame: Frame,
  stream: string,
  { readFrame, motionShare, ...table }: NonNullable<GatingPorts['difference']>,
): Promise<boolean> {
  const [after, before] = await Promise.all([readThumbnail(frame, readFrame), lastThumbnail(stream, table)]);
  await remember(stream, after, frame.capturedAt.getTime(), table);
  return before === undefined || changedShare(before, after) >= motionShare;
}

async function readThumbnail(frame: Frame, readFrame: ReadFrame): Promise<Thumbnail> {
  const bytes = await readFrame(frame, MAX_BYTES);
  try {
    return thumbnailOf(decodeGray(bytes));
  } catch (error) {
    throw new UnusableMessage(`s3://${frame.bucket}/${frame.key} can't be read: ${(error as Error).message}`);
  }
}

type Table = Pick<NonNullable<GatingPorts['difference']>, 'dynamodb' | 'tableName' | 'now'>;

/** No stream can be called so. */
const keyOf = (stream: string) => ({ stream: `#frame ${stream}` });

async function lastThumbnail(stream: string, { dynamodb, tableName, now }: Table): Promise<Thumbnail | undefined> {
  const { Item } = await dynamodb.send(new GetCommand({ TableName: tableName, Key: keyOf(stream) }));
  return Item && Item.expiresAt * 1000 > now() ? (Item.thumbnail as Thumbnail) : undefined;
}

/** Frames may overtake each other: the latest one is kept. */
async function remember(stream: string, thumbnail: Thumbnail, capturedAt: number, table: Table): Promise<void> {
  const { dynamodb, tableName, now } = table;
  try {
    await dynamodb.send(
      new PutCommand({
        TableName: tableName,
        Item: {
          ...keyOf(stream),
          thumbnail,
          capturedAt,
          expiresAt: Math.ceil((now() + FORGOTTEN_AFTER) / 1000),
        },
        ConditionExpression: 'attribute_not_exists(capturedAt) OR capturedAt < :capturedAt OR expiresAt <= :now',
        ExpressionAttributeValues: { ':capturedAt': capturedAt, ':now': Math.floor(now() / 1000) },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}
