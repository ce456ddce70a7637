import { deviceMessage } from '../../../lambda/common/device-message';

const BOX = { left: 0, top: 0.25, width: 1, height: 0.5 };
const DETECTION = { label: 'Person', confidence: 97.5, boundingBox: BOX };
const MESSAGE = {
  schemaVersion: '1.0',
  id: 'a-Z_09',
  capturedAt: '2026-11-24T10:00:00.000Z',
  camera: 'front',
  detections: [DETECTION],
};

/** A message with one thing in it that is different. */
function withDetection(change: object) {
  return { ...MESSAGE, detections: [{ ...DETECTION, ...change }] };
}

test.each<[string, object]>([
  ['all fields', MESSAGE],
  ['the least', { ...MESSAGE, camera: undefined, detections: [{ label: 'Person', confidence: 1 }] }],
  ['a later minor version', { ...MESSAGE, schemaVersion: '1.12' }],
  ['an offset', { ...MESSAGE, capturedAt: '2026-11-24T11:00:00+01:00' }],
  ['no fraction of the second', { ...MESSAGE, capturedAt: '2026-11-24T10:00:00Z' }],
  ['microseconds', { ...MESSAGE, capturedAt: '2026-11-24T10:00:00.123456Z' }],
  ['an id of 64 characters', { ...MESSAGE, id: 'x'.repeat(64) }],
  ['100 detections', { ...MESSAGE, detections: Array.from({ length: 100 }, () => DETECTION) }],
  ['no confidence at all', withDetection({ confidence: 0 })],
  ['full confidence', withDetection({ confidence: 100 })],
  ['a label of 128 characters', withDetection({ label: 'x'.repeat(128) })],
])('a message with %s is accepted', (_what, message) => {
  const text = JSON.stringify(message);
  expect(deviceMessage.parse(JSON.parse(text))).toEqual(JSON.parse(text));
});

test('what a later version adds is ignored', () => {
  const later = { ...withDetection({ track: 7, boundingBox: { ...BOX, angle: 0.1 } }), battery: 80 };
  expect(deviceMessage.parse(later)).toEqual(MESSAGE);
});

test.each<[string, unknown, path: string]>([
  ['another major version', { ...MESSAGE, schemaVersion: '2.0' }, 'schemaVersion'],
  ['a number as version', { ...MESSAGE, schemaVersion: 1 }, 'schemaVersion'],
  ['an empty id', { ...MESSAGE, id: '' }, 'id'],
  ['an id of 65 characters', { ...MESSAGE, id: 'x'.repeat(65) }, 'id'],
  ['an id with a colon', { ...MESSAGE, id: 'a:b' }, 'id'],
  ['an id with a line break', { ...MESSAGE, id: 'a\n' }, 'id'],
  ['a time without zone', { ...MESSAGE, capturedAt: '2026-11-24T10:00:00' }, 'capturedAt'],
  ['a day that is none', { ...MESSAGE, capturedAt: '2026-02-30T10:00:00Z' }, 'capturedAt'],
  ['seconds since 1970', { ...MESSAGE, capturedAt: 1795514400 }, 'capturedAt'],
  ['a camera with a dot', { ...MESSAGE, camera: 'front.left' }, 'camera'],
  ['a camera of 33 characters', { ...MESSAGE, camera: 'x'.repeat(33) }, 'camera'],
  ['no detections', { ...MESSAGE, detections: [] }, 'detections'],
  ['101 detections', { ...MESSAGE, detections: Array.from({ length: 101 }, () => DETECTION) }, 'detections'],
  ['an empty label', withDetection({ label: '' }), 'detections.0.label'],
  ['a label of 129 characters', withDetection({ label: 'x'.repeat(129) }), 'detections.0.label'],
  ['a confidence above 100', withDetection({ confidence: 100.1 }), 'detections.0.confidence'],
  ['a confidence below 0', withDetection({ confidence: -0.1 }), 'detections.0.confidence'],
  ['a confidence that is a text', withDetection({ confidence: '97' }), 'detections.0.confidence'],
  ['pixels', withDetection({ boundingBox: { ...BOX, width: 640 } }), 'detections.0.boundingBox.width'],
  ['a box that starts outside', withDetection({ boundingBox: { ...BOX, top: -0.1 } }), 'detections.0.boundingBox.top'],
  [
    'a corner for a box',
    withDetection({ boundingBox: { left: 0, top: 0, width: 1 } }),
    'detections.0.boundingBox.height',
  ],
])('a message with %s is refused', (_what, message, path) => {
  const issues = deviceMessage.safeParse(message).error?.issues;
  expect(issues?.map((issue) => issue.path.join('.'))).toEqual([path]);
});
