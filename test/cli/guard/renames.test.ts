import { constructPath } from '../../../cli/guard/template';
import { comeIn, renamed, type Located } from '../../../cli/guard/renames';
import { stackOf } from '../../support/assemblies';

type Properties = Record<string, unknown>;

/** A stack of buckets, by their ids, which have a path below the stack if they are given one. */
function stack(name: string, resources: Record<string, Properties>, paths: Record<string, string> = {}) {
  const all = Object.entries(resources).map(([id, properties]) => [
    id,
    { Type: 'AWS::S3::Bucket', Properties: properties },
  ]);
  return stackOf(Object.fromEntries(all), { name, paths });
}

function located(...stacks: ReturnType<typeof stackOf>[]): Located[] {
  return stacks.flatMap((one) => Object.keys(one.template.Resources).map((logicalId) => ({ stack: one, logicalId })));
}

/** What each that has gone has become. */
function successors(gone: Located[], come: Located[]): Record<string, string> {
  return Object.fromEntries([...renamed(gone, come)].map(([key, to]) => [key, `${to.stack.name}#${to.logicalId}`]));
}

/** Of two stacks, one that has gone and one that has come. */
const between = (gone: ReturnType<typeof stackOf>, come: ReturnType<typeof stackOf>) =>
  successors(located(gone), located(come));

describe('the properties', () => {
  const OTHER = { D: { d: 4 } };

  test.each<[what: string, gone: Properties, come: Properties, is: boolean]>([
    ['all of them', { a: 1, b: { c: 2 } }, { a: 1, b: { c: 2 } }, true],
    ['half of them', { a: 1, b: 2 }, { a: 1, b: 3 }, true],
    ['half, as one is new', { a: 1 }, { a: 1, b: 3 }, true],
    ['a third', { a: 1, b: 2, c: 3 }, { a: 1, b: 3, c: 4 }, false],
    ['none', { a: 1 }, { a: 2 }, false],
    ['none, as none are there', {}, {}, true],
  ])('that are the same: %s', (_what, gone, come, is) => {
    // Another one that has come, or it would be the only one.
    expect(between(stack('S', { A: gone }), stack('S', { B: come, ...OTHER }))).toEqual(is ? { 'S#A': 'S#B' } : {});
  });

  test('decide between those that are more and less alike', () => {
    const come = stack('S', { B: { a: 1, b: 3 }, C: { a: 1, b: 2 } });
    expect(between(stack('S', { A: { a: 1, b: 2 } }), come)).toEqual({ 'S#A': 'S#C' });
  });

  test('decide nothing between equals, but the names do', () => {
    const equals = { C: { a: 1 }, B: { a: 1 } };
    expect(between(stack('S', { A: { a: 1 } }), stack('S', equals))).toEqual({ 'S#A': 'S#B' });
    expect(between(stack('S', equals), stack('S', { A: { a: 1 } }))).toEqual({ 'S#B': 'S#A' });
  });
});

describe('the only one', () => {
  test('of its type in the stack is it, whatever its properties are', () => {
    expect(between(stack('S', { A: { a: 1 } }), stack('S', { B: { a: 2 } }))).toEqual({ 'S#A': 'S#B' });
  });

  test('is it beside others of other types and in other stacks', () => {
    const topic = stackOf({ T: { Type: 'AWS::SNS::Topic' }, U: { Type: 'AWS::SNS::Topic' } }, { name: 'S' });
    const elsewhere = stack('O', { E: { e: 1 } });
    const gone = [...located(stack('S', { A: { a: 1 } }), elsewhere), ...located(topic)];
    const come = [...located(stack('S', { B: { a: 2 } })), ...located(topic)];
    expect(successors(gone, come)).toMatchObject({ 'S#A': 'S#B' });
  });

  test('is it neither beside another that has gone nor beside another that has come', () => {
    const [one, two] = [{ A: { a: 1 } }, { B: { a: 2 }, C: { a: 3 } }];
    expect(between(stack('S', one), stack('S', two))).toEqual({});
    expect(between(stack('S', two), stack('S', one))).toEqual({});
  });

  test('is not it in another stack', () => {
    expect(between(stack('S', { A: { a: 1 } }), stack('O', { B: { a: 2 } }))).toEqual({});
  });

  test('is not it as another type', () => {
    const topic = stackOf({ B: { Type: 'AWS::SNS::Topic', Properties: { a: 1 } } }, { name: 'S' });
    expect(between(stack('S', { A: { a: 1 } }), topic)).toEqual({});
  });
});

test('what is less alike in the same stack comes before what is the same in another', () => {
  const gone = located(stack('S', { A: { a: 1, b: 2 } }));
  const come = located(stack('O', { B: { a: 1, b: 2 } }), stack('S', { C: { a: 1, b: 3 }, D: { d: 4 } }));
  expect(successors(gone, come)).toEqual({ 'S#A': 'S#C' });
});

describe('the place', () => {
  test.each<[from: string, to: string, isNear: boolean]>([
    ['S/Frames/Resource', 'S/Pictures/Resource', true],
    ['S/Frames', 'S/Pictures', true],
    ['S/Frames/Resource', 'S/Pictures/Other', false],
    ['S/Frames', 'S/Frames/Resource', false],
    ['S/Frames/Resource', 'S/Frames', false],
    ['Frames', 'Pictures', false],
  ])('of %s is near that of %s: %j', (from, to, isNear) => {
    const gone = stack('S', { A: { a: 1 } }, { A: from });
    const come = stack('S', { B: { a: 2 }, C: { a: 3 } }, { B: to, C: 'S/Elsewhere/Of/It' });
    expect(constructPath(gone, 'A')).toBe(from);
    expect(between(gone, come)).toEqual(isNear ? { 'S#A': 'S#B' } : {});
  });
});

test('what has come is what the head has and the base has not', () => {
  const [one, other] = [stack('S', { A: {}, B: {} }), stack('O', { X: {} })];
  const head = [stack('S', { B: {}, C: {} }), stack('O', { X: {}, A: {} }), stack('New', { B: {} })];
  const pairs = [
    { before: one, after: head[0] },
    { before: other, after: head[1] },
  ];
  expect(comeIn(head, pairs).map(({ stack: { name }, logicalId }) => `${name}#${logicalId}`)).toEqual([
    'S#C',
    'O#A',
    'New#B',
  ]);
});
