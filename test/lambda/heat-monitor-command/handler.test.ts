import { captureOutput } from '../../support/handler-output';
import fc from 'fast-check';
import { ruleOutput } from '../../events/iot-rule';
import { urlEvent } from '../../events/function-url';
import { LocalDynamoDB } from '../../support/dynamodb';
import { TestPlant } from '../../support/plant';

const FITTER = 'arn:aws:sts::111122223333:assumed-role/Maintenance/fitter';

const written = captureOutput();
let dynamodb: LocalDynamoDB;
let plant: TestPlant;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  plant = await TestPlant.in(dynamodb, [{ name: 'pump', device: 'pump' }], { needsAmbient: false });
});

async function read(times: number, celsius: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    plant.now += 20_000;
    const capturedAt = new Date(plant.now).toISOString();
    const temperatures = [{ asset: 'pump', celsius }];
    await plant.queue.process(
      ruleOutput('pump', JSON.stringify({ schemaVersion: '1.0', id: 'm', capturedAt, temperatures })),
    );
  }
}

/** A pump that became hot, and the id of its alarm, which is that of the work order. */
async function alarm(): Promise<string> {
  await read(31, 40);
  await read(10, 80);
  return plant.orders[0].id;
}

test('an alarm is acknowledged by whoever signs the request', async () => {
  const id = await alarm();
  const { status, content } = await plant.post({ command: 'ACKNOWLEDGE', asset: 'pump', alarm: id }, FITTER);
  expect(status).toBe(200);
  const acknowledged = {
    state: 'ACKNOWLEDGED',
    alarm: { id, reason: 'HOTSPOT', acknowledgedBy: FITTER, acknowledgedAt: new Date(plant.now).toISOString() },
  };
  expect(content).toMatchObject(acknowledged);
  expect((await plant.get('pump')).content).toMatchObject({ ...acknowledged, asset: 'pump', last: { celsius: 80 } });
  expect(written().logs).toContainEqual(
    expect.objectContaining({ message: 'Command', command: 'ACKNOWLEDGE', by: FITTER }),
  );
});

test('the second one who acknowledges is told who was first', async () => {
  const id = await alarm();
  await plant.post({ command: 'ACKNOWLEDGE', asset: 'pump', alarm: id }, FITTER);
  const { status, content } = await plant.post({ command: 'ACKNOWLEDGE', asset: 'pump', alarm: id });
  expect([status, content]).toMatchObject([200, { alarm: { acknowledgedBy: FITTER } }]);
});

test('an alarm is reset once the heat is gone, and a request that comes twice is answered twice', async () => {
  const id = await alarm();
  const reset = { command: 'RESET', asset: 'pump', alarm: id };
  expect(await plant.post(reset)).toMatchObject({ status: 409, content: { detail: expect.stringContaining('ALARM') } });
  await read(10, 40);
  const answers = [await plant.post(reset), await plant.post(reset)];
  for (const answer of answers) expect(answer).toMatchObject({ status: 200, content: { state: 'NORMAL' } });
  expect((await plant.get('pump')).content.alarm).toBeUndefined();
});

test('what is now is declared normal, if that is said of the alarm that there is', async () => {
  const id = await alarm();
  await plant.post({ command: 'ACKNOWLEDGE', asset: 'pump', alarm: id });
  expect(await plant.post({ command: 'COMMISSION', asset: 'pump' })).toMatchObject({ status: 409 });
  expect(await plant.post({ command: 'COMMISSION', asset: 'pump', alarm: id })).toMatchObject({
    status: 200,
    content: { state: 'LEARNING' },
  });
});

test('another alarm than that of the asset is not acknowledged', async () => {
  await alarm();
  const before = await plant.remembered();
  const other = 'plant-1:pump:2026-01-01T00:00:00.000Z';
  for (const command of ['ACKNOWLEDGE', 'RESET']) {
    expect(await plant.post({ command, asset: 'pump', alarm: other })).toMatchObject({ status: 409 });
  }
  expect(await plant.remembered()).toEqual(before);
});

test.each<[string, unknown, number, RegExp]>([
  ['an asset that there is not', { command: 'RESET', asset: 'motor', alarm: 'a' }, 404, /none of the assets/],
  ['no JSON', 'reset', 400, /JSON/],
  ['another command', { command: 'FORGET', asset: 'pump' }, 400, /command/],
  ['no alarm', { command: 'ACKNOWLEDGE', asset: 'pump' }, 400, /alarm/],
  ['a field more', { command: 'COMMISSION', asset: 'pump', force: true }, 400, /force/],
])('%s is refused', async (_what, content, status, detail) => {
  expect(await plant.post(content)).toMatchObject({ status, content: { detail: expect.stringMatching(detail) } });
});

test('of what was never heard nothing is known', async () => {
  expect((await plant.get('pump')).status).toBe(404);
  expect((await plant.get('motor')).status).toBe(404);
  expect((await plant.answer(urlEvent('DELETE'))).status).toBe(405);
});

test('whatever the body is, there is an answer', async () => {
  const order = fc.record({
    command: fc.oneof(fc.constantFrom('ACKNOWLEDGE', 'RESET', 'COMMISSION'), fc.jsonValue()),
    asset: fc.oneof(fc.constant('pump'), fc.jsonValue()),
    alarm: fc.oneof(fc.string(), fc.jsonValue()),
  });
  const body = fc.oneof(
    fc.string(),
    fc.json(),
    order.map((each) => JSON.stringify(each)),
  );
  await fc.assert(
    fc.asyncProperty(body, async (text) => {
      expect([200, 400, 404, 409]).toContain((await plant.post(text)).status);
    }),
  );
});
