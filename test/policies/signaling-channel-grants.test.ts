import { App, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnSignalingChannel } from 'aws-cdk-lib/aws-kinesisvideo';
import type { aws_kinesisvideo as refs } from 'aws-cdk-lib/interfaces';
import cdkJson from '../../cdk.json';
import { SignalingChannel, SignalingChannelGrants } from '../../lib';
import { CloudModel } from '../support/policy-simulator';
import { testStack } from '../support/template';

const BOTH_SIDES = ['DescribeSignalingChannel', 'GetIceServerConfig', 'GetSignalingChannelEndpoint'];

/** Each method, and exactly what it is to allow on the channel. */
const METHODS: Record<string, string[]> = {
  connectAsMaster: ['ConnectAsMaster', ...BOTH_SIDES],
  connectAsViewer: ['ConnectAsViewer', ...BOTH_SIDES],
  joinStorageSession: ['ConnectAsMaster', ...BOTH_SIDES, 'DescribeMediaStorageConfiguration', 'JoinStorageSession'],
  joinStorageSessionAsViewer: [
    'ConnectAsViewer',
    ...BOTH_SIDES,
    'DescribeMediaStorageConfiguration',
    'JoinStorageSessionAsViewer',
  ],
};

/** What somebody could do to a channel: all that is granted above, and what never is. */
const ACTIONS = new Set([
  ...Object.values(METHODS).flat(),
  'DeleteSignalingChannel',
  'SendAlexaOfferToMaster',
  'TagResource',
  'UpdateMediaStorageConfiguration',
  'UpdateSignalingChannel',
]);

function channelArn(name: string): string {
  return `arn:aws:kinesisvideo:eu-west-1:111122223333:channel/${name}/1700000000000`;
}

function roleIn(stack: Stack, id = 'Role'): iam.Role {
  return new iam.Role(stack, id, { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
}

describe.each<[string, (stack: Stack) => refs.ISignalingChannelRef]>([
  ['a channel', (stack) => new SignalingChannel(stack, 'Channel', { channelName: 'drone-1' })],
  [
    'a channel imported by its name',
    (stack) => SignalingChannel.fromChannelAttributes(stack, 'Channel', { channelName: 'drone-1' }),
  ],
  [
    'a channel imported by its ARN',
    (stack) => SignalingChannel.fromChannelArn(stack, 'Channel', channelArn('drone-1')),
  ],
  ['a CfnSignalingChannel', (stack) => new CfnSignalingChannel(stack, 'Channel', { name: 'drone-1' })],
])('%s', (_what, channelIn) => {
  const stack = testStack();
  const channel = channelIn(stack);
  for (const method of Object.keys(METHODS)) {
    const grants = SignalingChannelGrants.fromSignalingChannel(channel);
    grants[method as 'connectAsMaster'](roleIn(stack, method)).assertSuccess();
  }
  const cloud = CloudModel.of(stack);

  test.each(Object.entries(METHODS))(
    '%s allows just its calls on the channel, and none on another',
    async (principal, granted) => {
      for (const name of ACTIONS) {
        const request = { principal, action: `kinesisvideo:${name}` };
        await cloud.expectDenied({ ...request, resource: channelArn('drone-10') });
        if (granted.includes(name)) await cloud.expectAllowed({ ...request, resource: channelArn('drone-1') });
        else await cloud.expectDenied({ ...request, resource: channelArn('drone-1') });
      }
    },
  );
});

test('no method is forgotten here', () => {
  const others = ['constructor', 'actions'];
  const methods = Object.getOwnPropertyNames(SignalingChannelGrants.prototype).filter((name) => !others.includes(name));
  expect(Object.keys(METHODS).sort()).toEqual(methods.sort());
});

test('actions grants what it is told', async () => {
  const stack = testStack();
  const channel = new SignalingChannel(stack, 'Channel', { channelName: 'drone-1' });
  channel.grants.actions(roleIn(stack), 'kinesisvideo:UpdateSignalingChannel');
  const cloud = CloudModel.of(stack);
  const update = { principal: 'Role', action: 'kinesisvideo:UpdateSignalingChannel' };
  await cloud.expectAllowed({ ...update, resource: 'Channel' });
  await cloud.expectDenied({ ...update, resource: channelArn('drone-10') });
  await cloud.expectDenied({ ...update, action: 'kinesisvideo:DeleteSignalingChannel', resource: 'Channel' });
});

test('a role in another stack', async () => {
  const app = new App({ context: cdkJson.context });
  const channel = new SignalingChannel(new Stack(app, 'Media'), 'Channel', { channelName: 'drone-1' });
  const viewers = new Stack(app, 'Viewers');
  channel.grants.connectAsViewer(roleIn(viewers));
  const cloud = CloudModel.of(channel.stack, viewers);
  const watch = { principal: 'Role', action: 'kinesisvideo:ConnectAsViewer' };
  await cloud.expectAllowed({ ...watch, resource: 'Channel' });
  await cloud.expectDenied({ ...watch, resource: channelArn('drone-10') });
  await cloud.expectDenied({ principal: 'Role', action: 'kinesisvideo:ConnectAsMaster', resource: 'Channel' });
});
