import { CfnParameter, Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { DeviceIdentity } from '../../lib';
import { codedError } from '../support/fleet';
import { Match, Template, testStack } from '../support/template';

// What role and policy allow is the subject of test/policies.

describe('defaults', () => {
  const stack = testStack();
  const identity = new DeviceIdentity(stack, 'Identity');
  const template = Template.fromStack(stack);

  test('a thing type, a role, its alias with credentials of an hour, and an IoT policy', () => {
    template.resourceCountIs('AWS::IoT::ThingType', 1);
    template.resourceCountIs('AWS::IoT::Policy', 1);
    template.hasResourceProperties('AWS::IAM::Role', { MaxSessionDuration: 3600 });
    template.hasResourceProperties('AWS::IoT::RoleAlias', {
      CredentialDurationSeconds: 3600,
      RoleArn: stack.resolve(identity.role.roleArn),
    });
  });

  test('all names are generated, so that nothing is in the way of a second fleet', () => {
    for (const [type, property] of [
      ['AWS::IoT::ThingType', 'ThingTypeName'],
      ['AWS::IoT::Policy', 'PolicyName'],
      ['AWS::IoT::RoleAlias', 'RoleAlias'],
      ['AWS::IAM::Role', 'RoleName'],
    ]) {
      template.hasResourceProperties(type, { [property]: Match.absent() });
    }
  });

  test('the names that others need are those of the resources', () => {
    const idOf = (type: string) => ({ Ref: Object.keys(template.findResources(type))[0] });
    expect(stack.resolve(identity.thingTypeName)).toEqual(idOf('AWS::IoT::ThingType'));
    expect(stack.resolve(identity.policyName)).toEqual(idOf('AWS::IoT::Policy'));
    expect(stack.resolve(identity.roleAliasName)).toEqual(idOf('AWS::IoT::RoleAlias'));
  });

  test('one camera with the name of the thing, which is a WebRTC master, without key and images', () => {
    expect(identity.cameras).toEqual([]);
    expect(identity.mediaNames('drone-1')).toEqual(['drone-1']);
    expect(identity.signaling).toBe(true);
    expect(identity.encryptionKey).toBeUndefined();
    expect(identity.images).toBeUndefined();
    const policies = JSON.stringify(template.findResources('AWS::IAM::Policy'));
    expect(policies).toContain('kinesisvideo:ConnectAsMaster');
    for (const service of ['kms:', 's3:', 'sns:']) expect(policies).not.toContain(service);
  });

  test('topics below devices', () => {
    expect(identity.topic('drone-1', 'detections')).toBe('devices/drone-1/detections');
  });
});

test('passes all properties on', () => {
  const stack = testStack();
  const encryptionKey = new kms.Key(stack, 'Key');
  const bucket = new s3.Bucket(stack, 'Bucket');
  const notifications = new sns.Topic(stack, 'Topic');
  const identity = new DeviceIdentity(stack, 'Identity', {
    cameras: ['down', 'front'],
    signaling: false,
    encryptionKey,
    images: { bucket, prefix: 'images' },
    notifications,
    topicPrefix: 'fleet-7',
    credentialDuration: Duration.hours(12),
  });
  expect(identity).toMatchObject({ cameras: ['down', 'front'], signaling: false, topicPrefix: 'fleet-7' });
  expect(identity.encryptionKey).toBe(encryptionKey);
  expect(identity.images).toEqual({ bucket, prefix: 'images' });
  expect(identity.mediaNames('drone-1')).toEqual(['drone-1.down', 'drone-1.front']);
  expect(identity.topic('drone-1', 'detections')).toBe('fleet-7/drone-1/detections');

  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::IoT::RoleAlias', { CredentialDurationSeconds: 43_200 });
  template.hasResourceProperties('AWS::IAM::Role', { MaxSessionDuration: 43_200 });
  const bucketArn = stack.resolve(bucket.bucketArn);
  const statements = [
    {
      Action: Match.arrayWith(['kinesisvideo:PutMedia']),
      Resource: ['down', 'front'].map(
        (camera) => `arn:aws:kinesisvideo:eu-west-1:111122223333:stream/\${credentials-iot:ThingName}.${camera}/*`,
      ),
    },
    { Action: 'kms:GenerateDataKey', Resource: stack.resolve(encryptionKey.keyArn) },
    {
      Action: 's3:PutObject',
      Resource: ['down', 'front'].map((camera) => ({
        'Fn::Join': ['', [bucketArn, `/images/\${credentials-iot:ThingName}.${camera}/*`]],
      })),
    },
    { Action: 'sns:Publish', Resource: stack.resolve(notifications.topicArn) },
  ];
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: { Statement: Match.arrayWith(statements.map((statement) => Match.objectLike(statement))) },
  });
  expect(JSON.stringify(template.toJSON())).not.toContain(':channel/');
});

test('images go to the folder frames unless told', () => {
  const stack = testStack();
  new DeviceIdentity(stack, 'Identity', { images: { bucket: new s3.Bucket(stack, 'Bucket') } });
  expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'))).toContain(
    '/frames/${credentials-iot:ThingName}/*',
  );
});

test('sessions of less than an hour are limited by the alias, because a role can not', () => {
  const stack = testStack();
  new DeviceIdentity(stack, 'Identity', { credentialDuration: Duration.minutes(15) });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::IoT::RoleAlias', { CredentialDurationSeconds: 900 });
  template.hasResourceProperties('AWS::IAM::Role', { MaxSessionDuration: 3600 });
});

