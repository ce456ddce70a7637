import { createHash } from 'node:crypto';
import type { SQSEvent } from 'aws-lambda';

/**
 * What Lambda hands to the function of a standard queue: a batch of messages with these bodies.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export function sqsEvent(...bodies: string[]): SQSEvent {
  return {
    Records: bodies.map((body, index) => ({
      messageId: messageId(index),
      receiptHandle: 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a...',
      body,
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: '1795514400000',
        SenderId: 'AIDAIENQZJOLO23YVJ4VO',
        ApproximateFirstReceiveTimestamp: '1795514400120',
      },
      messageAttributes: {},
      md5OfBody: createHash('md5').update(body).digest('hex'),
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-west-1:111122223333:work',
      awsRegion: 'eu-west-1',
    })),
  };
}

/** The id of the message at that place in the batch. */
export function messageId(index: number): string {
  return `059f36b4-87a3-44ab-83d2-66197583${String(index).padStart(4, '0')}`;
}
