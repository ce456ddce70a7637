import fc from 'fast-check';
import { DeviceRate } from '../../../lambda/common/device-rate';

test('a device may send what it has saved up in two seconds, and then so many a second', () => {
  const rate = new DeviceRate(30);
  const send = (count: number, now: number) =>
    Array.from({ length: count }, () => rate.allows('drone-1', now, () => undefined)).filter(Boolean).length;
  expect(send(100, 0)).toBe(60);
  expect(send(100, 1000)).toBe(30);
  expect(send(100, 1500)).toBe(15);
  expect(send(100, 100_000)).toBe(60);
});

test('another device is let through meanwhile', () => {
  const rate = new DeviceRate(1);
  const send = (device: string) => rate.allows(device, 0, () => undefined);
  expect([1, 2, 3].map(() => send('drone-1'))).toEqual([true, true, false]);
  expect(send('drone-10')).toBe(true);
});

test('it is told once a minute', () => {
  const rate = new DeviceRate(1);
  const told: number[] = [];
  for (let now = 0; now <= 120_000; now += 100) rate.allows('drone-1', now, () => told.push(now));
  expect(told).toEqual([200, 60_200]);
});

test('never more than the rate and what was saved up, whatever the clock does', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.array(fc.integer({ min: -500, max: 500 }), { maxLength: 300 }),
      (perSecond, steps) => {
        const rate = new DeviceRate(perSecond);
        const start = 10_000;
        let [now, latest, allowed] = [start, start, 0];
        for (const step of [0, ...steps]) {
          now += step;
          latest = Math.max(latest, now);
          if (rate.allows('drone-1', now, () => undefined)) allowed++;
        }
        const seconds = (latest - start) / 1000;
        // The sum of what was saved up in parts may be a rounding error more than in one.
        expect(allowed).toBeLessThanOrEqual((2 + seconds) * perSecond + 1e-6);
      },
    ),
  );
});
