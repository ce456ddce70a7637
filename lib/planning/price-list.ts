import { fail, lit } from '../private/validation';
import { PRICES } from './price-data';
import { PriceId } from './price-id';

/**
 * A price up to an amount in the month.
 */
export interface PriceTier {
  /**
   * Up to which amount it applies, in the unit of the price.
   * @default - to all that is more
   */
  readonly upTo?: number;

  /** In US dollars. */
  readonly price: number;
}

/**
 * A price, with what it is for and where it is from.
 */
export interface Price {
  /** For how many units the dollars are. */
  readonly per: number;

  /** What is counted. */
  readonly unit: string;

  /** In the order of their amounts. Each applies to what is between the one before and its own `upTo`. */
  readonly tiers: PriceTier[];

  /** Where AWS publishes it. */
  readonly page: string;

  /**
   * Where it was read.
   * @default - nowhere, it is assumed
   */
  readonly readIn?: string;

  /** The day on which it was looked up. */
  readonly lookedUp: string;

  /** Whether it could not be confirmed. */
  readonly assumed: boolean;
}

/**
 * The prices of a region. A list doesn't change: each method that sets a price returns another list.
 *
 * Free tiers, which are for new or small accounts, and discounts are in no list.
 */
export class PriceList {
  /**
   * The prices that the library has for the region; those of us-east-1 if it has none, which the plan says.
   *
   * @param region the region, like `eu-west-1`
   */
  public static forRegion(region: string): PriceList {
    const pricesOf = Object.hasOwn(PRICES, region) ? region : 'us-east-1';
    return new PriceList(region, pricesOf, PRICES[pricesOf], []);
  }

  private constructor(
    /** The region they are meant for. */
    public readonly region: string,
    /** The region they are of. */
    public readonly pricesOf: string,
    private readonly prices: { [id: string]: Price },
    /** The ids of the prices that were set. */
    public readonly changed: string[],
  ) {}

  /**
   * The same list but for a price.
   *
   * @param id which one
   * @param price the dollars, for as many units as `price(id).per` says: at least 0
   * @param source where it is from, to be shown with the plan
   * @throws ValidationError `PriceTiers`
   */
  public withPrice(id: PriceId, price: number, source?: string): PriceList {
    return this.withTiers(id, [{ price }], source);
  }

  /**
   * The same list but for a price that depends on the amount.
   *
   * @param id which one
   * @param tiers at least one; their `upTo` must grow, and only the last is without
   * @param source where it is from, to be shown with the plan
   * @throws ValidationError `PriceTiers`
   */
  public withTiers(id: PriceId, tiers: PriceTier[], source: string = 'as given'): PriceList {
    checkTiers(id, tiers);
    const price = { ...this.price(id), tiers, readIn: source, lookedUp: 'as given', assumed: false };
    const changed = [...new Set([...this.changed, id])].sort();
    return new PriceList(this.region, this.pricesOf, { ...this.prices, [id]: price }, changed);
  }

  /**
   * A price.
   * @param id which one
   * @throws ValidationError `PriceId` if there is none of that id
   */
  public price(id: PriceId): Price {
    if (!Object.hasOwn(this.prices, id)) {
      fail(undefined, lit`PriceId`, `There is no price '${id}'; it must be one of ${Object.keys(PriceId).join(', ')}.`);
    }
    return this.prices[id];
  }

  /**
   * What an amount costs in a month, in US dollars.
   *
   * @param id the price
   * @param amount in the unit of the price
   */
  public cost(id: PriceId, amount: number): number {
    const { per, tiers } = this.price(id);
    let from = 0;
    let cost = 0;
    for (const { upTo = Infinity, price } of tiers) {
      cost += (Math.max(0, Math.min(amount, upTo) - from) / per) * price;
      from = upTo;
    }
    return cost;
  }
}

function checkTiers(id: string, tiers: PriceTier[]): void {
  const bounds = tiers.map(({ upTo = Infinity }) => upTo);
  const grows = bounds.every((bound, index) => bound > (bounds[index - 1] ?? 0));
  const positive = tiers.every(({ price }) => Number.isFinite(price) && price >= 0);
  if (grows && positive && bounds[bounds.length - 1] === Infinity) return;
  fail(
    undefined,
    lit`PriceTiers`,
    `The tiers of ${id} must have prices of at least 0 and a growing \`upTo\`, which only the last one is without.`,
  );
}
