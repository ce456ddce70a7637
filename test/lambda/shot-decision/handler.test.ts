import { captureOutput } from '../../support/handler-output';
import fc from 'fast-check';
import { urlEvent } from '../../events/function-url';
import { TestCity } from '../../support/city';
import { LocalDynamoDB } from '../../support/dynamodb';
import { heard, sensorsOf } from '../../support/shots';

const OPERATOR = 'arn:aws:sts::111122223333:assumed-role/Operators/operator-1';
const HEARINGS = heard({ x: 520, y: 610, time: 0 }, sensorsOf(7), () => 0);

const written = captureOutput();
let dynamodb: LocalDynamoDB;
let city: TestCity;
let incident: string;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  city = await TestCity.in(dynamodb, { confirmation: { withinSeconds: 60, otherwise: 'DISPATCH' } });
  await city.hear(HEARINGS);
  city.now += 6000;
  await city.decide();
  incident = JSON.parse(city.due.at(-1)!.body).id;
});

test('whoever signs decides that it is dispatched, and nobody else is called', async () => {
  expect(await city.post({ incident, decision: 'DISPATCH' }, OPERATOR)).toMatchObject({
    status: 200,
    content: { status: 'APPROVED', decision: { by: OPERATOR } },
  });
  const { body, seconds } = city.due.at(-1)!;
  expect([JSON.parse(body), seconds]).toEqual([{ kind: 'INCIDENT', id: incident }, undefined]);
  await city.queue.process(body);
  expect(city.dispatched).toEqual([
    expect.objectContaining({ id: incident, decision: expect.objectContaining({ by: OPERATOR }) }),
  ]);
  expect(await city.acknowledged()).toEqual([expect.objectContaining({ detectionId: incident, principal: OPERATOR })]);
  expect(written().logs).toContainEqual(expect.objectContaining({ message: 'Decision', by: OPERATOR }));
});

test('a request that comes twice, and the deadline after it, dispatch once', async () => {
  const deadline = city.due.at(-1)!.body;
  for (let time = 0; time < 2; time++) {
    expect(await city.post({ incident, decision: 'DISPATCH' }, OPERATOR)).toMatchObject({ status: 200 });
    await city.queue.process(city.due.at(-1)!.body);
  }
  city.now += 60_000;
  await city.queue.process(deadline);
  expect(city.dispatched).toHaveLength(1);
});

test('what is dismissed is never dispatched, and can not be taken back', async () => {
  const deadline = city.due.at(-1)!.body;
  expect(await city.post({ incident, decision: 'DISMISS' })).toMatchObject({ content: { status: 'DISMISSED' } });
  expect(await city.post({ incident, decision: 'DISPATCH' })).toMatchObject({ status: 409 });
  city.now += 60_000;
  await city.queue.process(deadline);
  expect(city.dispatched).toEqual([]);
});

test('it can be looked up', async () => {
  const { status, content } = await city.answer(urlEvent('GET', { query: { incident } }));
  expect([status, content]).toMatchObject([200, { id: incident, status: 'PENDING', method: 'MULTILATERATION' }]);
  expect(content.decision).toBeUndefined();
  for (const other of ['sensor-1:none', 'scene']) {
    expect((await city.answer(urlEvent('GET', { query: { incident: other } }))).status).toBe(404);
    expect((await city.post({ incident: other, decision: 'DISPATCH' })).status).toBe(404);
  }
  expect((await city.answer(urlEvent('PUT'))).status).toBe(405);
});

test('whatever the body is, there is an answer', async () => {
  const order = fc.record({ incident: fc.jsonValue(), decision: fc.oneof(fc.constant('DISPATCH'), fc.jsonValue()) });
  const body = fc.oneof(
    fc.string(),
    fc.json(),
    order.map((each) => JSON.stringify(each)),
  );
  await fc.assert(
    fc.asyncProperty(body, async (text) => {
      expect([400, 404]).toContain((await city.post(text)).status);
    }),
  );
});
