import { Duration } from 'aws-cdk-lib';
import fc from 'fast-check';
import { Bitrate, FleetPlan, PriceId, PriceList, StorageTier, VideoAnalysis, type FleetWorkload } from '../../lib';

const hours = (max: number) => fc.double({ min: 0.1, max, noNaN: true }).map((amount) => Duration.minutes(amount * 60));

const workloads: fc.Arbitrary<FleetWorkload> = fc.record({
  devices: fc.integer({ min: 1, max: 200_000 }),
  camerasPerDevice: fc.integer({ min: 1, max: 4 }),
  cells: fc.integer({ min: 1, max: 20 }),
  streamingPerDay: hours(12),
  busiestShare: fc.double({ min: 0.05, max: 1, noNaN: true }),
  bitrate: fc.integer({ min: 100, max: 20_000 }).map((amount) => Bitrate.kilobitsPerSecond(amount)),
  retention: fc.integer({ min: 1, max: 2000 }).map((amount) => Duration.hours(amount)),
  storageTier: fc.constantFrom(StorageTier.HOT, StorageTier.WARM),
  analysis: fc.constantFrom(...Object.values(VideoAnalysis)),
  analysedShare: fc.double({ min: 0, max: 1, noNaN: true }),
  imageInterval: fc.integer({ min: 200, max: 60_000 }).map((amount) => Duration.millis(amount)),
  imagesPerSecond: fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined }),
  messagesPerHour: fc.integer({ min: 0, max: 600 }),
  viewers: fc.integer({ min: 0, max: 1000 }),
  signaling: fc.boolean(),
  onDeviceDetection: fc.boolean(),
  basicIngest: fc.boolean(),
  console: fc.boolean(),
  audit: fc.boolean(),
});

const total = (workload: FleetWorkload) => new FleetPlan(workload).total;

/** What is more of something never costs less. Sums of floating-point numbers are off by a hair. */
function neverLess(more: (workload: FleetWorkload) => FleetWorkload): void {
  fc.assert(
    fc.property(workloads, (workload) => {
      expect(total(more(workload))).toBeGreaterThanOrEqual(total(workload) * (1 - 1e-9));
    }),
  );
}

describe('no less is paid for', () => {
  test('more devices', () => neverLess((w) => ({ ...w, devices: w.devices + 1 })));
  test('more cameras', () => neverLess((w) => ({ ...w, camerasPerDevice: (w.camerasPerDevice ?? 1) + 1 })));
  test('more hours', () =>
    neverLess((w) => ({
      ...w,
      streamingPerDay: Duration.minutes((w.streamingPerDay?.toMinutes({ integral: false }) ?? 0) * 2),
    })));
  test('a higher bitrate', () =>
    neverLess((w) => ({ ...w, bitrate: Bitrate.bitsPerSecond((w.bitrate?.toBitsPerSecond() ?? 0) * 1.5) })));
  test('a longer retention', () =>
    neverLess((w) => ({ ...w, retention: Duration.hours((w.retention?.toHours() ?? 0) + 100) })));
  test('more images', () => neverLess((w) => ({ ...w, imageInterval: Duration.millis(200) })));
  test('more viewers', () => neverLess((w) => ({ ...w, viewers: (w.viewers ?? 0) + 10 })));
  test('more cells', () => neverLess((w) => ({ ...w, cells: (w.cells ?? 1) + 1 })));
});

test('the total is the sum of the items, each once, of something that is used', () => {
  fc.assert(
    fc.property(workloads, (workload) => {
      const { items, total: all } = new FleetPlan(workload);
      expect(items.reduce((sum, { cost }) => sum + cost, 0)).toBe(all);
      expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
      for (const { amount, cost, formula, name, unit } of items) {
        expect({ name, used: amount > 0, paid: cost >= 0 && Number.isFinite(cost) }).toEqual({
          name,
          used: true,
          paid: true,
        });
        expect(formula).not.toBe('');
        expect(unit).not.toBe('');
      }
    }),
  );
});

test('a price that is set changes its own item and no other', () => {
  fc.assert(
    fc.property(workloads, fc.constantFrom(...Object.values(PriceId)), (workload, id) => {
      const before = new FleetPlan(workload);
      const after = new FleetPlan(workload, { prices: PriceList.forRegion('us-east-1').withPrice(id, 12.5) });
      const others = (plan: FleetPlan) => plan.items.filter((item) => item.id !== id);
      expect(others(after)).toEqual(others(before));
      const [item] = after.items.filter((each) => each.id === id);
      if (item) expect(item.cost).toBeCloseTo((item.amount / after.prices.price(id).per) * 12.5, 2);
    }),
  );
});

test('the same workload gives the same text, to the byte, and JSON that can be read', () => {
  fc.assert(
    fc.property(workloads, (workload) => {
      const [one, other] = [new FleetPlan(workload), new FleetPlan({ ...workload })];
      expect(one.toJson()).toBe(other.toJson());
      expect(one.toMarkdown()).toBe(other.toMarkdown());
      expect(JSON.parse(one.toJson()).total).toBeCloseTo(one.total, Math.max(0, 10 - Math.ceil(Math.log10(one.total))));
      expect(one.toMarkdown()).not.toMatch(/NaN|undefined|Infinity/);
    }),
    { numRuns: 30 },
  );
});

test('what a lever saves is the difference of two plans; where it saves nothing it says why', () => {
  fc.assert(
    fc.property(workloads, (workload) => {
      const plan = new FleetPlan(workload);
      for (const { id, saving, total: then, explanation } of plan.levers) {
        expect(saving).toBe(plan.total - then);
        expect({ id, explained: explanation.length > 0 }).toEqual({ id, explained: true });
        // These only leave out what costs money.
        if (['edgeRecording', 'shorterRetention', 'fewerImages', 'motionGate', 'basicIngest'].includes(id)) {
          expect({ id, saved: saving >= -1e-9 * plan.total }).toEqual({ id, saved: true });
        }
      }
    }),
  );
});

test('each cell has room for its devices, and one cell fewer has not', () => {
  fc.assert(
    fc.property(workloads, fc.integer({ min: 250, max: 20_000 }), (workload, quota) => {
      const quotas = { stream: quota, channel: quota };
      const { cells } = new FleetPlan({ ...workload, cells: 1, quotas });
      const counted = (count: number) =>
        new FleetPlan({ ...workload, cells: count, quotas }).exceeded.filter(({ id }) =>
          ['stream', 'channel'].includes(id),
        );
      expect(counted(cells)).toEqual([]);
      if (cells > 1) expect(counted(cells - 1)).not.toEqual([]);
    }),
  );
});
