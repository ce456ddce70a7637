import type { PriceId } from '../price-id';

/** What a fleet uses of something that has a price. */
export interface Usage {
  readonly price: PriceId;
  /** What it is for. */
  readonly name: string;
  /** In the unit of the price. */
  readonly amount: number;
  /** How the amount comes about. */
  readonly formula: string;
}

/** A sum of what several parts use, of which those that use nothing aren't told. */
export function sum(price: PriceId, name: string, parts: [what: string, amount: number, text: string][]): Usage {
  const used = parts.filter(([, amount]) => amount > 0);
  return {
    price,
    name,
    amount: used.reduce((total, [, amount]) => total + amount, 0),
    formula: used.map(([what, , text]) => (used.length > 1 ? `${what}: ${text}` : text)).join(' + '),
  };
}
