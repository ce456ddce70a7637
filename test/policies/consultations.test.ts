import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Consultations } from '../../lib';
import { statementsOf, type Stay } from '../../lambda/consultations/sessions';
import { sessionPolicy } from '../../lambda/common/meeting';
import { CloudModel, simulate } from '../support/policy-simulator';
import { testStack } from '../support/template';

const ARN = 'arn:aws:kinesisvideo:eu-west-1:111122223333';
const CHANNEL = `${ARN}:channel/clinic-a-1/1700000000000`;
const STREAM = `${ARN}:stream/clinic-a-1/1700000000000`;
const OURS = { 'aws:ResourceTag/cdk-kinesis-video:fleet': 'clinic' };
const THEIRS = { 'aws:ResourceTag/cdk-kinesis-video:fleet': 'clinic-b' };
const REQUESTED = { 'aws:RequestTag/cdk-kinesis-video:fleet': 'clinic' };
const [HANDLER, CLOSER, PATIENT, CLINICIAN] = [
  'MeetingsHandlerServiceRole',
  'MeetingsCloserServiceRole',
  'MeetingsPatientRole',
  'MeetingsClinicianRole',
];

const stack = testStack();
new kms.Key(stack, 'OtherKey');
new Table(stack, 'Neighbour', { partitionKey: { name: 'id', type: AttributeType.STRING } });
const issuer = { issuerUrl: 'https://login.example.com', audience: ['consultations'] };
new Consultations(stack, 'Meetings', { fleetName: 'clinic', issuer, encryptionKey: new kms.Key(stack, 'ClinicKey') });
const cloud = CloudModel.of(stack);

const kinesisVideo = (name: string) => `kinesisvideo:${name}`;

describe.each([HANDLER, CLOSER])('%s', (principal) => {
  test.each(['DescribeMediaStorageConfiguration', 'UpdateMediaStorageConfiguration'])(
    'may %s, of rooms with the tag of the clinic only',
    async (name) => {
      const request = { principal, action: kinesisVideo(name), resource: CHANNEL };
      await cloud.expectAllowed({ ...request, context: OURS });
      await cloud.expectDenied({ ...request, context: THEIRS });
      await cloud.expectDenied(request);
      await cloud.expectDenied({ ...request, context: OURS, resource: CHANNEL.replace('clinic-', 'drone-') });
    },
  );

  test.each([
    ['DeleteStream', STREAM],
    ['UpdateDataRetention', STREAM],
    ['GetMedia', STREAM],
    ['GetClip', STREAM],
    ['GetHLSStreamingSessionURL', STREAM],
    ['GetMediaForFragmentList', STREAM],
    ['PutMedia', STREAM],
    ['ConnectAsViewer', CHANNEL],
    ['ConnectAsMaster', CHANNEL],
    ['JoinStorageSession', CHANNEL],
  ])('may not %s', async (name, resource) => {
    await cloud.expectDenied({ principal, action: kinesisVideo(name), resource, context: OURS });
    const allowed = { principal, action: kinesisVideo('UpdateMediaStorageConfiguration'), resource: CHANNEL };
    await cloud.expectAllowed({ ...allowed, context: OURS });
  });

  test('reads appointments', async () => {
    const request = { principal, action: 'dynamodb:GetItem' };
    await cloud.expectAllowed({ ...request, resource: 'MeetingsTable' });
    await cloud.expectDenied({ ...request, resource: 'Neighbour' });
    for (const name of ['Scan', 'Query', 'DeleteItem', 'BatchWriteItem', 'DeleteTable']) {
      await cloud.expectDenied({ principal, action: `dynamodb:${name}`, resource: 'MeetingsTable' });
    }
    await cloud.expectAllowed({ principal, action: 'kms:Decrypt', resource: 'ClinicKey' });
    await cloud.expectDenied({ principal, action: 'kms:Decrypt', resource: 'OtherKey' });
  });
});

