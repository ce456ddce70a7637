import { request } from 'node:https';
import { json } from 'node:stream/consumers';
import {
  AttachThingPrincipalCommand,
  CreateRoleAliasCommand,
  CreateThingCommand,
  IoTClient,
  ListThingsCommand,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { allow, role, startCloud, type Cloud } from './support';

let cloud: Cloud;
let device: Awaited<ReturnType<Cloud['certificate']>>;
let other: typeof device;

beforeAll(async () => {
  cloud = await startCloud();
  cloud.principals.role(role('Device'), []);
  const aliases = { device: 'Device', neighbour: 'Device', gone: 'Gone' };
  for (const [roleAlias, name] of Object.entries(aliases)) {
    const command = new CreateRoleAliasCommand({ roleAlias, roleArn: role(name), credentialDurationSeconds: 900 });
    await cloud.client.send(command);
  }
  device = await cloud.certificate(
    allow('iot:AssumeRoleWithCertificate', 'rolealias/device', 'rolealias/gone', 'rolealias/none'),
  );
  other = await cloud.certificate();
  await cloud.client.send(new CreateThingCommand({ thingName: 'drone-1' }));
  await cloud.client.send(new CreateThingCommand({ thingName: 'drone-2' }));
  await cloud.client.send(new AttachThingPrincipalCommand({ thingName: 'drone-1', principal: device.arn }));
});
afterAll(() => cloud.stop());

/** As curl does. */
function get(alias: string, thingName?: string, tls: object = device.tls): Promise<{ status: number; body: never }> {
  return new Promise((resolve, reject) => {
    const headers = thingName === undefined ? {} : { 'x-amzn-iot-thingname': thingName };
    const url = `https://${cloud.iot.credentialsEndpoint}/role-aliases/${alias}/credentials`;
    const sent = request(url, { ...tls, ca: cloud.iot.caPem, headers, agent: false }, (response) => {
      json(response).then((body) => resolve({ status: response.statusCode!, body: body as never }), reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}

test('a device gets credentials of its role that are good at the gateway, and known to be those of its thing', async () => {
  const { status, body } = await get('device', 'drone-1');
  expect(status).toBe(200);
  const { credentials } = body as { credentials: Record<string, string> };
  expect(Object.keys(credentials).sort()).toEqual(['accessKeyId', 'expiration', 'secretAccessKey', 'sessionToken']);
  expect(credentials.expiration).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  const seconds = (Date.parse(credentials.expiration) - Date.now()) / 1000;
  expect(seconds).toBeGreaterThan(890);
  expect(seconds).toBeLessThanOrEqual(900);
  expect(cloud.principals.find(credentials.accessKeyId)!.principal).toMatchObject({
    thingName: 'drone-1',
    roleArn: role('Device'),
    arn: `arn:aws:sts::111122223333:assumed-role/Device/${device.id}`,
  });
  const { expiration: _, ...keys } = credentials;
  const client = new IoTClient({ ...cloud.admin, credentials: keys as never });
  await client.send(new ListThingsCommand({}));
  client.destroy();
});

test.each([
  ['the name of another thing', 403, 'Invalid thing name passed', () => get('device', 'drone-2')],
  ['the name of no thing', 403, 'Invalid thing name passed', () => get('device', 'drone-9')],
  ['an alias that its policy does not name', 403, 'Access Denied', () => get('neighbour', 'drone-1')],
  ['no policy', 403, 'Access Denied', () => get('device', undefined, other.tls)],
  ['no certificate', 403, 'Certificate is invalid on this endpoint', () => get('device', 'drone-1', {})],
  ['an alias that is none', 404, 'Role alias does not exist', () => get('none', 'drone-1')],
  [
    'an alias whose role is gone',
    400,
    'Unable to assume the role, or the role to assume does not exist',
    () => get('gone', 'drone-1'),
  ],
])('with %s it gets none', async (_, status, message, ask) => {
  expect(await ask()).toEqual({ status, body: { message } });
});

test('with a certificate that was revoked it gets none', async () => {
  const { id: certificateId, tls } = await cloud.certificate(allow('iot:*', '*'));
  expect((await get('device', undefined, tls)).status).toBe(200);
  await cloud.client.send(new UpdateCertificateCommand({ certificateId, newStatus: 'REVOKED' }));
  expect(await get('device', undefined, tls)).toEqual({
    status: 403,
    body: { message: 'Certificate is invalid on this endpoint' },
  });
});
