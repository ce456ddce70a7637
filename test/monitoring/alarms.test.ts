import { stateOf, type AlarmProperties, type Given } from '../support/monitoring/alarms';
import { ruleHolds } from '../support/monitoring/composite-rule';
import { CONDITIONS, type Condition } from '../support/monitoring/conditions';
import { MonitoredFleet } from '../support/monitoring/monitored-fleet';
import type { DeployedResource } from '../support/cloudformation-resolver';

const fleet = new MonitoredFleet();
const alarms = fleet.resources('AWS::CloudWatch::Alarm');
const composites = fleet.resources('AWS::CloudWatch::CompositeAlarm');

function properties(alarm: DeployedResource): AlarmProperties {
  return Object.fromEntries(
    Object.keys(alarm.properties).map((name) => [name, alarm.get(name)]),
  ) as unknown as AlarmProperties;
}

function conditionOf(alarm: DeployedResource): [name: string, condition: Condition] {
  const id = MonitoredFleet.idOf(alarm);
  const found = Object.entries(CONDITIONS).find(([end]) => id.endsWith(end));
  if (!found) throw new Error(`There is no condition for ${id}.`);
  return found;
}

/** Fleet metrics have generated names, so that conditions call theirs `connected`. */
function named(given: Given): Given {
  const { connected, ...others } = given;
  return connected === undefined ? others : { ...others, [fleet.connectedMetric]: connected };
}

const TABLE = alarms.map((alarm): [string, DeployedResource] => [MonitoredFleet.idOf(alarm), alarm]);

describe.each(TABLE)('%s', (_id, alarm) => {
  const [, { fires, silent }] = conditionOf(alarm);

  test.each(fires)('goes off at %j', (given) => {
    expect(stateOf(properties(alarm), named(given))).toBe('ALARM');
  });

  test.each(silent)('is silent at %j', (given) => {
    expect(stateOf(properties(alarm), named(given))).toBe('OK');
  });

  test('recovers', () => {
    for (const given of silent) expect(stateOf(properties(alarm), named(given), 'ALARM')).toBe('OK');
  });
});

test('each condition is that of an alarm', () => {
  const used = new Set(alarms.map((alarm) => conditionOf(alarm)[0]));
  expect(Object.keys(CONDITIONS).filter((name) => !used.has(name))).toEqual([]);
});

test('without any data only what does not run is told of', () => {
  const off = alarms.filter((alarm) => stateOf(properties(alarm), {}) !== 'OK');
  expect(off.map(MonitoredFleet.idOf)).toEqual([
    'FleetReconcilerOverdueAlarm',
    'ContinuousOverdueAlarm',
    'CanaryAlarm',
  ]);
});

describe('composite alarms', () => {
  /** Which of them go off when the one alarm does. */
  function wentOff(cause?: DeployedResource): string[] {
    const off = new Set(cause ? [cause.arn] : []);
    // What goes off makes others go off.
    for (let before = -1; before < off.size;) {
      before = off.size;
      for (const composite of composites) {
        const rule = composite.get<string>('AlarmRule')!;
        if (ruleHolds(rule, (arn) => (off.has(arn) ? 'ALARM' : 'OK'))) off.add(composite.arn);
      }
    }
    return composites.filter(({ arn }) => off.has(arn)).map(MonitoredFleet.idOf);
  }

  test('are silent as long as nothing happens', () => {
    expect(wentOff()).toEqual([]);
  });

  test.each(TABLE)('%s makes one concern go off, and the fleet with it', (_id, alarm) => {
    expect(wentOff(alarm)).toEqual([
      'FleetFleetAlarm',
      expect.stringMatching(/^Fleet(Ingest|Registration|Detection|Viewing|Archive|Quota)Alarm$/),
    ]);
  });

  test.each([
    ['FleetSilentAlarm', 'FleetIngestAlarm'],
    ['TelemetryDeadLetterAlarm', 'FleetIngestAlarm'],
    ['FleetMediaProvisionerPendingAlarm', 'FleetRegistrationAlarm'],
    ['FleetCertificatesExpiryAlarm', 'FleetRegistrationAlarm'],
    ['FramesWorkDeadLetterAlarm', 'FleetDetectionAlarm'],
    ['EscalationUnacknowledgedAlarm', 'FleetDetectionAlarm'],
    ['FleetSignalingAlarm', 'FleetViewingAlarm'],
    ['TakeoverAcknowledgementsDeadLetterAlarm', 'FleetViewingAlarm'],
    ['FleetConcurrencyAlarm', 'FleetQuotaAlarm'],
  ])('%s is of the concern %s', (id, concern) => {
    const [, alarm] = TABLE.find(([candidate]) => candidate === id)!;
    expect(wentOff(alarm)).toContain(concern);
  });

  test('only that of the fleet pages', () => {
    const paging = composites.filter((composite) => composite.get<string[]>('AlarmActions'));
    expect(paging.map(MonitoredFleet.idOf)).toEqual(['FleetFleetAlarm']);
    expect(paging[0].get('AlarmActions')).toEqual([expect.stringMatching(/^arn:aws:sns:/)]);
  });
});
