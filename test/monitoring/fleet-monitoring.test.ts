import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import cdkJson from '../../cdk.json';
import { AlertTopic, DeviceIdentity, FleetMonitoring, OnDeviceDetections, type FleetMonitoringProps } from '../../lib';
import { CONDITIONS } from '../support/monitoring/conditions';
import { linesOf, type Widget } from '../support/monitoring/dashboard';
import { MonitoredFleet } from '../support/monitoring/monitored-fleet';
import { BIRDS, codedError } from '../support/fleet';
import { Match, Template, testStack } from '../support/template';

const least = { fleetName: 'delivery', devices: 100 };

function monitoring(props: Partial<FleetMonitoringProps> = {}) {
  const stack = testStack();
  return { stack, monitoring: new FleetMonitoring(stack, 'Monitoring', { ...least, ...props }) };
}

function widgetsOf(fleet: MonitoredFleet): Widget[] {
  const [dashboard] = fleet.resources('AWS::CloudWatch::Dashboard');
  return JSON.parse(dashboard.get<string>('DashboardBody')!).widgets;
}

const headings = (widgets: Widget[]) =>
  widgets.flatMap(({ properties: { markdown } }) => /^## (.*)/.exec(markdown ?? '')?.[1] ?? []);

describe('with all parts', () => {
  const fleet = new MonitoredFleet();
  const widgets = widgetsOf(fleet);

  test('the dashboard has what an operator looks at, the fleet itself first', () => {
    expect(headings(widgets)).toEqual([
      'Ingest',
      'Producers',
      'Canary',
      'Registration',
      'Detection',
      'Viewing',
      'Archive',
      'Dead letters',
      'Quotas',
    ]);
    const composites = fleet.resources('AWS::CloudWatch::CompositeAlarm');
    expect(widgets[0]).toMatchObject({ type: 'alarm', properties: { alarms: composites.map(({ arn }) => arn) } });
    expect(composites.map(MonitoredFleet.idOf)[0]).toBe('FleetFleetAlarm');
  });

  test('each alarm is to be seen in the dashboard', () => {
    const shown = new Set(widgets.flatMap(({ properties: { alarms = [] } }) => alarms));
    const hidden = fleet.resources('AWS::CloudWatch::Alarm').filter(({ arn }) => !shown.has(arn));
    expect(hidden.map(MonitoredFleet.idOf)).toEqual([]);
  });

  test('each dead-letter queue of which there is an alarm is in the graph of dead letters', () => {
    const graph = widgets.find(({ properties: { title } }) => title === 'Messages in dead-letter queues')!;
    const shown = linesOf(graph).map(({ metric }) => metric!.dimensions.QueueName);
    const alarmed = fleet
      .resources('AWS::CloudWatch::Alarm')
      .filter(({ logicalId }) => /DeadLetterAlarm/.test(logicalId))
      .map((alarm) => alarm.get<{ Value: string }[]>('Dimensions')![0].Value);
    expect([...shown].sort()).toEqual([...alarmed].sort());
  });

  test('no two widgets overlap, and none is beyond the edge', () => {
    const taken = new Set<string>();
    for (const { x, y, width, height } of widgets) {
      expect(x + width).toBeLessThanOrEqual(24);
      for (let column = x; column < x + width; column++) {
        for (let row = y; row < y + height; row++) {
          expect(taken).not.toContain(`${column}/${row}`);
          taken.add(`${column}/${row}`);
        }
      }
    }
  });

  test('each description leads to a heading of the runbook, and fits', () => {
    const text = readFileSync(join(__dirname, '..', '..', 'docs', 'runbook.md'), 'utf8');
    const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/ /g, '-'),
    );
    const own = fleet
      .resources('AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm')
      .filter((alarm) => /^Fleet/.test(alarm.logicalId) && alarm.stack.name === 'Cell-Monitoring');
    expect(own.length).toBeGreaterThan(20);
    for (const alarm of own) {
      const description = alarm.get<string>('AlarmDescription')!;
      const anchor = /^[^.]+\. What to do: https:\/\/\S+\/docs\/runbook\.md#(\S+)$/.exec(description)?.[1];
      expect(anchors).toContain(anchor);
      expect(description.length).toBeLessThanOrEqual(1024);
    }
  });

  test('alarms on math ask for at most ten metrics, and rules have at most 100 alarms', () => {
    for (const alarm of fleet.resources('AWS::CloudWatch::Alarm')) {
      expect((alarm.get<unknown[]>('Metrics') ?? []).length).toBeLessThanOrEqual(10);
    }
    for (const composite of fleet.resources('AWS::CloudWatch::CompositeAlarm')) {
      const rule = composite.get<string>('AlarmRule')!;
      expect(rule.length).toBeLessThanOrEqual(10_240);
      expect(rule.split(' OR ').length).toBeLessThanOrEqual(100);
    }
  });
});

