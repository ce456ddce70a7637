import { getEventListeners } from 'node:events';
import { sleep } from '../../console/src/back-off';

test('who waits again and again with one signal leaves nothing at it', async () => {
  const { signal } = new AbortController();
  for (let times = 0; times < 20; times++) await sleep(1, signal);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test.each([
  ['before', true],
  ['meanwhile', false],
])('it is not waited for what ends %s', async (_when, isBefore) => {
  const ending = new AbortController();
  if (isBefore) ending.abort();
  const waiting = sleep(3_600_000, ending.signal);
  ending.abort();
  await waiting;
});
