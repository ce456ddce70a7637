import { captureOutput } from '../../support/handler-output';
import {
  AttachPolicyCommand,
  DescribeThingCommand,
  DetachPolicyCommand,
  IoTClient,
  ListThingPrincipalsCommand,
  ResourceNotFoundException as ThingNotFound,
  ThrottlingException,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import {
  DeleteConnectionCommand,
  IoTDataPlaneClient,
  ResourceNotFoundException as ConnectionNotFound,
} from '@aws-sdk/client-iot-data-plane';
import {
  DescribeSignalingChannelCommand,
  DescribeStreamCommand,
  KinesisVideoClient,
  ResourceNotFoundException as MediaNotFound,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-kinesis-video';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { handle, type Ports } from '../../../lambda/device-quarantine/handler';
import { LocalDynamoDB } from '../../support/dynamodb';

const FIRST = 'a'.repeat(64);
const SECOND = 'b'.repeat(64);
const arnOf = (id: string) => `arn:aws:iot:eu-west-1:111122223333:cert/${id}`;
const STREAM = 'arn:aws:kinesisvideo:eu-west-1:111122223333:stream/drone-1/1700000000000';
const CHANNEL = 'arn:aws:kinesisvideo:eu-west-1:111122223333:channel/drone-1/1700000000000';
const notFound = { $metadata: {}, message: 'not found' };

const iot = mockClient(IoTClient);
const iotData = mockClient(IoTDataPlaneClient);
const kinesisVideo = mockClient(KinesisVideoClient);
const written = captureOutput();
let dynamodb: LocalDynamoDB;
let ports: Ports;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  for (const mock of [iot, iotData, kinesisVideo]) mock.reset();
  iot.on(DescribeThingCommand).resolves({ thingTypeName: 'camera', attributes: { serialNumber: 'serial-1' } });
  iot
    .on(ListThingPrincipalsCommand)
    .resolves({ principals: [arnOf(FIRST), 'arn:aws:iot:eu-west-1:111122223333:other/x'], nextToken: 'more' })
    .on(ListThingPrincipalsCommand, { nextToken: 'more' })
    .resolves({ principals: [arnOf(SECOND)] });
  iotData.on(DeleteConnectionCommand).resolves({});
  kinesisVideo.on(DescribeStreamCommand).resolves({ StreamInfo: { StreamARN: STREAM } });
  kinesisVideo.on(DescribeSignalingChannelCommand).resolves({ ChannelInfo: { ChannelARN: CHANNEL } });
  ports = {
    iot: new IoTClient(),
    iotData: new IoTDataPlaneClient(),
    kinesisVideo: new KinesisVideoClient(),
    dynamodb: dynamodb.client,
    tableName: await dynamodb.createTable('serialNumber'),
    quarantinePolicyName: 'quarantine',
    thingTypeName: 'camera',
    cameras: [],
    now: () => Date.parse('2026-11-24T10:00:00Z'),
  };
  await dynamodb.client.send(
    new PutCommand({ TableName: ports.tableName, Item: { serialNumber: 'serial-1', certificateId: FIRST } }),
  );
});

const ORDER = { thingName: 'drone-1', action: 'QUARANTINE', reason: 'stolen' };

test('a device is shut out of everything, and dropped', async () => {
  expect(await handle(ORDER, ports)).toEqual({
    thingName: 'drone-1',
    action: 'QUARANTINE',
    certificates: [FIRST, SECOND],
    media: [STREAM, CHANNEL],
    disconnected: true,
  });
  for (const id of [FIRST, SECOND]) {
    expect(iot).toHaveReceivedCommandWith(AttachPolicyCommand, { policyName: 'quarantine', target: arnOf(id) });
  }
  for (const ResourceARN of [STREAM, CHANNEL]) {
    const Tags = [{ Key: 'cdk-kinesis-video:quarantine', Value: 'true' }];
    expect(kinesisVideo).toHaveReceivedCommandWith(TagResourceCommand, { ResourceARN, Tags });
  }
  expect(iotData).toHaveReceivedCommandWith(DeleteConnectionCommand, { clientId: 'drone-1', preventWillMessage: true });
  expect(iot).not.toHaveReceivedCommand(UpdateCertificateCommand);
  expect(await dynamodb.items(ports.tableName)).toEqual([
    {
      serialNumber: 'serial-1',
      certificateId: FIRST,
      blocked: true,
      blockedReason: 'stolen',
      blockedAt: '2026-11-24T10:00:00.000Z',
    },
  ]);
  expect(written().logs).toContainEqual(expect.objectContaining({ message: 'Quarantine', reason: 'stolen' }));
});

