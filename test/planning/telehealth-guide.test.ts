import { readFileSync } from 'node:fs';
import { APPOINTMENTS, RECORDED, TELEHEALTH_GUIDE, UNRECORDED, telehealthParts } from '../../docs/telehealth';
import { renderedGuide } from '../../docs/plan';
import { PriceId } from '../../lib';

const guide = readFileSync(TELEHEALTH_GUIDE, 'utf8');
const amountOf = (plan: typeof RECORDED, id: PriceId) => plan.items.find((item) => item.id === id)?.amount ?? 0;

test('the guide of the clinic has the table that its plans make (npm run docs)', () => {
  expect(renderedGuide(guide, telehealthParts())).toBe(guide);
});

test('each appointment has a channel, and half an hour at a megabit a second is stored if it is recorded', () => {
  for (const plan of [RECORDED, UNRECORDED]) expect(amountOf(plan, PriceId.WEBRTC_CHANNEL)).toBe(APPOINTMENTS);
  expect(amountOf(RECORDED, PriceId.KVS_INGEST)).toBeCloseTo((APPOINTMENTS * 1800 * 1e6) / 8 / 2 ** 30, 0);
  expect(amountOf(UNRECORDED, PriceId.KVS_INGEST)).toBeLessThan(0.001);
});