test('alarms that are paid for by the stream are there only if they are wished for', () => {
  const fleet = new MonitoredFleet({ alarmOnStreams: undefined });
  const queries = fleet
    .resources('AWS::CloudWatch::Alarm')
    .filter(({ properties }) => /SELECT/.test(JSON.stringify(properties)));
  expect(queries.map(MonitoredFleet.idOf)).toEqual([]);
  expect(JSON.stringify(widgetsOf(fleet))).toMatch(/SELECT SUM/);
});

test('without parts there are quotas and the streams of the account', () => {
  const { stack, monitoring: made } = monitoring();
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
  const alarms = Object.keys(template.findResources('AWS::CloudWatch::Alarm'));
  expect(alarms).toEqual([expect.stringMatching(/ConcurrencyAlarm/)]);
  expect(made.ingestAlarm).toBeUndefined();
  expect(made.viewingAlarm).toBeUndefined();
  expect(made.quotaAlarm).toBeDefined();
});

test('the size of the fleet is in thresholds and nowhere else', () => {
  const alarms = ['DeniedAlarm', 'StreamQuotaAlarm'];
  const [small, large] = [100, 50_000].map((devices) => {
    const found = new MonitoredFleet({ devices }).resources(
      'AWS::CloudWatch::Alarm',
      'AWS::CloudWatch::CompositeAlarm',
      'AWS::CloudWatch::Dashboard',
    );
    return found.map(({ logicalId, properties }) => {
      const { Threshold, ...others } = properties;
      return { logicalId, Threshold, ...(alarms.some((name) => logicalId.includes(name)) ? {} : others) };
    });
  });
  const changed = large.filter((alarm, index) => JSON.stringify(alarm) !== JSON.stringify(small[index]));
  expect(changed.map(({ logicalId, Threshold }) => [logicalId.slice(0, 16), Threshold])).toEqual([
    ['FleetDeniedAlarm', 500],
  ]);
});

test('cameras count for the quota of streams', () => {
  const fleet = new MonitoredFleet();
  const quota = fleet.resources('AWS::CloudWatch::Alarm').find(({ logicalId }) => /StreamQuotaAlarm/.test(logicalId))!;
  expect(JSON.stringify(quota.properties)).toContain('100 * devices * 1 / 10000');
});

describe('a further section', () => {
  test('is shown last, and its alarms page', () => {
    const { stack, monitoring: made } = monitoring();
    const metric = new cloudwatch.Metric({ namespace: 'Archive', metricName: 'ClipsFailed' });
    const alarm = metric.createAlarm(stack, 'Clips', { threshold: 1, evaluationPeriods: 1 });
    made.addSection('Archive', [new cloudwatch.GraphWidget({ title: 'Clips', left: [metric] })], [alarm]);
    const template = Template.fromStack(stack);
    const [body] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
    const text = JSON.stringify(body.Properties.DashboardBody);
    expect(text.indexOf('## Archive')).toBeGreaterThan(text.indexOf('## Quotas'));
    template.hasResourceProperties('AWS::CloudWatch::CompositeAlarm', {
      AlarmDescription: Match.stringLikeRegexp('^Fleet delivery'),
      AlarmRule: { 'Fn::Join': ['', Match.arrayWith([stack.resolve(alarm.alarmArn)])] },
    });
  });
});

