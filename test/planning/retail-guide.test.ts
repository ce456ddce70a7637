import { readFileSync } from 'node:fs';
import { BY_DEVICE, IN_CLOUD, RETAIL_GUIDE, retailParts } from '../../docs/retail-queue';
import { renderedGuide } from '../../docs/plan';
import { PriceId } from '../../lib';

const guide = readFileSync(RETAIL_GUIDE, 'utf8');

test('the guide of the store has the table that its plans make (npm run docs)', () => {
  expect(renderedGuide(guide, retailParts())).toBe(guide);
});

test('cameras that count send no video, and what is counted in the cloud is within its pace', () => {
  const media = BY_DEVICE.items.filter(({ id }) => id.startsWith('KVS_') || id.startsWith('REKOGNITION_'));
  expect(media.reduce((sum, { cost }) => sum + cost, 0)).toBeLessThan(0.01);
  expect(IN_CLOUD.exceeded).toEqual([]);
  // 10 × 12 h × 360 × 30
  expect(IN_CLOUD.items.find(({ id }) => id === PriceId.REKOGNITION_IMAGES)?.amount).toBe(1_296_000);
});
