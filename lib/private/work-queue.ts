import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as sources from 'aws-cdk-lib/aws-lambda-event-sources';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ABOVE_ZERO } from './alarms';
import { HandlerFunction, type HandlerFunctionProps } from './handler-function';

export interface WorkQueueProps {
  /** What waits in it, in a word or two. */
  readonly content: string;
  /** The timeout of the function that works the queue off. @default Duration.seconds(30) */
  readonly workTimeout?: Duration;
  /** How long a message waits before its first try, up to 15 minutes. @default - it doesn't */
  readonly deliveryDelay?: Duration;
  /** @default - a key that SQS manages */
  readonly encryptionKey?: kms.IKey;
}

/** With the pauses between them, the last try of a message is an hour after its first. */
const MAX_TRIES = 7;

/**
 * A queue, and what happens to messages that can't be worked off: one that failed seven times, or that its function finds
 * unusable, goes to the dead-letter queue, where an alarm sees it.
 */
export class WorkQueue extends Construct {
  public readonly queue: sqs.Queue;
  public readonly deadLetterQueue: sqs.Queue;
  public readonly deadLetterAlarm: cloudwatch.Alarm;
  public readonly workTimeout: Duration;

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);
    this.workTimeout = props.workTimeout ?? Duration.seconds(30);

    this.deadLetterQueue = deadLetterQueue(this, props.encryptionKey);
    this.queue = new sqs.Queue(this, 'Queue', {
      ...durable(props.encryptionKey),
      deliveryDelay: props.deliveryDelay,
      // Six times the function's timeout, as Lambda's documentation advises, so that a batch isn't worked on twice.
      visibilityTimeout: Duration.seconds(6 * this.workTimeout.toSeconds()),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: MAX_TRIES },
    });
    this.deadLetterAlarm = deadLetterAlarm(this, this.deadLetterQueue, props.content);
  }
}

export interface QueueWorkerProps extends Omit<HandlerFunctionProps, 'timeout'> {
  readonly work: WorkQueue;
  /** How many messages an invocation has. @default 10 */
  readonly batchSize?: number;
  /** How many invocations run at once, at least 2. @default - as many as Lambda gives */
  readonly maxConcurrency?: number;
}

/** The function that works a queue off. It reports each message for itself, so that a bad one holds no other back. */
export class QueueWorker extends HandlerFunction {
  constructor(scope: Construct, id: string, props: QueueWorkerProps) {
    const { queue, deadLetterQueue, workTimeout } = props.work;
    super(scope, id, {
      ...props,
      timeout: workTimeout,
      environment: {
        ...props.environment,
        QUEUE_URL: queue.queueUrl,
        DEAD_LETTER_QUEUE_URL: deadLetterQueue.queueUrl,
      },
    });
    deadLetterQueue.grants.sendMessages(this);
    this.addEventSource(
      new sources.SqsEventSource(queue, {
        batchSize: props.batchSize ?? 10,
        maxConcurrency: props.maxConcurrency,
        reportBatchItemFailures: true,
      }),
    );
  }
}

/** Where somebody looks at what could not be worked off or delivered, for two weeks. */
export function deadLetterQueue(scope: Construct, encryptionKey?: kms.IKey): sqs.Queue {
  // eslint-disable-next-line awscdk/require-passing-this -- it is the caller's
  return new sqs.Queue(scope, 'DeadLetterQueue', durable(encryptionKey));
}

function durable(encryptionKey?: kms.IKey): sqs.QueueProps {
  return {
    encryption: encryptionKey ? sqs.QueueEncryption.KMS : sqs.QueueEncryption.SQS_MANAGED,
    encryptionMasterKey: encryptionKey,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
    removalPolicy: RemovalPolicy.DESTROY,
  };
}

/** Goes off while anything is in the dead-letter queue. */
export function deadLetterAlarm(scope: Construct, queue: sqs.IQueue, content: string): cloudwatch.Alarm {
  return queue
    .metricApproximateNumberOfMessagesVisible({ statistic: cloudwatch.Stats.MAXIMUM, period: Duration.minutes(1) })
    .createAlarm(scope, 'DeadLetterAlarm', {
      alarmDescription: `Dead-letter queue: ${content} that could not be processed`,
      ...ABOVE_ZERO,
    });
}

/** Lets a service of AWS use a key for the messages and objects of this account that it brings to an encrypted place. */
export function allowServiceToUseKey(key: kms.IKey, service: string): void {
  key.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal(service)],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(key).account } },
    }),
  );
}
