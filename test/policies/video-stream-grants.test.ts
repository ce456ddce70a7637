import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnStream } from 'aws-cdk-lib/aws-kinesisvideo';
import * as kms from 'aws-cdk-lib/aws-kms';
import type { aws_kinesisvideo as refs } from 'aws-cdk-lib/interfaces';
import { Construct } from 'constructs';
import cdkJson from '../../cdk.json';
import { VideoStream, VideoStreamEncryption, VideoStreamGrants } from '../../lib';
import { CloudModel, type AccessRequest } from '../support/policy-simulator';
import { defaultKeyPolicy } from '../support/resource-policies';
import { testStack } from '../support/template';

const FOREIGN_KEY = 'arn:aws:kms:eu-west-1:111122223333:key/0123abcd-0123-0123-0123-0123456789ab';
const ROOT_MAY_USE = new iam.PolicyDocument({
  statements: [
    new iam.PolicyStatement({ actions: ['kms:*'], resources: ['*'], principals: [new iam.AccountRootPrincipal()] }),
  ],
});

/** Each method, and exactly what it is to allow on stream and key. */
const METHODS: Record<string, { stream: string[]; key: string }> = {
  putMedia: { stream: ['DescribeStream', 'GetDataEndpoint', 'PutMedia', 'TagStream'], key: 'GenerateDataKey' },
  consumeMedia: { stream: ['DescribeStream', 'GetDataEndpoint', 'GetMedia'], key: 'Decrypt' },
  archivedMedia: { stream: ['GetDataEndpoint', 'GetMediaForFragmentList', 'ListFragments'], key: 'Decrypt' },
  listFragments: { stream: ['GetDataEndpoint', 'ListFragments'], key: 'Decrypt' },
  hlsPlayback: { stream: ['GetDataEndpoint', 'GetHLSStreamingSessionURL'], key: 'Decrypt' },
  dashPlayback: { stream: ['GetDataEndpoint', 'GetDASHStreamingSessionURL'], key: 'Decrypt' },
  clips: { stream: ['GetClip', 'GetDataEndpoint'], key: 'Decrypt' },
  images: { stream: ['GetDataEndpoint', 'GetImages'], key: 'Decrypt' },
  playback: {
    stream: [
      'GetClip',
      'GetDASHStreamingSessionURL',
      'GetDataEndpoint',
      'GetHLSStreamingSessionURL',
      'GetImages',
      'ListFragments',
    ],
    key: 'Decrypt',
  },
};

/** What somebody could do to a stream and a key: all that is granted above, and what never is. */
const STREAM_ACTIONS = new Set([
  ...Object.values(METHODS).flatMap(({ stream }) => stream),
  'DeleteStream',
  'UntagStream',
  'UpdateDataRetention',
  'UpdateStream',
]);
const KEY_ACTIONS = ['Decrypt', 'Encrypt', 'GenerateDataKey', 'ReEncryptFrom', 'ScheduleKeyDeletion'];

type Target = Pick<AccessRequest, 'resource' | 'resourcePolicy'>;

function streamArn(name: string): string {
  return `arn:aws:kinesisvideo:eu-west-1:111122223333:stream/${name}/1700000000000`;
}

