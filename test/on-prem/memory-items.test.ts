import { Encounters } from '../../lambda/common/encounters';
import { MemoryItems } from '../../on-prem/memory-items';

test('a change to a version that somebody else has changed is not made', async () => {
  const items = new MemoryItems<{ text: string }>();
  const key = { device: 'gate-1', obstacle: 'person' };
  expect(await items.read(key)).toEqual({});
  expect(await items.write(key, { text: 'first' }, undefined)).toBe(true);
  expect(await items.write(key, { text: 'second' }, undefined)).toBe(false);
  expect(await items.read(key)).toEqual({ content: { text: 'first' }, version: 1 });
  expect(await items.write(key, { text: 'second' }, 1)).toBe(true);
  expect(await items.write(key, { text: 'third' }, 1)).toBe(false);
  expect(await items.read({ ...key, device: 'gate-2' })).toEqual({});
});

test('an encounter is told once, and again after a while', async () => {
  let now = Date.parse('2026-11-24T10:00:00.000Z');
  const encounters = new Encounters({ table: new MemoryItems(), now: () => now });
  const see = (id: string) =>
    encounters.judge(
      'gate-1',
      'person',
      { id, arrivedAt: now, capturedAt: now, isFaint: false },
      { repeatAfter: 60_000 },
    );
  expect(await see('a')).toBe('raise');
  now += 1000;
  expect(await see('b')).toBe('suppress');
  now += 60_000;
  expect(await see('c')).toBe('raise');
});
