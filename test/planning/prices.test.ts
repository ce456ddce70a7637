import { Duration, Token } from 'aws-cdk-lib';
import { FleetPlan, PriceId, PriceList } from '../../lib';
import { PRICES } from '../../lib/planning/price-data';
import { codedError } from '../support/fleet';

const LIST = PriceList.forRegion('us-east-1');

describe('the prices of a region', () => {
  test.each(Object.keys(PRICES))('%s has all of them, with unit, page and day', (region) => {
    for (const id of Object.values(PriceId)) {
      const price = PriceList.forRegion(region).price(id);
      expect({ id, ...price }).toEqual({
        id,
        per: expect.any(Number),
        unit: expect.stringMatching(/^[A-Za-z-]+$/),
        tiers: expect.any(Array),
        page: expect.stringMatching(/^https:\/\/aws\.amazon\.com\//),
        readIn: price.assumed ? undefined : expect.stringMatching(/^https:\/\//),
        lookedUp: expect.stringMatching(/^20\d\d-\d\d-\d\d$/),
        assumed: expect.any(Boolean),
      });
      // What was given could also be set, so its tiers grow and end.
      expect(() => LIST.withTiers(id, price.tiers)).not.toThrow();
    }
  });

  test('that the library does not have are those of us-east-1, and the plan says so', () => {
    const list = PriceList.forRegion('eu-west-1');
    expect([list.region, list.pricesOf]).toEqual(['eu-west-1', 'us-east-1']);
    const note = 'There are no prices of eu-west-1 here: these are those of us-east-1.';
    expect(new FleetPlan({ devices: 1, region: 'eu-west-1' }).toMarkdown()).toContain(note);
    expect(new FleetPlan({ devices: 1 }).toMarkdown()).not.toContain('There are no prices of');
  });

  test('do not come from the prototype of an object', () => {
    expect(PriceList.forRegion('constructor').pricesOf).toBe('us-east-1');
    expect(() => LIST.price('toString' as PriceId)).toThrow(codedError('PriceId', /There is no price 'toString'/));
  });
});

describe('tiers', () => {
  const tiered = LIST.withTiers(PriceId.SQS_REQUESTS, [
    { upTo: 2_000_000, price: 1 },
    { upTo: 5_000_000, price: 0.5 },
    { price: 0.1 },
  ]);
  // The price is for a million.
  test.each([
    [0, 0],
    [1_000_000, 1],
    [2_000_000, 2],
    [3_000_000, 2.5],
    [5_000_000, 3.5],
    [15_000_000, 4.5],
  ])('%i cost %d', (amount, cost) => {
    expect(tiered.cost(PriceId.SQS_REQUESTS, amount)).toBeCloseTo(cost, 10);
  });

  test.each([
    ['none', []],
    ['one that ends', [{ upTo: 5, price: 1 }]],
    ['two without an end', [{ price: 1 }, { price: 2 }]],
    ['shrinking', [{ upTo: 5, price: 1 }, { upTo: 4, price: 1 }, { price: 1 }]],
    ['of nothing', [{ upTo: 0, price: 1 }, { price: 1 }]],
    ['negative', [{ price: -1 }]],
    ['no number', [{ price: NaN }]],
  ])('that are %s are refused', (_what, tiers) => {
    expect(() => LIST.withTiers(PriceId.S3_PUTS, tiers)).toThrow(codedError('PriceTiers', /The tiers of S3_PUTS must/));
  });
});

test('a list in which a price is set is another list, which says so', () => {
  const changed = LIST.withPrice(PriceId.KVS_IMAGES, 7, 'our contract').withPrice(PriceId.KMS_KEYS, 0.5);
  expect(changed.changed).toEqual(['KMS_KEYS', 'KVS_IMAGES']);
  expect(changed.price(PriceId.KVS_IMAGES)).toMatchObject({
    per: 1_000_000,
    unit: 'images',
    tiers: [{ price: 7 }],
    readIn: 'our contract',
    assumed: false,
  });
  expect(LIST.price(PriceId.KVS_IMAGES)).toMatchObject({ tiers: [{ price: 10 }], assumed: true });
});

test('what is assumed is marked, until it is set', () => {
  const row = (plan: FleetPlan) =>
    plan
      .toMarkdown()
      .split('\n')
      .find((line) => line.includes('Images made'));
  expect(row(new FleetPlan({ devices: 1 }))).toContain('**assumed**');
  const prices = LIST.withPrice(PriceId.KVS_IMAGES, 10, 'https://example.com/prices');
  expect(row(new FleetPlan({ devices: 1 }, { prices }))).not.toContain('assumed');
  expect(new FleetPlan({ devices: 1 }, { prices }).toMarkdown()).toContain('https://example.com/prices');
});

test("the two prices of WARM that are assumed give what AWS's own comparison says", () => {
  // 4 Mbps kept for 30 days: fragments of 2, 5 and 20 s save 28, 48 and 57 percent of ingest and storage, and at 1.06 s it
  // is even. https://aws.amazon.com/blogs/iot/optimize-long-term-video-storage-costs-with-amazon-kinesis-video-streams-warm-storage-tier/
  const gb = 0.5 / 1024; // of a second
  const hot = gb * (0.0085 + 0.023);
  const saved = (seconds: number) => {
    const warm = LIST.cost(PriceId.KVS_INGEST_WARM, 1 / seconds) + LIST.cost(PriceId.KVS_STORAGE_WARM, gb);
    return Math.round((1 - warm / hot) * 100);
  };
  for (const [seconds, percent] of [
    [2, 28],
    [5, 48],
    [20, 57],
    [1.06, 0],
  ]) {
    expect(Math.abs(saved(seconds) - percent)).toBeLessThanOrEqual(2);
  }
});

describe('a workload that can not be is refused, by its field', () => {
  test.each([
    ['devices', { devices: 0 }],
    ['devices', { devices: 1.5 }],
    ['camerasPerDevice', { camerasPerDevice: 0 }],
    ['cells', { cells: 0 }],
    ['streamingPerDay', { streamingPerDay: Duration.hours(25) }],
    ['busiestShare', { busiestShare: 0 }],
    ['analysedShare', { analysedShare: 1.1 }],
    ['relayedShare', { relayedShare: -0.1 }],
    ['imageInterval', { imageInterval: Duration.millis(199) }],
    ['fragmentDuration', { fragmentDuration: Duration.seconds(0) }],
    ['retention', { retention: Duration.days(3651) }],
    ['viewers', { viewers: NaN }],
    ['imagesPerSecond', { imagesPerSecond: 0 }],
    ['quotas.stream', { quotas: { stream: -1 } }],
  ])('%s', (field, wrong) => {
    expect(() => new FleetPlan({ devices: 1, ...wrong })).toThrow(
      codedError('FleetWorkload', new RegExp(`^\`${field}\` is `)),
    );
  });

  test('what is there but undefined is not given', () => {
    expect(new FleetPlan({ devices: 5, retention: undefined, region: undefined }).toJson()).toBe(
      new FleetPlan({ devices: 5 }).toJson(),
    );
    expect(Token.isUnresolved(new FleetPlan({ devices: 5 }).toJson())).toBe(false);
  });
});
