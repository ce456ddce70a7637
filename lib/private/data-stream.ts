import { RemovalPolicy } from 'aws-cdk-lib';
import * as kinesis from 'aws-cdk-lib/aws-kinesis';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sources from 'aws-cdk-lib/aws-lambda-event-sources';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** What is on its way to a function in order, and grows with what is written. */
export function dataStream(scope: Construct, encryptionKey?: kms.IKey): kinesis.Stream {
  // eslint-disable-next-line awscdk/require-passing-this -- it is the caller's
  return new kinesis.Stream(scope, 'DataStream', {
    streamMode: kinesis.StreamMode.ON_DEMAND,
    encryption: encryptionKey ? kinesis.StreamEncryption.KMS : kinesis.StreamEncryption.MANAGED,
    encryptionKey,
    // What it holds is forgotten within a day anyway.
    removalPolicy: RemovalPolicy.DESTROY,
  });
}

export type RecordOptions = Required<Pick<sources.KinesisEventSourceProps, 'batchSize' | 'retryAttempts'>> &
  Pick<sources.KinesisEventSourceProps, 'maxBatchingWindow' | 'maxRecordAge'>;

/** What is written from the deployment on, for a function of lambda/common/stream-worker.ts. */
export function recordsOf(
  stream: kinesis.IStream,
  deadLetterQueue: sqs.IQueue,
  options: RecordOptions,
): sources.KinesisEventSource {
  return new sources.KinesisEventSource(stream, {
    ...options,
    startingPosition: lambda.StartingPosition.LATEST,
    reportBatchItemFailures: true,
    // For a batch that the function didn't live to report of.
    bisectBatchOnError: true,
    onFailure: new sources.SqsDlq(deadLetterQueue),
  });
}
