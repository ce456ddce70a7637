import { Token } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { fail, lit } from '../private/validation';
import { QueueWorker, WorkQueue } from '../private/work-queue';

/**
 * Properties of `SignedWebhook`.
 */
export interface SignedWebhookProps {
  /**
   * Where messages are sent: an address that begins with `https://`.
   */
  readonly url: string;

  /**
   * The secret that sender and receiver share: a text that is the key itself, or in Base64 after `whsec_`. Messages are
   * signed by the current version and by the previous one, so that the receiver can change over at its own time.
   */
  readonly secret: secretsmanager.ISecret;

  /**
   * The key of the queues.
   * @default - a key that SQS manages
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * Sends messages to a system of somebody else, signed: computer-aided dispatch, ticketing.
 *
 * A message waits in the queue as `{"id": "…", "content": {…}}`. Its content is sent by `POST`, with the headers
 * `webhook-id`, `webhook-timestamp` and `webhook-signature` as the Standard Webhooks specification has them. It is sent again
 * until there is an answer of 2xx or 409, seven times within an hour, under the same id, by which the receiver tells
 * repetitions; then, or when it is refused for good (400, 410, 413, 415, 422), it is in the dead-letter queue.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_turn-on-for-other.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
 *
 * const webhook = new SignedWebhook(stack, 'Dispatch', {
 *   url: 'https://dispatch.example.com/alerts',
 *   secret: new Secret(stack, 'Secret'),
 * });
 * webhook.deadLetterAlarm.addAlarmAction(new AlarmTopic(stack, 'Alarms').action);
 */
export class SignedWebhook extends Construct {
  /** Messages that wait. */
  public readonly queue: sqs.IQueue;

  /** Messages that the receiver did not take. */
  public readonly deadLetterQueue: sqs.IQueue;

  /** Goes off when a message is in the dead-letter queue. */
  public readonly deadLetterAlarm: cloudwatch.Alarm;

  /** The function that sends. */
  public readonly handler: lambda.IFunction;

  /**
   * @throws ValidationError `WebhookUrl`
   */
  constructor(scope: Construct, id: string, props: SignedWebhookProps) {
    super(scope, id);
    const { url, secret, encryptionKey } = props;
    if (!Token.isUnresolved(url) && !/^https:\/\/[^\s@]+$/.test(url)) {
      fail(this, lit`WebhookUrl`, `\`url\` is '${url}'; it must begin with https:// and have no credentials in it.`);
    }
    const work = new WorkQueue(this, 'Work', { content: 'messages to a webhook', encryptionKey });
    this.queue = work.queue;
    this.deadLetterQueue = work.deadLetterQueue;
    this.deadLetterAlarm = work.deadLetterAlarm;
    const handler = new QueueWorker(this, 'Handler', {
      work,
      handler: 'signed-webhook',
      description: 'Sends signed messages to a webhook',
      // Each waits for the receiver; together they would outlast the function.
      batchSize: 1,
      // A receiver that comes back isn't to be flooded.
      maxConcurrency: 5,
      environment: { WEBHOOK_URL: url, SECRET_ARN: secret.secretArn },
    });
    secret.grantRead(handler, ['AWSCURRENT', 'AWSPREVIOUS']);
    encryptionKey?.grantEncryptDecrypt(handler);
    this.handler = handler;
  }

  /** Lets something send messages: put them into the queue. */
  public grantSend(grantee: iam.IGrantable): iam.Grant {
    return this.queue.grantSendMessages(grantee);
  }
}
