import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { DeviceAllowList } from '../device/device-allow-list';
import { ABOVE_ZERO } from './alarms';
import { HandlerFunction, handlerMetric } from './handler-function';

export interface CertificateExpiryProps {
  readonly allowList: DeviceAllowList;
  readonly warningHours: number;
}

/** Searches the list each day for certificates that expire, and for rotations that don't come to an end. */
export class CertificateExpiry extends Construct {
  public readonly handler: HandlerFunction;
  public readonly alarms: cloudwatch.Alarm[];

  constructor(scope: Construct, id: string, props: CertificateExpiryProps) {
    super(scope, id);
    const { table } = props.allowList;
    this.handler = new HandlerFunction(this, 'Handler', {
      handler: 'certificate-expiry',
      description: 'Looks for certificates that expire, and for rotations that do not come to an end',
      // A million entries are some 300 pages, and a page is a fraction of a second.
      timeout: Duration.minutes(15),
      memorySize: 512,
      environment: {
        ALLOW_LIST_TABLE: table.tableName,
        EXPIRY_WARNING_HOURS: Stack.of(this).toJsonString(props.warningHours),
      },
    });
    table.grant(this.handler, 'dynamodb:Scan');
    table.encryptionKey?.grantDecrypt(this.handler);
    new events.Rule(this, 'Daily', {
      description: 'Looks at the certificates of all devices',
      schedule: events.Schedule.rate(Duration.days(1)),
      targets: [new targets.LambdaFunction(this.handler)],
    });

    this.alarms = [
      this.alarm(
        'Alarm',
        this.metric('CertificatesExpiring'),
        'Certificates: some expire soon, and their devices have not replaced them',
      ),
      this.alarm(
        'PendingAlarm',
        this.metric('CertificateRotationsPending'),
        'Certificates: devices have a new one for more than a day, and did not say that they use it',
      ),
      this.alarm(
        'FailureAlarm',
        this.handler.metricErrors({ period: Duration.days(1) }),
        'Certificates: the daily search for those that expire failed',
      ),
    ];
  }

  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return handlerMetric(this, 'certificate-expiry', metricName, {
      period: Duration.days(1),
      statistic: metricName === 'CertificateDaysLeft' ? cloudwatch.Stats.MINIMUM : cloudwatch.Stats.MAXIMUM,
      ...props,
    });
  }

  private alarm(id: string, metric: cloudwatch.Metric, alarmDescription: string): cloudwatch.Alarm {
    return metric.createAlarm(this, id, {
      alarmDescription,
      ...ABOVE_ZERO,
      // A figure comes once a day, and two of them may fall into one period, and none into the next.
      treatMissingData: cloudwatch.TreatMissingData.IGNORE,
    });
  }
}
