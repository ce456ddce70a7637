import type { FleetPlan } from './fleet-plan';
import { amount, dollars, one, rounded, time, unitPrice } from './format';
import { workloadRows } from './report-workload';
import type { PlanItem } from './plan-parts';
import type { Price } from './price-list';
import { RecordingStore } from './storage-comparison';
import { columns, markdownTable } from './table';

const KEPT_DAYS = [1, 7, 30, 90, 365];
const STORES: [RecordingStore, string][] = [
  [RecordingStore.HOT, 'HOT'],
  [RecordingStore.WARM, 'WARM'],
  [RecordingStore.S3_IA, 'S3 Standard-IA'],
  [RecordingStore.S3_GLACIER, 'S3 Glacier'],
];

/** What a plan has of which a reader must know. */
function notesOf(plan: FleetPlan): string[] {
  const { region, pricesOf } = plan.prices;
  const assumed = plan.items.filter((item) => item.assumed);
  const share = plan.total > 0 ? assumed.reduce((sum, { cost }) => sum + cost, 0) / plan.total : 0;
  return [
    ...(region === pricesOf ? [] : [`There are no prices of ${region} here: these are those of ${pricesOf}.`]),
    ...(assumed.length > 0
      ? [
          `${amount(share * 100)}% of the cost is by prices that are assumed: look them up on AWS's pages and set them (\`PriceList.withPrice\`).`,
        ]
      : []),
    'Free tiers and discounts are not in it, nor are taxes, support, and what devices pay for their network.',
  ];
}

export function planAsMarkdown(plan: FleetPlan): string {
  const sections: [string, string[]][] = [
    ['Workload', markdownTable(['What', 'How much'], workloadRows(plan))],
    ['Cost in a month', costTable(plan)],
    ['Quotas', quotaLines(plan)],
    ['What could be saved', leverTable(plan)],
    ['Where recordings are kept', storageLines(plan)],
    ['Prices', priceTable(plan)],
  ];
  const text = sections.flatMap(([title, lines]) => [`## ${title}`, '', ...lines, '']);
  return [`# Plan of the fleet`, '', ...notesOf(plan).map((note) => `- ${note}`), '', ...text].join('\n');
}

export function planAsTable(plan: FleetPlan): string {
  const services = [...new Set(plan.items.map(({ service }) => service))];
  const costOf = (items: PlanItem[]) => items.reduce((sum, { cost }) => sum + cost, 0);
  const rows = services.map((service) => {
    const items = plan.items.filter((item) => item.service === service);
    const [most] = [...items].sort((some, other) => other.cost - some.cost);
    return [service, dollars(costOf(items)), `most for: ${most.name}${items.some(isAssumed) ? ' (some assumed)' : ''}`];
  });
  const levers = [...plan.levers].sort((some, other) => other.saving - some.saving).filter(({ saving }) => saving > 0);
  return [
    ...columns([...rows, ['In a month', dollars(plan.total), '']], [1]),
    '',
    `  Cells needed  ${amount(plan.cells)}`,
    ...plan.exceeded.map(({ message }) => `  Quota         ${message}`),
    ...levers.slice(0, 3).map(({ name, saving }) => `  Saves         ${dollars(saving)} a month: ${name}`),
    ...notesOf(plan).map((note) => `  Note          ${note}`),
  ].join('\n');
}

export function planAsJson(plan: FleetPlan): string {
  const comparison = plan.compareStorage();
  const content = {
    schemaVersion: '1.0',
    currency: 'USD',
    daysPerMonth: 30,
    region: plan.prices.region,
    pricesOf: plan.prices.pricesOf,
    workload: Object.fromEntries(workloadRows(plan)),
    mediaBytesPerDay: plan.mediaPerDay,
    total: plan.total,
    items: plan.items,
    cells: plan.cells,
    onboardingSeconds: plan.onboarding.toSeconds(),
    quotas: plan.quotas,
    levers: plan.levers,
    storage: {
      costs: comparison.table(KEPT_DAYS),
      breakEvenDays: Object.fromEntries(
        STORES.slice(1).map(([store]) => [store, comparison.breakEvenDays(store) ?? null]),
      ),
    },
    prices: pricesOf(plan).map(([id, price]) => ({ id, ...price })),
  };
  const text = JSON.stringify(content, (_key, value) => (typeof value === 'number' ? rounded(value) : value), 2);
  return `${text}\n`;
}

