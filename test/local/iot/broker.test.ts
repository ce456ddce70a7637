import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreatePolicyCommand,
  CreateThingCommand,
  DetachThingPrincipalCommand,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { DeleteConnectionCommand, IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { allow, ARN, closed, hear, startCloud, until, type Cloud } from './support';

const DEVICE = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 'iot:Connect',
      Resource: `${ARN}:client/\${iot:Connection.Thing.ThingName}`,
      Condition: { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } },
    },
    {
      Effect: 'Allow',
      Action: 'iot:Publish',
      Resource: `${ARN}:topic/devices/\${iot:Connection.Thing.ThingName}/detections`,
    },
    {
      Effect: 'Allow',
      Action: 'iot:Subscribe',
      Resource: `${ARN}:topicfilter/devices/\${iot:Connection.Thing.ThingName}/commands`,
    },
    {
      Effect: 'Allow',
      Action: 'iot:Receive',
      Resource: `${ARN}:topic/devices/\${iot:Connection.Thing.ThingName}/commands`,
    },
  ],
};
const EVERYTHING = allow('iot:*', '*');

let cloud: Cloud;
let data: IoTDataPlaneClient;

/** A thing of that name, and its certificate. */
async function thing(thingName: string) {
  const certificate = await cloud.certificate(DEVICE);
  await cloud.client.send(new CreateThingCommand({ thingName }));
  await cloud.client.send(new AttachThingPrincipalCommand({ thingName, principal: certificate.arn }));
  return certificate;
}

beforeAll(async () => {
  cloud = await startCloud();
  data = new IoTDataPlaneClient(cloud.admin);
});

afterAll(async () => {
  data.destroy();
  await cloud.stop();
});

describe('who is let in', () => {
  test('a thing by its certificate, with its name as the client id', async () => {
    const { tls } = await thing('in-1');
    await cloud.connect({ ...tls, clientId: 'in-1' });
    expect(cloud.iot.clients()).toContain('in-1');
  });

  test.each([
    ['with the name of another thing', 'in-2-other'],
    ['with a name that no thing has', 'in-2-none'],
  ])('not a thing %s', async (_, clientId) => {
    const { tls } = await thing(`${clientId}-own`);
    await cloud.client.send(new CreateThingCommand({ thingName: 'in-2-other' }));
    await expect(cloud.connect({ ...tls, clientId })).rejects.toThrow(/Not authorized/);
  });

  test('not a certificate that is no longer attached to its thing', async () => {
    const { arn: principal, tls } = await thing('in-3');
    await cloud.client.send(new DetachThingPrincipalCommand({ thingName: 'in-3', principal }));
    await expect(cloud.connect({ ...tls, clientId: 'in-3' })).rejects.toThrow(/Not authorized/);
  });

  test('not an inactive certificate, whose connections end too', async () => {
    const { id: certificateId, tls } = await thing('in-4');
    const client = await cloud.connect({ ...tls, clientId: 'in-4' });
    await cloud.client.send(new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }));
    await closed(client);
    await expect(cloud.connect({ ...tls, clientId: 'in-4' })).rejects.toThrow(/Not authorized/);
    await cloud.client.send(new UpdateCertificateCommand({ certificateId, newStatus: 'ACTIVE' }));
    await cloud.connect({ ...tls, clientId: 'in-4' });
  });

  test('not without a certificate, or with one of somebody else', async () => {
    await expect(cloud.connect({ clientId: 'in-5' })).rejects.toThrow(/Not authorized/);
    const other = await startCloud();
    const { tls } = await other.certificate(EVERYTHING);
    await other.stop();
    await expect(cloud.connect({ ...tls, clientId: 'in-5' })).rejects.toThrow(/Not authorized/);
  });

  test.each([
    ['without a client id', ''],
    ['with one of more than 128 bytes', 'x'.repeat(129)],
  ])('not %s', async (_, clientId) => {
    const { tls } = await cloud.certificate(EVERYTHING);
    await expect(cloud.connect({ ...tls, clientId })).rejects.toThrow(/closed|ECONNRESET/);
  });

  test('a second connection with the same client id ends the first one', async () => {
    const { tls } = await thing('in-6');
    const first = await cloud.connect({ ...tls, clientId: 'in-6' });
    const second = await cloud.connect({ ...tls, clientId: 'in-6' });
    await closed(first);
    expect(second.connected).toBe(true);
  });
});

