import { captureOutput } from '../../support/handler-output';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { handle, type Ports } from '../../../lambda/fleet-provisioning/handler';
import { CERTIFICATE_EXPIRES_AT, CERTIFICATE_PEM, FIRST, SECOND } from '../../events/certificate-rotation';
import { hookInput } from '../../events/provisioning-hook';
import { LocalDynamoDB } from '../../support/dynamodb';

captureOutput();
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
    templateName: 'fleet',
    thingNamePrefix: '',
    once: false,
    now: () => Date.parse('2026-11-24T10:00:00.000Z'),
  };
});

/** The entry that the registration makes of this one. */
async function register(before: object, certificatePem: unknown): Promise<Record<string, unknown>> {
  const Item = { serialNumber: 'drone-1', ...before };
  await dynamodb.client.send(new PutCommand({ TableName: ports.tableName, Item }));
  const event = { ...hookInput('drone-1', SECOND), certificatePem };
  expect(await handle(event, ports)).toEqual({ allowProvisioning: true });
  return (await dynamodb.items(ports.tableName))[0];
}

test('it is noted when the certificate expires', async () => {
  expect(await register({}, CERTIFICATE_PEM)).toMatchObject({
    certificateId: SECOND,
    certificateExpiresAt: CERTIFICATE_EXPIRES_AT,
  });
});

test.each([[undefined], [null], [''], ['no certificate'], [7]])(
  'a certificate that reads %j is let in, and has not the expiry of the one before',
  async (pem) => {
    const entry = await register({ certificateId: FIRST, certificateExpiresAt: '2030-01-01T00:00:00.000Z' }, pem);
    expect(entry).toEqual({ serialNumber: 'drone-1', certificateId: SECOND, registeredAt: expect.any(String) });
  },
);

test('a rotation that was going on is over, and its certificates are still to be retired', async () => {
  const certificateIds = new Set([FIRST, SECOND]);
  const rotation = { pendingCertificateId: SECOND, pendingCertificateExpiresAt: CERTIFICATE_EXPIRES_AT };
  const entry = await register({ certificateId: FIRST, certificateIds, ...rotation }, CERTIFICATE_PEM);
  expect(entry).toEqual({
    serialNumber: 'drone-1',
    certificateId: SECOND,
    certificateExpiresAt: CERTIFICATE_EXPIRES_AT,
    certificateIds,
    registeredAt: expect.any(String),
  });
});
