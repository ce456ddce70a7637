import { Lazy } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

/** What of the fleet is looked at together. */
export interface Section {
  readonly title: string;
  /** What to know when looking at it, in Markdown. @default - nothing */
  readonly text?: string;
  readonly widgets: cloudwatch.IWidget[];
  /** Those of the parts themselves included. */
  readonly alarms: cloudwatch.IAlarm[];
}

export interface WatchOptions extends Partial<cloudwatch.CreateAlarmOptions> {
  /** What has happened, in a sentence without a full stop. */
  readonly what: string;
  /** The heading of the runbook that says what to do, as the anchor of a link. */
  readonly anchor: string;
}

/** Makes alarms whose descriptions say what has happened and where to read on. */
export class Watch {
  constructor(
    private readonly scope: Construct,
    private readonly runbookUrl: string,
  ) {}

  /** Goes off when it is at or above the threshold for three periods, or as told. */
  public alarm(
    id: string,
    metric: cloudwatch.Metric | cloudwatch.MathExpression,
    { what, anchor, ...options }: WatchOptions & { readonly threshold: number },
  ): cloudwatch.IAlarm {
    return metric.createAlarm(this.scope, id, {
      alarmDescription: this.describe(what, anchor),
      evaluationPeriods: 3,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      ...options,
    });
  }

  /**
   * Goes off when the metric leaves the band of what it usually is at that time of the week.
   * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Anomaly_Detection.html
   */
  public anomaly(
    id: string,
    metric: cloudwatch.Metric,
    direction: 'below' | 'above',
    { what, anchor }: WatchOptions,
  ): cloudwatch.IAlarm {
    const { LESS_THAN_LOWER_THRESHOLD, GREATER_THAN_UPPER_THRESHOLD } = cloudwatch.ComparisonOperator;

    return new cloudwatch.AnomalyDetectionAlarm(this.scope, id, {
      alarmDescription: this.describe(what, anchor),
      metric,
      stdDevs: 3,
      evaluationPeriods: 3,
      comparisonOperator: direction === 'below' ? LESS_THAN_LOWER_THRESHOLD : GREATER_THAN_UPPER_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
  }

  /** Goes off when any of the alarms does, those that are added later too. */
  public any(
    id: string,
    alarms: cloudwatch.IAlarm[],
    { what, anchor, ...options }: WatchOptions,
  ): cloudwatch.CompositeAlarm {
    return new cloudwatch.CompositeAlarm(this.scope, id, {
      ...options,
      alarmDescription: this.describe(what, anchor),
      alarmRule: {
        renderAlarmRule: () =>
          Lazy.string({
            produce: () =>
              alarms
                .map((alarm) => cloudwatch.AlarmRule.fromAlarm(alarm, cloudwatch.AlarmState.ALARM).renderAlarmRule())
                .join(' OR '),
          }),
      },
    });
  }

  private describe(what: string, anchor: string): string {
    return `${what}. What to do: ${this.runbookUrl}#${anchor}`;
  }
}
