import { Random } from '../../bench/support/random';
import type { Fault, GatewayCall } from '../cloud/gateway';

/** What went wrong on purpose, and how often. */
export interface Injected {
  throttled: number;
  failed: number;
  dropped: number;
  killed: number;
  disconnected: number;
}

/** How many answers of services a function may see before it dies, at most. */
const ANSWERS = 4;

/** Faults of a part of all calls, invocations and seconds of connections; which ones, the seed says. */
export function faults(share: number, seed: number) {
  const random = new Random(seed);
  const injected: Injected = { throttled: 0, failed: 0, dropped: 0, killed: 0, disconnected: 0 };
  const state = { isOn: true };
  const isDue = () => state.isOn && random.chance(share);
  return {
    injected,
    ofCall: ({ principal }: GatewayCall): Fault | undefined => {
      // Who watches the flight isn't a part of it.
      if (principal.arn === 'operator' || !isDue()) return undefined;
      const fault = random.pick(['throttle', 'error', 'drop'] as const);
      injected[({ throttle: 'throttled', error: 'failed', drop: 'dropped' } as const)[fault]]++;
      return fault;
    },
    /** As `kill` of functions has it. */
    ofInvocation: (): number | undefined => {
      if (!isDue()) return undefined;
      injected.killed++;
      return Math.floor(random.between(0, ANSWERS));
    },
    /** Each second, of who is connected to the broker. */
    ofConnections: (clients: readonly string[], drop: (client: string) => void): void => {
      for (const client of clients) {
        if (!isDue()) continue;
        injected.disconnected++;
        drop(client);
      }
    },
    /** From then on nothing goes wrong any more. */
    end: () => void (state.isOn = false),
  };
}
