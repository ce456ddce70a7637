import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { FleetPlan, PriceId, PriceList, VideoAnalysis, type FleetWorkload } from '../lib';
import { amount, dollars, unitPrice } from '../lib/planning/format';
import { MOTION_SHARE } from '../lib/planning/levers';
import { markdownTable } from '../lib/planning/table';
import { planChart } from './plan-chart';

/**
 * Writes what `docs/plan.md` has of plans, between its marks, and the chart. What it writes follows from the plans alone.
 */
export const GUIDE = join(__dirname, 'plan.md');
export const CHART = join(__dirname, 'images', 'plan-cost.svg');

/** The fleet of the guide: 10,000 drones that stream 2 Mbps for 8 hours a day. */
const SAMPLE: FleetWorkload = { devices: 10_000 };

/** What is between the marks of the guide, by their names. */
export function generatedParts(): Record<string, string[]> {
  return {
    estimate: estimateTable(),
    sample: sampleTable(),
    quotas: quotaTable(),
    storage: storageTable(),
    prices: priceTable(),
  };
}

/** The guide with its generated parts as they should be. */
export function renderedGuide(guide: string, parts = generatedParts()): string {
  return Object.entries(parts).reduce((text, [name, lines]) => {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
    const [before, rest] = text.split(begin);
    if (!rest?.includes(end)) throw new Error(`The guide has no ${begin} … ${end}`);
    return `${before}${begin}\n\n${lines.join('\n')}\n\n${end}${rest.split(end)[1]}`;
  }, guide);
}

function estimateTable(): string[] {
  const plan = new FleetPlan(SAMPLE);
  const gb = plan.items.find(({ id }) => id === PriceId.KVS_INGEST)?.amount ?? 0;
  const perSecond = PriceList.forRegion('us-east-1')
    .withPrice(PriceId.REKOGNITION_STREAM, 0.0001 * 60)
    .withPrice(PriceId.KVS_CONSUMPTION, 0);
  const processors = (prices?: PriceList) =>
    (new FleetPlan({ ...SAMPLE, analysis: VideoAnalysis.STREAM_PROCESSORS }, { prices }).items.find(
      ({ id }) => id === PriceId.REKOGNITION_STREAM,
    )?.cost ?? 0) / 30;
  const ingest = (plan.items.find(({ id }) => id === PriceId.KVS_INGEST)?.cost ?? 0) / 30;
  return markdownTable(
    ['A day of the fleet', 'Sum', 'Comes to'],
    [
      ['Media', '10,000 × 2 × 10⁶ bits ÷ 8 × 28,800 s', `${amount(plan.mediaPerDay / 1e12)} TB`],
      ['The same, as AWS bills it', '72 × 10¹² bytes ÷ 2³⁰', `${amount(gb / 30)} GB`],
      ['Taken in', `${amount(gb / 30)} GB × $0.0085`, dollars(ingest)],
      ['Stream processors, at $0.0001 a second', '10,000 × 28,800 s × $0.0001', dollars(processors(perSecond))],
      ['Stream processors, at $0.00817 a minute', '10,000 × 480 min × $0.00817', dollars(processors())],
    ],
    [2],
  );
}

function sampleTable(): string[] {
  const ways: [string, Partial<FleetWorkload>][] = [
    ['Every image analysed', {}],
    ['5 images a second analysed, as without `framesPerSecond`', { imagesPerSecond: 5 }],
    ['Images analysed only while something moves', { analysedShare: MOTION_SHARE }],
    ['Stream processors, all the time', { analysis: VideoAnalysis.STREAM_PROCESSORS }],
    ['Models on the devices only', { analysis: VideoAnalysis.NONE }],
    [
      'The same, streaming only while something moves',
      { analysis: VideoAnalysis.NONE, streamingPerDay: Duration.hours(8 * MOTION_SHARE) },
    ],
  ];
  const rows = ways.map(([name, changes]) => {
    const { total, items } = new FleetPlan({ ...SAMPLE, ...changes });
    const most = [...items].sort((one, other) => other.cost - one.cost).slice(0, 2);
    return [name, dollars(total), most.map((item) => `${item.name}: ${dollars(item.cost)}`).join('; ')];
  });
  return markdownTable(['How the video is looked at', 'A month', 'Most of it'], rows, [1]);
}

function quotaTable(): string[] {
  const { quotas } = new FleetPlan({ ...SAMPLE, devices: 50_000, viewers: 100, console: true, imagesPerSecond: 50 });
  const rows = quotas.map(({ id, name, needed, limit, factor, assumed }) => [
    `\`${id}\``,
    name,
    amount(needed),
    `${amount(limit)}${assumed ? ' (assumed)' : ''}`,
    amount(factor),
  ]);
  return markdownTable(['Id', 'What is limited', 'Needed', 'Limit', 'Factor'], rows, [2, 4]);
}

function storageTable(): string[] {
  const rows = [2, 5, 10].flatMap((seconds) => {
    const compared = new FleetPlan({ ...SAMPLE, fragmentDuration: Duration.seconds(seconds) }).compareStorage();
    return compared
      .table([7, 30, 90, 365])
      .map(({ days, hot, warm, s3InfrequentAccess, s3Glacier, cheapest }) => [
        `${seconds} s`,
        amount(days),
        ...[hot, warm, s3InfrequentAccess, s3Glacier].map(dollars),
        cheapest,
      ]);
  });
  const head = ['Fragments', 'Days', 'HOT', 'WARM', 'S3 Standard-IA', 'S3 Glacier', 'Cheapest'];
  return markdownTable(head, rows, [1, 2, 3, 4, 5]);
}

function priceTable(): string[] {
  const list = PriceList.forRegion('us-east-1');
  const rows = Object.values(PriceId).map((id) => {
    const { tiers, per, unit, page, readIn, lookedUp } = list.price(id);
    const prices = tiers.map(({ price, upTo }) => `${unitPrice(price)}${upTo ? ` to ${amount(upTo)}` : ''}`);
    return [
      `\`${id}\``,
      prices.join(', '),
      `${per === 1 ? '' : `${amount(per)} `}${unit}`,
      `[AWS](${page})`,
      readIn ? `[${lookedUp}](${readIn})` : '**assumed**',
    ];
  });
  return markdownTable(['Id', 'US dollars', 'For', 'Published by', 'Read'], rows);
}

if (require.main === module) {
  writeFileSync(GUIDE, renderedGuide(readFileSync(GUIDE, 'utf8')));
  writeFileSync(CHART, planChart());
}
