import { detectionEvent } from '../../../lambda/common/detection-event';

const EVENT = {
  schemaVersion: '1.0',
  id: '5d41402abc4b2a76b9719d911017c592',
  fleet: 'delivery',
  device: 'drone-1',
  camera: 'front',
  source: 'IMAGE',
  obstacle: 'person',
  severity: 'CRITICAL',
  label: 'Person',
  confidence: 97.5,
  boundingBox: { left: 0, top: 0.25, width: 1, height: 0.5 },
  capturedAt: '2026-11-24T10:00:00.000Z',
  detectedAt: '2026-11-24T10:00:02.000Z',
  frame: { bucket: 'amzn-s3-demo-bucket', key: 'frames/drone-1/1.jpg' },
};
const OPTIONAL = ['boundingBox', 'camera', 'frame'];

test('an event with all fields is accepted as it is', () => {
  expect(detectionEvent.parse(EVENT)).toEqual(EVENT);
});

test.each(Object.keys(EVENT))('an event without %s is accepted only if that is optional', (field) => {
  const { success, error } = detectionEvent.safeParse({ ...EVENT, [field]: undefined });
  expect(success).toBe(OPTIONAL.includes(field));
  if (!success) expect(error.issues.map(({ path }) => path)).toEqual([[field]]);
});

test('an event of a later minor version is accepted', () => {
  expect(detectionEvent.parse({ ...EVENT, schemaVersion: '1.7', speed: 12 })).toEqual({
    ...EVENT,
    schemaVersion: '1.7',
  });
});

test.each([
  ['schemaVersion', '2.0'],
  ['schemaVersion', '1'],
  ['device', ''],
  ['source', 'RADAR'],
  ['severity', 'critical'],
  ['confidence', 100.01],
  ['capturedAt', '2026-11-24T11:00:00+01:00'],
  ['detectedAt', 'now'],
  ['frame', 's3://amzn-s3-demo-bucket/frames/drone-1/1.jpg'],
])('%s can not be %j', (field, value) => {
  const issues = detectionEvent.safeParse({ ...EVENT, [field]: value }).error?.issues;
  expect(issues?.map(({ path }) => path)).toEqual([[field]]);
});
