import fc from 'fast-check';
import {
  addAll,
  decide,
  MOST_COUNTED,
  withoutOld,
  type Concern,
  type Incident,
} from '../../../lambda/field-watch/incidents';

const GAP = 30;
const concern = (id: number, capturedAt: number): Concern => ({
  id: `s-${id}`,
  capturedAt,
  label: 'person',
  confidence: 80,
});
const concerns = fc
  .array(fc.nat(1000), { maxLength: 40 })
  .map((times) => times.map((time, index) => concern(index, time)));

/** What an incident is, whatever came first. */
const shapes = (incidents: readonly Incident[]) =>
  incidents.map(({ firstAt, latest, ids }) => ({ firstAt, latest, ids: [...ids].sort() }));

/** By sorting, as if all were there at once. */
function expected(all: readonly Concern[]): { firstAt: number; lastAt: number; count: number }[] {
  const found: { firstAt: number; lastAt: number; count: number }[] = [];
  for (const { capturedAt } of [...all].sort((a, b) => a.capturedAt - b.capturedAt)) {
    const last = found.at(-1);
    if (last && capturedAt <= last.lastAt + GAP) Object.assign(last, { lastAt: capturedAt, count: last.count + 1 });
    else found.push({ firstAt: capturedAt, lastAt: capturedAt, count: 1 });
  }
  return found;
}

test('whatever the order, the batches and the repetitions, incidents are those of when it was seen', () => {
  const deliveries = concerns.chain((all) =>
    fc.tuple(
      fc.constant(all),
      fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2, maxLength: all.length * 2 }),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
    ),
  );
  fc.assert(
    fc.property(deliveries, ([all, order, sizes]) => {
      let incidents: Incident[] = [];
      for (let start = 0, turn = 0; start < order.length; turn++) {
        const size = sizes[turn % sizes.length];
        incidents = addAll(incidents, order.slice(start, start + size), GAP);
        start += size;
      }
      expect(shapes(incidents)).toEqual(shapes(addAll([], all, GAP)));
      expect(
        incidents.map(({ firstAt, latest, ids }) => ({ firstAt, lastAt: latest.capturedAt, count: ids.length })),
      ).toEqual(expected(all));
    }),
  );
});

test('an incident that was told of stays told of, and what joins it raises nothing', () => {
  fc.assert(
    fc.property(concerns, concerns, (before, after) => {
      const told = addAll([], before, GAP).map((incident) => ({
        ...incident,
        alertId: incident.latest.id,
        isTold: true,
      }));
      const later = after.map(({ capturedAt }, index) => concern(1000 + index, capturedAt));
      const incidents = addAll(told, later, GAP);
      for (const { firstAt, latest } of told) {
        const home = incidents.filter((each) => each.firstAt <= firstAt && each.latest.capturedAt >= latest.capturedAt);
        expect(home).toHaveLength(1);
        expect(home[0].isTold).toBe(true);
      }
    }),
  );
});

test('one that is missing between two makes one of them', () => {
  const apart = addAll([], [concern(1, 0), concern(2, 50)], GAP);
  expect(apart).toHaveLength(2);
  expect(addAll(apart, [concern(3, 25)], GAP)).toMatchObject([{ firstAt: 0, latest: { capturedAt: 50 } }]);
});

test('what is told of it is told by the same id each time that it is tried', () => {
  const [first] = decide(addAll([], [concern(1, 100)], GAP), 1000, 200);
  expect(first.alertId).toBe('s-1');
  const [again] = decide(addAll([first], [concern(2, 90), concern(3, 120)], GAP), 1000, 200);
  expect(again).toMatchObject({ alertId: 's-1', isTold: false, latest: { id: 's-3' } });
});

test('what is too old is not told of, unless something in time belongs to it', () => {
  const old = decide(addAll([], [concern(1, 0)], GAP), 100, 101);
  expect(old).toMatchObject([{ isTold: false }]);
  expect(old[0].alertId).toBeUndefined();
  expect(decide(addAll([], [concern(1, 0)], GAP), 100, 100)[0].alertId).toBe('s-1');
  expect(decide(addAll(old, [concern(2, 20)], GAP), 100, 101)[0].alertId).toBe('s-2');
});

test('many are counted to an end, and go on to belong to it', () => {
  const many = Array.from({ length: 300 }, (_each, index) => concern(index, index));
  const [incident, ...others] = addAll([], many, GAP);
  expect(others).toEqual([]);
  expect(incident).toMatchObject({ firstAt: 0, latest: { capturedAt: 299 } });
  expect(incident.ids).toHaveLength(MOST_COUNTED);
});

test('what nothing can belong to any more is forgotten', () => {
  const incidents = addAll([], [concern(1, 0), concern(2, 100)], GAP);
  expect(withoutOld(incidents, 1)).toMatchObject([{ firstAt: 100 }]);
});
