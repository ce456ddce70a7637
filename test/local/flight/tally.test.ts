import { addDetection, addEvent, type AlertList } from '../../../console/src/alerts/merge';
import type { DetectionEvent } from '../../../console/src/api/types';
import type { DroneEvent } from '../../../local/drone/drone';
import { faults } from '../../../local/flight/faults';
import { encountersOf, tallyOf } from '../../../local/flight/tally';

const NOW = Date.parse('2026-03-01T12:00:00Z');

const met = (at: number): DroneEvent => ({ type: 'ENCOUNTERED', at });
const told = (at: number, id: string): DroneEvent => ({ type: 'DETECTED', at, detail: { id } });

const EVENTS = [met(NOW), told(NOW + 10, 'm1'), told(NOW + 2000, 'm2'), met(NOW + 60_000), told(NOW + 60_010, 'm3')];
const ENCOUNTERS = encountersOf('drone-1', EVENTS);

function event(id: string, at: number): DetectionEvent {
  const capturedAt = new Date(at).toISOString();
  return {
    id,
    device: 'drone-1',
    source: 'ON_DEVICE',
    label: 'Person',
    severity: 'CRITICAL',
    capturedAt,
  } as DetectionEvent;
}

/** What the console shows of alerts, and when it heard of each. */
function shown(...alerts: DetectionEvent[]): [AlertList, Map<string, number>] {
  const list = alerts.reduce<AlertList>((all, alert) => addEvent(all, alert, NOW + 500), []);
  return [list, new Map(alerts.map(({ id }) => [id, NOW + 500]))];
}

test('an encounter is what a drone met, with all that it told of it', () => {
  expect(ENCOUNTERS).toEqual([
    { device: 'drone-1', at: NOW, messages: ['drone-1:m1', 'drone-1:m2'] },
    { device: 'drone-1', at: NOW + 60_000, messages: ['drone-1:m3'] },
  ]);
});

test('each encounter has one alert, by any of its messages', () => {
  const alerts = [event('drone-1:m2:person', NOW), event('drone-1:m3:person', NOW + 60_000)];
  expect(tallyOf(ENCOUNTERS, ...shown(...alerts), 0)).toMatchObject({ encounters: 2, lost: [], duplicates: 0 });
});

test('how long it took is told of what was met while somebody looked', () => {
  const alerts = [event('drone-1:m2:person', NOW), event('drone-1:m3:person', NOW + 60_000)];
  const [list, alerted] = shown(...alerts);
  alerted.set('drone-1:m3:person', NOW + 60_700);
  expect(tallyOf(ENCOUNTERS, list, alerted, NOW).delays).toEqual([500, 700]);
  expect(tallyOf(ENCOUNTERS, list, alerted, NOW + 1).delays).toEqual([700]);
});

test('one without an alert is lost', () => {
  const tally = tallyOf(ENCOUNTERS, ...shown(event('drone-1:m1:person', NOW)), 0);
  expect(tally).toMatchObject({ lost: [ENCOUNTERS[1]], duplicates: 0, delays: [500] });
});

test('a second alert of one is a duplicate, and so is a line that is none', () => {
  const alerts = ['m1', 'm2', 'm3'].map((message) => event(`drone-1:${message}:person`, NOW));
  expect(tallyOf(ENCOUNTERS, ...shown(...alerts), 0).duplicates).toBe(1);
  const [list, heard] = shown(...alerts.slice(1));
  const seen = [{ label: 'Bird', confidence: 90 }];
  const message = { id: 'drone-1:m9', device: 'drone-1', capturedAt: NOW, seen };
  expect(tallyOf(ENCOUNTERS, addDetection(list, message, new Map(), NOW), heard, 0).duplicates).toBe(1);
});

test('faults are as many as they should be, the same for the same seed, and spare who watches', () => {
  const call = (arn: string) => ({ service: 'sqs', operation: 'SendMessage', principal: { arn, policies: [] } });
  const [one, other] = [faults(0.05, 7), faults(0.05, 7)];
  const series = Array.from({ length: 2000 }, () => one.ofCall(call('role')));
  expect(series).toEqual(Array.from({ length: 2000 }, () => other.ofCall(call('role'))));
  const { throttled, failed, dropped } = one.injected;
  expect(throttled + failed + dropped).toBe(series.filter(Boolean).length);
  expect(throttled + failed + dropped).toBeGreaterThan(60);
  expect(throttled + failed + dropped).toBeLessThan(140);
  expect(Array.from({ length: 200 }, () => one.ofCall(call('operator')))).toEqual(Array(200).fill(undefined));
  one.end();
  expect(Array.from({ length: 200 }, () => one.ofInvocation())).toEqual(Array(200).fill(undefined));
});
