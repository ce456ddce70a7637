import { stateOf, type AlarmProperties } from '../support/monitoring/alarms';
import { insights, linesOf, usesOf, type Widget } from '../support/monitoring/dashboard';
import { complaint, type MetricUse } from '../support/monitoring/known-metrics';
import { evaluate } from '../support/monitoring/metric-math';
import { MonitoredFleet } from '../support/monitoring/monitored-fleet';

const fleet = new MonitoredFleet();
const alarms = fleet.resources('AWS::CloudWatch::Alarm');
const [dashboard] = fleet.resources('AWS::CloudWatch::Dashboard');
const { widgets }: { widgets: Widget[] } = JSON.parse(dashboard.get<string>('DashboardBody')!);
const graphs = widgets.filter(({ type }) => type === 'metric');

function complaints(uses: MetricUse[]): (string | undefined)[] {
  return uses.map(complaint).filter((found) => found !== undefined);
}

test.each(alarms.map((alarm) => [MonitoredFleet.idOf(alarm), alarm] as const))(
  '%s looks at metrics that there are',
  (_id, alarm) => {
    const names = ['Namespace', 'MetricName', 'Dimensions', 'Metrics'];
    const uses = usesOf(Object.fromEntries(names.map((name) => [name, alarm.get(name)])));
    expect(uses).not.toEqual([]);
    expect(complaints(uses)).toEqual([]);
  },
);

test.each(graphs.map((widget) => [widget.properties.title, widget] as const))(
  'the graph «%s» shows metrics that there are',
  (_title, widget) => {
    const lines = linesOf(widget);
    expect(lines.some(({ visible }) => visible)).toBe(true);
    const uses = lines.flatMap(({ metric, expression }) => (metric ? [metric] : insights(expression)));
    expect(uses).not.toEqual([]);
    expect(complaints(uses)).toEqual([]);
  },
);

test.each(graphs.map((widget) => [widget.properties.title, widget] as const))(
  'the expressions of «%s» can be computed from what it has',
  (_title, widget) => {
    const lines = linesOf(widget);
    const ids = new Set(lines.map(({ id }) => id));
    for (const { expression } of lines) {
      if (!expression || insights(expression).length > 0) continue;
      const lookup = (name: string) => {
        expect(ids).toContain(name);
        return [1];
      };
      expect(evaluate(expression, lookup, 1)).toHaveLength(1);
    }
  },
);

test.each<[what: string, use: MetricUse]>([
  ['nobody emits', { namespace: 'KinesisVideoFleet', name: 'FrameLost', dimensions: { service: 'image-detector' } }],
  ['another emits', { namespace: 'KinesisVideoFleet', name: 'FrameStale', dimensions: { service: 'motion-gate' } }],
  ['has no dimension', { namespace: 'KinesisVideoFleet', name: 'FrameStale', dimensions: {} }],
  [
    'has one for each device',
    { namespace: 'AWS/KinesisVideo', name: 'Failure', dimensions: { StreamName: 'drone-1' } },
  ],
  ['is of no stream', { namespace: 'AWS/KinesisVideo', name: 'PutMedia.IncomingBytes', dimensions: {} }],
  ['AWS does not have', { namespace: 'AWS/Lambda', name: 'Failures', dimensions: { FunctionName: 'f' } }],
])('a metric that %s is found', (_what, use) => {
  expect(complaint(use)).toBeDefined();
});

test('no metric is of a single device', () => {
  const all = [...alarms.map(({ properties }) => properties), widgets];
  expect(JSON.stringify(all)).not.toMatch(/drone-|"(StreamName|SignalingChannelName)","[^"]/);
});

test('an alarm on a name that is not there would be seen by its silence', () => {
  const [alarm] = alarms;
  const properties = Object.fromEntries(Object.keys(alarm.properties).map((name) => [name, alarm.get(name)]));
  expect(stateOf(properties as unknown as AlarmProperties, { Misspelt: 1 })).toBe('OK');
});