describe('the function of the API', () => {
  test.each([
    ['CreateSignalingChannel', CHANNEL],
    ['CreateStream', STREAM],
    ['TagResource', CHANNEL],
    ['TagStream', STREAM],
  ])('may %s, with the tag of the clinic', async (name, resource) => {
    const request = { principal: HANDLER, action: kinesisVideo(name), resource };
    await cloud.expectAllowed({ ...request, context: REQUESTED });
    await cloud.expectDenied(request);
    await cloud.expectDenied({ ...request, context: { 'aws:RequestTag/cdk-kinesis-video:fleet': 'clinic-b' } });
    await cloud.expectDenied({ ...request, context: REQUESTED, resource: resource.replace('clinic-', 'drone-') });
    await cloud.expectDenied({ ...request, principal: CLOSER, context: REQUESTED });
  });

  test('does not take what carries the tag of others', async () => {
    const request = { principal: HANDLER, action: kinesisVideo('TagResource'), resource: CHANNEL };
    await cloud.expectAllowed({ ...request, context: { ...REQUESTED, ...OURS } });
    await cloud.expectDenied({ ...request, context: { ...REQUESTED, ...THEIRS } });
  });

  test.each(['DescribeKey', 'GenerateDataKey'])('may %s, of the key that recordings have', async (name) => {
    const request = { principal: HANDLER, action: `kms:${name}` };
    await cloud.expectAllowed({ ...request, resource: 'ClinicKey' });
    await cloud.expectDenied({ ...request, resource: 'OtherKey' });
  });

  test('does not look for rooms, which the function that closes them does', async () => {
    const request = { action: kinesisVideo('ListSignalingChannels'), resource: '*' };
    await cloud.expectAllowed({ ...request, principal: CLOSER });
    await cloud.expectDenied({ ...request, principal: HANDLER });
  });

  test('writes appointments, and closes no rooms', async () => {
    for (const name of ['PutItem', 'UpdateItem']) {
      await cloud.expectAllowed({ principal: HANDLER, action: `dynamodb:${name}`, resource: 'MeetingsTable' });
      await cloud.expectDenied({ principal: CLOSER, action: `dynamodb:${name}`, resource: 'MeetingsTable' });
    }
    const close = { action: kinesisVideo('DeleteSignalingChannel'), resource: CHANNEL };
    await cloud.expectDenied({ ...close, principal: HANDLER, context: OURS });
    await cloud.expectAllowed({ ...close, principal: CLOSER, context: OURS });
    await cloud.expectDenied({ ...close, principal: CLOSER, context: THEIRS });
    await cloud.expectDenied({ ...close, principal: CLOSER });
  });
});

