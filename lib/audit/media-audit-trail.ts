import { ArnFormat, Names, RemovalPolicy, Stack, type Duration, type Size } from 'aws-cdk-lib';
import { CfnTrail } from 'aws-cdk-lib/aws-cloudtrail';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { aws_kinesisvideo as refs } from 'aws-cdk-lib/interfaces';
import { Construct } from 'constructs';
import { checkedAuditTrail } from '../private/audit-checks';
import { auditInsights } from '../private/audit-insights';
import { auditSelectors } from '../private/audit-selectors';
import { allowLogsToUseKey, allowTrailToUseKey, auditBucket, deliveryRole } from '../private/audit-store';
import { AUDIT_TABLE } from '../private/audit-table';
import { AuditWatch } from '../private/audit-watch';
import { AuditWorkgroup } from '../private/audit-workgroup';
import type { ViewingApi } from '../viewing/viewing-api';
import type { ManagementEvents, WriteOnce } from './audit-choices';
import { MediaAuditTrailGrants } from './media-audit-trail-grants';

/**
 * Properties of a `MediaAuditTrail`.
 */
export interface MediaAuditTrailProps {
  /**
   * The name of the trail: 3 to 128 of `a-z A-Z 0-9 . _ -`.
   * @default - generated
   */
  readonly trailName?: string;

  /**
   * The streams whose use is recorded, at most 200 together with channels and buckets.
   * @default - all of the account in the region
   */
  readonly streams?: refs.IStreamRef[];

  /**
   * The signaling channels whose use is recorded.
   * @default - all of the account in the region
   */
  readonly channels?: refs.ISignalingChannelRef[];

  /**
   * Buckets with images and clips, whose use is recorded.
   * @default - none but the clips of `viewing`
   */
  readonly buckets?: s3.IBucket[];

  /**
   * The calls on streams that are recorded, like `GetMedia`. Each record is paid for.
   * @default - all but what a player fetches within a session of HLS or DASH
   */
  readonly streamEvents?: string[];

  /**
   * The calls on signaling channels that are recorded, like `ConnectAsViewer`.
   * @default - all
   */
  readonly channelEvents?: string[];

  /**
   * The calls on the objects of `buckets` that are recorded, like `GetObject`.
   * @default - all but uploads, of which there is one with each image
   */
  readonly bucketEvents?: string[];

  /**
   * Which management events are recorded. The first copy of them in a region is free.
   * @default ManagementEvents.WRITE
   */
  readonly managementEvents?: ManagementEvents;

  /**
   * The APIs by which people watch: their functions and the roles of their viewers are known to read, their clips are
   * recorded, and their logs are among what is asked.
   * @default - none
   */
  readonly viewing?: ViewingApi[];

  /**
   * Other roles that are known to read media, like those of detectors.
   * @default - none
   */
  readonly readers?: iam.IRole[];

  /**
   * Logs of other functions that put on record whom they let do what, like those of `Takeover`.
   * @default - none
   */
  readonly auditLogs?: logs.ILogGroup[];

  /**
   * The key that encrypts records and answers. Of a key of another app, the policy must let CloudTrail use it.
   * @default - a new key, rotated yearly
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * How long records are kept: whole days, from 91 to 36,500.
   * @default Duration.days(2192) - six years
   */
  readonly retention?: Duration;

  /**
   * Makes records such that nobody can delete them before their time.
   * @default - whoever has the permission can
   */
  readonly writeOnce?: WriteOnce;

  /**
   * For how long records are in CloudWatch Logs too, where they can be asked within minutes of a call.
   * @default - they are in the bucket only
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * How long answers of Athena are kept: whole days, from 1 to 365.
   * @default Duration.days(30)
   */
  readonly answerRetention?: Duration;

  /**
   * How much a question may read at most, before Athena stops it: from 10 MiB to 7 TiB.
   * @default Size.gibibytes(100)
   */
  readonly scanLimit?: Size;

  /**
   * What is done when the trail, its bucket or its key is changed.
   * @default - nothing
   */
  readonly alarmActions?: cloudwatch.IAlarmAction[];

  /**
   * What becomes of records, answers and a key made for them when the trail leaves the stack.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Puts on record who watches and who sends media, and keeps the questions that auditors ask of it.
 *
 * It is about one account in one region, as media is, so that no record leaves the region. Changes of roles are made
 * in another region, and belong to a trail of the whole organisation.
 *
 * @stateful
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
 *
 * const trail = new MediaAuditTrail(stack, 'Audit', { retention: Duration.days(365) });
 * trail.grants.readRecords(new Role(stack, 'Auditor', { assumedBy: new AccountRootPrincipal() }));
 */
export class MediaAuditTrail extends Construct {
  /** The name of the trail. */
  public readonly trailName: string;

  /** The ARN of the trail. */
  public readonly trailArn: string;

  /** Where records are. */
  public readonly logBucket: s3.IBucket;

  /** Where answers of Athena are. */
  public readonly resultBucket: s3.IBucket;

  /** What encrypts both. */
  public readonly encryptionKey: kms.IKey;

