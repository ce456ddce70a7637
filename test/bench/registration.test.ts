import { MEDIA_WITH_IMAGES } from '../../bench/support/media';
import { simulate } from '../../bench/support/simulation';
import { captureOutput } from '../support/handler-output';

captureOutput();

/** Of the bench, which runs seldom: that what it measures still works. */
test.each(['sdk', 'direct'] as const)('a few devices get their media over %s clients', async (clients) => {
  const result = await simulate({
    devices: 10,
    mechanism: { rates: { CreateStream: 48 }, retryMode: 'adaptive', clients },
    configuration: MEDIA_WITH_IMAGES,
    concurrency: 5,
    faultRate: 0,
    seed: 1,
    timeout: 120_000,
    queue: { visibilityTimeout: 720_000, maxReceiveCount: 7 },
    streamCreation: [1000, 3000],
  });
  expect(result).toMatchObject({ lost: 0, surplus: 0, deadLetters: 0 });
  expect(result.operations.CreateStream).toBe(10);
});
