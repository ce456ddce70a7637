import { CONTEXT, captureOutput } from '../../support/handler-output';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type * as entry from '../../../lambda/certificate-expiry';
import { handle, type Ports } from '../../../lambda/certificate-expiry/handler';
import { metrics } from '../../../lambda/common/observability';
import { FIRST, SECOND } from '../../events/certificate-rotation';
import { LocalDynamoDB } from '../../support/dynamodb';

const NOW = Date.parse('2026-11-24T10:00:00.000Z');
const DAY = 86_400_000;

const written = captureOutput();
let dynamodb: LocalDynamoDB;
let ports: Ports;
let serialNumbers: number;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  metrics.clearMetrics();
  serialNumbers = 0;
  ports = {
    dynamodb: dynamodb.client,
    tableName: await dynamodb.createTable('serialNumber'),
    warningHours: 30 * 24,
    now: () => NOW,
  };
});

const days = (count: number) => new Date(NOW + count * DAY).toISOString();

async function entries(...items: object[]): Promise<void> {
  for (const item of items) {
    const Item = { serialNumber: `drone-${++serialNumbers}`, certificateId: FIRST, ...item };
    await dynamodb.client.send(new PutCommand({ TableName: ports.tableName, Item }));
  }
}

const expiring = (count: number) => ({ certificateExpiresAt: days(count) });
const pending = (count: number) => ({
  ...expiring(400),
  pendingCertificateId: SECOND,
  rotationStartedAt: days(-count),
});

test('the first certificate that expires, and those within the warning', async () => {
  await entries(expiring(365), expiring(30), expiring(29.9), expiring(12.5));
  expect(await handle(ports)).toEqual({
    certificates: 4,
    daysLeft: 12,
    expiring: 2,
    withoutExpiry: 0,
    rotationsPending: 0,
  });
});

test('the warning is as long as one wishes', async () => {
  await entries(expiring(89), expiring(91));
  expect(await handle(ports)).toMatchObject({ expiring: 0 });
  expect(await handle({ ...ports, warningHours: 90 * 24 })).toMatchObject({ expiring: 1 });
});

test('a certificate that has expired counts below zero', async () => {
  await entries(expiring(-1.5), expiring(100));
  expect(await handle(ports)).toMatchObject({ daysLeft: -2, expiring: 1 });
});

test('certificates of which it is not known, as they were registered long ago, are counted apart', async () => {
  await entries({}, { certificateExpiresAt: null }, { certificateExpiresAt: 'some day' }, expiring(100));
  expect(await handle(ports)).toEqual({
    certificates: 4,
    daysLeft: 100,
    expiring: 0,
    withoutExpiry: 3,
    rotationsPending: 0,
  });
});

test('rotations that do not come to an end within a day', async () => {
  await entries(pending(0.9), pending(1.1), pending(20));
  // One that has come to its end.
  await entries({ ...expiring(400), rotationStartedAt: days(-20) });
  expect(await handle(ports)).toMatchObject({ certificates: 4, rotationsPending: 2 });
});

test.each([
  ['has not registered yet', {}],
  ['is shut out', { certificateId: FIRST, ...pending(5), ...expiring(1), blocked: true }],
  ['is shut out by something that is not false', { certificateId: FIRST, ...expiring(1), blocked: 'no' }],
])('a device that %s does not count', async (_what, item) => {
  await dynamodb.client.send(new PutCommand({ TableName: ports.tableName, Item: { serialNumber: 'other', ...item } }));
  await entries({ ...expiring(50), blocked: false });
  const found = await handle(ports);
  expect(found).toEqual({ certificates: 1, daysLeft: 50, expiring: 0, withoutExpiry: 0, rotationsPending: 0 });
});

test('each page of a list that has several', async () => {
  // A page has a megabyte.
  const note = 'x'.repeat(390_000);
  await entries(...Array.from({ length: 8 }, (_, index) => ({ ...expiring(10 + index), note })));
  const send = jest.spyOn(dynamodb.client, 'send');
  expect(await handle(ports)).toMatchObject({ certificates: 8, daysLeft: 10, expiring: 8 });
  expect(send.mock.calls.length).toBeGreaterThan(2);
  send.mockRestore();
});

test('nothing is said when a page is missing: it would be half the truth', async () => {
  await expect(handle({ ...ports, tableName: 'no-table' })).rejects.toThrow('not found');
  metrics.publishStoredMetrics();
  expect(written().metrics).toEqual({});
});

describe('the function as it is deployed', () => {
  const before = process.env;

  afterEach(() => {
    process.env = before;
  });

  function load(more: NodeJS.ProcessEnv = {}) {
    process.env = {
      ...before,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'key',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
      ALLOW_LIST_TABLE: ports.tableName,
      EXPIRY_WARNING_HOURS: '720',
      ...more,
    };
    let loaded!: typeof entry;
    jest.isolateModules(() => {
      loaded = jest.requireActual('../../../lambda/certificate-expiry');
    });
    return loaded.handler;
  }

  test('says what it has found as metrics', async () => {
    const inDays = (count: number) => ({ certificateExpiresAt: new Date(Date.now() + count * DAY).toISOString() });
    await entries(inDays(12.5), inDays(100), {});
    await load()({}, CONTEXT);
    expect(written().metrics).toEqual({
      CertificateDaysLeft: [12],
      CertificatesExpiring: [1],
      CertificatesWithoutExpiry: [1],
      CertificateRotationsPending: [0],
    });
  });

  test('says nothing of days where no certificate is, but that none expires', async () => {
    await load()({}, CONTEXT);
    expect(written().metrics).toEqual({
      CertificatesExpiring: [0],
      CertificatesWithoutExpiry: [0],
      CertificateRotationsPending: [0],
    });
  });

  test.each([
    ['ALLOW_LIST_TABLE', undefined],
    ['EXPIRY_WARNING_HOURS', '0'],
    ['EXPIRY_WARNING_HOURS', 'a month'],
  ])('does not load with %s = %s', (name, value) => {
    expect(() => load({ [name]: value })).toThrow(name);
  });
});