test('alarms of other stacks are referred to', () => {
  const app = new App({ context: cdkJson.context });
  const parts = new Stack(app, 'Parts');
  const onDeviceDetections = new OnDeviceDetections(parts, 'Detections', {
    fleetName: 'delivery',
    identity: new DeviceIdentity(parts, 'Identity'),
    obstacles: BIRDS,
    alerts: new AlertTopic(parts, 'Alerts'),
  });
  const stack = new Stack(app, 'Monitoring');
  new FleetMonitoring(stack, 'Fleet', { ...least, onDeviceDetections });
  expect(() => app.synth()).not.toThrow();
});

describe('a budget', () => {
  test('tells of what is spent and of what is to be expected', () => {
    const { stack } = monitoring({ monthlyBudget: { limitInDollars: 500, emails: ['ops@example.com'] } });
    Template.fromStack(stack).hasResourceProperties('AWS::Budgets::Budget', {
      Budget: { BudgetType: 'COST', TimeUnit: 'MONTHLY', BudgetLimit: { Amount: 500, Unit: 'USD' } },
      NotificationsWithSubscribers: [
        {
          Notification: Match.objectLike({ NotificationType: 'ACTUAL', Threshold: 80 }),
          Subscribers: [{ SubscriptionType: 'EMAIL', Address: 'ops@example.com' }],
        },
        Match.objectLike({ Notification: Match.objectLike({ NotificationType: 'FORECASTED', Threshold: 100 }) }),
      ],
    });
  });

  test.each<[what: string, budget: { limitInDollars: number; emails: string[] }, message: RegExp]>([
    ['for nobody', { limitInDollars: 500, emails: [] }, /0 addresses; it must have 1 to 10/],
    ['of nothing', { limitInDollars: 0, emails: ['ops@example.com'] }, /`limitInDollars` is 0/],
  ])('%s is refused', (_what, monthlyBudget, message) => {
    expect(() => monitoring({ monthlyBudget })).toThrow(codedError('MonitoringBudget', message, 'Test/Monitoring'));
  });
});

test.each<[code: string, props: Partial<FleetMonitoringProps>, message: RegExp]>([
  ['FleetName', { fleetName: 'a b' }, /`fleetName` is 'a b'/],
  ['MonitoringDevices', { devices: 0 }, /`devices` is 0/],
  ['MonitoringQuota', { streamQuota: 0.5 }, /`streamQuota` is 0.5/],
  ['MonitoringRunbook', { runbookUrl: 'http://wiki' }, /must be an https URL/],
  ['MonitoringRunbook', { runbookUrl: 'https://wiki/page#top' }, /without #/],
  ['MonitoringThreshold', { thresholds: { silentPercent: 0 } }, /`silentPercent` is 0/],
  ['MonitoringThreshold', { thresholds: { bufferPercent: 101 } }, /`bufferPercent` is 101/],
  ['MonitoringThreshold', { thresholds: { sendBacklog: Duration.millis(500) } }, /`sendBacklog` is 0.5 seconds/],
  ['MonitoringThreshold', { thresholds: { alertLatency: Duration.days(2) } }, /`alertLatency`/],
])('%s: %j is refused', (code, props, message) => {
  expect(() => monitoring(props)).toThrow(codedError(code, message, 'Test/Monitoring'));
});

test('the game day knows of each alarm', () => {
  const text = readFileSync(join(__dirname, '..', '..', 'docs', 'game-day.md'), 'utf8');
  const missing = Object.keys(CONDITIONS).filter((name) => !text.includes(`\`${name}\``));
  expect(missing).toEqual([]);
});
