import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as sources from 'aws-cdk-lib/aws-lambda-event-sources';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { HandlerFunction, type HandlerFunctionProps } from './handler-function';

export interface WorkQueueProps extends HandlerFunctionProps {
  /** @default - a key that SQS manages */
  readonly encryptionKey?: kms.IKey;
  /** How many messages one invocation takes. @default 10 */
  readonly batchSize?: number;
  /** How many invocations run at once, at least 2. @default - as many as Lambda gives */
  readonly maxConcurrency?: number;
}

/**
 * A queue, the function that works it off, and what happens when it can't: a message that failed five times, or that
 * the function finds unusable, goes to the dead-letter queue, where an alarm sees it.
 */
export class WorkQueue extends Construct {
  public readonly queue: sqs.Queue;
  public readonly deadLetterQueue: sqs.Queue;
  public readonly handler: HandlerFunction;
  public readonly deadLetterAlarm: cloudwatch.IAlarm;

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);

    const timeout = props.timeout ?? Duration.seconds(30);
    const common: sqs.QueueProps = {
      encryption: props.encryptionKey ? sqs.QueueEncryption.KMS : sqs.QueueEncryption.SQS_MANAGED,
      encryptionMasterKey: props.encryptionKey,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    };
    this.deadLetterQueue = new sqs.Queue(this, 'DeadLetterQueue', common);
    this.queue = new sqs.Queue(this, 'Queue', {
      ...common,
      // Six times the function's timeout, as Lambda's documentation advises, so that a batch isn't worked on twice.
      visibilityTimeout: Duration.seconds(6 * timeout.toSeconds()),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: 5 },
    });

    this.handler = new HandlerFunction(this, 'Handler', {
      handler: props.handler,
      description: props.description,
      memorySize: props.memorySize,
      timeout,
      environment: { ...props.environment, DEAD_LETTER_QUEUE_URL: this.deadLetterQueue.queueUrl },
    });
    this.deadLetterQueue.grants.sendMessages(this.handler);
    this.handler.addEventSource(
      new sources.SqsEventSource(this.queue, {
        batchSize: props.batchSize ?? 10,
        maxConcurrency: props.maxConcurrency,
        reportBatchItemFailures: true,
      }),
    );

    this.deadLetterAlarm = this.deadLetterQueue
      .metricApproximateNumberOfMessagesVisible({ statistic: cloudwatch.Stats.MAXIMUM, period: Duration.minutes(1) })
      .createAlarm(this, 'DeadLetterAlarm', {
        alarmDescription: `${props.handler}: messages that could not be processed wait in the dead-letter queue`,
        threshold: 0,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: 1,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      });
  }
}
