import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { DeviceIdentity, MediaAuditTrail, ViewingApi } from '../../lib';
import {
  CERTIFICATE_ID,
  keyCall,
  mediaCall,
  objectCall,
  record,
  session,
  streamDeleted,
  user,
} from '../events/cloudtrail';
import { AuditLake } from '../support/audit-lake';
import { CloudModel } from '../support/policy-simulator';
import { testStack } from '../support/template';
import { trinoErrors } from '../support/trino';

const stack = testStack();
const identity = new DeviceIdentity(stack, 'Identity');
const viewing = new ViewingApi(stack, 'Viewing', {
  fleetName: 'delivery',
  identity,
  issuer: { issuerUrl: 'https://login.example.com', audience: ['viewing'] },
});
const detector = new iam.Role(stack, 'Detector', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
new MediaAuditTrail(stack, 'Audit', {
  viewing: [viewing],
  readers: [detector],
  buckets: [new s3.Bucket(stack, 'Frames', { bucketName: 'frames' })],
});
const cloud = CloudModel.of(stack);

const VIEWER = session(cloud.arn('ViewingViewerRole'), 'viewer-7f9c2ba4');
const FUNCTION = session(cloud.arn('ViewingHandlerServiceRole'), 'viewing-api');
const DETECTOR = session(cloud.arn('Detector'), 'detector');
const DEVICE = session('arn:aws:iam::111122223333:role/Device', CERTIFICATE_ID);
const OPERATOR = session('arn:aws:iam::111122223333:role/Operator', 'bob');
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

const RECORDS = [
  mediaCall('ConnectAsViewer', 'drone-1', VIEWER, {
    eventTime: '2026-11-24T10:01:00Z',
    sourceIPAddress: '203.0.113.7',
  }),
  mediaCall('GetHLSStreamingSessionURL', 'drone-1.front', FUNCTION, { eventTime: '2026-11-24T10:02:00Z' }),
  mediaCall('GetMedia', 'drone-1', user('alice'), { eventTime: '2026-11-24T10:03:00Z' }),
  mediaCall('GetClip', 'drone-1', OPERATOR, {
    eventTime: '2026-11-24T10:04:00Z',
    errorCode: 'AccessDeniedException',
    errorMessage: 'User: bob is not authorized to perform: kinesisvideo:GetClip',
  }),
  mediaCall('GetMedia', 'drone-10', DETECTOR, { eventTime: '2026-11-24T10:05:00Z' }),
  mediaCall('GetImages', 'drone-1', user('alice'), { eventTime: '2026-11-26T10:00:00Z' }),
  mediaCall('PutMedia', 'drone-1.front', DEVICE, { eventTime: '2026-11-24T09:00:00Z' }),
  mediaCall('PutMedia', 'drone-1.front', DEVICE, { eventTime: '2026-11-24T09:45:00Z', sourceIPAddress: '203.0.113.9' }),
  mediaCall('PutMedia', 'drone-2', OPERATOR, { eventTime: '2026-11-24T09:50:00Z' }),
  mediaCall('UpdateDataRetention', 'drone-1', OPERATOR, {
    eventTime: '2026-11-24T11:00:00Z',
    eventCategory: 'Management',
    // A request that names its stream in another way than data events do.
    requestParameters: { streamName: 'drone-1', operation: 'DECREASE_DATA_RETENTION', dataRetentionChangeInHours: 23 },
    resources: undefined,
  }),
  streamDeleted(),
  record({ eventName: 'ListStreams', userIdentity: user('alice'), readOnly: true }),
  objectCall('GetObject', 'frames', 'frames/drone-1/1.jpg', FUNCTION),
  objectCall('PutObject', 'frames', 'frames/drone-1/2.jpg', FUNCTION),
  objectCall('GetObject', 'others', 'frames/drone-1/1.jpg', FUNCTION),
  keyCall('Decrypt', KEY, DETECTOR),
  keyCall('Decrypt', KEY, DETECTOR),
  keyCall('DisableKey', KEY, user('alice')),
];

const THAT_DAY = ['2026/11/24', '2026/11/24'];

let lake: AuditLake;
beforeAll(async () => {
  lake = await AuditLake.of(stack, RECORDS);
});
afterAll(() => lake.close());

test('Athena understands all queries, and their descriptions say what stands for the question marks', () => {
  expect(lake.queries.map(({ name }) => name).sort()).toEqual([
    'changes',
    'denied',
    'downloads',
    'key-use',
    'reads-outside-sessions',
    'who-sent',
    'who-watched',
  ]);
  for (const { name, sql, description } of lake.queries) {
    expect({ name, errors: trinoErrors(sql) }).toEqual({ name, errors: [] });
    const marks = sql.split('?').length - 1 - sql.split('(?:').length + 1;
    expect({ name, device: description.includes("`?` 3 is the device, or '*'") }).toEqual({
      name,
      device: marks === 3,
    });
    expect(description.length).toBeLessThanOrEqual(1024);
    // Without days, all that was ever recorded would be read.
    expect(sql).toMatch(/day BETWEEN \? AND \?/);
  }
});

test('what is no SQL is found', () => {
  expect(trinoErrors('SELECT eventtime FROM calls WHERE')).not.toEqual([]);
});

describe('who watched a device', () => {
  test('by name where viewers have sessions, else by the caller', async () => {
    expect(await lake.ask('who-watched', ...THAT_DAY, 'drone-1')).toMatchObject([
      { who: '7f9c2ba4', eventname: 'ConnectAsViewer', media: 'drone-1', sourceipaddress: '203.0.113.7' },
      { who: 'viewing-api', eventname: 'GetHLSStreamingSessionURL', media: 'drone-1.front' },
      { who: 'alice', eventname: 'GetMedia' },
      { who: 'bob', eventname: 'GetClip', errorcode: 'AccessDeniedException' },
    ]);
  });

  test('of all devices, of the days that are asked for', async () => {
    expect(await lake.ask('who-watched', '2026/11/24', '2026/11/26', '*')).toHaveLength(6);
    expect(await lake.ask('who-watched', '2026/11/26', '2026/11/26', '*')).toMatchObject([{ eventname: 'GetImages' }]);
    expect(await lake.ask('who-watched', '2026/11/23', '2026/11/23', '*')).toEqual([]);
  });
});

test('which certificate sent media, and from how many addresses', async () => {
  expect(await lake.ask('who-sent', ...THAT_DAY, '*')).toMatchObject([
    {
      device: 'drone-1',
      media: 'drone-1.front',
      certificate_id: CERTIFICATE_ID,
      calls: '2',
      addresses: '2',
      first_call: '2026-11-24T09:00:00Z',
      last_call: '2026-11-24T09:45:00Z',
    },
    // What isn't named after a certificate is no device.
    { device: 'drone-2', certificate_id: null, caller: OPERATOR.arn },
  ]);
  expect(await lake.ask('who-sent', ...THAT_DAY, 'drone-2')).toHaveLength(1);
});

test('reads outside of sessions are those of nobody who is known to read', async () => {
  expect(await lake.ask('reads-outside-sessions', ...THAT_DAY)).toMatchObject([
    { caller: 'arn:aws:iam::111122223333:user/alice', eventname: 'GetMedia', media: 'drone-1' },
  ]);
});

test('denied attempts come with what AWS said', async () => {
  expect(await lake.ask('denied', ...THAT_DAY)).toMatchObject([
    { caller: OPERATOR.arn, eventname: 'GetClip', errormessage: expect.stringContaining('not authorized') },
  ]);
});

test('changes of streams, whatever way the stream is named', async () => {
  expect(await lake.ask('changes', ...THAT_DAY, 'drone-1')).toMatchObject([
    { eventname: 'DeleteStream', media: 'drone-1' },
    { eventname: 'UpdateDataRetention', requestparameters: expect.stringContaining('DECREASE_DATA_RETENTION') },
  ]);
  expect(await lake.ask('changes', ...THAT_DAY, 'drone-10')).toEqual([]);
});

test('downloads of images and clips, and no uploads nor other buckets', async () => {
  expect(await lake.ask('downloads', ...THAT_DAY)).toMatchObject([
    { eventname: 'GetObject', bucket: 'frames', object_key: 'frames/drone-1/1.jpg', caller: FUNCTION.arn },
  ]);
});

test('use of keys, most frequent first', async () => {
  expect(await lake.ask('key-use', ...THAT_DAY)).toMatchObject([
    { key_arn: KEY, eventname: 'Decrypt', caller: DETECTOR.arn, calls: '2' },
    { eventname: 'DisableKey', calls: '1' },
  ]);
});

test('without viewing and buckets, what asks for them is left out, and the rest works', async () => {
  const alone = testStack();
  new MediaAuditTrail(alone, 'Audit');
  const other = await AuditLake.of(alone, RECORDS);
  expect(other.queries.map(({ name }) => name)).not.toContain('downloads');
  for (const { sql } of other.queries) expect(trinoErrors(sql)).toEqual([]);
  expect(await other.ask('reads-outside-sessions', ...THAT_DAY)).toHaveLength(4);
  expect(await other.ask('who-watched', ...THAT_DAY, 'drone-1')).toMatchObject([
    { who: 'viewer-7f9c2ba4' },
    { who: 'viewing-api' },
    { who: 'alice' },
    { who: 'bob' },
  ]);
  other.close();
});
