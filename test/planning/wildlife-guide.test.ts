import { readFileSync } from 'node:fs';
import { bytesOf, NIGHT, SIGHTINGS, VIDEO, WILDLIFE_GUIDE, wildlifeParts } from '../../docs/wildlife';
import { renderedGuide } from '../../docs/plan';
import { deviceSightings } from '../../lambda/field-watch/sightings';

const guide = readFileSync(WILDLIFE_GUIDE, 'utf8');

test('the guide of the reserve has the tables that its plans make (npm run docs)', () => {
  expect(renderedGuide(guide, wildlifeParts())).toBe(guide);
});

test('a sighting is as large as the guide says, and ten with pictures are a message', () => {
  const jpeg = Buffer.alloc(NIGHT.jpegBytes).toString('base64');
  const sighting = {
    id: '20261124-051000-0001',
    capturedAt: '2026-11-24T05:10:00.000Z',
    label: 'person',
    confidence: 83.5,
    boundingBox: { left: 0.412, top: 0.305, width: 0.081, height: 0.22 },
    position: { latitude: -2.03112, longitude: 35.1204, uncertaintyMeters: 40 },
  };
  const size = (content: object) => Buffer.byteLength(JSON.stringify(content));
  expect(Math.abs(size(sighting) - bytesOf(false))).toBeLessThan(30);
  expect(Math.abs(size({ ...sighting, jpeg }) - bytesOf(true))).toBeLessThan(60);
  const message = { schemaVersion: '1.0', sightings: Array.from({ length: 10 }, () => ({ ...sighting, jpeg })) };
  expect(deviceSightings.safeParse(message).success).toBe(true);
  expect(size(message)).toBeLessThan(128 * 1024);
});

test('sightings cost a fraction of video', () => {
  const media = (plan: typeof VIDEO) =>
    plan.items.filter(({ id }) => id.startsWith('KVS_')).reduce((sum, { cost }) => sum + cost, 0);
  expect(media(SIGHTINGS)).toBeLessThan(0.01);
  expect(media(VIDEO)).toBeGreaterThan(10);
});
