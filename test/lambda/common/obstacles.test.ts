import { findObstacles, obstacleClass, type ObstacleClass, type Sighting } from '../../../lambda/common/obstacles';

function classOf(more: Partial<ObstacleClass> = {}): ObstacleClass {
  return { name: 'person', labels: ['Person'], minimumConfidence: 80, severity: 'CRITICAL', ...more };
}

function box(left: number, top: number, width: number, height: number) {
  return { left, top, width, height };
}

const sees = (candidate: ObstacleClass, sighting: Sighting) => findObstacles([candidate], [sighting]).length > 0;

test.each([
  [80, 79.999, false],
  [80, 80, true],
  [80, 100, true],
  [0, 0, true],
  [100, 99.999, false],
  [100, 100, true],
])('with at least %d %% confidence, %d %% is seen: %s', (minimumConfidence, confidence, seen) => {
  expect(sees(classOf({ minimumConfidence }), { label: 'Person', confidence })).toBe(seen);
});

test.each([
  [['Person'], 'Person', true],
  [['Person'], 'person', true],
  [['person'], 'PERSON', true],
  [['Power Line'], 'power line', true],
  [['Man', 'Woman'], 'woman', true],
  [['Person'], 'Personnel', false],
  [['Person'], 'Per', false],
  [['Person'], ' Person', false],
  [['Person'], '', false],
  [[], 'Person', false],
])('the labels %j include %j: %s', (labels, label, seen) => {
  expect(sees(classOf({ labels }), { label, confidence: 99 })).toBe(seen);
});

describe('a region', () => {
  const region = box(0.25, 0.25, 0.5, 0.5);

  test.each<[string, ReturnType<typeof box>, boolean]>([
    ['is the same', region, true],
    ['is within it', box(0.4, 0.4, 0.1, 0.1), true],
    ['is around it', box(0, 0, 1, 1), true],
    ['crosses it', box(0, 0.45, 1, 0.1), true],
    ['reaches over its corner', box(0.125, 0.125, 0.1875, 0.1875), true],
    ['touches it from the left', box(0, 0.25, 0.25, 0.5), false],
    ['touches it from the right', box(0.75, 0.25, 0.25, 0.5), false],
    ['touches it from above', box(0.25, 0, 0.5, 0.25), false],
    ['touches it from below', box(0.25, 0.75, 0.5, 0.25), false],
    ['reaches into it from the left', box(0, 0.25, 0.251, 0.5), true],
    ['reaches into it from the right', box(0.749, 0.25, 0.25, 0.5), true],
    ['reaches into it from above', box(0.25, 0, 0.5, 0.251), true],
    ['reaches into it from below', box(0.25, 0.749, 0.5, 0.25), true],
    ['touches its corner', box(0, 0, 0.25, 0.25), false],
    ['is far away', box(0.9, 0.9, 0.1, 0.1), false],
  ])('a box that %s: %j is seen: %s', (_what, boundingBox, seen) => {
    expect(sees(classOf({ region }), { label: 'Person', confidence: 99, boundingBox })).toBe(seen);
    // The box alone decides: without a region it is seen anywhere.
    expect(sees(classOf(), { label: 'Person', confidence: 99, boundingBox })).toBe(true);
  });

  test('does not exclude what is seen without saying where', () => {
    expect(sees(classOf({ region }), { label: 'Person', confidence: 99 })).toBe(true);
  });

  test('does not include what is not sure enough, or something else', () => {
    expect(sees(classOf({ region }), { label: 'Person', confidence: 10, boundingBox: region })).toBe(false);
    expect(sees(classOf({ region }), { label: 'Car', confidence: 99, boundingBox: region })).toBe(false);
  });
});