test('registration is blocked before certificates are looked up, or the device could come with another', async () => {
  iot.on(ListThingPrincipalsCommand).rejects(new ThrottlingException(notFound));
  await expect(handle(ORDER, ports)).rejects.toThrow(ThrottlingException);
  expect(await dynamodb.items(ports.tableName)).toMatchObject([{ blocked: true }]);
});

test('release undoes it, and does not drop the connection', async () => {
  await handle(ORDER, ports);
  iot.resetHistory();
  iotData.resetHistory();
  expect(await handle({ ...ORDER, action: 'RELEASE', reason: 'found' }, ports)).toMatchObject({ disconnected: false });
  expect(iot).toHaveReceivedCommandTimes(DetachPolicyCommand, 2);
  expect(iot).not.toHaveReceivedCommand(AttachPolicyCommand);
  expect(kinesisVideo).toHaveReceivedCommandWith(UntagResourceCommand, {
    ResourceARN: STREAM,
    TagKeyList: ['cdk-kinesis-video:quarantine'],
  });
  expect(iotData).not.toHaveReceivedCommand(DeleteConnectionCommand);
  expect(await dynamodb.items(ports.tableName)).toMatchObject([{ blocked: false, blockedReason: 'found' }]);
});

test('revocation also revokes each certificate', async () => {
  await handle({ ...ORDER, action: 'REVOKE' }, ports);
  expect(iot).toHaveReceivedCommandTimes(AttachPolicyCommand, 2);
  for (const certificateId of [FIRST, SECOND]) {
    expect(iot).toHaveReceivedCommandWith(UpdateCertificateCommand, { certificateId, newStatus: 'REVOKED' });
  }
});

test('what is not there is no obstacle: media, connection, entry in the list', async () => {
  kinesisVideo.on(DescribeStreamCommand).rejects(new MediaNotFound(notFound));
  kinesisVideo.on(DescribeSignalingChannelCommand).rejects(new MediaNotFound(notFound));
  iotData.on(DeleteConnectionCommand).rejects(new ConnectionNotFound(notFound));
  ports = { ...ports, tableName: await dynamodb.createTable('serialNumber') };
  expect(await handle(ORDER, ports)).toMatchObject({ media: [], disconnected: false, certificates: [FIRST, SECOND] });
  // An entry would be an admission.
  expect(await dynamodb.items(ports.tableName)).toEqual([]);
});

test('each camera is shut out', async () => {
  await handle(ORDER, { ...ports, cameras: ['front', 'down'] });
  for (const name of ['drone-1.front', 'drone-1.down']) {
    expect(kinesisVideo).toHaveReceivedCommandWith(DescribeStreamCommand, { StreamName: name });
    expect(kinesisVideo).toHaveReceivedCommandWith(DescribeSignalingChannelCommand, { ChannelName: name });
  }
});

test.each([
  ['another type', () => iot.on(DescribeThingCommand).resolves({ thingTypeName: 'kettle' })],
  ['no thing', () => iot.on(DescribeThingCommand).rejects(new ThingNotFound(notFound))],
])('nothing is done to %s', async (_what, given) => {
  given();
  await expect(handle(ORDER, ports)).rejects.toThrow("The fleet has no thing 'drone-1'.");
  expect(iot).not.toHaveReceivedCommand(AttachPolicyCommand);
  expect(kinesisVideo.calls()).toEqual([]);
});

test.each([
  ['no reason', { thingName: 'drone-1', action: 'QUARANTINE' }, /reason/],
  ['an unknown action', { ...ORDER, action: 'BAN' }, /action/],
  ['a wildcard', { ...ORDER, thingName: 'drone-*' }, /thingName/],
  ['a field that is not known', { ...ORDER, force: true }, /force/],
  ['nothing', null, /malformed/],
])('an order with %s is refused, and says why', async (_what, order, message) => {
  await expect(handle(order, ports)).rejects.toThrow(message);
  expect(iot.calls()).toEqual([]);
});