describe.each([
  [PATIENT, 'MASTER', ['ConnectAsMaster', 'JoinStorageSession'], ['ConnectAsViewer', 'JoinStorageSessionAsViewer']],
  [CLINICIAN, 'VIEWER', ['ConnectAsViewer', 'JoinStorageSessionAsViewer'], ['ConnectAsMaster', 'JoinStorageSession']],
] as const)('%s', (principal, role, own, others) => {
  const put = ['DescribeStream', 'GetDataEndpoint', 'PutMedia'];

  test('is one side of a channel of the clinic', async () => {
    for (const name of own) {
      const request = { principal, action: kinesisVideo(name), resource: CHANNEL };
      await cloud.expectAllowed({ ...request, context: OURS });
      await cloud.expectDenied({ ...request, context: THEIRS });
      await cloud.expectDenied(request);
    }
    for (const name of others) {
      await cloud.expectDenied({ principal, action: kinesisVideo(name), resource: CHANNEL, context: OURS });
    }
  });

  test('sends to recordings and reads none', async () => {
    for (const name of put) {
      await cloud.expectAllowed({ principal, action: kinesisVideo(name), resource: STREAM, context: OURS });
      await cloud.expectDenied({ principal, action: kinesisVideo(name), resource: STREAM, context: THEIRS });
    }
    for (const name of ['GetMedia', 'GetClip', 'GetHLSStreamingSessionURL', 'DeleteStream', 'UpdateDataRetention']) {
      await cloud.expectDenied({ principal, action: kinesisVideo(name), resource: STREAM, context: OURS });
    }
    const key = { principal, action: 'kms:GenerateDataKey', resource: 'ClinicKey' };
    await cloud.expectAllowed({ ...key, context: { 'kms:ViaService': 'kinesisvideo.eu-west-1.amazonaws.com' } });
    await cloud.expectDenied({ ...key, context: { 'kms:ViaService': 'dynamodb.eu-west-1.amazonaws.com' } });
    await cloud.expectDenied({
      ...key,
      action: 'kms:Decrypt',
      context: { 'kms:ViaService': 'kinesisvideo.eu-west-1.amazonaws.com' },
    });
  });

  test('is assumed by the function of the API only', async () => {
    const assume = { action: 'sts:AssumeRole', resource: principal };
    await cloud.expectAllowed({ ...assume, principal: HANDLER });
    for (const other of [CLOSER, PATIENT, CLINICIAN, '111122223333', '444455556666', 'lambda.amazonaws.com']) {
      await cloud.expectDenied({ ...assume, principal: other });
    }
  });

  test('with the policy of a session it is in that room only, and until the end only', async () => {
    const stay: Stay = {
      channelArn: CHANNEL,
      streamArn: STREAM,
      role,
      who: 'x',
      until: new Date('2026-11-24T10:35:00Z'),
    };
    const keyArn = cloud.arn('ClinicKey');
    const asking = cloud.asking(principal);
    const outcome = (given: Stay, action: string, arn: string, time: string) => {
      const session = sessionPolicy(statementsOf(given, { keyArn, region: 'eu-west-1' }), given.until) as never;
      const context = { ...OURS, 'aws:CurrentTime': time };
      return simulate({ ...asking, session }, action, { arn, account: '111122223333' }, context);
    };
    const [before, after] = ['2026-11-24T10:34:59Z', '2026-11-24T10:35:00Z'];
    for (const name of own) {
      expect(outcome(stay, kinesisVideo(name), CHANNEL, before)).toBe('Allowed');
      expect(outcome(stay, kinesisVideo(name), CHANNEL, after)).toBe('ImplicitlyDenied');
      expect(outcome(stay, kinesisVideo(name), CHANNEL.replace('a-1', 'a-2'), before)).toBe('ImplicitlyDenied');
    }
    const { streamArn: _, ...unrecorded } = stay;
    expect(outcome(stay, kinesisVideo('PutMedia'), STREAM, before)).toBe('Allowed');
    expect(outcome(unrecorded, kinesisVideo('PutMedia'), STREAM, before)).toBe('ImplicitlyDenied');
    expect(outcome(unrecorded, kinesisVideo(own[1]), CHANNEL, before)).toBe('ImplicitlyDenied');
  });
});

test('the API calls its function, and the schedule the other one', async () => {
  const invoke = { action: 'lambda:InvokeFunction' };
  const [api] = cloud.arn('MeetingsGatewayApi').split('/').slice(-1);
  const from = {
    'aws:SourceArn': `arn:aws:execute-api:eu-west-1:111122223333:${api}/$default/GET/v1/appointments/{id}`,
  };
  const handler = /\/MeetingsHandler[0-9A-F]{8}$/;
  const closer = /\/MeetingsCloser[0-9A-F]{8}$/;
  await cloud.expectAllowed({ ...invoke, principal: 'apigateway.amazonaws.com', resource: handler, context: from });
  await cloud.expectDenied({ ...invoke, principal: 'apigateway.amazonaws.com', resource: closer, context: from });
  await cloud.expectDenied({ ...invoke, principal: 'events.amazonaws.com', resource: handler });
});
