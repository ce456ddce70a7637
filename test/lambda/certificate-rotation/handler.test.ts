import { CONTEXT, captureOutput } from '../../support/handler-output';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type * as entry from '../../../lambda/certificate-rotation';
import { handle, type Ports } from '../../../lambda/certificate-rotation/handler';
import { CERTIFICATE_EXPIRES_AT, FIRST, SECOND, THIRD, rotationInput } from '../../events/certificate-rotation';
import { LocalDynamoDB } from '../../support/dynamodb';

const ALLOWED = { allowProvisioning: true };
const DENIED = { allowProvisioning: false };
const NOW = '2026-11-24T10:00:00.000Z';
const HOUR = 3_600_000;

const written = captureOutput();
let dynamodb: LocalDynamoDB;
let ports: Ports;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  ports = {
    dynamodb: dynamodb.client,
    tableName: await dynamodb.createTable('serialNumber'),
    templateName: 'rotation',
    thingNamePrefix: '',
    minimumIntervalHours: 24,
    now: () => Date.parse(NOW),
  };
});

/** An entry as registration leaves it. */
async function registered(more: object = {}): Promise<void> {
  const Item = { serialNumber: 'drone-1', certificateId: FIRST, registeredAt: NOW, ...more };
  await dynamodb.client.send(new PutCommand({ TableName: ports.tableName, Item }));
}

const list = () => dynamodb.items(ports.tableName);
const hoursLater = (hours: number): Ports => ({ ...ports, now: () => Date.parse(NOW) + hours * HOUR });

/** Denied, for this reason, and nothing is written. */
async function expectDenied(event: unknown, reason: string | RegExp, given: Ports = ports): Promise<void> {
  const before = await list();
  expect(await handle(event, given)).toEqual(DENIED);
  expect(await list()).toEqual(before);
  expect(written().logs).toContainEqual(
    expect.objectContaining({
      level: 'WARN',
      message: 'Rotation denied',
      reason: typeof reason === 'string' ? reason : expect.stringMatching(reason),
    }),
  );
}

const good = rotationInput('drone-1', FIRST, SECOND);
const TAKEN = 'the serial number is registered with another certificate';
const TOO_SOON = 'the last rotation was a short while ago';

describe('a device with its present certificate', () => {
  test('gets the next one, which is noted beside the present one and when it expires', async () => {
    await registered({ owner: 'depot' });
    expect(await handle(good, ports)).toEqual(ALLOWED);
    expect(await list()).toEqual([
      {
        serialNumber: 'drone-1',
        owner: 'depot',
        registeredAt: NOW,
        certificateId: FIRST,
        certificateIds: new Set([FIRST, SECOND]),
        pendingCertificateId: SECOND,
        pendingCertificateExpiresAt: CERTIFICATE_EXPIRES_AT,
        rotationStartedAt: NOW,
      },
    ]);
  });

  test('may try again with the same certificate at once, when something after this failed', async () => {
    await registered();
    expect(await handle(good, ports)).toEqual(ALLOWED);
    const before = await list();
    expect(await handle(good, ports)).toEqual(ALLOWED);
    expect(await list()).toEqual(before);
    expect(await handle(good, hoursLater(1))).toEqual(ALLOWED);
  });

  test('gets another one only when the interval is over, and none is forgotten', async () => {
    await registered();
    expect(await handle(good, ports)).toEqual(ALLOWED);
    const another = rotationInput('drone-1', FIRST, THIRD);
    await expectDenied(another, TOO_SOON);
    await expectDenied(another, TOO_SOON, hoursLater(23.9));
    expect(await handle(another, hoursLater(24))).toEqual(ALLOWED);
    expect(await list()).toMatchObject([
      {
        certificateId: FIRST,
        pendingCertificateId: THIRD,
        certificateIds: new Set([FIRST, SECOND, THIRD]),
        rotationStartedAt: '2026-11-25T10:00:00.000Z',
      },
    ]);
  });

  test('waits for the interval after a rotation that has come to its end, too', async () => {
    await registered({ rotationStartedAt: '2026-11-24T09:00:00.000Z' });
    await expectDenied(good, TOO_SOON);
    expect(await handle(good, { ...ports, minimumIntervalHours: 1 })).toEqual(ALLOWED);
  });

  test('gets one of two for which it asks at once', async () => {
    await registered();
    const decisions = await Promise.all(
      [SECOND, THIRD].map((next) => handle(rotationInput('drone-1', FIRST, next), ports)),
    );
    expect(decisions.filter(({ allowProvisioning }) => allowProvisioning)).toHaveLength(1);
  });

  test('has a name with a prefix, if there is one', async () => {
    await registered();
    const prefixed = { ...ports, thingNamePrefix: 'fleet-' };
    await expectDenied(good, 'it is the serial number of another', prefixed);
    expect(await handle({ ...good, clientId: 'fleet-drone-1' }, prefixed)).toEqual(ALLOWED);
  });
});

