import { Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { aws_rekognition as refs } from 'aws-cdk-lib/interfaces';
import { Construct } from 'constructs';
import type { AlertAcknowledgements } from '../alert/alert-acknowledgements';
import type { AlertFeed } from '../alert/alert-feed';
import type { ClipArchive } from '../archive/clip-archive';
import type { WriteOnce } from '../audit/audit-choices';
import type { MediaProvisioner } from '../device/media-provisioner';
import { lockOf } from '../private/audit-store';
import { allowErasingObjects, allowErasingRecords, allowErasingStreams } from '../private/erasure-access';
import { ErasureFlow } from '../private/erasure-flow';
import { AUDIT_LOGS, HandlerFunction, handlerMetric } from '../private/handler-function';
import { privateBucket } from '../private/private-bucket';
import { checkDuration, checkPattern, checkRange, fail, lit } from '../private/validation';
import type { Takeover } from '../viewing/takeover';
import { MediaErasureGrants } from './media-erasure-grants';

/**
 * A folder in which each stream has its own: `<prefix>/<stream>/`.
 */
export interface ErasableFolder {
  /**
   * The bucket.
   */
  readonly bucket: s3.IBucket;

  /**
   * The folder, without a slash at its end: 1 to 200 of `a-z A-Z 0-9 _ . / -`.
   */
  readonly prefix: string;
}

/**
 * Properties of `MediaErasure`.
 */
export interface MediaErasureProps {
  /**
   * What gives the devices their streams: only these are deleted, and by it a device gets new ones.
   */
  readonly provisioner: MediaProvisioner;

  /**
   * Where frames, evidence and clips are, at most 20: those of a `FrameStore` are in its `prefix` and its `evidencePrefix`,
   * those of a `ViewingApi` in `clips`, those of a `ContinuousArchive` in `continuous`. What is in none of these isn't erased.
   */
  readonly folders: ErasableFolder[];

  /**
   * The archive of clips, whose index is erased as well. What is under a legal hold stays, and the proof says so.
   * @default - no archive is erased, unless it is one of `folders`, and then without its index
   */
  readonly archive?: ClipArchive;

  /**
   * The alerts that are kept.
   * @default - no alerts are erased
   */
  readonly alerts?: AlertFeed;

  /**
   * Who acknowledged alerts, which is erased together with them.
   * @default - no acknowledgements are erased
   */
  readonly acknowledgements?: AlertAcknowledgements;

  /**
   * The commands to devices that are kept. Who is in control isn't erased: a device must never hear of two.
   * @default - no commands are erased
   */
  readonly takeover?: Takeover;

  /**
   * The collection of faces, in the region of the stack.
   * @default - requests for a subject find no faces
   */
  readonly faces?: refs.ICollectionRef;

  /**
   * The key that encrypts proofs.
   * @default - a key that S3 manages
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * How long proofs are kept: whole days, from 91 to 36,500.
   * @default Duration.days(2192) - six years
   */
  readonly proofRetention?: Duration;

  /**
   * Makes proofs such that nobody can delete them before their time.
   * @default - whoever has the permission can
   */
  readonly writeOnce?: WriteOnce;

  /**
   * What is done when the alarm goes off.
   * @default - nothing beyond the alarm's state
   */
  readonly alarmActions?: cloudwatch.IAlarmAction[];

  /**
   * What becomes of proofs and logs when they leave the stack.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Erases the media of a device, or the faces of a person, on request, and proves it.
 *
 * A request is an execution of the state machine, with the `requestId` as its name, and is carried out once. Its input is
 * described by `schemas/erasure-request.v1.json`: `{"requestId": "r-17", "device": "drone-1", "reason": "…",
 * "requestedBy": "…"}`. With `"plan": true` it is only counted. An execution that failed can be redriven.
 *
 * The proof is in the folder `<requestId>/` of the bucket: `certificate.json` (`schemas/erasure-certificate.v1.json`) says what
 * was erased, what was kept and why, and that all was looked through again; a manifest has each thing by name, and no media.
 * An execution fails when anything is left that has no reason to be.
 *
 * Kinesis Video Streams deletes streams as a whole, and for good; a request with `from` or `to` leaves them, and the
 * certificate says when the media of that time expires.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_DeleteStream.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const identity = new DeviceIdentity(stack, 'Identity');
 * const frames = new FrameStore(stack, 'Frames');
 * const erasure = new MediaErasure(stack, 'Erasure', {
 *   provisioner: new MediaProvisioner(stack, 'Media', { fleetName: 'delivery', identity }),
 *   folders: [{ bucket: frames.bucket, prefix: frames.prefix }],
 * });
 */
export class MediaErasure extends Construct {
  /** What is started with a request. */
  public readonly stateMachine: sfn.IStateMachine;

  /** The function that erases. */
  public readonly handler: lambda.IFunction;

  /** Where proofs are. */
  public readonly proofBucket: s3.IBucket;

  /** Goes off when a request failed, was ended, or left something without a reason. */
  public readonly failureAlarm: cloudwatch.Alarm;

  /**
   * @throws ValidationError with one of the codes `ErasureFolders`, `ErasureAcknowledgements`, `ErasureProofRetention` and
   * `ErasureWriteOnce`
   */
  constructor(scope: Construct, id: string, props: MediaErasureProps) {
    super(scope, id);
    this.check(props);
    const { removalPolicy = RemovalPolicy.RETAIN } = props;
    this.proofBucket = this.makeBucket({ ...props, removalPolicy });
    const handler = new HandlerFunction(this, 'Handler', {
      handler: 'media-erasure',
      description: `Erases media of ${props.provisioner.fleetName} on request, and proves it`,
      timeout: Duration.minutes(15),
      memorySize: 512,
      logs: { ...AUDIT_LOGS, removalPolicy },
    });
    this.handler = handler;
    this.connect(handler, props);
    this.stateMachine = new ErasureFlow(this, 'Flow', { handler }).stateMachine;
    const { stateMachine } = this;
    this.failureAlarm = new cloudwatch.MathExpression({
      expression: 'FILL(failed, 0) + FILL(timedOut, 0) + FILL(aborted, 0)',
      usingMetrics: {
        failed: stateMachine.metricFailed(),
        timedOut: stateMachine.metricTimedOut(),
        aborted: stateMachine.metricAborted(),
      },
      label: 'Requests that failed',
    }).createAlarm(this, 'FailureAlarm', {
      alarmDescription: 'Erasure: a request failed, was ended, or left something without a reason',
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    this.failureAlarm.addAlarmAction(...(props.alarmActions ?? []));
  }

  /** Permissions to have something erased, and to read proofs. */
  public get grants(): MediaErasureGrants {
    return MediaErasureGrants.fromErasure(this);
  }

  /**
   * A metric of the function, in the namespace `KinesisVideoFleet`: `ErasureCertified`, `ErasureIncomplete`, as sums.
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return handlerMetric(this, 'media-erasure', metricName, { statistic: cloudwatch.Stats.SUM, ...props });
  }

  /**
   * Tells of each request that has ended: by the event of Step Functions, whose `status` is `SUCCEEDED` or not, and whose
   * `output` says where the certificate is. Its `input` is the request.
   *
   * @see https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
   */
  public onEnded(id: string, options: events.OnEventOptions = {}): events.Rule {
    const rule = new events.Rule(options.crossStackScope ?? this, id, {
      ruleName: options.ruleName,
      description: options.description ?? 'Erasure requests that have ended',
      eventPattern: {
        ...options.eventPattern,
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          ...(options.eventPattern?.detail as object | undefined),
          stateMachineArn: [this.stateMachine.stateMachineArn],
          status: ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'],
        },
      },
    });
    if (options.target) rule.addTarget(options.target);
    return rule;
  }

  private check({ folders, alerts, acknowledgements, proofRetention, writeOnce }: MediaErasureProps): void {
    checkRange(this, lit`ErasureFolders`, 'folders.length', folders.length, { min: 0, max: 20 });
    for (const { prefix } of folders) {
      const pattern = /^(?!\/)[a-zA-Z0-9_./-]{1,200}(?<!\/)$/;
      const rule = '1 to 200 of a-z A-Z 0-9 _ . / -, with no slash at its ends';
      checkPattern(this, lit`ErasureFolders`, 'folders.prefix', prefix, pattern, rule);
    }
    if (acknowledgements && !alerts) {
      const remedy = 'Acknowledgements are known by their alerts; give `alerts` too.';
      fail(this, lit`ErasureAcknowledgements`, `\`acknowledgements\` is set without \`alerts\`. ${remedy}`);
    }
    const days = { min: 91, max: 36_500, unit: 'days' } as const;
    const kept = checkDuration(this, lit`ErasureProofRetention`, 'proofRetention', proofRetention ?? SIX_YEARS, days);
    if (!writeOnce) return;
    checkDuration(this, lit`ErasureWriteOnce`, 'writeOnce.retention', writeOnce.retention, {
      min: 1,
      max: Token.isUnresolved(kept) ? 36_500 : kept,
      unit: 'days',
      remedy: 'What is locked for longer than `proofRetention` stays until then.',
    });
  }

  private makeBucket(props: MediaErasureProps & { readonly removalPolicy: RemovalPolicy }): s3.Bucket {
    return privateBucket(this, 'Proofs', {
      encryptionKey: props.encryptionKey,
      versioned: true,
      objectLockDefaultRetention: props.writeOnce && lockOf(props.writeOnce),
      lifecycleRules: [
        {
          expiration: props.proofRetention ?? SIX_YEARS,
          // What was overwritten, or has got a marker on top.
          noncurrentVersionExpiration: Duration.days(90),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      removalPolicy: props.removalPolicy,
    });
  }

  private connect(handler: lambda.Function, props: MediaErasureProps): void {
    const { provisioner, archive, alerts, acknowledgements, takeover, faces } = props;
    const given = archive ? [...props.folders, { bucket: archive.bucket, prefix: 'clips' }] : props.folders;
    // Each once, or its objects would be counted twice.
    const folders = given.filter(
      ({ bucket, prefix }, index) =>
        given.findIndex((other) => other.bucket.bucketName === bucket.bucketName && other.prefix === prefix) === index,
    );
    const places = {
      fleetName: provisioner.fleetName,
      folders: folders.map(({ bucket, prefix }) => ({ bucket: bucket.bucketName, prefix })),
      incidentTable: archive?.index.tableName,
      alertTable: alerts?.table.tableName,
      acknowledgementTable: acknowledgements?.table.tableName,
      commandTable: takeover?.commandTable.tableName,
      collectionId: faces?.collectionRef.collectionId,
    };
    handler.addEnvironment('PLACES', Stack.of(this).toJsonString(places));
    handler.addEnvironment('PROOF_BUCKET', this.proofBucket.bucketName);
    handler.addEnvironment('PROVISIONING_QUEUE_URL', provisioner.queue.queueUrl);
    provisioner.pacer._connect(handler);
    provisioner.queue.grantSendMessages(handler);

    allowErasingStreams(this, handler, provisioner.fleetName);
    for (const folder of folders) allowErasingObjects(handler, folder);
    allowErasingRecords(handler, props);
    iam.Grant.addToPrincipal({
      grantee: handler,
      actions: ['s3:GetObject', 's3:PutObject'],
      resourceArns: [this.proofBucket.arnForObjects('*')],
    });
    props.encryptionKey?.grantEncryptDecrypt(handler);
  }
}

const SIX_YEARS = Duration.days(2192);
