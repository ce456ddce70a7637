import { Duration } from 'aws-cdk-lib';
import { checkWorkload } from './check-workload';
import type { FleetWorkload } from './fleet-usage';
import { usageOf } from './items';
import { choicesOf } from './levers';
import { complete, Load } from './load';
import type { Lever, PlanItem, QuotaCheck } from './plan-parts';
import { PriceList } from './price-list';
import { cellOf, cellsNeeded, checkQuotas } from './quotas';
import { planAsJson, planAsMarkdown, planAsTable } from './report';
import { StorageComparison } from './storage-comparison';
import { DAYS_PER_MONTH } from './units';

/**
 * Properties of `FleetPlan`.
 */
export interface FleetPlanOptions {
  /**
   * What everything costs.
   * @default - the prices that the library has for the region of the workload
   */
  readonly prices?: PriceList;
}

/** How fast a cell makes streams and channels, and registers devices. */
const ONBOARDING = { mediaPerSecond: 48, devicesPerSecond: 10 };

/**
 * What a fleet costs in a month, which quotas it exceeds, how many cells it needs, and what could be saved.
 *
 * It needs no stack and no account, and the same workload gives the same plan, to the byte.
 *
 * @see https://github.com/cdk-kinesis-video/cdk-kinesis-video/blob/main/docs/plan.md
 *
 * @exampleMetadata fixture=stack
 * @example
 * const workload: FleetWorkload = {
 *   devices: 50_000,
 *   streamingPerDay: Duration.hours(4),
 *   bitrate: Bitrate.kilobitsPerSecond(900),
 *   retention: Duration.days(7),
 *   viewers: 40,
 * };
 * new FleetPlanReport(stack, 'Plan', { plan: new FleetPlan(workload) });
 */
export class FleetPlan {
  /** How many devices it is for. */
  public readonly devices: number;

  /** What costs money, in the order in which media meets it; nothing that costs nothing because there is none of it. */
  public readonly items: PlanItem[];

  /** What it costs in a month of 30 days, in US dollars. */
  public readonly total: number;

  /** What a cell needs of everything that is limited. */
  public readonly quotas: QuotaCheck[];

  /** The fewest cells that have room for the streams and channels of all devices. */
  public readonly cells: number;

  /** The prices. */
  public readonly prices: PriceList;

  /** @internal */
  public readonly _load: Load;

  /**
   * @throws ValidationError `FleetWorkload`, `Bitrate` and those of the prices
   */
  constructor(workload: FleetWorkload, options: FleetPlanOptions = {}) {
    const whole = complete(workload);
    checkWorkload(whole);
    const load = new Load(whole);
    const prices = options.prices ?? PriceList.forRegion(whole.region);
    this.items = usageOf(load).map(({ service, price, name, amount, formula }) => ({
      id: price,
      service,
      name,
      amount,
      unit: prices.price(price).unit,
      formula,
      cost: prices.cost(price, amount),
      assumed: prices.price(price).assumed,
    }));
    this.total = this.items.reduce((sum, { cost }) => sum + cost, 0);
    this.devices = whole.devices;
    this.quotas = checkQuotas(load);
    this.cells = cellsNeeded(load).cells;
    this.prices = prices;
    this._load = load;
  }

  /** What all devices send on a day, in bytes. */
  public get mediaPerDay(): number {
    return this._load.ingested / DAYS_PER_MONTH;
  }

  /** The quotas that are exceeded. */
  public get exceeded(): QuotaCheck[] {
    return this.quotas.filter(({ exceeded }) => exceeded);
  }

  /** What can be changed and what each change saves by itself; two of them together save less than their sum. */
  public get levers(): Lever[] {
    const { workload } = this._load;
    return choicesOf(workload).map(({ id, name, explanation, otherwise, changes }) => {
      const { total } = new FleetPlan({ ...workload, ...changes }, { prices: this.prices });
      const saving = this.total - total;
      return { id, name, saving, total, explanation: saving > 0 ? explanation : otherwise };
    });
  }

  /** How long it takes until all devices are registered and have their media, all cells at once. */
  public get onboarding(): Duration {
    const { streams, channels, workload } = cellOf(this._load);
    const { mediaPerSecond, devicesPerSecond } = ONBOARDING;
    const slowest = Math.max(streams / mediaPerSecond, channels / mediaPerSecond, workload.devices / devicesPerSecond);
    return Duration.seconds(Math.ceil(slowest));
  }

  /** Compares where recordings are kept. */
  public compareStorage(): StorageComparison {
    return StorageComparison._of(this._load, this.prices);
  }

  /** All of it for people, in Markdown. */
  public toMarkdown(): string {
    return planAsMarkdown(this);
  }

  /** The most of it, for a terminal. */
  public toTable(): string {
    return planAsTable(this);
  }

  /** All of it for programs. Each field and each line stays where it is, so that plans can be compared as text. */
  public toJson(): string {
    return planAsJson(this);
  }
}
