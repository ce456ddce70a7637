import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { featuresOf, type Moment, type Position } from './movement';
import { train, type Example, type Weights } from './softmax';

export const PLAYS = ['hold', 'counter-attack', 'press', 'wide-attack'] as const;
export type Play = (typeof PLAYS)[number];

/** Numbers from 0 to 1 that look random, and are the same for the same seed: a linear congruential generator. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

const clamp = (share: number) => Math.min(1, Math.max(0, share));

/** Some seconds of a made-up play: 8 to 22 people, a moment each half a second, some of whom a camera doesn't see. */
export function makePlay(play: Play, random: () => number): Moment[] {
  const about = (size: number) => size * (2 * random() - 1);
  const direction = random() < 0.5 ? -1 : 1;
  const target = { x: 0.5 + about(0.25), y: 0.5 + about(0.2) };
  const pace = 0.08 + 0.08 * random();
  let people: Position[] = Array.from({ length: 8 + Math.floor(15 * random()) }, () => ({
    x: 0.5 + about(0.35),
    y: 0.5 + about(play === 'wide-attack' ? 0.25 : 0.4),
  }));
  const velocity = ({ x, y }: Position): Position => {
    if (play === 'counter-attack') return { x: direction * pace, y: about(0.02) };
    if (play === 'wide-attack') return { x: direction * 0.4 * pace, y: pace * Math.sign(y - 0.5) };
    if (play === 'hold') return { x: about(0.04), y: about(0.04) };
    const distance = Math.hypot(target.x - x, target.y - y) || 1;
    return { x: (pace * (target.x - x)) / distance, y: (pace * (target.y - y)) / distance };
  };
  return Array.from({ length: 6 }, (_each, index) => {
    people = people.map((person) => {
      const { x, y } = velocity(person);
      return { x: clamp(person.x + 0.5 * x + about(0.008)), y: clamp(person.y + 0.5 * y + about(0.008)) };
    });
    return { at: 500 * index, people: people.filter(() => random() > 0.05) };
  });
}

export function makeExamples(seed: number, ofEach: number): Example[] {
  const random = randomNumbers(seed);
  return PLAYS.flatMap((label) =>
    Array.from({ length: ofEach }, () => ({ label, features: featuresOf(makePlay(label, random)) })),
  ).filter((example): example is { label: Play; features: number[] } => example.features !== undefined);
}

/** What stands in `weights.json`, with as many digits as matter. */
export function learned(): Weights {
  const { classes, ...numbers } = train(makeExamples(1, 150), PLAYS);
  const rounded = JSON.parse(
    JSON.stringify(numbers, (_key, value: unknown) => (typeof value === 'number' ? Number(value.toFixed(4)) : value)),
  ) as Omit<Weights, 'classes'>;
  return { classes, ...rounded };
}

if (require.main === module) {
  writeFileSync(join(__dirname, 'weights.json'), `${JSON.stringify(learned(), null, 2)}\n`);
}
