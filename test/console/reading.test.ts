import { Reading } from '../../console/src/alerts/reading';

const NAMES = ['drone-1', 'drone-2'];

/** All that is to be read at a time. */
function read(reading: Reading, now: number, open?: string): string[] {
  const names: string[] = [];
  for (let next; (next = reading.next(NAMES, open, now)) !== undefined;) names.push(next);
  return names;
}

test('each device is read once when the connection is there, the open one first', () => {
  const reading = new Reading();
  reading.hear('connected', 1000);
  expect(read(reading, 2000, 'drone-2')).toEqual(['drone-2', 'drone-1']);
  reading.hear('connected', 3000);
  expect(read(reading, 3_600_000, 'drone-2')).toEqual([]);
});

test.each(['connecting', 'broken', 'off'] as const)('all are read again that were read before it was %s', (state) => {
  const reading = new Reading();
  reading.hear('connected', 1000);
  read(reading, 2000);
  // And came back before anybody asked.
  reading.hear(state, 2100);
  reading.hear('connected', 2300);
  expect(read(reading, 2500)).toEqual(NAMES);
  expect(read(reading, 3000)).toEqual([]);
});

test('what was read in the very millisecond in which it came back is read again', () => {
  const reading = new Reading();
  expect(read(reading, 2000)).toEqual(NAMES);
  reading.hear('connected', 2000);
  expect(read(reading, 2001)).toEqual(NAMES);
});

test('without a connection they are read again and again, the open one more often', () => {
  const reading = new Reading();
  reading.hear('broken', 0);
  expect(read(reading, 1000, 'drone-1')).toEqual(NAMES);
  expect(read(reading, 16_000, 'drone-1')).toEqual([]);
  expect(read(reading, 16_001, 'drone-1')).toEqual(['drone-1']);
  expect(read(reading, 61_001, 'drone-1')).toEqual(NAMES);
});