describe('nobody else', () => {
  test('gets a certificate for a serial number: not another device, whatever it says', async () => {
    await registered();
    await dynamodb.client.send(
      new PutCommand({ TableName: ports.tableName, Item: { serialNumber: 'drone-2', certificateId: THIRD } }),
    );
    const another = rotationInput('drone-1', THIRD, SECOND);
    await expectDenied(another, TAKEN);
    await expectDenied({ ...another, clientId: 'drone-2' }, 'it is the serial number of another');
    expect(await handle(rotationInput('drone-2', THIRD, SECOND), ports)).toEqual(ALLOWED);
  });

  test.each([
    ['a certificate that was replaced', { certificateId: THIRD, certificateIds: new Set([FIRST, THIRD]) }],
    ['the next certificate, before it is the present one', { certificateId: THIRD, pendingCertificateId: FIRST }],
    ['a certificate, where none is registered', { certificateId: undefined }],
    ['a certificate, where none can be meant', { certificateId: null }],
  ])('gets one with %s', async (_what, item) => {
    await dynamodb.client.send(
      new PutCommand({
        TableName: ports.tableName,
        Item: JSON.parse(JSON.stringify({ serialNumber: 'drone-1', ...item })),
      }),
    );
    await expectDenied(good, TAKEN);
  });

  test('gets one whose serial number is not on the list', async () => {
    await expectDenied(good, 'the serial number is not on the allow list');
  });

  test.each([[true], ['true'], [1], [null]])('gets one who is blocked with %j', async (blocked) => {
    await registered({ blocked });
    await expectDenied(good, 'the serial number is blocked');
  });

  test('is blocked who is expressly not', async () => {
    await registered({ blocked: false });
    expect(await handle(good, ports)).toEqual(ALLOWED);
  });
});

describe('a request', () => {
  beforeEach(() => registered());

  test.each<[string, unknown, RegExp]>([
    ['that is not there', undefined, /expected object/],
    ['without the present certificate', { ...good, claimCertificateId: undefined }, /at claimCertificateId/],
    ['whose present certificate has no id', { ...good, claimCertificateId: '' }, /at claimCertificateId/],
    ['without a new certificate', { ...good, certificateId: undefined }, /at certificateId/],
    ['without a serial number', { ...good, parameters: {} }, /at parameters\.SerialNumber/],
    ['with a wildcard', { ...good, clientId: '+', parameters: { SerialNumber: '+' } }, /at parameters\.SerialNumber/],
    ['of a client that has not the name of the thing', { ...good, clientId: 'drone-10' }, /serial number of another/],
    ['of a client with the name in another case', { ...good, clientId: 'Drone-1' }, /serial number of another/],
    ['without the certificate itself', { ...good, certificatePem: undefined }, /can not be read/],
    ['with something that is no certificate', { ...good, certificatePem: 'no certificate' }, /can not be read/],
    [
      'of another template',
      { ...good, templateArn: good.templateArn.replace('rotation', 'fleet') },
      /^the template is another one$/,
    ],
    [
      'of a template whose name ends so',
      { ...good, templateArn: good.templateArn.replace('rotation', 'other-rotation') },
      /^the template is another one$/,
    ],
  ])('%s is denied', async (_what, event, reason) => {
    await expectDenied(event, reason);
  });

  test('is denied when the table does not answer', async () => {
    expect(await handle(good, { ...ports, tableName: 'no-table' })).toEqual(DENIED);
    expect(written().logs).toContainEqual(expect.objectContaining({ reason: 'the allow list did not answer' }));
  });
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
      TEMPLATE_NAME: 'rotation',
      THING_NAME_PREFIX: '',
      MINIMUM_INTERVAL_HOURS: '24',
      ...more,
    };
    let loaded!: typeof entry;
    jest.isolateModules(() => {
      loaded = jest.requireActual('../../../lambda/certificate-rotation');
    });
    return loaded.handler;
  }

  test('lets a certificate in and counts it, and does not write it down', async () => {
    await registered();
    const handler = load();
    expect(await handler(good, CONTEXT)).toEqual(ALLOWED);
    expect(await handler(rotationInput('drone-1', FIRST, THIRD), CONTEXT)).toEqual(DENIED);
    const { logs, metrics } = written();
    expect(metrics).toEqual({ RotationAllowed: [1], RotationDenied: [1] });
    expect(logs).toContainEqual(
      expect.objectContaining({
        message: 'Rotation allowed',
        serialNumber: 'drone-1',
        certificateId: SECOND,
        claimCertificateId: FIRST,
        certificateExpiresAt: CERTIFICATE_EXPIRES_AT,
      }),
    );
    expect(JSON.stringify(logs)).not.toContain('BEGIN CERTIFICATE');
  });

  test.each([
    ['ALLOW_LIST_TABLE', undefined],
    ['TEMPLATE_NAME', undefined],
    ['THING_NAME_PREFIX', undefined],
    ['MINIMUM_INTERVAL_HOURS', '0'],
    ['MINIMUM_INTERVAL_HOURS', 'a day'],
  ])('does not load with %s = %s', (name, value) => {
    expect(() => load({ [name]: value })).toThrow(name);
  });
});
