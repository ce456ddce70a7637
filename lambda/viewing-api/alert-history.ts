import { GetCommand, QueryCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { detectionEvent, type DetectionEvent } from '../common/detection-event';
import { logger } from '../common/observability';
import { Problem, answerOf } from '../common/problem';
import type { alertsQuery } from './requests';
import { HOUR, pastWindow } from './window';

export interface AlertHistoryPorts {
  readonly dynamodb: DynamoDBDocumentClient;
  /** Of `AlertFeed`, with the keys `device` and `at`. */
  readonly alertTable: string;
  readonly now: () => number;
}

const DAY = 24 * HOUR;

/** The bytes that DynamoDB allows in a sort key. */
const MAX_KEY = 1024;

/** Of which device a list is, and after which alert the next page begins. */
const position = z.tuple([z.string(), z.string()]);

const row = z.object({ at: z.string(), event: z.string() });

/** The alerts of the last days. */
export class AlertHistory {
  constructor(private readonly ports: AlertHistoryPorts) {}

  /**
   * Alerts of a device that were captured within a window, the newest first.
   * @throws Problem 400 for a window that is none, and for a token of another list
   */
  async page(
    device: string,
    { from, to, limit, nextToken }: z.infer<typeof alertsQuery>,
  ): Promise<{ alerts: DetectionEvent[]; nextToken?: string }> {
    const { dynamodb, alertTable, now } = this.ports;
    // Clocks of devices and browsers are ahead now and then, and what they say is still to be seen.
    const { start, end } = pastWindow(from, to, DAY, now() + DAY);
    const [first, last] = [start.toISOString(), end.toISOString()];
    const before = nextToken === undefined ? undefined : parseToken(nextToken, device);
    if (before !== undefined && (before < first || before > last)) throw foreignToken();
    const { Items = [], LastEvaluatedKey } = await answerOf(
      dynamodb.send(
        new QueryCommand({
          TableName: alertTable,
          // After the time, keys go on, so those of the very end come behind it.
          KeyConditionExpression: 'device = :device AND #at BETWEEN :first AND :last',
          ExpressionAttributeNames: { '#at': 'at' },
          ExpressionAttributeValues: { ':device': device, ':first': first, ':last': last },
          ScanIndexForward: false,
          Limit: limit,
          ExclusiveStartKey: before === undefined ? undefined : { device, at: before },
        }),
      ),
    );
    return {
      alerts: Items.flatMap((item) => this.read(item) ?? []),
      nextToken: LastEvaluatedKey && renderToken(device, LastEvaluatedKey.at as string),
    };
  }

  /** Whether there is such an alert of that very device. */
  async has(device: string, capturedAt: string, id: string): Promise<boolean> {
    const { dynamodb, alertTable } = this.ports;
    const at = `${new Date(capturedAt).toISOString()}#${id}`;
    if (Buffer.byteLength(at) > MAX_KEY) return false;
    const { Item } = await answerOf(
      dynamodb.send(
        new GetCommand({
          TableName: alertTable,
          Key: { device, at },
          ProjectionExpression: 'device',
          // It may have been kept just now.
          ConsistentRead: true,
        }),
      ),
    );
    return Item !== undefined;
  }

  /** The alert as it came, as fields of a later version are for readers that know them. */
  private read(item: unknown): DetectionEvent | undefined {
    const { at, event } = row.parse(item);
    try {
      const alert = JSON.parse(event) as DetectionEvent;
      detectionEvent.parse(alert);
      return withoutDeadLink(alert, this.ports.now());
    } catch (error) {
      // The others are to be seen all the same.
      logger.error('An alert can not be read', { at, error: error as Error });
      return undefined;
    }
  }
}

function withoutDeadLink({ frame, ...alert }: DetectionEvent, now: number): DetectionEvent {
  if (!frame?.urlExpiresAt || Date.parse(frame.urlExpiresAt) > now) return { ...alert, frame };
  const { url: _url, urlExpiresAt: _urlExpiresAt, ...kept } = frame;
  return { ...alert, frame: kept };
}

function renderToken(device: string, at: string): string {
  return Buffer.from(JSON.stringify([device, at])).toString('base64url');
}

function parseToken(token: string, device: string): string {
  try {
    const [of, at] = position.parse(JSON.parse(Buffer.from(token, 'base64url').toString('utf8')));
    if (of === device) return at;
  } catch {
    // Whatever it is, it is none.
  }
  throw foreignToken();
}

function foreignToken(): Problem {
  return new Problem(400, 'Malformed request', '`nextToken` is none that this API has given for this list.');
}
