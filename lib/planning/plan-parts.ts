import type { PriceId } from './price-id';

/**
 * Something that costs money, in a month of 30 days.
 */
export interface PlanItem {
  /** The price that applies. */
  readonly id: PriceId;

  /** The family of services that it belongs to. */
  readonly service: string;

  /** What it is. */
  readonly name: string;

  /** How much of it there is in a month, in the unit. */
  readonly amount: number;

  /** The unit of the amount. */
  readonly unit: string;

  /** How the amount comes about. */
  readonly formula: string;

  /** In US dollars. */
  readonly cost: number;

  /** Whether its price is assumed and not confirmed. */
  readonly assumed: boolean;
}

/**
 * What a cell needs of something that is limited.
 */
export interface QuotaCheck {
  /** A name that stays, like `stream`, for `quotas` of the workload and the ids of warnings. */
  readonly id: string;

  /** What is limited. */
  readonly name: string;

  /** What a cell needs at its busiest, in what `name` counts. */
  readonly needed: number;

  /** What it has, in what `name` counts. */
  readonly limit: number;

  /** Whether it needs more than it has. */
  readonly exceeded: boolean;

  /** How much it needs beyond what it has; 0 if it has enough. */
  readonly exceededBy: number;

  /** How many times as much as it has it needs. */
  readonly factor: number;

  /** Whether AWS raises the limit for who asks. */
  readonly adjustable: boolean;

  /** Whether the limit could not be confirmed. */
  readonly assumed: boolean;

  /** Whether it follows from how many devices there are, and not from how they are used. */
  readonly counted: boolean;

  /** Where AWS publishes it. */
  readonly source: string;

  /** What is wrong and what to do, in a sentence or two; empty if nothing is. */
  readonly message: string;
}

/**
 * Something that can be changed about a fleet, and what that saves.
 */
export interface Lever {
  /** A name that stays, like `motionGate`. */
  readonly id: string;

  /** What is changed. */
  readonly name: string;

  /** What it saves in a month, in US dollars; negative if it costs more. */
  readonly saving: number;

  /** What the fleet costs in a month then, in US dollars. */
  readonly total: number;

  /** What it takes, or why it saves nothing. */
  readonly explanation: string;
}
