import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { FleetReconciler } from '../../device/fleet-reconciler';
import { PERIOD, graph, math } from './metrics';
import type { Section, Watch } from './watch';

export interface QuotaParts {
  readonly reconciler?: FleetReconciler;
  readonly streamsOfADevice: number;
  readonly streamQuota: number;
}

/**
 * How much of the account's quotas is in use. Of Kinesis Video Streams AWS publishes no use, so that of streams comes from
 * our own count of devices.
 */
export function quotaSection(watch: Watch, { reconciler, streamsOfADevice, streamQuota }: QuotaParts): Section {
  const concurrency = math(
    '100 * claimed / SERVICE_QUOTA(executions)',
    { claimed: lambdaMetric('ClaimedAccountConcurrency'), executions: lambdaMetric('ConcurrentExecutions') },
    'Concurrency of Lambda',
  );
  const widgets = [
    graph('Concurrency of Lambda, in percent of the quota', [concurrency], { leftYAxis: { min: 0, max: 100 } }),
    graph('Throttled invocations, all functions', [
      lambdaMetric('Throttles', cloudwatch.Stats.SUM).with({ label: 'Throttled' }),
    ]),
  ];
  const alarms = [
    watch.alarm('ConcurrencyAlarm', concurrency, {
      what: "Quotas: 80 % of the account's concurrency of Lambda is claimed",
      anchor: 'quotas-near',
      threshold: 80,
    }),
  ];
  if (reconciler) {
    const period = Duration.days(1);
    const streams = math(
      `100 * devices * ${streamsOfADevice} / ${streamQuota}`,
      { devices: reconciler.metricDevicesRegistered({ period }) },
      'Streams',
      period,
    );
    widgets.push(graph('Streams of this fleet, in percent of the quota', [streams], { period }));
    alarms.push(
      watch.alarm('StreamQuotaAlarm', streams, {
        what: "Quotas: the fleet has 90 % or more of the account's streams",
        anchor: 'quotas-near',
        threshold: 90,
        evaluationPeriods: 1,
        // The figure comes once a day, and two of them may fall into one period, and none into the next.
        treatMissingData: cloudwatch.TreatMissingData.IGNORE,
      }),
    );
  }
  return {
    title: 'Quotas',
    text: 'Of the whole account in this region, except for the streams, which are those of the devices of this fleet.',
    widgets,
    alarms,
  };
}

/** Of all functions: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-concurrency.html */
function lambdaMetric(metricName: string, statistic = cloudwatch.Stats.MAXIMUM): cloudwatch.Metric {
  return new cloudwatch.Metric({ namespace: 'AWS/Lambda', metricName, statistic, period: PERIOD });
}
