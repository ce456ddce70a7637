import { UnusableMessage } from '../../lambda/common/queue-worker';
import { FrameQueue } from '../../on-prem/frame-queue';
import { captureOutput } from '../support/handler-output';

captureOutput();

test('frames are worked off one after the other, in the order in which they came', async () => {
  const done: string[] = [];
  let underWay = 0;
  const queue = new FrameQueue(async (body) => {
    expect(++underWay).toBe(1);
    await Promise.resolve();
    done.push(JSON.parse(body).key);
    underWay--;
  });
  for (const key of ['a', 'b', 'c']) queue.add({ key });
  await queue.idle();
  queue.add({ key: 'd' });
  await queue.idle();
  expect(done).toEqual(['a', 'b', 'c', 'd']);
});

test.each<[string, Error, number]>([
  ['what fails is tried again, and told how often', new Error('busy'), 5],
  ['what is unusable is not', new UnusableMessage('no image'), 1],
])('%s; the next frame has its turn', async (_what, error, times) => {
  const tries: number[] = [];
  const done: string[] = [];
  const queue = new FrameQueue(
    async (body, delivery) => {
      const { key } = JSON.parse(body);
      if (key === 'good') return void done.push(key);
      tries.push(delivery.tries);
      throw error;
    },
    () => 0,
  );
  queue.add({ key: 'bad' });
  queue.add({ key: 'good' });
  await queue.idle();
  expect(tries).toEqual(Array.from({ length: times }, (_, index) => index + 1));
  expect(done).toEqual(['good']);
});

test('when the model is too slow, the oldest frames go', async () => {
  const done: number[] = [];
  let begin: () => void = () => undefined;
  const first = new Promise<void>((resolve) => (begin = resolve));
  const queue = new FrameQueue(async (body) => {
    await first;
    done.push(JSON.parse(body).number);
  });
  for (let number = 0; number < 1010; number++) queue.add({ number });
  begin();
  await queue.idle();
  // The first one was in work, and a thousand waited.
  expect(done).toHaveLength(1001);
  expect(done.slice(0, 2)).toEqual([0, 10]);
});
