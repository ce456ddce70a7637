import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, Stack, Stage } from 'aws-cdk-lib';
import { FleetPlan, FleetPlanReport, StorageTier, VideoAnalysis } from '../../lib';
import { amount, dollars, timeOf, unitPrice } from '../../lib/planning/format';
import { Template, warningIds } from '../support/template';

const small = new FleetPlan({
  devices: 3,
  region: 'eu-west-1',
  analysis: VideoAnalysis.NONE,
  storageTier: StorageTier.WARM,
  retention: Duration.days(60),
  onDeviceDetection: false,
  viewers: 2,
});

test('the whole of a small plan in Markdown', () => {
  expect(small.toMarkdown()).toMatchSnapshot();
});

test('the most of it for a terminal', () => {
  expect(small.toTable()).toMatchSnapshot();
});

test('a terminal is told of exceeded quotas and of what saves most', () => {
  const table = new FleetPlan({ devices: 50_000, imagesPerSecond: 5 }).toTable();
  const lines = (word: string) => table.split('\n').filter((line) => line.startsWith(`  ${word}`));
  expect(lines('Cells needed')).toEqual(['  Cells needed  6']);
  expect(lines('Quota').map((line) => line.slice(16).split(':')[0])).toEqual([
    'Streams',
    'Signaling channels',
    'Images to analyse a second',
  ]);
  expect(lines('Saves')).toHaveLength(3);
  expect(lines('Saves')[0]).toMatch(/^ {2}Saves {9}\$[\d,.]+ a month: Devices stream only while something moves$/);
});

test('JSON has what programs compare', () => {
  const json = JSON.parse(small.toJson());
  expect(Object.keys(json)).toEqual([
    'schemaVersion',
    'currency',
    'daysPerMonth',
    'region',
    'pricesOf',
    'workload',
    'mediaBytesPerDay',
    'total',
    'items',
    'cells',
    'onboardingSeconds',
    'quotas',
    'levers',
    'storage',
    'prices',
  ]);
  expect(json).toMatchObject({ region: 'eu-west-1', pricesOf: 'us-east-1', mediaBytesPerDay: 3 * 7.2e9, cells: 1 });
  expect(json.prices.map(({ id }: { id: string }) => id)).toEqual(json.items.map(({ id }: { id: string }) => id));
  // No day but those on which prices were looked up.
  expect(small.toJson().replaceAll('"lookedUp": "2026-11-27"', '')).not.toMatch(/20\d\d-\d\d-\d\d/);
});

describe('a lever that saves nothing says why', () => {
  const lever = (id: string, plan: FleetPlan) => plan.levers.find((each) => each.id === id);

  test('WARM for a day of media', () => {
    const found = lever('warmTier', new FleetPlan({ devices: 10 }));
    expect(found?.saving).toBeLessThan(0);
    expect(found?.explanation).toBe(
      'It is billed for 30 days at least and by fragments of 2 s, and media is kept for 24 h.',
    );
  });

  test('a gate where the pace of the detector is the limit', () => {
    expect(lever('motionGate', new FleetPlan({ devices: 10_000, imagesPerSecond: 5 }))).toMatchObject({
      saving: 0,
      explanation: expect.stringContaining('those with motion are not dropped'),
    });
  });

  test('a shorter retention in the WARM tier below 30 days', () => {
    const warm = { devices: 1, storageTier: StorageTier.WARM, retention: Duration.days(20) };
    expect(lever('shorterRetention', new FleetPlan(warm))).toMatchObject({
      saving: 0,
      explanation: 'Media in the WARM tier is billed for 30 days however soon it is deleted.',
    });
  });

  test('and what saves something says what it takes', () => {
    const found = lever('lowerBitrate', new FleetPlan({ devices: 10, analysis: VideoAnalysis.NONE }));
    // Half of the bits: half of what is taken in and kept, 10 × 7.2 × 10^9 × 30 bytes of it
    const gb = (10 * 7.2e9 * 30) / 2 ** 30;
    expect(found?.saving).toBeCloseTo((gb * (0.0085 + 0.023 / 30)) / 2, 6);
    expect(found?.explanation).toMatch(/^Set in the encoder\./);
  });
});

describe('beside the templates', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'plan-'));
  afterAll(() => rmSync(outdir, { recursive: true }));
  const large = new FleetPlan({ devices: 20_000 });

  test('is the plan, twice; no template has anything of it', () => {
    const app = new App({ outdir: join(outdir, 'app') });
    const stack = new Stack(app, 'Stack');
    new FleetPlanReport(stack, 'Plan', { plan: small });
    const { directory } = app.synth();
    expect(readFileSync(join(directory, 'plan.json'), 'utf8')).toBe(small.toJson());
    expect(readFileSync(join(directory, 'plan.md'), 'utf8')).toBe(small.toMarkdown());
    expect(Template.fromStack(stack).toJSON()).not.toHaveProperty('Resources');
    expect(warningIds(stack)).toEqual([]);
  });

  test('of a stage is that of the stage', () => {
    const app = new App({ outdir: join(outdir, 'staged') });
    new FleetPlanReport(new Stack(new Stage(app, 'Cell'), 'Stack'), 'Plan', { plan: small });
    new FleetPlanReport(app, 'Plan', { plan: large });
    const { directory } = app.synth();
    expect(readFileSync(join(directory, 'assembly-Cell', 'plan.json'), 'utf8')).toBe(small.toJson());
    expect(readFileSync(join(directory, 'plan.json'), 'utf8')).toBe(large.toJson());
  });

  test.each([
    ['all of them', undefined, ['stream', 'channel', 'detectLabels', 'lambdaConcurrency']],
    ['those it is told', ['channel', 'iotConnect'], ['channel']],
    ['none', [], []],
  ])('it warns of quotas that are exceeded: %s', (_what, warnOf, quotas) => {
    const stack = new Stack(new App(), 'Stack');
    new FleetPlanReport(stack, 'Plan', { plan: large, warnOf });
    expect(warningIds(stack)).toEqual(quotas.map((id) => `cdk-kinesis-video:${id}Quota`));
  });
});

describe('numbers for people', () => {
  test.each([
    [0, '0'],
    [0.000095238, '0.0000952'],
    [0.5, '0.5'],
    [1.005, '1'],
    [12.345, '12.35'],
    [999.999, '1000'],
    [1234567.8, '1,234,568'],
    [2_880_000_000, '2,880,000,000'],
  ])('%d is %s', (value, text) => expect(amount(value)).toBe(text));

  test.each([
    [0, '$0.00'],
    [0.004, '< $0.01'],
    [0.005, '$0.01'],
    [1234.5, '$1,234.50'],
    [-1234567.891, '-$1,234,567.89'],
  ])('%d dollars are %s', (value, text) => expect(dollars(value)).toBe(text));

  test.each([
    [0, '0 s'],
    [0.2, '0.2 s'],
    [90, '1.5 min'],
    [3600, '1 h'],
    [86_400, '24 h'],
    [172_800, '2 days'],
  ])('%d seconds are %s', (value, text) => expect(timeOf(value)).toBe(text));

  test('prices have all of their digits', () => {
    expect([0.0085, 0.0000133334, 2, 0].map(unitPrice)).toEqual(['$0.0085', '$0.0000133334', '$2', '$0']);
  });
});
