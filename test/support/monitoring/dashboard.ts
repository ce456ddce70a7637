import type { MetricDataQuery } from './alarms';
import type { MetricUse } from './known-metrics';

/** What a graph asks for: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
export interface Widget {
  readonly type: 'metric' | 'text' | 'alarm';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title?: string;
    readonly markdown?: string;
    readonly alarms?: string[];
    readonly metrics?: unknown[][];
    readonly yAxis?: Record<'left' | 'right', { readonly min?: number; readonly max?: number } | undefined>;
  };
}

/** A line of a graph, or what others are computed from. */
export interface Line {
  readonly id?: string;
  readonly label?: string;
  readonly expression?: string;
  readonly metric?: MetricUse;
  readonly statistic?: string;
  readonly visible: boolean;
  readonly axis: 'left' | 'right';
}

/** The lines of a widget, with the abbreviations of the format written out. */
export function linesOf({ properties: { metrics = [] } }: Widget): Line[] {
  const lines: Line[] = [];
  let before: unknown[] = [];
  for (const entry of metrics) {
    const options = (typeof entry.at(-1) === 'object' ? entry.at(-1) : {}) as Record<string, string | boolean>;
    const names = (typeof entry.at(-1) === 'object' ? entry.slice(0, -1) : entry).map((name, index) =>
      name === '.' ? before[index] : name,
    );
    if (names[0] === '...') throw new Error('Repeated metrics are not read here.');
    if (names.length > 0) before = names;
    const [namespace, name, ...pairs] = names.map(String);
    const dimensions = Object.fromEntries(
      pairs.flatMap((key, index) => (index % 2 === 0 ? [[key, pairs[index + 1]]] : [])),
    );
    lines.push({
      id: options.id as string,
      label: options.label as string,
      expression: options.expression as string,
      metric: options.expression ? undefined : { namespace, name, dimensions },
      statistic: options.stat as string,
      visible: options.visible !== false,
      axis: options.yAxis === 'right' ? 'right' : 'left',
    });
  }
  return lines;
}

/** The metrics that an alarm asks for. */
export function usesOf(alarm: {
  Namespace?: string;
  MetricName?: string;
  Dimensions?: { Name: string; Value: unknown }[];
  Metrics?: MetricDataQuery[];
}): MetricUse[] {
  const dimensionsOf = (list: { Name: string; Value: unknown }[] = []) =>
    Object.fromEntries(list.map(({ Name, Value }) => [Name, Value]));
  if (alarm.MetricName) {
    return [{ namespace: alarm.Namespace!, name: alarm.MetricName, dimensions: dimensionsOf(alarm.Dimensions) }];
  }
  return (alarm.Metrics ?? []).flatMap(({ MetricStat, Expression }) => [
    ...(MetricStat
      ? [
          {
            namespace: MetricStat.Metric.Namespace,
            name: MetricStat.Metric.MetricName,
            dimensions: dimensionsOf(MetricStat.Metric.Dimensions),
          },
        ]
      : []),
    ...insights(Expression),
  ]);
}

/** The metric of a query of Metrics Insights, whose dimensions are those of its schema. */
export function insights(expression = ''): MetricUse[] {
  const found = /^SELECT \w+\("([^"]+)"\) FROM SCHEMA\("([^"]+)"((?:, \w+)*)\)(?: WHERE \w+ = '\w+')?$/.exec(
    expression,
  );
  if (!found) {
    if (/\bSELECT\b/.test(expression)) throw new Error(`The query isn't understood: ${expression}`);
    return [];
  }
  const [, name, namespace, schema] = found;
  const dimensions = schema.split(', ').filter(Boolean);
  return [{ namespace, name, dimensions: Object.fromEntries(dimensions.map((key) => [key, '*'])) }];
}
