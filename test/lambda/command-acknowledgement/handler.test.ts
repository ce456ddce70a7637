import { captureOutput } from '../../support/handler-output';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { DeviceRate } from '../../../lambda/common/device-rate';
import { handle, type Ports } from '../../../lambda/command-acknowledgement/handler';
import { ruleOutput } from '../../events/iot-rule';
import { LocalDynamoDB } from '../../support/dynamodb';
import { TestQueue } from '../../support/work-queue';

const written = captureOutput();
// When the messages of tests are sent.
const SENT = 1_795_514_400_000;
const COMMAND = { device: 'drone-1', id: 'c-1', pilot: 'ann', message: '{}', publishedAt: SENT - 180 };
const ACCEPTED = {
  schemaVersion: '1.0',
  id: 'c-1',
  outcome: 'ACCEPTED',
  token: 7,
  receivedAt: '2026-11-24T10:00:00.100Z',
};

let dynamodb: LocalDynamoDB;
let commandTable: string;
let queue: TestQueue;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  commandTable = await dynamodb.createTable('device', 'id');
  queue = makeQueue();
  await dynamodb.client.send(new PutCommand({ TableName: commandTable, Item: COMMAND }));
});

function makeQueue(change: Partial<Ports> = {}): TestQueue {
  const ports: Ports = {
    dynamodb: dynamodb.client,
    commandTable,
    rate: new DeviceRate(20),
    now: () => SENT + 200,
    ...change,
  };
  return new TestQueue((body, delivery) => handle(body, ports, delivery));
}

const acknowledge = (change: object = {}, device = 'drone-1') =>
  queue.process(ruleOutput(device, JSON.stringify({ ...ACCEPTED, ...change })));
const kept = () => dynamodb.items(commandTable);

test('an acknowledgement is kept with its command, and how long it took is told', async () => {
  expect(await acknowledge()).toBe('done');
  expect(await kept()).toEqual([{ ...COMMAND, acknowledgement: ACCEPTED }]);
  const { metrics, units, logs } = written();
  expect(metrics).toEqual({ CommandAccepted: [1], CommandLatency: [180], MessageProcessed: [1] });
  expect(units.CommandLatency).toBe('Milliseconds');
  expect(logs).toEqual([
    expect.objectContaining({ device: 'drone-1', pilot: 'ann', commandId: 'c-1', outcome: 'ACCEPTED', latency: 180 }),
  ]);
});

test('a refusal is kept with its reason', async () => {
  const refused = { outcome: 'REFUSED', reason: 'STALE_TOKEN', detail: 'Newer pilot.', token: 8 };
  expect(await acknowledge(refused)).toBe('done');
  expect(await kept()).toEqual([{ ...COMMAND, acknowledgement: { ...ACCEPTED, ...refused } }]);
  expect(written().metrics).toMatchObject({ CommandRefused: [1] });
});

test('the first acknowledgement stays, and is counted once', async () => {
  await acknowledge();
  expect(await acknowledge()).toBe('done');
  expect(await acknowledge({ outcome: 'REFUSED' })).toBe('done');
  expect(await kept()).toEqual([{ ...COMMAND, acknowledgement: ACCEPTED }]);
  expect(written().metrics).toEqual({ CommandAccepted: [1], CommandLatency: [180], MessageProcessed: [1, 1, 1] });
});

test.each<[what: string, change: object, device: string]>([
  ['no command', { id: 'c-2' }, 'drone-1'],
  ['another device’s command', {}, 'drone-2'],
])('an acknowledgement of %s is counted, and makes none', async (_what, change, device) => {
  expect(await acknowledge(change, device)).toBe('done');
  expect(await kept()).toEqual([COMMAND]);
  expect(written().metrics).toEqual({ AcknowledgementUnknown: [1], MessageProcessed: [1] });
});

test('fields that are not known are accepted, and not kept', async () => {
  expect(await acknowledge({ schemaVersion: '1.3', battery: 71 })).toBe('done');
  expect(await kept()).toEqual([{ ...COMMAND, acknowledgement: { ...ACCEPTED, schemaVersion: '1.3' } }]);
});

test('a clock that is ahead makes no latency below zero', async () => {
  const Item = { ...COMMAND, id: 'c-2', publishedAt: SENT + 50 };
  await dynamodb.client.send(new PutCommand({ TableName: commandTable, Item }));
  await acknowledge({ id: 'c-2' });
  expect(written().metrics.CommandLatency).toEqual([0]);
});

test('a device that floods is limited, and no other one', async () => {
  queue = makeQueue({ rate: new DeviceRate(1) });
  for (let count = 0; count < 5; count++) await acknowledge({ id: `x-${count}` });
  await acknowledge({}, 'drone-2');
  expect(written().metrics).toMatchObject({ MessageLimited: [1, 1, 1], AcknowledgementUnknown: [1, 1, 1] });
});

test.each<[what: string, body: unknown, reason: RegExp]>([
  ['is no JSON', 'ack', /not JSON/],
  ['has a content that is no JSON', ruleOutput('drone-1', 'ack!'), /not JSON/],
  ['is cut off', ruleOutput('drone-1', '{"schemaVersion":"1.0","id":"c-1"'), /not JSON/],
  [
    'is of another version',
    ruleOutput('drone-1', JSON.stringify({ ...ACCEPTED, schemaVersion: '2.0' })),
    /schemaVersion/,
  ],
  ['has no id', ruleOutput('drone-1', JSON.stringify({ ...ACCEPTED, id: undefined })), / at id/],
  ['has another outcome', ruleOutput('drone-1', JSON.stringify({ ...ACCEPTED, outcome: 'DONE' })), / at outcome/],
  ['has another reason', ruleOutput('drone-1', JSON.stringify({ ...ACCEPTED, reason: 'TIRED' })), / at reason/],
  ['has a negative token', ruleOutput('drone-1', JSON.stringify({ ...ACCEPTED, token: -1 })), / at token/],
  ['has no time', ruleOutput('drone-1', JSON.stringify({ ...ACCEPTED, receivedAt: 'now' })), / at receivedAt/],
  ['is of a device that no topic can have', ruleOutput('drone 1', '{}'), / at device/],
])('a message that %s is unusable', async (_what, body, reason) => {
  expect(await queue.process(body)).toBe('unusable');
  expect(queue.reason).toMatch(reason);
  expect(await kept()).toEqual([COMMAND]);
});

test('a message comes again when the table does not answer', async () => {
  queue = makeQueue({ commandTable: 'Missing' });
  expect(await acknowledge()).toBe('failed');
});