const isAssumed = ({ assumed }: PlanItem) => assumed;

function costTable(plan: FleetPlan): string[] {
  const rows = plan.items.map((item) => [
    item.service,
    item.name,
    item.formula,
    `${amount(item.amount)} ${item.amount === 1 ? one(item.unit) : item.unit}`,
    `${priceText(plan.prices.price(item.id))}${item.assumed ? ' **assumed**' : ''}`,
    dollars(item.cost),
  ]);
  const total = ['**In a month**', '', '', '', '', `**${dollars(plan.total)}**`];
  return markdownTable(['Service', 'Item', 'Formula', 'Amount', 'Price', 'Cost'], [...rows, total], [5]);
}

function priceText({ tiers, per, unit }: Price): string {
  const what = per === 1 ? `per ${one(unit)}` : `per ${amount(per)} ${unit}`;
  const [first, ...others] = tiers.map(({ price }) => unitPrice(price));
  return `${first}${others.length > 0 ? ` to ${others[others.length - 1]}` : ''} ${what}`;
}

function quotaLines(plan: FleetPlan): string[] {
  const rows = plan.quotas
    .filter(({ needed }) => needed > 0)
    .map(({ name, needed, limit, exceeded, exceededBy, factor, assumed, source }) => [
      name,
      amount(needed),
      `${amount(limit)}${assumed ? ' **assumed**' : ''}`,
      exceeded ? `**${amount(exceededBy)}**` : '',
      amount(factor),
      source,
    ]);
  const many = plan.cells === 1 ? 'One cell has' : `${amount(plan.cells)} cells have`;
  return [
    `${many} room for the streams and channels of all devices. To onboard them takes ${time(plan.onboarding)}, all cells at once.`,
    '',
    ...markdownTable(['What a cell needs', 'Needed', 'Limit', 'Exceeded by', 'Factor', 'Source'], rows, [1, 3, 4]),
    ...plan.exceeded.flatMap(({ message }, index) => [...(index === 0 ? [''] : []), `- ${message}`]),
  ];
}

function leverTable(plan: FleetPlan): string[] {
  const rows = plan.levers.map(({ name, saving, total, explanation }) => [
    name,
    dollars(saving),
    dollars(total),
    explanation,
  ]);
  return [
    'Each by itself; two of them together save less than their sum.',
    '',
    ...markdownTable(['Change', 'Saves a month', 'Total then', 'What it takes'], rows, [1, 2]),
  ];
}

function storageLines(plan: FleetPlan): string[] {
  const comparison = plan.compareStorage();
  const rows = comparison
    .table(KEPT_DAYS)
    .map(({ days, hot, warm, s3InfrequentAccess, s3Glacier, cheapest }) => [
      amount(days),
      ...[hot, warm, s3InfrequentAccess, s3Glacier].map(dollars),
      STORES.find(([store]) => store === cheapest)?.[1] ?? cheapest,
    ]);
  const breakEven = STORES.slice(1).map(([store, name]) => {
    const days = comparison.breakEvenDays(store);
    return `- ${name} costs no more than HOT from ${days === undefined ? 'no time' : `${amount(days)} days`} on.`;
  });
  const head = ['Kept for days', ...STORES.map(([, name]) => name), 'Cheapest'];
  return [
    'What the media of a month costs, from when it is taken in until it is deleted. For S3 it is read once from the HOT tier, where it is for a day.',
    '',
    ...markdownTable(head, rows, [0, 1, 2, 3, 4]),
    '',
    ...breakEven,
  ];
}

function pricesOf(plan: FleetPlan): [string, Price][] {
  return plan.items.map(({ id }): [string, Price] => [id, plan.prices.price(id)]);
}

function priceTable(plan: FleetPlan): string[] {
  const rows = pricesOf(plan).map(([id, price]) => [
    id,
    price.tiers
      .map(({ upTo, price: each }) => `${unitPrice(each)}${upTo === undefined ? '' : ` to ${amount(upTo)}`}`)
      .join(', then '),
    price.per === 1 ? price.unit : `${amount(price.per)} ${price.unit}`,
    price.page,
    price.readIn ?? '**assumed**',
    price.lookedUp,
  ]);
  return markdownTable(['Id', 'US dollars', 'For', 'Published', 'Read in', 'Looked up'], rows);
}
