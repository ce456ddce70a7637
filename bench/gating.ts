import { dayOf, extend, type Gate } from '../lambda/common/gate';
import { tell } from './support/tell';
import { Random } from './support/random';

/**
 * What a gate saves: `npm run bench -- gating`. A day of cameras, drawn from the distributions below, with the very rule by
 * which gates open and close.
 *
 * A drone flies 8 times a day on average (Poisson), for 10 to 25 minutes (uniform); a fixed camera films all day. Something
 * moves once in 5 minutes on average (Poisson), for 12 seconds on average (exponential), and the device tells of it at once
 * and every 2 seconds as long as it goes on.
 */
const CAMERAS = 500;
const FLIGHTS_A_DAY = 8;
const FLIGHT = [600, 1500] as const;
const BETWEEN_MOTION = 300;
const MOTION = 12;
const SIGNAL_EVERY = 2;
const DAY = 86_400;
const MIDNIGHT = Date.UTC(2026, 0, 1);

interface Span {
  readonly from: number;
  readonly until: number;
}

const exponential = (random: Random, mean: number) => -mean * Math.log(1 - random.next());

/** Where the camera films, in seconds of the day. */
function filming(kind: 'drone' | 'fixed camera', random: Random): Span[] {
  if (kind === 'fixed camera') return [{ from: 0, until: DAY }];
  const spans: Span[] = [];
  let at = exponential(random, DAY / FLIGHTS_A_DAY);
  while (at < DAY) {
    const until = Math.min(DAY, at + random.between(...FLIGHT));
    spans.push({ from: at, until });
    at = until + exponential(random, DAY / FLIGHTS_A_DAY);
  }
  return spans;
}

function motionIn({ from, until }: Span, random: Random): Span[] {
  const spans: Span[] = [];
  let at = from + exponential(random, BETWEEN_MOTION);
  while (at < until) {
    const end = Math.min(until, at + exponential(random, MOTION));
    spans.push({ from: at, until: end });
    at = end + exponential(random, BETWEEN_MOTION);
  }
  return spans;
}

const seconds = (spans: Span[]) => spans.reduce((sum, { from, until }) => sum + until - from, 0);

/** Seconds that the gate was open for, and that of the motion which was seen. */
function gated(motion: Span[], openForSeconds: number, streamSecondsPerDay: number) {
  let gate: Gate | undefined;
  let seen = 0;
  for (const { from, until } of motion) {
    for (let at = from; at < until; at += SIGNAL_EVERY) {
      const now = MIDNIGHT + 1000 * at;
      const extension = extend(gate, 'motion', now, { openForSeconds, streamSecondsPerDay });
      if (extension.verdict === 'open') ({ gate } = extension);
      const openUntil = gate?.openUntil ?? 0;
      seen += Math.max(0, Math.min((openUntil - now) / 1000, SIGNAL_EVERY, until - at));
    }
  }
  return { analysed: gate && gate.day === dayOf(MIDNIGHT) ? gate.spentSeconds : 0, seen };
}

function measure(kind: 'drone' | 'fixed camera', openForSeconds: number, limitSeconds: number) {
  const random = new Random(7);
  let [filmed, moving, analysed, seen] = [0, 0, 0, 0];
  for (let camera = 0; camera < CAMERAS; camera++) {
    const spans = filming(kind, random);
    const motion = spans.flatMap((span) => motionIn(span, random));
    const result = gated(motion, openForSeconds, limitSeconds);
    filmed += seconds(spans);
    moving += seconds(motion);
    analysed += result.analysed;
    seen += result.seen;
  }
  return {
    camera: kind,
    'open s': openForSeconds,
    'limit h': limitSeconds / 3600,
    'filmed h': (filmed / CAMERAS / 3600).toFixed(2),
    'moving h': (moving / CAMERAS / 3600).toFixed(2),
    'analysed h': (analysed / CAMERAS / 3600).toFixed(2),
    cost: (analysed / filmed).toFixed(3),
    'motion seen': (seen / moving).toFixed(3),
  };
}

tell(
  'A day of cameras',
  (['drone', 'fixed camera'] as const).flatMap((kind) =>
    [
      [10, 2],
      [30, 2],
      [30, 24],
      [60, 24],
    ].map(([openFor, hours]) => measure(kind, openFor, 3600 * hours)),
  ),
);
