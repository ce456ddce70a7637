import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';

/** Of what alarms and widgets are, unless they need another one. */
export const PERIOD = Duration.minutes(5);

/** The metrics that AWS has for each stream, with its name as only dimension. */
export const OF_STREAMS = ['StreamName'];

/** The metrics that AWS has for each channel and operation. */
export const OF_CHANNELS = ['Operation', 'SignalingChannelName'];

/**
 * What all streams or channels of the account and region have together: CloudWatch adds up the first 10,000 of them.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html
 */
export function ofAll(
  statistic: 'AVG' | 'MAX' | 'SUM',
  metricName: string,
  dimensions: string[],
  label: string,
  operation?: string,
): cloudwatch.MathExpression {
  const where = operation ? ` WHERE Operation = '${operation}'` : '';
  return new cloudwatch.MathExpression({
    expression: `SELECT ${statistic}("${metricName}") FROM SCHEMA("AWS/KinesisVideo", ${dimensions.join(', ')})${where}`,
    usingMetrics: {},
    period: PERIOD,
    label,
  });
}

/** An expression of others. */
export function math(
  expression: string,
  usingMetrics: Record<string, cloudwatch.IMetric>,
  label: string,
  period = PERIOD,
): cloudwatch.MathExpression {
  return new cloudwatch.MathExpression({ expression, usingMetrics, label, period });
}

/** A graph, a third of the dashboard wide. */
export function graph(
  title: string,
  left: cloudwatch.IMetric[],
  options: Partial<cloudwatch.GraphWidgetProps> = {},
): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({
    title,
    left,
    width: 8,
    height: 6,
    period: PERIOD,
    leftYAxis: { min: 0, showUnits: false },
    ...options,
  });
}

/** The same metric in several statistics, such as percentiles. */
export function statisticsOf(
  metric: (statistic: string) => cloudwatch.Metric,
  ...statistics: string[]
): cloudwatch.Metric[] {
  return statistics.map((statistic) => metric(statistic).with({ statistic, period: PERIOD, label: statistic }));
}
