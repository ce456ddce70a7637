import type { Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import {
  AlertAcknowledgements,
  AlertFeed,
  AlertTopic,
  DeviceIdentity,
  Takeover,
  ViewingApi,
  type ViewingApiProps,
} from '../../lib';
import { CloudModel } from '../support/policy-simulator';
import { testStack } from '../support/template';

const STREAM = 'arn:aws:kinesisvideo:eu-west-1:111122223333:stream/drone-1/1700000000000';
const CHANNEL = 'arn:aws:kinesisvideo:eu-west-1:111122223333:channel/drone-1/1700000000000';
const IOT = 'arn:aws:iot:eu-west-1:111122223333';

const HANDLER = 'ViewingHandlerServiceRole';
const VIEWER = 'ViewingViewerRole';

function viewingIn(stack: Stack, props: Partial<ViewingApiProps> = {}, signaling = true): ViewingApi {
  const encryptionKey = new kms.Key(stack, 'StreamKey');
  new kms.Key(stack, 'OtherKey');
  const identity = new DeviceIdentity(stack, 'Identity', { encryptionKey, signaling });
  const issuer = { issuerUrl: 'https://login.example.com', audience: ['viewing'] };
  return new ViewingApi(stack, 'Viewing', { fleetName: 'delivery', identity, issuer, ...props });
}

const stack = testStack();
viewingIn(stack, {
  encryptionKey: new kms.Key(stack, 'ClipKey'),
  authorizer: new lambda.Function(stack, 'Authorizer', {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = () => undefined'),
  }),
});
const cloud = CloudModel.of(stack);
const clips = cloud.arn('ViewingClips');

const ofFleet = (fleet: string) => ({ 'aws:ResourceTag/cdk-kinesis-video:fleet': fleet });

/** Allowed for what carries the tag of the fleet, and for nothing else. */
async function expectForFleetOnly(request: { principal: string; action: string; resource: string }): Promise<void> {
  await cloud.expectAllowed({ ...request, context: ofFleet('delivery') });
  await cloud.expectDenied({ ...request, context: ofFleet('delivery2') });
  await cloud.expectDenied(request);
}

describe('the function', () => {
  test.each([
    'DescribeStream',
    'GetClip',
    'GetDASHStreamingSessionURL',
    'GetDataEndpoint',
    'GetHLSStreamingSessionURL',
    'GetImages',
    'ListFragments',
  ])('may %s, of streams of its fleet', async (name) => {
    const request = { principal: HANDLER, action: `kinesisvideo:${name}`, resource: STREAM };
    await expectForFleetOnly(request);
    await cloud.expectDenied({ ...request, principal: VIEWER, context: ofFleet('delivery') });
  });

  test('finds channels of its fleet', async () => {
    await expectForFleetOnly({
      principal: HANDLER,
      action: 'kinesisvideo:DescribeSignalingChannel',
      resource: CHANNEL,
    });
  });

  test.each([
    ['PutMedia', STREAM],
    ['GetMedia', STREAM],
    ['GetMediaForFragmentList', STREAM],
    ['DeleteStream', STREAM],
    ['TagStream', STREAM],
    ['UpdateStream', STREAM],
    ['ConnectAsViewer', CHANNEL],
    ['ConnectAsMaster', CHANNEL],
    ['GetIceServerConfig', CHANNEL],
    ['GetSignalingChannelEndpoint', CHANNEL],
  ])('may not %s', async (name, resource) => {
    const request = { principal: HANDLER, context: ofFleet('delivery') };
    await cloud.expectDenied({ ...request, action: `kinesisvideo:${name}`, resource });
    await cloud.expectAllowed({ ...request, action: 'kinesisvideo:GetDataEndpoint', resource: STREAM });
  });

  test('reads the registry, and changes nothing', async () => {
    await cloud.expectAllowed({ principal: HANDLER, action: 'iot:ListThings', resource: '*' });
    for (const [action, resource] of [
      ['iot:DescribeThing', `${IOT}:thing/drone-1`],
      ['iot:ListThingGroupsForThing', `${IOT}:thing/drone-1`],
      ['iot:ListThingsInThingGroup', `${IOT}:thinggroup/north`],
    ]) {
      await cloud.expectAllowed({ principal: HANDLER, action, resource });
      await cloud.expectDenied({ principal: VIEWER, action, resource });
    }
    for (const action of ['iot:UpdateThing', 'iot:DeleteThing', 'iot:AddThingToThingGroup']) {
      await cloud.expectDenied({ principal: HANDLER, action, resource: `${IOT}:thing/drone-1` });
    }
  });

  test('decrypts what streams hold, through Kinesis Video Streams', async () => {
    const request = { principal: HANDLER, action: 'kms:Decrypt', resource: 'StreamKey' };
    const via = (service: string) => ({ 'kms:ViaService': `${service}.eu-west-1.amazonaws.com` });
    await cloud.expectAllowed({ ...request, context: via('kinesisvideo') });
    await cloud.expectDenied({ ...request, context: via('s3') });
    await cloud.expectDenied(request);
    await cloud.expectDenied({ ...request, resource: 'OtherKey', context: via('kinesisvideo') });
    await cloud.expectDenied({ ...request, action: 'kms:GenerateDataKey', context: via('kinesisvideo') });
  });

  test.each(['s3:PutObject', 's3:GetObject', 's3:AbortMultipartUpload'])('may %s of clips', async (action) => {
    await cloud.expectAllowed({ principal: HANDLER, action, resource: `${clips}/clips/drone-1/1.mp4` });
    await cloud.expectDenied({ principal: HANDLER, action, resource: `${clips}/other/drone-1/1.mp4` });
    await cloud.expectDenied({ principal: VIEWER, action, resource: `${clips}/clips/drone-1/1.mp4` });
  });

  test('lists and deletes no clips', async () => {
    const clip = `${clips}/clips/drone-1/1.mp4`;
    await cloud.expectAllowed({ principal: HANDLER, action: 's3:GetObject', resource: clip });
    await cloud.expectDenied({ principal: HANDLER, action: 's3:DeleteObject', resource: clip });
    await cloud.expectDenied({ principal: HANDLER, action: 's3:ListBucket', resource: clips });
  });

  test.each(['kms:Decrypt', 'kms:GenerateDataKey'])('may %s with the key of clips', async (action) => {
    await cloud.expectAllowed({ principal: HANDLER, action, resource: 'ClipKey' });
    await cloud.expectDenied({ principal: HANDLER, action, resource: 'OtherKey' });
    await cloud.expectDenied({ principal: VIEWER, action, resource: 'ClipKey' });
  });

  test('asks the authorizer, and calls no other function', async () => {
    const invoke = { principal: HANDLER, action: 'lambda:InvokeFunction' };
    await cloud.expectAllowed({ ...invoke, resource: /\/Authorizer[0-9A-F]{8}$/ });
    await cloud.expectDenied({ ...invoke, resource: /\/ViewingHandler[0-9A-F]{8}$/ });
  });
});

describe('with control, alerts and acknowledgements', () => {
  const whole = testStack();
  const key = (id: string) => new kms.Key(whole, id);
  const identity = new DeviceIdentity(whole, 'Identity');
  const issuer = { issuerUrl: 'https://login.example.com', audience: ['viewing'] };
  const parts = {
    takeover: new Takeover(whole, 'Takeover', { fleetName: 'delivery', identity, encryptionKey: key('LeaseKey') }),
    alerts: new AlertFeed(whole, 'Feed', {
      alerts: new AlertTopic(whole, 'Alerts'),
      identity,
      encryptionKey: key('FeedKey'),
    }),
    acknowledgements: new AlertAcknowledgements(whole, 'Acknowledgements', { encryptionKey: key('NoteKey') }),
  };
  new ViewingApi(whole, 'Viewing', { fleetName: 'delivery', identity, issuer, ...parts });
  // One that shows alerts only, and one that has nothing of all this.
  const { alerts } = parts;
  new ViewingApi(whole, 'Showing', { fleetName: 'delivery', identity, issuer, alerts });
  new ViewingApi(whole, 'Plain', { fleetName: 'delivery', identity, issuer });
  const model = CloudModel.of(whole);
  const [SHOWING, PLAIN] = ['ShowingHandlerServiceRole', 'PlainHandlerServiceRole'];

  test('the function asks Takeover, and calls no other function', async () => {
    const invoke = { principal: HANDLER, action: 'lambda:InvokeFunction' };
    const takeover = /\/TakeoverHandler[0-9A-F]{8}$/;
    await model.expectAllowed({ ...invoke, resource: takeover });
    for (const name of ['TakeoverAcknowledgementHandler', 'FeedHandler', 'AcknowledgementsHandler', 'ViewingHandler']) {
      await model.expectDenied({ ...invoke, resource: new RegExp(`/${name}[0-9A-F]{8}$`) });
    }
    await model.expectDenied({ ...invoke, principal: SHOWING, resource: takeover });
    await model.expectDenied({ ...invoke, principal: PLAIN, resource: takeover });
    await model.expectDenied({ ...invoke, principal: VIEWER, resource: takeover });
  });

  test('it has no lease and sends no command by itself', async () => {
    const { leaseTable, commandTable } = parts.takeover;
    for (const id of [leaseTable, commandTable].map((table) => whole.getLogicalId(table.node.defaultChild as never))) {
      for (const action of ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem']) {
        await model.expectDenied({ principal: HANDLER, action, resource: model.arn(id) });
      }
      const request = { action: 'dynamodb:PutItem', resource: model.arn(id) };
      await model.expectAllowed({ ...request, principal: 'TakeoverHandlerServiceRole' });
    }
    const publish = { action: 'iot:Publish', resource: `${IOT}:topic/devices/drone-1/commands` };
    await model.expectDenied({ ...publish, principal: HANDLER });
    await model.expectAllowed({ ...publish, principal: 'TakeoverHandlerServiceRole' });
  });

  test('it reads alerts, and changes none', async () => {
    const resource = model.arn('FeedTable');
    await model.expectAllowed({ principal: HANDLER, action: 'dynamodb:Query', resource });
    await model.expectAllowed({ principal: HANDLER, action: 'dynamodb:GetItem', resource });
    await model.expectAllowed({ principal: HANDLER, action: 'kms:Decrypt', resource: 'FeedKey' });
    for (const action of ['PutItem', 'UpdateItem', 'DeleteItem', 'Scan', 'BatchWriteItem']) {
      await model.expectDenied({ principal: HANDLER, action: `dynamodb:${action}`, resource });
    }
    await model.expectDenied({ principal: HANDLER, action: 'kms:GenerateDataKey', resource: 'FeedKey' });
    await model.expectDenied({ principal: PLAIN, action: 'dynamodb:Query', resource });
    await model.expectDenied({ principal: PLAIN, action: 'kms:Decrypt', resource: 'FeedKey' });
  });

  test('it acknowledges, and takes no acknowledgement back', async () => {
    const resource = model.arn('AcknowledgementsTable');
    for (const action of ['GetItem', 'BatchGetItem', 'UpdateItem']) {
      await model.expectAllowed({ principal: HANDLER, action: `dynamodb:${action}`, resource });
      await model.expectDenied({ principal: SHOWING, action: `dynamodb:${action}`, resource });
      await model.expectDenied({ principal: PLAIN, action: `dynamodb:${action}`, resource });
    }
    for (const action of ['PutItem', 'DeleteItem', 'Scan', 'Query', 'BatchWriteItem']) {
      await model.expectDenied({ principal: HANDLER, action: `dynamodb:${action}`, resource });
    }
    await model.expectAllowed({ principal: HANDLER, action: 'kms:Decrypt', resource: 'NoteKey' });
    await model.expectDenied({ principal: SHOWING, action: 'kms:Decrypt', resource: 'NoteKey' });
    await model.expectDenied({ principal: HANDLER, action: 'kms:Decrypt', resource: 'LeaseKey' });
  });

  test('where alerts are shown only, they are listed only', async () => {
    const resource = model.arn('FeedTable');
    await model.expectAllowed({ principal: SHOWING, action: 'dynamodb:Query', resource });
    await model.expectAllowed({ principal: SHOWING, action: 'kms:Decrypt', resource: 'FeedKey' });
    await model.expectDenied({ principal: SHOWING, action: 'dynamodb:GetItem', resource });
  });
});

describe('the role of viewers', () => {
  test.each(['ConnectAsViewer', 'GetIceServerConfig', 'GetSignalingChannelEndpoint'])(
    'may %s, in channels of the fleet',
    async (name) => {
      await expectForFleetOnly({ principal: VIEWER, action: `kinesisvideo:${name}`, resource: CHANNEL });
    },
  );

  test.each(['ConnectAsMaster', 'SendAlexaOfferToMaster', 'DeleteSignalingChannel', 'JoinStorageSession'])(
    'may not %s',
    async (name) => {
      const request = { principal: VIEWER, resource: CHANNEL, context: ofFleet('delivery') };
      await cloud.expectDenied({ ...request, action: `kinesisvideo:${name}` });
      await cloud.expectAllowed({ ...request, action: 'kinesisvideo:ConnectAsViewer' });
    },
  );

  test('is assumed by the function, and by nobody else', async () => {
    const assume = { action: 'sts:AssumeRole', resource: VIEWER };
    await cloud.expectAllowed({ ...assume, principal: HANDLER });
    for (const principal of [
      'IdentityRole',
      'AuthorizerServiceRole',
      '111122223333',
      '444455556666',
      'lambda.amazonaws.com',
    ]) {
      await cloud.expectDenied({ ...assume, principal });
    }
    await cloud.expectDenied({ principal: HANDLER, action: 'sts:AssumeRole', resource: 'IdentityRole' });
  });
});

test('the function is called by its own API', async () => {
  const invoke = {
    principal: 'apigateway.amazonaws.com',
    action: 'lambda:InvokeFunction',
    resource: /\/ViewingHandler[0-9A-F]{8}$/,
  };
  const [api] = cloud.arn('ViewingGatewayApi').split('/').slice(-1);
  const from = (id: string) => ({
    'aws:SourceArn': `arn:aws:execute-api:eu-west-1:111122223333:${id}/$default/GET/v1/devices`,
  });
  await cloud.expectAllowed({ ...invoke, context: from(api) });
  await cloud.expectDenied({ ...invoke, context: from('another') });
  await cloud.expectDenied({ ...invoke, principal: 'events.amazonaws.com', context: from(api) });
});

test('without signaling nobody is let into channels, and without keys none is used', async () => {
  const silent = testStack();
  const identity = new DeviceIdentity(silent, 'Identity', { signaling: false });
  const issuer = { issuerUrl: 'https://login.example.com', audience: ['viewing'] };
  new ViewingApi(silent, 'Viewing', { fleetName: 'delivery', identity, issuer });
  const model = CloudModel.of(silent);
  const request = { principal: HANDLER, context: ofFleet('delivery') };
  await model.expectAllowed({ ...request, action: 'kinesisvideo:GetClip', resource: STREAM });
  await model.expectDenied({ ...request, action: 'kinesisvideo:DescribeSignalingChannel', resource: CHANNEL });
  expect(() => model.arn(VIEWER)).toThrow(/should match one resource, but matches 0/);
  expect(JSON.stringify(model.identityPolicies(HANDLER).policies)).not.toContain('kms:');
});