describe('several sightings', () => {
  const left = { label: 'Person', confidence: 95, boundingBox: box(0, 0, 0.5, 1) };
  const right = { label: 'person', confidence: 90, boundingBox: box(0.5, 0, 0.5, 1) };
  const somewhere = { label: 'Human', confidence: 99 };
  const car = { label: 'Car', confidence: 99.9 };

  test.each<[string, ObstacleClass, Sighting]>([
    ['of all labels', classOf({ labels: ['Human', 'Person'] }), somewhere],
    ['of one label', classOf(), left],
    ['in the region', classOf({ region: box(0.75, 0, 0.25, 1) }), right],
  ])('are one obstacle, the most confident %s', (_what, candidate, best) => {
    for (const sightings of [
      [left, right, somewhere, car],
      [car, somewhere, right, left],
    ]) {
      expect(findObstacles([candidate], sightings)).toMatchObject([{ class: candidate, sighting: best }]);
    }
  });

  test('are an obstacle for each class, which may share a label, in the order of the classes', () => {
    const near = classOf({ name: 'near', severity: 'CRITICAL', region: box(0, 0, 0.5, 1) });
    const any = classOf({ name: 'any', severity: 'INFO', minimumConfidence: 50 });
    const vehicle = classOf({ name: 'vehicle', severity: 'WARNING', labels: ['Car', 'Truck'] });
    const animal = classOf({ name: 'animal', labels: ['Dog'] });
    const found = findObstacles([near, animal, vehicle, any], [car, right, left]);
    expect(found.map(({ class: { name, severity }, sighting }) => [name, severity, sighting])).toEqual([
      ['near', 'CRITICAL', left],
      ['vehicle', 'WARNING', car],
      ['any', 'INFO', left],
    ]);
  });

  test('are left in their order', () => {
    const sightings = [right, left];
    findObstacles([classOf()], sightings);
    expect(sightings).toEqual([right, left]);
  });

  test.each([
    ['no classes', [], [left]],
    ['no sightings', [classOf()], []],
  ])('with %s there is nothing', (_what, classes, sightings) => {
    expect(findObstacles(classes, sightings)).toEqual([]);
  });
});

test.each([
  [{ severity: 'critical' }, 'severity'],
  [{ labels: 'Person' }, 'labels'],
  [{ minimumConfidence: '80' }, 'minimumConfidence'],
  [{ region: { left: 0, top: 0, width: 1 } }, 'region.height'],
  [{ minimumCount: 0 }, 'minimumCount'],
  [{ minimumCount: 1.5 }, 'minimumCount'],
  [{ confirmation: { sightings: 1, withinSeconds: 5 } }, 'confirmation.sightings'],
  [{ confirmation: { sightings: 2.5, withinSeconds: 5 } }, 'confirmation.sightings'],
  [{ confirmation: { sightings: 2 } }, 'confirmation.withinSeconds'],
])('a class with %j is refused', (change, path) => {
  expect(obstacleClass.safeParse(classOf()).success).toBe(true);
  const issues = obstacleClass.safeParse({ ...classOf(), ...change }).error?.issues;
  expect(issues?.map((issue) => issue.path.join('.'))).toEqual([path]);
});

test.each([
  { minimumCount: 1 },
  { minimumCount: 20 },
  { confirmation: { sightings: 2, withinSeconds: 0.5 } },
  { confirmation: { sightings: 20, withinSeconds: 60 } },
])('a class may have %j', (more) => {
  expect(obstacleClass.parse(classOf(more))).toEqual(classOf(more));
});

describe('how many, and how much', () => {
  const people = (count: number, confidence = 90): Sighting[] =>
    Array.from({ length: count }, (_, index) => ({
      label: 'Person',
      confidence: confidence + index / 100,
      boundingBox: box(index / 10, 0, 0.1, 0.5),
    }));

  test.each([
    [1, 0, undefined],
    [1, 1, 1],
    [4, 3, undefined],
    [4, 4, 4],
    [4, 7, 7],
  ])('at least %i of %i at once', (minimumCount, count, found) => {
    expect(findObstacles([classOf({ minimumCount })], people(count))[0]?.count).toBe(found);
  });

  test('only those within the region count', () => {
    const region = box(0, 0, 0.3, 1);
    expect(findObstacles([classOf({ minimumCount: 3, region })], people(7))).toMatchObject([{ count: 3 }]);
    expect(findObstacles([classOf({ minimumCount: 4, region })], people(7))).toEqual([]);
  });

  test.each([
    [85, 84.9, false],
    [85, 85, true],
    [-10, -10.5, false],
    [-10, 0, true],
    [0, undefined, false],
    [undefined, undefined, true],
    [undefined, -40, true],
  ])('a value of at least %s: with %s it is seen: %s', (minimumValue, value, seen) => {
    expect(sees(classOf({ minimumValue }), { label: 'Person', confidence: 99, value })).toBe(seen);
  });
});

describe('what is less sure than it has to be', () => {
  const faint = classOf({ minimumConfidence: 80, releaseConfidence: 50 });

  test.each([
    [49.9, undefined],
    [50, true],
    [79.9, true],
    [80, false],
  ])('with %d %%, is it faint: %s', (confidence, isFaint) => {
    expect(findObstacles([faint], [{ label: 'Person', confidence }])[0]?.isFaint).toBe(isFaint);
  });

  test('counts for how many are still there, but not for how many have come', () => {
    const sightings = [90, 85, 60].map((confidence) => ({ label: 'Person', confidence }));
    expect(findObstacles([{ ...faint, minimumCount: 3 }], sightings)).toMatchObject([{ count: 3, isFaint: true }]);
    expect(findObstacles([{ ...faint, minimumCount: 2 }], sightings)).toMatchObject([{ count: 2, isFaint: false }]);
  });
});
