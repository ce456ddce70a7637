import { LRUCache } from 'lru-cache';
import { judge, type Encounter, type Judgement, type Rule, type Sighted } from './encounter';
import type { VersionedItems } from './versioned-table';

export interface EncounterPorts {
  /** By `device` and `obstacle`. */
  readonly table: VersionedItems<Encounter>;
  readonly now: () => number;
}

/** What is remembered longer than it could matter, in milliseconds. */
const MARGIN = 3_600_000;

/** Others write at the same time only if they have seen the same device and class. */
const MAX_ATTEMPTS = 20;

interface Settled {
  readonly between: NonNullable<Judgement['settled']>;
  /** The ids of what may have to be published again. */
  readonly alerts: readonly string[];
}

/** The encounters of all devices and classes, which all functions share. */
export class Encounters {
  /** What nobody has to ask the table for, so that a device which floods a function costs next to nothing. */
  private readonly settled = new LRUCache<string, Settled>({ max: 10_000 });

  constructor(private readonly ports: EncounterPorts) {}

  /** @throws Error when others write all the time, so that it has to be tried again later */
  async judge(device: string, obstacle: string, sighted: Sighted, rule: Rule): Promise<Judgement['verdict']> {
    const { table, now: clock } = this.ports;
    const name = `${device} ${obstacle}`;
    const settled = this.settled.get(name);
    if (settled && isSettled(sighted, settled)) return 'suppress';

    const { repeatAfter, clearAfter = 0, confirmation } = rule;
    const lasts = Math.max(repeatAfter, clearAfter, confirmation?.within ?? 0) + MARGIN;
    const key = { device, obstacle };
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const { content: before, version } = await table.read(key);
      const { verdict, encounter, settled: between } = judge(before, sighted, rule);
      const isNew = encounter !== before && verdict !== 'ignore';
      if (!isNew || (await table.write(key, encounter, version, clock() + lasts))) {
        if (between) this.settled.set(name, { between, alerts: encounter.alerts.map(({ id }) => id) });
        return verdict;
      }
    }
    throw new Error(`Too many functions write at once of '${obstacle}' seen by '${device}'.`);
  }
}

function isSettled({ id, arrivedAt }: Sighted, { between: [from, before], alerts }: Settled): boolean {
  return arrivedAt >= from && arrivedAt < before && !alerts.includes(id);
}
