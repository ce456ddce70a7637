import fc from 'fast-check';
import { captureOutput } from '../../support/handler-output';
import { LocalDynamoDB } from '../../support/dynamodb';
import { TestPlant } from '../../support/quality-inspector';

captureOutput();
let dynamodb: LocalDynamoDB;
beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());

const THROTTLED = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
const FAULTY = { schemaVersion: '1.0', detections: [{ label: 'scratch', confidence: 99 }] };

/** What goes wrong at a delivery. */
const failure = fc.constantFrom('none', 'model', 'answer', 'broker', 'evidence');

test('whatever fails, and however often an image comes, its line is told at most once and never too late', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ failure, wait: fc.integer({ min: 0, max: 12_000 }) }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 0, max: 25_000 }),
      async (deliveries, age) => {
        const plant = await TestPlant.in(dynamodb);
        const deadline = plant.now - age + 20_000;
        const event = plant.image({ age });
        const outcomes: string[] = [];
        for (const [index, { failure, wait }] of [...deliveries, { failure: 'none', wait: 40_000 }].entries()) {
          plant.answer = () => {
            if (failure === 'model') throw THROTTLED;
            return failure === 'answer' ? 'good' : FAULTY;
          };
          plant.publishFailure = failure === 'broker' ? THROTTLED : undefined;
          plant.bucket.putFailure = failure === 'evidence' ? THROTTLED : undefined;
          const before = plant.published.length;
          outcomes.push(await plant.queue.process(event, index + 1));
          if (plant.published.length > before) expect(plant.now).toBeLessThan(deadline);
          plant.now += wait;
        }
        expect(plant.signals.length).toBeLessThanOrEqual(1);
        // What was told is kept, and says so.
        if (plant.signals.length === 1) expect(plant.records).toMatchObject([{ signal: 'SENT' }]);
        expect(plant.records.length).toBeLessThanOrEqual(1);
        expect(outcomes).not.toContain(undefined);
      },
    ),
    { numRuns: 60 },
  );
});

test('any answer is a verdict or unknown, and any message done or unusable', async () => {
  const plant = await TestPlant.in(dynamodb);
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.json(), fc.string()), async (answer) => {
      plant.answer = () => answer;
      plant.now += 1;
      expect(['done', 'unusable']).toContain(await plant.queue.process(plant.image()));
      expect(['done', 'unusable']).toContain(await plant.queue.process(answer));
    }),
    { numRuns: 100 },
  );
});
