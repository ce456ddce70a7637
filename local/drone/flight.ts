import { ENCOUNTER, FRAGMENT_SECONDS, type Film } from './film';
import type { Fragment } from './matroska';

/** When somebody is before the camera, in milliseconds from the beginning of the flight. */
export interface Plan {
  /** The first time. A little later it may be, since a fragment has to begin. @default - never */
  readonly obstacleAt?: number;
  /** After how long again, from beginning to beginning. @default - once only */
  readonly every?: number;
}

/** What is filmed in two seconds. */
export interface Shot {
  readonly fragment: Fragment;
  /** Whether somebody is there. */
  readonly isEncounter: boolean;
  /** Whether it is the first of an encounter. */
  readonly isBeginning: boolean;
}

const SHOT = 1000 * FRAGMENT_SECONDS;

/** What a flight that began at a time looks like, from shot to shot and at any moment. */
export function flightOf(film: Film, { obstacleAt = Infinity, every = Infinity }: Plan, takeoff: number) {
  const first = Math.ceil(obstacleAt / SHOT);
  const turn = Math.max(Math.ceil(every / SHOT), ENCOUNTER / SHOT + 1);
  return {
    /** When a shot begins, in milliseconds since 1970. */
    timeOf: (index: number) => takeoff + SHOT * index,
    /** The shot that is going on at a time. */
    indexAt: (time: number) => Math.max(0, Math.floor((time - takeoff) / SHOT)),
    shot: (index: number): Shot => {
      const since = index < first ? undefined : Number.isFinite(turn) ? (index - first) % turn : index - first;
      const isEncounter = since !== undefined && since < film.encounter.length;
      return {
        fragment: isEncounter ? film.encounter[since] : film.cruise[index % film.cruise.length],
        isEncounter,
        isBeginning: isEncounter && since === 0,
      };
    },
    /** When somebody is there, as an expression of ffmpeg about the time `t` in seconds since 1970. */
    when: (): string => {
      if (!Number.isFinite(first)) return '0';
      const begins = (takeoff + SHOT * first) / 1000;
      const since = Number.isFinite(turn) ? `mod(t-${begins}\\,${(SHOT * turn) / 1000})` : `(t-${begins})`;
      return `gte(t\\,${begins})*lt(${since}\\,${ENCOUNTER / 1000})`;
    },
  };
}

export type Flight = ReturnType<typeof flightOf>;

/** Calls when each shot begins, and when it is taken, which is when it can be sent. After a pause that was too long it leaves out what it missed. */
export function fly(flight: Flight, onBegin: (index: number) => void, onTaken: (index: number) => void) {
  let index = flight.indexAt(Date.now());
  let timer: NodeJS.Timeout;
  const wait = () => void (timer = setTimeout(next, flight.timeOf(index + 1) - Date.now()));
  const next = () => {
    // Timers may come a millisecond early.
    if (Date.now() < flight.timeOf(index + 1)) return wait();
    onTaken(index);
    index = Math.max(index + 1, flight.indexAt(Date.now()));
    onBegin(index);
    wait();
  };
  onBegin(index);
  wait();
  return { stop: () => clearTimeout(timer) };
}
