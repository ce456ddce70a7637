import { ArnFormat, Duration, Names, Stack, type RemovalPolicy } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

export interface AuditWatchProps {
  readonly trailName: string;
  readonly trailArn: string;
  readonly bucket: s3.IBucket;
  readonly encryptionKey: kms.IKey;
  readonly alarmActions: cloudwatch.IAlarmAction[];
  readonly removalPolicy: RemovalPolicy;
}

/** What would leave gaps in the record, or make what is there unreadable. */
const TAMPERING = {
  trail: ['DeleteTrail', 'StopLogging', 'UpdateTrail'],
  selectors: ['PutEventSelectors'],
  bucket: [
    'DeleteBucket',
    'DeleteBucketLifecycle',
    'DeleteBucketPolicy',
    'PutBucketLifecycle',
    'PutBucketObjectLockConfiguration',
    'PutBucketPolicy',
    'PutBucketVersioning',
    'PutObjectLockConfiguration',
  ],
  key: ['DisableKey', 'PutKeyPolicy', 'ScheduleKeyDeletion'],
};

/** Notices changes of a trail, its bucket and its key as they happen, and keeps them apart from the trail. */
export class AuditWatch extends Construct {
  public readonly changes: logs.ILogGroup;
  public readonly rule: events.IRule;
  public readonly alarm: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, props: AuditWatchProps) {
    super(scope, id);
    const { encryptionKey } = props;
    this.changes = new logs.LogGroup(this, 'Changes', {
      encryptionKey,
      retention: logs.RetentionDays.ONE_YEAR,
      removalPolicy: props.removalPolicy,
    });
    this.rule = new events.Rule(this, 'Rule', {
      description: `Changes of the trail ${props.trailName}, its bucket and its key`,
      eventPattern: pattern(props),
      targets: [{ bind: () => ({ arn: this.groupArn() }) }],
    });
    this.allowDelivery();
    this.alarm = this.metric().createAlarm(this, 'Alarm', {
      alarmDescription: `Audit: the trail ${props.trailName}, its bucket or its key was changed`,
      threshold: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    this.alarm.addAlarmAction(...props.alarmActions);
  }

  public metric(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/Events',
      metricName: 'TriggeredRules',
      dimensionsMap: { RuleName: this.rule.ruleName },
      statistic: cloudwatch.Stats.SUM,
      period: Duration.minutes(1),
      ...props,
    }).attachTo(this);
  }

  /** A target is the group, while policies are about its streams. */
  private groupArn(): string {
    const { logGroupName } = this.changes;
    return Stack.of(this).formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: logGroupName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }

  /** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-cloudwatchlogs-permissions */
  private allowDelivery(): void {
    const Principal = { Service: ['delivery.logs.amazonaws.com', 'events.amazonaws.com'] };
    const Resource = this.changes.logGroupArn;
    const policy = {
      Version: '2012-10-17',
      Statement: [
        // Only what is written comes with the rule's ARN.
        { Effect: 'Allow', Principal, Action: 'logs:CreateLogStream', Resource },
        {
          Effect: 'Allow',
          Principal,
          Action: 'logs:PutLogEvents',
          Resource,
          Condition: { ArnEquals: { 'aws:SourceArn': this.rule.ruleArn } },
        },
      ],
    };
    new logs.CfnResourcePolicy(this, 'Delivery', {
      policyName: Names.uniqueResourceName(this, { maxLength: 128, separator: '-' }),
      policyDocument: Stack.of(this).toJsonString(policy),
    });
  }
}

function pattern(props: AuditWatchProps): events.EventPattern {
  const { bucket, encryptionKey } = props;
  const trail = [props.trailName, props.trailArn];
  const call = (service: string, eventName: string[], requestParameters: Record<string, string[]>) => ({
    eventSource: [`${service}.amazonaws.com`],
    eventName,
    requestParameters,
  });
  return {
    source: ['aws.cloudtrail', 'aws.kms', 'aws.s3'],
    detailType: ['AWS API Call via CloudTrail'],
    detail: {
      $or: [
        call('cloudtrail', TAMPERING.trail, { name: trail }),
        call('cloudtrail', TAMPERING.selectors, { trailName: trail }),
        call('s3', TAMPERING.bucket, { bucketName: [bucket.bucketName] }),
        call('kms', TAMPERING.key, { keyId: [encryptionKey.keyId, encryptionKey.keyArn] }),
      ],
    },
  };
}