describe('what they may do', () => {
  test('a device hears of what is published to it, and no other', async () => {
    const [one, other] = [await thing('do-1'), await thing('do-1-other')];
    const client = await cloud.connect({ ...one.tls, clientId: 'do-1' });
    const neighbour = await cloud.connect({ ...other.tls, clientId: 'do-1-other' });
    const [heard, overheard] = [hear(client), hear(neighbour)];
    await client.subscribeAsync('devices/do-1/commands', { qos: 1 });
    await neighbour.subscribeAsync('devices/do-1-other/commands', { qos: 1 });
    await expect(neighbour.subscribeAsync('devices/do-1/commands')).rejects.toThrow(/Unspecified error/);
    await data.send(new PublishCommand({ topic: 'devices/do-1/commands', qos: 1, payload: Buffer.from('go') }));
    await until(() => heard.length === 1);
    expect(heard).toEqual([{ topic: 'devices/do-1/commands', payload: 'go' }]);
    expect(overheard).toEqual([]);
  });

  test('who publishes what it may not is disconnected, and nobody hears it', async () => {
    const listener = await cloud.connect({ ...(await cloud.certificate(EVERYTHING)).tls, clientId: 'do-2-all' });
    const heard = hear(listener);
    await listener.subscribeAsync('devices/#');
    const client = await cloud.connect({ ...(await thing('do-2')).tls, clientId: 'do-2' });
    await client.publishAsync('devices/do-2/detections', 'mine', { qos: 1 });
    client.publish('devices/do-1/detections', 'not mine');
    await closed(client);
    await until(() => heard.length > 0);
    expect(heard).toEqual([{ topic: 'devices/do-2/detections', payload: 'mine' }]);
  });

  test('a policy counts from when it is attached: a quarantine for what comes next', async () => {
    const { arn: target, tls } = await thing('do-3');
    const client = await cloud.connect({ ...tls, clientId: 'do-3' });
    await client.publishAsync('devices/do-3/detections', '{}', { qos: 1 });
    const policyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Deny', Action: 'iot:*', Resource: '*' }],
    });
    await cloud.client.send(new CreatePolicyCommand({ policyName: 'quarantine', policyDocument }));
    await cloud.client.send(new AttachPolicyCommand({ policyName: 'quarantine', target }));
    expect(client.connected).toBe(true);
    client.publish('devices/do-3/detections', '{}');
    await closed(client);
    await expect(cloud.connect({ ...tls, clientId: 'do-3' })).rejects.toThrow(/Not authorized/);
  });

  test.each([
    ['more than 128 KB', 'devices/all/big', Buffer.alloc(128 * 1024 + 1), {}],
    ['to more than eight levels', 'a/b/c/d/e/f/g/h/i', Buffer.from('x'), {}],
    ['to a topic that is AWS’s', '$aws/events/thing/x/created', Buffer.from('x'), {}],
    ['with QoS 2, which AWS IoT has not', 'devices/all/twice', Buffer.from('x'), { qos: 2 as const }],
  ])('nobody publishes %s', async (_, topic, payload, options) => {
    const { tls } = await cloud.certificate(EVERYTHING);
    const client = await cloud.connect({ ...tls, clientId: 'do-4' });
    client.publish(topic, payload, options);
    await closed(client);
  });

  test('128 KB, eight levels and eight filters at once are within limits, and nine filters aren’t', async () => {
    const { tls } = await cloud.certificate(EVERYTHING);
    const client = await cloud.connect({ ...tls, clientId: 'do-5' });
    const heard = hear(client);
    await client.subscribeAsync(['a/b/c/d/e/f/g/h', ...[...'1234567'].map((letter) => `do-5/${letter}`)]);
    await client.publishAsync('a/b/c/d/e/f/g/h', Buffer.alloc(128 * 1024, 'x'), { qos: 1 });
    await until(() => heard.length === 1);
    client.subscribe([...'123456789'].map((letter) => `do-5/more/${letter}`));
    await closed(client);
  });

  test('wildcards at the start aren’t meant for AWS’s own topics', async () => {
    const { tls } = await cloud.certificate(EVERYTHING);
    const client = await cloud.connect({ ...tls, clientId: 'do-6' });
    const heard = hear(client);
    await client.subscribeAsync(['#', '+/rules/#', 'do-6']);
    await client.publishAsync('$aws/rules/some_rule/do-6', 'past the broker', { qos: 1 });
    await client.publishAsync('do-6', 'last', { qos: 1 });
    await until(() => heard.some(({ payload }) => payload === 'last'));
    expect(heard.map(({ payload }) => payload)).not.toContain('past the broker');
  });

  test('who may not retain is disconnected; what is retained is there for whoever comes later', async () => {
    const mine = [allow('iot:Connect', 'client/*'), allow(['iot:Publish'], 'topic/do-7')];
    const client = await cloud.connect({ ...(await cloud.certificate(...mine)).tls, clientId: 'do-7' });
    client.publish('do-7', 'state', { retain: true });
    await closed(client);
    const keeper = await cloud.connect({ ...(await cloud.certificate(EVERYTHING)).tls, clientId: 'do-7' });
    await keeper.publishAsync('do-7', 'kept', { retain: true, qos: 1 });
    const heard = hear(keeper);
    await keeper.subscribeAsync('do-7');
    await until(() => heard.length === 1);
    expect(heard[0].payload).toBe('kept');
  });
});

