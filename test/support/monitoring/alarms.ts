import { evaluate, type Values } from './metric-math';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

interface MetricStat {
  readonly Metric: {
    readonly Namespace: string;
    readonly MetricName: string;
    readonly Dimensions?: { readonly Name: string; readonly Value: unknown }[];
  };
  readonly Period: number;
  readonly Stat: string;
}

export interface MetricDataQuery {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: MetricStat;
  readonly ReturnData?: boolean;
}

/** The properties of `AWS::CloudWatch::Alarm`. */
export interface AlarmProperties {
  readonly AlarmDescription?: string;
  readonly ComparisonOperator: string;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly Threshold?: number;
  readonly ThresholdMetricId?: string;
  readonly TreatMissingData?: string;
  readonly MetricName?: string;
  readonly Namespace?: string;
  readonly Dimensions?: { readonly Name: string; readonly Value: unknown }[];
  readonly Metrics?: MetricDataQuery[];
}

/**
 * What the metrics of an alarm are, by their names: a value for each period, the latest last, or one for all of them.
 * `lower` and `upper` are the band of what is usual, `quota` is what `SERVICE_QUOTA` gives.
 */
export type Given = Record<string, number | Values>;

/**
 * The state that an alarm has if its metrics are so.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function stateOf(alarm: AlarmProperties, given: Given, before: AlarmState = 'OK'): AlarmState {
  const lengths = Object.values(given).map((values) => (typeof values === 'number' ? 0 : values.length));
  const periods = Math.max(alarm.EvaluationPeriods, ...lengths);
  const series = (name: string): Values => {
    const values = given[name];
    return typeof values === 'number' ? Array(periods).fill(values) : (values ?? Array(periods).fill(undefined));
  };
  const values = alarm.MetricName ? series(alarm.MetricName) : valuesOf(alarm.Metrics ?? [], series, periods);
  const breaches = values.map((value, index) =>
    value === undefined ? undefined : isBreaching(alarm, value, series, index),
  );
  return decide(alarm, breaches, before);
}

function isBreaching(alarm: AlarmProperties, value: number, series: (name: string) => Values, index: number): boolean {
  const { ComparisonOperator: operator, Threshold: threshold = NaN } = alarm;
  const band = (edge: string) => series(edge)[index] ?? NaN;
  switch (operator) {
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold;
    case 'GreaterThanThreshold':
      return value > threshold;
    case 'LessThanThreshold':
      return value < threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= threshold;
    case 'LessThanLowerThreshold':
      return value < band('lower');
    case 'GreaterThanUpperThreshold':
      return value > band('upper');
    default:
      throw new Error(`The operator '${operator}' isn't known here.`);
  }
}

/** Of as many as there are in the range, the latest count; where there are too few, it is as the alarm says. */
function decide(alarm: AlarmProperties, breaches: (boolean | undefined)[], before: AlarmState): AlarmState {
  const { EvaluationPeriods: n, DatapointsToAlarm: m = n, TreatMissingData: missing = 'missing' } = alarm;
  const real = breaches.filter((breach) => breach !== undefined).slice(-n);
  const count = real.filter(Boolean).length;
  if (count >= m) return 'ALARM';
  if (real.length >= n) return 'OK';
  switch (missing) {
    case 'breaching':
      return count + n - real.length >= m ? 'ALARM' : 'OK';
    case 'notBreaching':
      return 'OK';
    case 'ignore':
      return count < real.length ? 'OK' : before;
    default:
      if (real.length === 0) return 'INSUFFICIENT_DATA';
      return count === real.length ? 'ALARM' : 'OK';
  }
}

/** Of all that an alarm asks for, what it looks at. */
function valuesOf(queries: MetricDataQuery[], series: (name: string) => Values, periods: number): Values {
  const byId = new Map(queries.map((query) => [query.Id, query]));
  const compute = (query: MetricDataQuery): Values => {
    if (query.MetricStat) return series(query.MetricStat.Metric.MetricName);
    const { Expression: expression = '' } = query;
    const selected = selectedMetric(expression);
    if (selected) return series(selected);
    const quota = /SERVICE_QUOTA\((\w+)\)/.exec(expression)?.[0];
    const plain = quota ? expression.replace(quota, 'quota') : expression;
    return evaluate(
      plain,
      (name) => {
        const other = byId.get(name);
        if (!other && name !== 'quota') throw new Error(`'${name}' is not among what the alarm asks for.`);
        return other ? compute(other) : series('quota');
      },
      periods,
    );
  };
  const isBand = ({ Expression = '' }: MetricDataQuery) => Expression.startsWith('ANOMALY_DETECTION_BAND');
  const returned = queries.filter((query) => query.ReturnData !== false && !isBand(query));
  if (returned.length !== 1) throw new Error(`The alarm looks at ${returned.length} series instead of one.`);
  return compute(returned[0]);
}

/** The metric of a query of Metrics Insights. */
function selectedMetric(expression: string): string | undefined {
  return /^SELECT \w+\("([^"]+)"\)/.exec(expression)?.[1];
}