describe.each<[string, (stack: Stack) => { stream: refs.IStreamRef; key: Target }]>([
  [
    'a stream with a key of its own',
    (stack) => ({
      stream: new VideoStream(stack, 'Camera', { streamName: 'drone-1' }),
      key: { resource: 'CameraKey' },
    }),
  ],
  [
    'an imported stream with a key of the stack',
    (stack) => {
      const attributes = { streamName: 'drone-1', encryptionKey: new kms.Key(stack, 'Key') };
      return { stream: VideoStream.fromStreamAttributes(stack, 'Camera', attributes), key: { resource: 'Key' } };
    },
  ],
  [
    'an imported stream with an imported key',
    (stack) => {
      const attributes = {
        streamArn: streamArn('drone-1'),
        encryptionKey: kms.Key.fromKeyArn(stack, 'Key', FOREIGN_KEY),
      };
      return {
        stream: VideoStream.fromStreamAttributes(stack, 'Camera', attributes),
        key: { resource: FOREIGN_KEY, resourcePolicy: defaultKeyPolicy('111122223333') },
      };
    },
  ],
  [
    'a CfnStream with a Key',
    (stack) => {
      const { keyArn } = new kms.Key(stack, 'Key');
      return {
        stream: new CfnStream(stack, 'Camera', { name: 'drone-1', kmsKeyId: keyArn }),
        key: { resource: 'Key' },
      };
    },
  ],
  [
    'a CfnStream with a CfnKey',
    (stack) => {
      const { ref } = new kms.CfnKey(stack, 'Key', { keyPolicy: ROOT_MAY_USE });
      return { stream: new CfnStream(stack, 'Camera', { name: 'drone-1', kmsKeyId: ref }), key: { resource: 'Key' } };
    },
  ],
  [
    'a CfnStream with the id of a key',
    (stack) => ({
      stream: new CfnStream(stack, 'Camera', { name: 'drone-1', kmsKeyId: FOREIGN_KEY.split('/')[1] }),
      key: { resource: FOREIGN_KEY, resourcePolicy: defaultKeyPolicy('111122223333') },
    }),
  ],
])('%s', (_what, setUp) => {
  const stack = testStack();
  const { stream, key } = setUp(stack);
  new kms.Key(stack, 'OtherKey');
  for (const method of Object.keys(METHODS)) {
    const role = new iam.Role(stack, method, { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const grants = VideoStreamGrants.fromStream(stream);
    grants[method as 'putMedia'](role).assertSuccess();
  }
  const cloud = CloudModel.of(stack);

  describe.each(Object.entries(METHODS))('%s', (principal, granted) => {
    test('allows just its calls on the stream, and none on another', async () => {
      for (const name of STREAM_ACTIONS) {
        const request = { principal, action: `kinesisvideo:${name}` };
        await cloud.expectDenied({ ...request, resource: streamArn('drone-10') });
        if (granted.stream.includes(name)) await cloud.expectAllowed({ ...request, resource: streamArn('drone-1') });
        else await cloud.expectDenied({ ...request, resource: streamArn('drone-1') });
      }
    });

    test(`allows just ${granted.key} with the key, and nothing with another`, async () => {
      for (const name of KEY_ACTIONS) {
        const request = { principal, action: `kms:${name}` };
        await cloud.expectDenied({ ...request, resource: 'OtherKey' });
        if (name === granted.key) await cloud.expectAllowed({ ...request, ...key });
        else await cloud.expectDenied({ ...request, ...key });
      }
    });
  });
});

test('no method is forgotten here', () => {
  const others = ['constructor', 'actions', 'read', 'grant'];
  const methods = Object.getOwnPropertyNames(VideoStreamGrants.prototype).filter((name) => !others.includes(name));
  expect(Object.keys(METHODS).sort()).toEqual(methods.sort());
});

test('actions grants what it is told, and nothing on the key', async () => {
  const stack = testStack();
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  const stream = new VideoStream(stack, 'Camera', { streamName: 'drone-1' });
  stream.grants.actions(role, 'kinesisvideo:UpdateStream');
  const cloud = CloudModel.of(stack);
  const update = { principal: 'Role', action: 'kinesisvideo:UpdateStream' };
  await cloud.expectAllowed({ ...update, resource: 'Camera' });
  await cloud.expectDenied({ ...update, resource: streamArn('drone-10') });
  await cloud.expectDenied({ ...update, action: 'kinesisvideo:DeleteStream', resource: 'Camera' });
  for (const action of ['kms:Decrypt', 'kms:GenerateDataKey']) {
    await cloud.expectDenied({ principal: 'Role', action, resource: 'CameraKey' });
  }
});

test('of a stream of which no key is known, none is granted on a key', () => {
  const stack = testStack();
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  const env = { account: stack.account, region: stack.region };
  const streamRef = { streamName: 'drone-1', streamArn: streamArn('drone-1') };
  const stream: refs.IStreamRef = Object.assign(new Construct(stack, 'Camera'), { streamRef, env });
  VideoStreamGrants.fromStream(stream).consumeMedia(role).assertSuccess();
  const policies = JSON.stringify(CloudModel.of(stack).identityPolicies('Role').policies);
  expect(policies).toContain('kinesisvideo:GetMedia');
  expect(policies).not.toContain('kms:');
});

test("a stream with AWS's key needs no grant on a key", async () => {
  const stack = testStack();
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  const encryption = VideoStreamEncryption.AWS_MANAGED;
  new VideoStream(stack, 'Camera', { streamName: 'drone-1', encryption }).grants.consumeMedia(role);
  const cloud = CloudModel.of(stack);
  await cloud.expectAllowed({ principal: 'Role', action: 'kinesisvideo:GetMedia', resource: 'Camera' });
  expect(JSON.stringify(cloud.identityPolicies('Role').policies)).not.toContain('kms:');
});

describe('a CfnStream', () => {
  function rolePolicies(kmsKeyId: (stack: Stack) => string | undefined): string {
    const stack = testStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const stream = new CfnStream(stack, 'Camera', { name: 'drone-1', kmsKeyId: kmsKeyId(stack) });
    VideoStreamGrants.fromStream(stream).consumeMedia(role).assertSuccess();
    return JSON.stringify(CloudModel.of(stack).identityPolicies('Role').policies);
  }

  // Only of what is certainly a key is it known what to grant on.
  test.each<[string, (stack: Stack) => string | undefined]>([
    ['no key', () => undefined],
    ['an alias', () => 'alias/media'],
    ['the ARN of an alias', () => 'arn:aws:kms:eu-west-1:111122223333:alias/media'],
    ['what is known at deployment only', (stack) => new CfnParameter(stack, 'Parameter').valueAsString],
  ])('with %s has no grant on a key', (_what, kmsKeyId) => {
    const policies = rolePolicies(kmsKeyId);
    expect(policies).toContain('kinesisvideo:GetMedia');
    expect(policies).not.toContain('kms:');
  });

  test('with the ARN of a key has a grant on that', () => {
    expect(rolePolicies(() => FOREIGN_KEY)).toContain(`"kms:Decrypt","Effect":"Allow","Resource":"${FOREIGN_KEY}"`);
  });
});

test('a role in another stack', async () => {
  const app = new App({ context: cdkJson.context });
  const stream = new VideoStream(new Stack(app, 'Media'), 'Camera', { streamName: 'drone-1' });
  const viewers = new Stack(app, 'Viewers');
  const role = new iam.Role(viewers, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  stream.grants.consumeMedia(role);
  const cloud = CloudModel.of(stream.stack, viewers);
  await cloud.expectAllowed({ principal: 'Role', action: 'kinesisvideo:GetMedia', resource: 'Camera' });
  await cloud.expectDenied({ principal: 'Role', action: 'kinesisvideo:GetMedia', resource: streamArn('drone-10') });
  await cloud.expectAllowed({ principal: 'Role', action: 'kms:Decrypt', resource: 'CameraKey' });
  await cloud.expectDenied({ principal: 'Role', action: 'kms:GenerateDataKey', resource: 'CameraKey' });
});
