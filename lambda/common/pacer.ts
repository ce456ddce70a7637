import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { IoTClient } from '@aws-sdk/client-iot';
import type { KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { isNamed } from './errors';
import { metrics } from './observability';

const THROTTLED = ['ClientLimitExceededException', 'ThrottlingException', 'TooManyRequestsException'];

/** What `ApiPacer` puts into the environment of a function. */
export const pacerSettings = z.object({
  tableName: z.string(),
  /** Calls a second of each operation that all functions may make together. */
  rates: z.record(z.string(), z.number().positive()),
});

export interface PacerPorts {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly settings: z.infer<typeof pacerSettings>;
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** Waits until it is the turn of a call of the operation. */
export type Pacer = (operation: string) => Promise<void>;

/**
 * Keeps the calls of all functions together below a rate.
 *
 * A row for each operation has the time of the next free turn (the generic cell rate algorithm). Taking a turn moves it
 * on by one interval; where it lies in the past, nobody has called for a while, and it starts from now. An operation
 * without a rate has none: it isn't paced.
 */
export function pacer({ dynamodb, settings, now, sleep }: PacerPorts): Pacer {
  const move = async (operation: string, expression: string, condition: string, interval: number) => {
    const { Attributes } = await dynamodb.send(
      new UpdateCommand({
        TableName: settings.tableName,
        Key: { operation },
        UpdateExpression: expression,
        ConditionExpression: condition,
        ExpressionAttributeNames: { '#next': 'next' },
        ExpressionAttributeValues: { ':now': now(), ':interval': interval },
        ReturnValues: 'UPDATED_NEW',
      }),
    );
    return Number(Attributes?.next) - interval;
  };
  const takeTurn = async (operation: string, interval: number): Promise<number> => {
    for (;;) {
      try {
        return await move(operation, 'SET #next = #next + :interval', '#next >= :now', interval);
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
      try {
        return await move(
          operation,
          'SET #next = :now + :interval',
          'attribute_not_exists(#next) OR #next < :now',
          interval,
        );
      } catch (error) {
        // Somebody else was the first after the pause.
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    }
  };
  return async (operation) => {
    const rate = settings.rates[operation];
    if (rate === undefined) return;
    const turn = await takeTurn(operation, 1000 / rate);
    const wait = turn - now();
    if (wait > 0) await sleep(wait);
  };
}

/** Paces each attempt of each call that the client makes, those of its retries included. */
export function paceClient<C extends KinesisVideoClient | IoTClient>(client: C, pace: Pacer): C {
  // The stacks differ in the types of what goes through, which doesn't matter here.
  (client as KinesisVideoClient).middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        await pace((commandName ?? '').replace(/Command$/, ''));
        try {
          return await next(args);
        } catch (error) {
          if (isNamed(error, ...THROTTLED)) metrics.addMetric('ApiThrottled', MetricUnit.Count, 1);
          throw error;
        }
      },
    // Within the retries.
    { step: 'finalizeRequest', priority: 'low', name: 'pace' },
  );
  return client;
}