describe('configuration', () => {
  test('tells a device all that it needs beside its certificate', () => {
    const stack = testStack();
    const identity = new DeviceIdentity(stack, 'Identity');
    const endpoint = (name: string) => ({
      'Fn::GetAtt': [expect.stringMatching(/^CdkKinesisVideoIotEndpoints/), name],
    });
    expect(stack.resolve(identity.configuration(stack))).toEqual({
      region: 'eu-west-1',
      credentialEndpoint: endpoint('CredentialEndpoint'),
      dataEndpoint: endpoint('DataEndpoint'),
      roleAlias: stack.resolve(identity.roleAliasName),
      streams: '{thing}',
      channels: '{thing}',
      detectionsTopic: 'devices/{thing}/detections',
    });
  });

  test('names the streams of all cameras, and no channels where there are none', () => {
    const stack = testStack();
    const props = { cameras: ['front', 'down'], signaling: false, topicPrefix: 'fleet-7' };
    const configuration = new DeviceIdentity(stack, 'Identity', props).configuration(stack);
    expect(configuration).toMatchObject({
      streams: '{thing}.front,{thing}.down',
      detectionsTopic: 'fleet-7/{thing}/detections',
    });
    expect(configuration).not.toHaveProperty('channels');
  });

  test('looks the endpoints up once for a stack', () => {
    const stack = testStack();
    for (const id of ['One', 'Two']) new DeviceIdentity(stack, id).configuration(stack);
    Template.fromStack(stack).resourceCountIs('Custom::IotEndpoints', 1);
  });
});

describe('bad input', () => {
  const camera = /`cameras` is '.*'; it must be 1 to 32 of a-z A-Z 0-9 _ -/;
  const prefix = /`topicPrefix` is '.*'; it must be 1 to 64 of a-z A-Z 0-9 _ -/;
  const duration = /must be a whole number between 900 and 43200 seconds/;
  test.each([
    ['a camera with a dot', { cameras: ['front', 'a.b'] }, 'DeviceCamera', camera],
    ['a camera without a name', { cameras: [''] }, 'DeviceCamera', camera],
    ['a camera of 33 characters', { cameras: ['c'.repeat(33)] }, 'DeviceCamera', camera],
    [
      'more cameras than fit into the policies of the role',
      { cameras: Array.from({ length: 17 }, (_, i) => `camera-${i}`) },
      'DeviceCamera',
      /`cameras.length` is 17; it must be a whole number between 0 and 16/,
    ],
    ['a camera twice', { cameras: ['front', 'down', 'front'] }, 'DeviceCamera', /names one twice: front, down, front/],
    ['a topic prefix of two levels', { topicPrefix: 'a/b' }, 'DeviceTopicPrefix', prefix],
    ['a topic prefix with a wildcard', { topicPrefix: '+' }, 'DeviceTopicPrefix', prefix],
    ['no topic prefix', { topicPrefix: '' }, 'DeviceTopicPrefix', prefix],
    ['a topic prefix of 65 characters', { topicPrefix: 't'.repeat(65) }, 'DeviceTopicPrefix', prefix],
    ['14 minutes', { credentialDuration: Duration.minutes(14) }, 'DeviceCredentialDuration', duration],
    ['13 hours', { credentialDuration: Duration.hours(13) }, 'DeviceCredentialDuration', duration],
    [
      'half a second more',
      { credentialDuration: Duration.millis(900_500) },
      'DeviceCredentialDuration',
      /`credentialDuration` is 900.5 seconds/,
    ],
  ])('%s names path, value and range', (_what, props, code, message) => {
    const stack = testStack();
    expect(() => new DeviceIdentity(stack, 'Identity', props)).toThrow(codedError(code, message, 'Test/Identity'));
  });

  test('the longest names and both bounds of the duration pass', () => {
    const stack = testStack();
    const names = { cameras: ['c'.repeat(32), 'C_1-'], topicPrefix: 't'.repeat(64) };
    new DeviceIdentity(stack, 'Shortest', { ...names, credentialDuration: Duration.seconds(900) });
    new DeviceIdentity(stack, 'Longest', { ...names, credentialDuration: Duration.seconds(43_200) });
    const template = Template.fromStack(stack);
    for (const CredentialDurationSeconds of [900, 43_200]) {
      template.hasResourceProperties('AWS::IoT::RoleAlias', { CredentialDurationSeconds });
    }
  });

  test('tokens pass', () => {
    const stack = testStack();
    const text = (id: string) => new CfnParameter(stack, id).valueAsString;
    const identity = new DeviceIdentity(stack, 'Identity', {
      cameras: [text('Camera')],
      topicPrefix: text('Prefix'),
      credentialDuration: Duration.seconds(new CfnParameter(stack, 'Seconds', { type: 'Number' }).valueAsNumber),
    });
    identity.allowPublish('detections');
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::IoT::RoleAlias', { CredentialDurationSeconds: { Ref: 'Seconds' } });
    // Unknown is whether it is less than an hour, so the role has the default, which is an hour.
    template.hasResourceProperties('AWS::IAM::Role', { MaxSessionDuration: Match.absent() });
    expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).toContain('{"Ref":"Camera"}');
    expect(JSON.stringify(template.findResources('AWS::IoT::Policy'))).toContain('{"Ref":"Prefix"}');
  });
});

test('what certificates and credentials hold on to stays when the stack goes, unless it is told to go', () => {
  const policies = (removalPolicy?: RemovalPolicy) => {
    const stack = testStack();
    new DeviceIdentity(stack, 'Identity', { removalPolicy });
    return Object.values(
      Template.fromStack(stack).toJSON().Resources as Record<string, { DeletionPolicy?: string }>,
    ).map(({ DeletionPolicy }) => DeletionPolicy);
  };
  expect(policies()).toEqual(Array(5).fill('Retain'));
  expect(policies(RemovalPolicy.DESTROY)).toEqual(Array(5).fill('Delete'));
});
