import type { DetectionEvent } from '../../console/src/api/types';
import {
  acknowledge,
  addDetection,
  addEvent,
  isOpen,
  learnClass,
  UNCONFIRMED_FOR,
  withoutStale,
  type AlertList,
} from '../../console/src/alerts/merge';
import type { DeviceDetections } from '../../console/src/alerts/detection';

const NOW = Date.parse('2026-03-01T12:00:00Z');

function detection(id: string, more: Partial<DeviceDetections> = {}): DeviceDetections {
  return {
    id: `drone-1:${id}`,
    device: 'drone-1',
    capturedAt: NOW,
    seen: [{ label: 'Person', confidence: 90 }],
    ...more,
  };
}

function event(id: string, more: Partial<DetectionEvent> = {}): DetectionEvent {
  return {
    schemaVersion: '1.1',
    id,
    device: 'drone-1',
    source: 'ON_DEVICE',
    obstacle: 'pedestrian',
    severity: 'CRITICAL',
    label: 'Person',
    confidence: 90,
    capturedAt: new Date(NOW).toISOString(),
    detectedAt: new Date(NOW).toISOString(),
    ...more,
  } as DetectionEvent;
}

const seen = (...messages: DeviceDetections[]): AlertList =>
  messages.reduce<AlertList>((list, message) => addDetection(list, message, new Map(), NOW), []);

test('what a device sees becomes the alert of it, in the same place', () => {
  const [pending] = seen(detection('m1'));
  expect(pending).toMatchObject({ isConfirmed: false, label: 'Person' });
  expect(pending.severity).toBeUndefined();
  const [alert, ...others] = addEvent([pending], event('drone-1:m1:pedestrian'), NOW + 2000);
  expect(others).toEqual([]);
  expect(alert).toMatchObject({ isConfirmed: true, severity: 'CRITICAL', key: pending.key, heardAt: NOW });
});

test.each([
  ['another thing, in a message whose id begins the same', event('drone-1:m10:bird', { label: 'Bird' })],
  ['another thing, detected in another way', event('drone-1:m1:bird', { label: 'Bird', source: 'IMAGE' })],
  ['the same thing long after', event('m9', { capturedAt: new Date(NOW + 10_000).toISOString() })],
  ['the same thing long before', event('m9', { capturedAt: new Date(NOW - 10_000).toISOString() })],
  ['another camera', event('m9', { camera: 'rear' })],
  ['another device', event('m9', { device: 'drone-2' })],
])('an alert of %s is one of its own', (_, other) => {
  expect(addEvent(seen(detection('m1')), other, NOW)).toHaveLength(2);
});

test.each([
  ['whose message was missed', event('drone-1:m0:pedestrian', { capturedAt: new Date(NOW - 9999).toISOString() })],
  ['that was detected otherwise', event('e1', { source: 'IMAGE', capturedAt: new Date(NOW + 14_000).toISOString() })],
])('an alert %s takes what the device goes on seeing of it', (_, other) => {
  const list = seen(detection('m1'), detection('m2', { capturedAt: NOW + 5000 }));
  const [alert, ...others] = addEvent(list, other, NOW + 15_000);
  expect(others).toEqual([]);
  expect(alert).toMatchObject({ isConfirmed: true, heardAt: NOW, seenAt: NOW, key: list[0].key });
  expect(alert.messages).toEqual(['drone-1:m2', 'drone-1:m1']);
});

test('the message is not shown again when it comes after its alert', () => {
  const list = addEvent([], event('drone-1:m1:pedestrian'), NOW);
  expect(addDetection(list, detection('m1'), new Map(), NOW)).toBe(list);
});

test('the same thing frame after frame is one line, and its alert finds it by any of the messages', () => {
  const list = seen(detection('m1'), detection('m2', { capturedAt: NOW + 200 }));
  expect(list).toHaveLength(1);
  expect(addEvent(list, event('drone-1:m1:pedestrian'), NOW)).toHaveLength(1);
});

test('what is there still after its alert is no line of its own, until it was gone for a while', () => {
  const alerted = addEvent(seen(detection('m1')), event('drone-1:m1:pedestrian'), NOW + 500);
  const later = addDetection(alerted, detection('m2'), new Map(), NOW + 9000);
  expect(later.map(({ id }) => id)).toEqual(['drone-1:m1:pedestrian']);
  const still = addDetection(later, detection('m3'), new Map(), NOW + 18_000);
  expect(still).toHaveLength(1);
  // The message that comes again is known.
  expect(addDetection(still, detection('m2'), new Map(), NOW + 18_500)).toBe(still);
  expect(addDetection(still, detection('m4'), new Map(), NOW + 28_500)).toHaveLength(2);
});

test('an alert of what was alerted before is a line of its own', () => {
  const alerted = addEvent(seen(detection('m1')), event('drone-1:m1:pedestrian'), NOW + 500);
  const still = addDetection(alerted, detection('m2'), new Map(), NOW + 5000);
  expect(addEvent(still, event('drone-1:m2:pedestrian'), NOW + 5500)).toHaveLength(2);
});

test.each([
  ['device', { device: 'drone-2' }],
  ['camera', { camera: 'rear' }],
  ['label', { seen: [{ label: 'Bird', confidence: 80 }] }],
])('another %s is another line', (_, more) => {
  expect(seen(detection('m1'), detection('m2', more))).toHaveLength(2);
});

test('an event that comes again keeps its acknowledgement', () => {
  const done = acknowledge(addEvent([], event('e1'), NOW), 'e1', { acknowledgedAt: '2026-03-01T12:00:05Z' });
  expect(done.filter(isOpen)).toEqual([]);
  const again = addEvent(done, event('e1'), NOW + 9000);
  expect(again).toHaveLength(1);
  expect(again[0].acknowledgement).toEqual({ acknowledgedAt: '2026-03-01T12:00:05Z' });
});

test('what was never confirmed goes after its time, and alerts stay', () => {
  const list = addEvent(seen(detection('m1')), event('e1', { label: 'Bird' }), NOW);
  expect(withoutStale(list, NOW + UNCONFIRMED_FOR - 1)).toBe(list);
  expect(withoutStale(list, NOW + UNCONFIRMED_FOR).map(({ id }) => id)).toEqual(['e1']);
});

test('a label is known by the severity that it had before', () => {
  const classes = learnClass(new Map(), event('e1'));
  expect(addDetection([], detection('m2'), classes, NOW)[0]).toMatchObject({
    severity: 'CRITICAL',
    isConfirmed: false,
  });
});

test('the newest is first', () => {
  const older = event('e2', { capturedAt: new Date(NOW - 5000).toISOString() });
  const list = addEvent(addEvent([], event('e1'), NOW), older, NOW + 100);
  expect(list.map(({ id }) => id)).toEqual(['e1', 'e2']);
});