describe('connections that end', () => {
  test('by the network: the last will is published, and a session goes on with what came meanwhile', async () => {
    const { tls } = await cloud.certificate(EVERYTHING);
    const watcher = await cloud.connect({ ...tls, clientId: 'end-1-watcher' });
    const heard = hear(watcher);
    await watcher.subscribeAsync('end-1/will');
    const session = { ...tls, clientId: 'end-1', clean: false };
    const will = { topic: 'end-1/will', payload: Buffer.from('gone'), qos: 1 as const, retain: false };
    const client = await cloud.connect({ ...session, will });
    await client.subscribeAsync('end-1/commands', { qos: 1 });
    expect(cloud.iot.drop('end-1')).toBe(true);
    await closed(client);
    await until(() => heard.length === 1);
    expect(cloud.iot.drop('end-1')).toBe(false);

    const publish = (text: string, messageExpiry?: number) =>
      data.send(new PublishCommand({ topic: 'end-1/commands', qos: 1, payload: Buffer.from(text), messageExpiry }));
    await publish('too old by then', 1);
    await publish('for later');
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const again = await cloud.connect(session);
    const late = hear(again);
    await until(() => late.length > 0);
    await publish('last');
    await until(() => late.some(({ payload }) => payload === 'last'));
    expect(late.map(({ payload }) => payload)).toEqual(['for later', 'last']);
  });

  test('by the data plane, which knows who is connected, without a last will if it is told so', async () => {
    const { tls } = await cloud.certificate(EVERYTHING);
    const watcher = await cloud.connect({ ...tls, clientId: 'end-2-watcher' });
    const heard = hear(watcher);
    await watcher.subscribeAsync('end-2/#');
    const will = { topic: 'end-2/will', payload: Buffer.from('gone'), qos: 1 as const, retain: false };
    const client = await cloud.connect({ ...tls, clientId: 'end-2', will });
    await data.send(new DeleteConnectionCommand({ clientId: 'end-2', preventWillMessage: true }));
    await closed(client);
    await watcher.publishAsync('end-2/last', 'last', { qos: 1 });
    await until(() => heard.length > 0);
    expect(heard.map(({ payload }) => payload)).toEqual(['last']);
    await expect(data.send(new DeleteConnectionCommand({ clientId: 'end-2' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});

test.each([
  ['InvalidRequestException', { topic: 'with/+/wildcard' }],
  ['InvalidRequestException', { topic: '$aws/events/thing/x/created' }],
  ['RequestEntityTooLargeException', { topic: 'big', payload: Buffer.alloc(128 * 1024 + 1) }],
])('the data plane refuses with %s', async (name, request) => {
  await expect(data.send(new PublishCommand(request))).rejects.toMatchObject({ name });
});
