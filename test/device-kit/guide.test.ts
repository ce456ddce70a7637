import { readFileSync } from 'node:fs';
import { KIT_GUIDE, kitParts, streamCost } from '../../docs/device-kit';
import { renderedGuide } from '../../docs/plan';
import { StorageTier } from '../../lib';

const guide = readFileSync(KIT_GUIDE, 'utf8');

test('the guide of the device kit has the tables that profiles and plans make (npm run docs)', () => {
  expect(renderedGuide(guide, kitParts())).toBe(guide);
});

test('how long fragments are matters in the tier that is billed by them', () => {
  const { HOT, WARM } = StorageTier;
  expect(streamCost(10, HOT, 24)).toBe(streamCost(2, HOT, 24));
  expect(streamCost(10, WARM, 24)).toBeLessThan(streamCost(2, WARM, 24));
  expect(streamCost(2, HOT, 2)).toBeLessThan(streamCost(2, HOT, 24) / 10);
});