  /** Records in CloudWatch Logs, if they are there too. */
  public readonly logGroup?: logs.ILogGroup;

  /** The log groups that kept queries ask: of the functions by which people watch, and the trail's own. */
  public readonly queriedLogGroups: logs.ILogGroup[];

  /** The database of the table. */
  public readonly databaseName: string;

  /** The table of records. */
  public readonly tableName: string;

  /** The workgroup of Athena in which questions are asked. */
  public readonly workgroupName: string;

  /** Goes off when the trail, its bucket or its key was changed, by a deployment too. */
  public readonly changeAlarm: cloudwatch.Alarm;

  /** What was changed of the trail, its bucket and its key, by whom. */
  public readonly changeLogGroup: logs.ILogGroup;

  private readonly watch: AuditWatch;

  /**
   * @throws ValidationError with one of the codes `AuditTrailName`, `AuditRetention`, `AuditWriteOnce`,
   * `AuditAnswerRetention`, `AuditScanLimit`, `AuditEvents` and `AuditResources`
   */
  constructor(scope: Construct, id: string, props: MediaAuditTrailProps = {}) {
    super(scope, id);
    const checked = checkedAuditTrail(this, props);
    const { removalPolicy = RemovalPolicy.RETAIN, viewing = [] } = props;
    this.trailName = props.trailName ?? Names.uniqueResourceName(this, { maxLength: 128, separator: '-' });
    this.trailArn = Stack.of(this).formatArn({
      service: 'cloudtrail',
      resource: 'trail',
      resourceName: this.trailName,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    this.encryptionKey =
      props.encryptionKey ?? new kms.Key(this, 'Key', { description: 'Audit', enableKeyRotation: true, removalPolicy });
    const { encryptionKey } = this;
    allowTrailToUseKey(encryptionKey, this.trailArn);
    allowLogsToUseKey(encryptionKey);
    const logBucket = auditBucket(this, { ...checked, trailArn: this.trailArn, removalPolicy });
    this.logBucket = logBucket;
    if (props.logRetention !== undefined) {
      this.logGroup = new logs.LogGroup(this, 'Live', { encryptionKey, retention: props.logRetention, removalPolicy });
    }
    const buckets = [...new Set([...(props.buckets ?? []), ...viewing.map(({ clipBucket }) => clipBucket)])];
    const trail = new CfnTrail(this, 'Trail', {
      trailName: this.trailName,
      isLogging: true,
      isMultiRegionTrail: false,
      includeGlobalServiceEvents: false,
      enableLogFileValidation: true,
      s3BucketName: logBucket.bucketName,
      kmsKeyId: encryptionKey.keyArn,
      cloudWatchLogsLogGroupArn: this.logGroup?.logGroupArn,
      cloudWatchLogsRoleArn: this.logGroup && deliveryRole(this, this.logGroup, this.trailArn).roleArn,
      advancedEventSelectors: auditSelectors({
        ...checked,
        streams: props.streams?.map(({ streamRef }) => streamRef.streamArn),
        channels: props.channels?.map(({ signalingChannelRef }) => signalingChannelRef.signalingChannelArn),
        buckets: buckets.map(({ bucketArn }) => bucketArn),
      }),
    });
    trail.node.addDependency(logBucket.policy!);

    const readers = [...viewing.map(({ handler }) => handler.role!), ...(props.readers ?? [])];
    const { results, database, workgroup } = new AuditWorkgroup(this, 'Queries', {
      ...checked,
      logs: logBucket,
      encryptionKey,
      viewerRoles: viewing.flatMap(({ viewerRole }) => viewerRole?.roleArn ?? []),
      readerRoles: readers.map(({ roleArn }) => roleArn),
      buckets: buckets.map(({ bucketName }) => bucketName),
      removalPolicy,
    });
    this.resultBucket = results;
    this.databaseName = database.ref;
    this.tableName = AUDIT_TABLE;
    this.workgroupName = workgroup.ref;

    const handlers = viewing.map(({ handler }) => handler).filter((handler) => handler instanceof lambda.Function);
    const auditLogs = [...handlers.map(({ logGroup }) => logGroup), ...(props.auditLogs ?? [])];
    this.queriedLogGroups = this.logGroup ? [...auditLogs, this.logGroup] : auditLogs;
    auditInsights(this, { folder: this.trailName, auditLogs, trailLog: this.logGroup });

    this.watch = new AuditWatch(this, 'Watch', {
      trailName: this.trailName,
      trailArn: this.trailArn,
      bucket: logBucket,
      encryptionKey,
      alarmActions: props.alarmActions ?? [],
      removalPolicy,
    });
    this.changeAlarm = this.watch.alarm;
    this.changeLogGroup = this.watch.changes;
  }

  /** Permissions on the records. */
  public get grants(): MediaAuditTrailGrants {
    return MediaAuditTrailGrants.fromTrail(this);
  }

  /** How often the trail, its bucket or its key was changed. Sum over a minute. */
  public metricChanges(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.watch.metric(props);
  }
}
