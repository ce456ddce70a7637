import type { KinesisStreamEvent } from 'aws-lambda';

/**
 * What Lambda hands to the function of a data stream: a batch of records with these contents.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
 */
export function kinesisEvent(...contents: string[]): KinesisStreamEvent {
  return {
    Records: contents.map((content, index) => ({
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: 'c899e520-6541-48d9-9376-bb2496e39859',
        sequenceNumber: sequenceNumber(index),
        data: Buffer.from(content).toString('base64'),
        approximateArrivalTimestamp: 1_795_514_400.12,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `shardId-000000000000:${sequenceNumber(index)}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: 'arn:aws:iam::111122223333:role/face-matches',
      awsRegion: 'eu-west-1',
      eventSourceARN: 'arn:aws:kinesis:eu-west-1:111122223333:stream/faces',
    })),
  };
}

/** The number of the record at that place in the batch. */
export function sequenceNumber(index: number): string {
  return `4959033827149025660855969253836157109592157598913658${String(index).padStart(4, '0')}`;
}
