import type { AlertList } from '../../console/src/alerts/merge';
import type { DroneEvent } from '../drone/drone';

/** What a drone met, and the messages in which it said so, as `<device>:<message>`. */
export interface Encounter {
  readonly device: string;
  readonly at: number;
  readonly messages: readonly string[];
}

export interface Tally {
  readonly encounters: number;
  /** Of which no alert is on the console. */
  readonly lost: readonly Encounter[];
  /** Lines on the console beyond one for each encounter. */
  readonly duplicates: number;
  /** From what was met while somebody looked to its alert on the console, in milliseconds, the least first. */
  readonly delays: readonly number[];
}

/** The encounters of a drone, by what it told of its flight. */
export function encountersOf(device: string, events: readonly DroneEvent[]): Encounter[] {
  const encounters: { device: string; at: number; messages: string[] }[] = [];
  for (const { type, at, detail } of events) {
    if (type === 'ENCOUNTERED') encounters.push({ device, at, messages: [] });
    if (type === 'DETECTED') encounters.at(-1)?.messages.push(`${device}:${(detail as { id: string }).id}`);
  }
  return encounters.filter(({ messages }) => messages.length > 0);
}

/**
 * Whether everything that was met is shown, and once.
 * @param since when somebody began to look
 */
export function tallyOf(
  encounters: readonly Encounter[],
  shown: AlertList,
  alerted: ReadonlyMap<string, number>,
  since: number,
): Tally {
  const alertOf = ({ messages }: Encounter) =>
    [...alerted].find(([id]) => messages.some((message) => id.startsWith(`${message}:`)));
  const met = encounters.map((encounter) => ({ encounter, alert: alertOf(encounter) }));
  const lost = met.filter(({ alert }) => !alert).map(({ encounter }) => encounter);
  const delays = met.flatMap(({ encounter, alert }) =>
    alert && encounter.at >= since ? [alert[1] - encounter.at] : [],
  );
  return {
    encounters: encounters.length,
    lost,
    duplicates: Math.max(0, shown.length - (encounters.length - lost.length)),
    delays: delays.sort((a, b) => a - b),
  };
}
