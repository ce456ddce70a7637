import { Duration } from 'aws-cdk-lib';
import { Bitrate, FleetPlan, PriceId, PriceList, RecordingStore, type StorageComparison } from '../../lib';

/** One camera at 4 Mbps all day, with fragments of 5 s: 1.296 × 10^12 bytes and 518,400 fragments in a month. */
function comparison(prices?: PriceList): StorageComparison {
  const bitrate = Bitrate.megabitsPerSecond(4);
  const workload = { devices: 1, streamingPerDay: Duration.hours(24), fragmentDuration: Duration.seconds(5), bitrate };
  return new FleetPlan(workload, { prices }).compareStorage();
}

const GB = 1.296e12 / 2 ** 30;
const { HOT, WARM, S3_IA, S3_GLACIER } = RecordingStore;

/** What is paid before anything is kept: fragments; or a day in the HOT tier, reading it all, and a clip each 200 s. */
const FRAGMENTS = 518.4 * 0.01;
const CLIPS = (30 * 86_400) / 200;
const FIRST_DAY = GB * (0.0085 + 0.023 / 30 + 0.0085);

describe('what a month of media costs', () => {
  test.each([
    [HOT, 1, GB * (0.0085 + 0.023 / 30)],
    [HOT, 90, GB * (0.0085 + 0.023 * 3)],
    [WARM, 1, FRAGMENTS + GB * 0.0125],
    [WARM, 30, FRAGMENTS + GB * 0.0125],
    [WARM, 90, FRAGMENTS + GB * 0.0125 * 3],
    [S3_IA, 1, FIRST_DAY + (CLIPS / 1000) * 0.01 + GB * 0.0125],
    [S3_IA, 31, FIRST_DAY + (CLIPS / 1000) * 0.01 + GB * 0.0125],
    [S3_IA, 91, FIRST_DAY + (CLIPS / 1000) * 0.01 + GB * 0.0125 * 3],
    [S3_GLACIER, 31, FIRST_DAY + (CLIPS / 1000) * 0.03 + GB * 0.0036 * 3],
    [S3_GLACIER, 91, FIRST_DAY + (CLIPS / 1000) * 0.03 + GB * 0.0036 * 3],
    [S3_GLACIER, 361, FIRST_DAY + (CLIPS / 1000) * 0.03 + GB * 0.0036 * 12],
  ])('in %s for %i days', (store, days, expected) => {
    expect(comparison().cost(store, days)).toBeCloseTo(expected, 6);
  });
});

describe('the day from which a store costs no more than the HOT tier', () => {
  test('is where the sums are the same', () => {
    // Before 30 days WARM costs the same: FRAGMENTS + GB × 0.0125 = GB × (0.0085 + 0.023 × d ÷ 30)
    const days = (30 * (FRAGMENTS / GB + 0.0125 - 0.0085)) / 0.023;
    expect(days).toBeCloseTo(10.8197, 3);
    expect(comparison().breakEvenDays(WARM)).toBeCloseTo(days, 6);
  });

  test('is beyond the 30 days of WARM where fragments are dear', () => {
    const dear = PriceList.forRegion('us-east-1').withPrice(PriceId.KVS_INGEST_WARM, 0.06);
    // 6 × FRAGMENTS + GB × 0.0125 × d ÷ 30 = GB × (0.0085 + 0.023 × d ÷ 30)
    const days = (30 * ((6 * FRAGMENTS) / GB - 0.0085)) / (0.023 - 0.0125);
    expect(days).toBeGreaterThan(30);
    expect(comparison(dear).breakEvenDays(WARM)).toBeCloseTo(days, 6);
  });

  test('is the first where it costs less at once, and none where it never does', () => {
    const list = PriceList.forRegion('us-east-1');
    const cheap = list.withPrice(PriceId.KVS_INGEST_WARM, 0).withPrice(PriceId.KVS_STORAGE_WARM, 0);
    expect(comparison(cheap).breakEvenDays(WARM)).toBe(1);
    expect(comparison(list.withPrice(PriceId.KVS_STORAGE_WARM, 0.024)).breakEvenDays(WARM)).toBeUndefined();
    expect(comparison().breakEvenDays(HOT)).toBe(1);
  });

  test.each([WARM, S3_IA, S3_GLACIER])('of %s is between two days of the table', (store) => {
    const compared = comparison();
    const days = compared.breakEvenDays(store) ?? NaN;
    expect(compared.cost(store, days - 0.01)).toBeGreaterThan(compared.cost(HOT, days - 0.01));
    expect(compared.cost(store, days + 0.01)).toBeLessThan(compared.cost(HOT, days + 0.01));
  });
});

test('the table has the cheapest of each row', () => {
  const table = comparison().table([1, 20, 3650]);
  expect(table.map(({ days, cheapest }) => [days, cheapest])).toEqual([
    [1, HOT],
    [20, WARM],
    [3650, S3_GLACIER],
  ]);
  for (const { hot, warm, s3InfrequentAccess, s3Glacier, cheapest } of table) {
    const costs = { HOT: hot, WARM: warm, S3_IA: s3InfrequentAccess, S3_GLACIER: s3Glacier };
    expect(costs[cheapest]).toBe(Math.min(...Object.values(costs)));
  }
});
