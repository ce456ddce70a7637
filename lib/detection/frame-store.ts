import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { privateBucket } from '../private/private-bucket';
import { checkDuration, checkPattern, fail, lit } from '../private/validation';
import { WorkQueue, allowServiceToUseKey } from '../private/work-queue';

/**
 * Properties of `FrameStore`.
 */
export interface FrameStoreProps {
  /**
   * The key that encrypts frames.
   * @default - keys that S3 and SQS manage
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * How long frames are kept: whole days, 1 or more.
   * @default Duration.days(7)
   */
  readonly retention?: Duration;

  /**
   * How long the copies of frames are kept of which alerts were raised: whole days, 1 or more.
   * @default Duration.days(90)
   */
  readonly evidenceRetention?: Duration;

  /**
   * The folder in which each stream has its own: 1 to 24 of `a-z A-Z 0-9 _ -`.
   * @default 'frames'
   */
  readonly prefix?: string;

  /**
   * The folder of the frames of which alerts were raised: 1 to 24 of `a-z A-Z 0-9 _ -`, and another one than `prefix`.
   * @default 'evidence'
   */
  readonly evidencePrefix?: string;

  /**
   * What becomes of the frames when the store leaves the stack.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Where image generation puts the frames of streams, and the queue that tells of each: a bucket that is encrypted, open
 * to nobody and reached by TLS only, whose objects expire.
 *
 * The bucket tells the queue itself, without a function or EventBridge between, which would cost more than the rest of
 * the path at a frame per device every few seconds.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const frames = new FrameStore(stack, 'Frames', {
 *   retention: Duration.days(14),
 *   evidenceRetention: Duration.days(365),
 * });
 */
export class FrameStore extends Construct {
  /** The bucket. */
  public readonly bucket: s3.IBucket;

  /** The folder in which each stream has its own. */
  public readonly prefix: string;

  /** The folder of the frames of which alerts were raised. */
  public readonly evidencePrefix: string;

  /** Notifications of frames that wait for a detector. */
  public readonly queue: sqs.IQueue;

  /** Notifications that no detector could process. */
  public readonly deadLetterQueue: sqs.IQueue;

  /** Goes off when a notification is in the dead-letter queue. */
  public readonly deadLetterAlarm: cloudwatch.Alarm;

  /** @internal */
  public readonly _work: WorkQueue;

  /**
   * @throws ValidationError with one of the codes `FrameRetention`, `FramePrefix`, `EvidenceRetention` and
   * `EvidencePrefix`
   */
  constructor(scope: Construct, id: string, props: FrameStoreProps = {}) {
    super(scope, id);
    const { encryptionKey, retention = Duration.days(7), evidenceRetention = Duration.days(90) } = props;
    this.prefix = props.prefix ?? 'frames';
    this.evidencePrefix = props.evidencePrefix ?? 'evidence';
    // With the longest names of bucket and stream, the URI is within the 255 characters that image generation takes.
    const prefix = /^[a-zA-Z0-9_-]{1,24}$/;
    const rule = '1 to 24 of a-z A-Z 0-9 _ -';
    checkPattern(this, lit`FramePrefix`, 'prefix', this.prefix, prefix, rule);
    checkPattern(this, lit`EvidencePrefix`, 'evidencePrefix', this.evidencePrefix, prefix, rule);
    if (this.evidencePrefix === this.prefix) {
      // Each copy would be a frame, of which an alert is raised, of which a copy is made.
      fail(
        this,
        lit`EvidencePrefix`,
        `\`evidencePrefix\` is '${this.prefix}' like \`prefix\`; it must be another one.`,
      );
    }
    const days = { min: 1, max: 36_500, unit: 'days' } as const;
    checkDuration(this, lit`FrameRetention`, 'retention', retention, days);
    checkDuration(this, lit`EvidenceRetention`, 'evidenceRetention', evidenceRetention, days);

    this._work = new WorkQueue(this, 'Work', { content: 'notifications of frames', encryptionKey });
    this.queue = this._work.queue;
    this.deadLetterQueue = this._work.deadLetterQueue;
    this.deadLetterAlarm = this._work.deadLetterAlarm;

    const bucket = privateBucket(this, 'Bucket', {
      encryptionKey,
      lifecycleRules: [
        { prefix: `${this.prefix}/`, expiration: retention },
        { prefix: `${this.evidencePrefix}/`, expiration: evidenceRetention },
        { abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    });
    this.bucket = bucket;
    this.notify(bucket);
    if (encryptionKey) allowServiceToUseKey(encryptionKey, 's3.amazonaws.com');
  }

  /**
   * Lets somebody read frames.
   * @internal
   */
  public _grantRead(grantee: iam.IGrantable): void {
    this.grantObjects(grantee, this.prefix, 's3:GetObject');
    this.bucket.encryptionKey?.grant(grantee, 'kms:Decrypt');
  }

  /**
   * Lets a detector keep a frame as evidence, and read what it kept, since a link works with the permissions of who
   * made it.
   * @internal
   */
  public _grantKeepEvidence(grantee: iam.IGrantable): void {
    this.grantObjects(grantee, this.evidencePrefix, 's3:GetObject', 's3:PutObject');
    this.bucket.encryptionKey?.grant(grantee, 'kms:Decrypt', 'kms:GenerateDataKey');
  }

  /**
   * Lets somebody delete frames before they expire.
   * @internal
   */
  public _grantDelete(grantee: iam.IGrantable): void {
    this.grantObjects(grantee, this.prefix, 's3:DeleteObject');
  }

  private grantObjects(grantee: iam.IGrantable, prefix: string, ...actions: string[]): void {
    iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [this.bucket.arnForObjects(`${prefix}/*`)] });
  }

  /** Natively, because `addEventNotification` would bring a function that may change the notifications of any bucket. */
  private notify(bucket: s3.Bucket): void {
    const { queue } = this._work;
    const { policyDependable } = queue.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('s3.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        // The queue must let the bucket in before the bucket is made, so the bucket's name isn't known here.
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    const resource = bucket.node.defaultChild as s3.CfnBucket;
    resource.notificationConfiguration = {
      queueConfigurations: [
        {
          event: 's3:ObjectCreated:*',
          queue: queue.queueArn,
          filter: { s3Key: { rules: [{ name: 'prefix', value: `${this.prefix}/` }] } },
        },
      ],
    };
    if (policyDependable) resource.node.addDependency(policyDependable);
  }
}
