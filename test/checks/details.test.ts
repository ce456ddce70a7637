import { findingsBy, found, type Resources } from '../support/rules';
import { allow, deviceRole, documentOf, role } from '../support/written-policies';

type Properties = Record<string, unknown>;

const iotPolicy = (...statements: object[]) => ({ Type: 'AWS::IoT::Policy', Properties: documentOf(...statements) });
const iamPolicy = (...statements: object[]) => ({
  Type: 'AWS::IAM::ManagedPolicy',
  Properties: documentOf(...statements),
});
const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });

const VIDEO = 'arn:aws:kinesisvideo:eu-west-1:111122223333:';
const IOT = 'arn:aws:iot:eu-west-1:111122223333:';
const OWN = `${VIDEO}stream/\${credentials-iot:ThingName}/*`;

describe('statements of IAM', () => {
  test.each<[id: string, statement: object, detail: string | undefined]>([
    [
      'AllResources',
      allow(['kinesisvideo:GetMedia', 's3:GetObject', 'kinesisvideo:PutMedia', 'kinesisvideo:ListStreams'], '*'),
      'kinesisvideo:GetMedia, kinesisvideo:PutMedia',
    ],
    ['AllResources', allow('kinesisvideo:GetMedia', [`${VIDEO}stream/gate/*`, '*']), 'kinesisvideo:GetMedia'],
    ['AllResources', allow('kinesisvideo:GetMedia', `${VIDEO}*`), 'kinesisvideo:GetMedia'],
    ['AllResources', allow('kinesisvideo:GetMedia', `${VIDEO}*/*`), 'kinesisvideo:GetMedia'],
    ['AllResources', allow('kinesisvideo:ConnectAsViewer', `${VIDEO}channel/*/*`), 'kinesisvideo:ConnectAsViewer'],
    ['AllResources', allow('kinesisvideo:GetMedia', `${VIDEO}stream/gate/*`), undefined],
    ['AllResources', allow('kinesisvideo:GetMedia', '*', { Effect: 'Deny' }), undefined],
    ['AllResources', allow('kinesisvideo:ListFragments', '*'), 'kinesisvideo:ListFragments'],
    ['AllResources', allow('kinesisvideo:DescribeS*', '*'), 'kinesisvideo:DescribeS*'],
    ['AllResources', allow('kinesisvideo:ListSignalingChannels', '*'), undefined],
    ['AllResources', allow('kinesisvideo:ListEdgeAgentConfigurations', '*'), undefined],
    ['AllResources', allow('kinesisvideo:DescribeSignalingChannel', '*'), undefined],
    ['AllResources', allow('kinesisvideo:ListTagsForStream', '*'), undefined],
    [
      'WildcardActions',
      allow(['kinesisvideo:Get*', 'KinesisVideo:?ut', 's3:*'], OWN),
      'kinesisvideo:Get*, KinesisVideo:?ut',
    ],
    ['WildcardActions', allow('kinesisvideo:GetMedia', OWN), undefined],
    [
      'DevicePrefix',
      allow('s3:PutObject', ['${credentials-iot:ThingName}*', 'b', '${iot:ClientId}?']),
      '${credentials-iot:ThingName}*, ${iot:ClientId}?',
    ],
  ])('%s: %j', (id, statement, detail) => {
    expect(found(id, { One: iamPolicy(statement) })).toEqual(detail === undefined ? [] : [`One: ${detail}`]);
  });
});

describe('certificates of devices', () => {
  test.each<[id: string, statement: object, detail: string | undefined]>([
    ['DeviceConnect', allow('iot:Connect', ['*', `${IOT}client/\${iot:ClientId}`]), `*, ${IOT}client/\${iot:ClientId}`],
    ['DeviceConnect', allow('iot:Connect', '*', { Effect: 'Deny' }), undefined],
    ['DeviceConnect', allow('iot:Publish', '*'), undefined],
    ['DeviceRoleAlias', allow('iot:AssumeRoleWithCertificate', ['*', `${IOT}rolealias/*`]), `*, ${IOT}rolealias/*`],
    ['DeviceRoleAlias', allow('iot:AssumeRoleWithCertificate', '*', { Effect: 'Deny' }), undefined],
    ['DeviceRoleAlias', allow('iot:Publish', '*'), undefined],
    ...[
      'iot:Publish',
      'iot:RetainPublish',
      'iot:Receive',
      'iot:Subscribe',
      'iot:GetThingShadow',
      'iot:UpdateThingShadow',
      'iot:DeleteThingShadow',
    ].map((action) => ['DeviceTopics', allow(action, '*'), '*'] as [string, object, string]),
    ['DeviceTopics', allow('iot:Publish', [`${IOT}topic/a/*`, `${IOT}topic/b/?`]), `${IOT}topic/a/*, ${IOT}topic/b/?`],
    ['DeviceTopics', allow('iot:Subscribe', `${IOT}topicfilter/devices/#`), `${IOT}topicfilter/devices/#`],
    ['DeviceTopics', allow('iot:Publish', '*', { Effect: 'Deny' }), undefined],
    ['DeviceTopics', allow('iot:Connect', '*'), undefined],
  ])('%s: %j', (id, statement, detail) => {
    expect(found(id, { One: iotPolicy(statement) })).toEqual(detail === undefined ? [] : [`One: ${detail}`]);
  });
});

describe('claims', () => {
  const PROVISION = `${IOT}topic/$aws/provisioning-templates/fleet/provision/*`;
  const CREATE = `${IOT}topic/$aws/certificates/create/*`;
  const claim = (...statements: object[]) => ({ One: iotPolicy(allow('iot:Publish', PROVISION), ...statements) });

  test.each<[statement: object, detail: string | undefined]>([
    [allow('iot:Publish', ['a', 'b', CREATE]), 'a, b'],
    [allow('*', '*', { Effect: 'Deny' }), undefined],
    [allow(['iot:Publish', 'iot:UpdateThingShadow', 'iot:Publish*'], CREATE), 'iot:UpdateThingShadow, iot:Publish*'],
    [allow('iot:Connect', `${IOT}client/claim-*`), undefined],
    [allow('iot:Connect', [`${IOT}client/*`, `${IOT}client/claim`]), `${IOT}client/*`],
    [allow('iot:Connect', `${IOT}client/\${iot:ClientId}`), `${IOT}client/\${iot:ClientId}`],
    [allow('iot:Connect', `${IOT}client/*-claim`), undefined],
    [allow(['iot:Connect', 'iot:Publish'], [`${IOT}client/claim`, CREATE]), undefined],
    [allow(['iot:Connect', 'iot:Publish'], [`${IOT}client/*`, CREATE]), `${IOT}client/*`],
    [allow('iot:Publish', `${IOT}client/claim`), `${IOT}client/claim`],
    [allow('iot:Connect', '*:a'), undefined],
    [allow(['iot:Connect', 'iot:Publish'], ['a', CREATE]), 'a'],
    [allow('my-iot:Publish', CREATE), 'my-iot:Publish'],
    [allow('iot:Publish', `${CREATE}:more`), `${CREATE}:more`],
    [allow(['iot:Publish', 'iot:Receive'], `${IOT}client/*`), `${IOT}client/*`],
  ])('%j', (statement, detail) => {
    expect(found('ClaimPolicy', claim(statement))).toEqual(detail === undefined ? [] : [`One: ${detail}`]);
  });

  test('are none of the devices that connect and publish', () => {
    const wide = claim(allow(['iot:Connect', 'iot:Publish'], '*'));
    expect(found('DeviceConnect', wide)).toEqual([]);
    expect(found('DeviceTopics', wide)).toEqual([]);
  });
});

describe('roles of devices', () => {
  test.each<[what: string, statements: object[], details: string[]]>([
    ['its own stream', [allow('kinesisvideo:PutMedia', OWN)], []],
    ['all streams', [allow('kinesisvideo:PutMedia', ['a*', 'b?'])], ['a*, b?']],
    ['all streams, among others', [allow(['logs:PutLogEvents', 'kinesisvideo:PutMedia'], '*')], ['*']],
    ['its own stream and all', [allow('kinesisvideo:PutMedia', [OWN, '*'])], ['*']],
    [
      'more than one by name',
      [allow('kinesisvideo:PutMedia', `${VIDEO}stream/gate/*/more`)],
      [`${VIDEO}stream/gate/*/more`],
    ],
    ['all topics', [allow('iot:Publish', '*')], ['*']],
    ['all topics beside its own stream', [allow('kinesisvideo:PutMedia', OWN), allow('iot:Publish', '*')], ['*']],
    ['all streams beside its own', [allow('kinesisvideo:GetMedia', OWN), allow('kinesisvideo:PutMedia', '*')], ['*']],
    ['all objects beside its own stream', [allow('kinesisvideo:PutMedia', OWN), allow('s3:PutObject', '*')], ['*']],
    ['all objects, as the only one', [allow('s3:PutObject', '*')], []],
    [
      'all objects, beside all but some',
      [{ Effect: 'Allow', Action: 'logs:PutLogEvents', NotResource: '*' }, allow('s3:PutObject', '*')],
      [],
    ],
    ['all logs', [allow('kinesisvideo:PutMedia', OWN), allow('logs:PutLogEvents', '*')], []],
  ])('%s', (_what, statements, details) => {
    expect(found('DeviceRoleScope', { One: deviceRole(...statements) })).toEqual(details.map((text) => `One: ${text}`));
  });
});

const ATTACHED_TO_POOL = { IdentityPoolId: { Ref: 'Pool' } };

test('anonymous viewers: what they may do with video', () => {
  const resources = {
    Pool: { Type: 'AWS::Cognito::IdentityPool', Properties: { AllowUnauthenticatedIdentities: true } },
    Attached: {
      Type: 'AWS::Cognito::IdentityPoolRoleAttachment',
      Properties: { ...ATTACHED_TO_POOL, Roles: { unauthenticated: arnOf('Guest') } },
    },
    Guest: role('x', allow(['kinesisvideo:GetClip', 's3:GetObject', 'kinesisvideo:ConnectAsViewer'], 'a')),
  };
  expect(found('AnonymousViewers', resources)).toEqual(['Pool: kinesisvideo:GetClip, kinesisvideo:ConnectAsViewer']);
  const { Pool, Guest, Attached } = resources;
  expect(found('AnonymousViewers', { Guest, Attached })).toEqual([]);
  expect(
    found('AnonymousViewers', { Pool, Guest, Attached: { ...Attached, Properties: { ...ATTACHED_TO_POOL } } }),
  ).toEqual([]);
  const other = role('x', allow('my-kinesisvideo:GetClip', 'a'));
  expect(found('AnonymousViewers', { Pool, Guest: other, Attached })).toEqual([]);
});

describe('the endpoint of a VPC', () => {
  /** Functions in the subnets of two VPCs, and an endpoint in the first. */
  function resources(action: string, ServiceName = 'com.amazonaws.eu-west-1.kinesisvideo'): Resources {
    const inSubnets = (...ids: string[]) => ({
      Type: 'AWS::Lambda::Function',
      Properties: { Role: arnOf('Role'), VpcConfig: { SubnetIds: ids.map((Ref) => ({ Ref })) } },
    });
    const subnet = (VpcId: string) => ({ Type: 'AWS::EC2::Subnet', Properties: { VpcId } });
    return {
      Endpoint: { Type: 'AWS::EC2::VPCEndpoint', Properties: { ServiceName, VpcId: 'vpc-1' } },
      Near: subnet('vpc-1'),
      Far: subnet('vpc-2'),
      One: inSubnets('Far', 'Near'),
      Two: inSubnets('Near'),
      Other: inSubnets('Far'),
      Outside: { Type: 'AWS::Lambda::Function', Properties: { Role: arnOf('Role') } },
      Role: role('lambda.amazonaws.com', allow('logs:PutLogEvents', 'a'), allow(`kinesisvideo:${action}`, 'a')),
    };
  }

  test.each(['ConnectAsMaster', 'ConnectAsViewer', 'GetIceServerConfig', 'JoinStorageSession'])('%s', (action) => {
    expect(found('EndpointWebRtc', resources(action))).toEqual(['Endpoint: One, Two']);
  });

  test('what else is done there, and at others, is fine', () => {
    expect(found('EndpointWebRtc', resources('GetMedia'))).toEqual([]);
    const of = (service: string) => found('EndpointWebRtc', resources('ConnectAsViewer', `com.amazonaws.x.${service}`));
    expect(of('kinesisvideo-fips')).toHaveLength(1);
    expect(of('kinesisvideo-webrtc')).toEqual([]);
  });
});

test.each<[what: string, properties: Properties, policy: object[], details: string[]]>([
  [
    'could be made public',
    { PublicAccessBlockConfiguration: { BlockPublicAcls: false, IgnorePublicAcls: true, BlockPublicPolicy: 'false' } },
    [],
    ['Media: BlockPublicAcls, BlockPublicPolicy'],
  ],
  ['is public', { AccessControl: 'PublicRead' }, [], ['Media: PublicRead']],
  ['is private', { AccessControl: 'Private' }, [], []],
  [
    'has one open statement of two',
    {},
    [allow('s3:GetObject', 'a', { Principal: { AWS: '1' } }), allow('s3:GetObject', 'a', { Principal: '*' })],
    ['Policy: '],
  ],
])('a bucket of media that %s', (_what, properties, policy, details) => {
  const resources = {
    Media: { Type: 'AWS::S3::Bucket', Properties: properties },
    Images: { Type: 'Custom::KinesisVideoImageGeneration', Properties: { Bucket: { Ref: 'Media' } } },
    Policy: { Type: 'AWS::S3::BucketPolicy', Properties: { Bucket: { Ref: 'Media' }, ...documentOf(...policy) } },
  };
  expect(found('MediaBucketPublic', resources)).toEqual(details);
});

test.each<[actions: string[], detail: string | undefined]>([
  [['ConnectAsMaster'], 'ConnectAsMaster'],
  [['ConnectAsViewer', 'ConnectAsMaster'], 'ConnectAsMaster, ConnectAsViewer'],
  [['ConnectAsMaster', 'JoinStorageSession'], undefined],
  [['ConnectAsViewer', 'JoinStorageSessionAsViewer'], undefined],
  [['ConnectAsViewer', 'JoinStorageSession'], 'ConnectAsViewer'],
])('who meets at a channel whose sessions are stored: %j', (actions, detail) => {
  const resources = (Effect: string) => ({
    Channel: { Type: 'AWS::KinesisVideo::SignalingChannel' },
    Stored: { Type: 'Custom::KinesisVideoMediaStorage', Properties: { Channel: { Ref: 'Channel' } } },
    Who: iamPolicy(
      allow(
        actions.map((action) => `kinesisvideo:${action}`),
        arnOf('Channel'),
        { Effect },
      ),
    ),
  });
  expect(found('MediaStoragePeers', resources('Allow'))).toEqual(detail === undefined ? [] : [`Stored: ${detail}`]);
  expect(found('MediaStoragePeers', resources('Deny'))).toEqual([]);
});

test.each<[properties: Properties, actions: string[], detail: string | undefined]>([
  [{}, ['*', 'iot:*', 'IoT:*'], '*, iot:*, IoT:*'],
  [{}, ['iot:CreateThing', 's3:*', 'iot:*Thing'], undefined],
  ...['AWSIoTThingsRegistration', 'AWSIoTFullAccess', 'AWSIoTConfigAccess', 'AdministratorAccess'].map(
    (name) =>
      [
        { ManagedPolicyArns: [`arn:aws:iam::aws:policy/${name}`, 'arn:aws:iam::aws:policy/AWSIoTLogging'] },
        ['a:b'],
        `arn:aws:iam::aws:policy/${name}`,
      ] as [Properties, string[], string],
  ),
  [{ ManagedPolicyArns: ['arn:aws:iam::1:policy/AdministratorAccessToLogs'] }, ['a:b'], undefined],
  [{ ManagedPolicyArns: ['a/AWSIoTFullAccess'] }, ['iot:*'], 'a/AWSIoTFullAccess, iot:*'],
])('the role that provisions has %j and does %j', (properties, actions, detail) => {
  const provisioning = role('iot.amazonaws.com', allow(actions, 'a'));
  const resources = {
    Template: { Type: 'AWS::IoT::ProvisioningTemplate', Properties: { ProvisioningRoleArn: arnOf('Role') } },
    Role: { ...provisioning, Properties: { ...provisioning.Properties, ...properties } },
  };
  expect(found('ProvisioningRole', resources)).toEqual(detail === undefined ? [] : [`Role: ${detail}`]);
});

test.each<[payload: unknown, isFound: boolean]>([
  [undefined, true],
  [{ Sql: 'a' }, true],
  [{ Sql: { Ref: 'Sql' } }, true],
  [{ Sql: { Ref: 'Sql' }, Reference: 'a' }, true],
  [{ Sql: 'a', ErrorAction: {} }, false],
  [{ Ref: 'Payload' }, false],
  [{ 'Fn::If': ['Condition', { Sql: 'a' }, { Sql: 'b' }] }, false],
])('a rule of AWS IoT with %j has no error action: %j', (TopicRulePayload, isFound) => {
  const rule = { Type: 'AWS::IoT::TopicRule', Properties: { TopicRulePayload } };
  expect(found('RuleErrorAction', { One: rule })).toEqual(isFound ? ['One: '] : []);
});

describe('a stream that keeps nothing', () => {
  const stream = { Type: 'AWS::KinesisVideo::Stream' };

  test.each(['GetClip', 'GetDASHStreamingSessionURL', 'GetHLSStreamingSessionURL', 'GetImages', 'ListFragments'])(
    'from which somebody may read: %s',
    (action) => {
      const resources = {
        One: stream,
        Who: iamPolicy(allow('kinesisvideo:PutMedia', arnOf('One')), allow(`kinesisvideo:${action}`, arnOf('One'))),
      };
      expect(found('StreamRetention', resources)).toEqual([`One: ${action}`]);
    },
  );

  test.each([
    ['MediaStorage', 'MediaStorage'],
    ['ImageGeneration', 'ImageGeneration'],
    ['Notifications', 'Notification'],
  ])('with the setting %s', (setting, detail) => {
    const one = { Type: `Custom::KinesisVideo${setting}`, Properties: { StreamName: { Ref: 'One' } } };
    expect(found('StreamRetention', { One: stream, Setting: one })).toEqual([`One: ${detail}`]);
  });
});

describe('policies of topics', () => {
  const device = deviceRole(allow('sns:Publish', { Ref: 'Topic' }));
  const resources = (...statements: object[]) => ({
    Topic: { Type: 'AWS::SNS::Topic' },
    Device: device,
    Policy: { Type: 'AWS::SNS::TopicPolicy', Properties: { Topics: [{ Ref: 'Topic' }], ...documentOf(...statements) } },
  });
  const narrow = allow('sns:Publish', 'a', { Principal: { AWS: '1' } });

  test('one open statement of two is enough', () => {
    expect(found('TopicOpen', resources(narrow, allow('sns:Publish', 'a', { Principal: '*' })))).toHaveLength(1);
    expect(found('TopicOpen', resources(narrow))).toEqual([]);
  });

  test('one refusal of plain text of two statements is enough', () => {
    const refusal = {
      ...{ Effect: 'Deny', Principal: '*', Action: 'sns:Publish', Resource: 'a' },
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    };
    expect(found('TopicTls', resources(narrow, refusal))).toEqual([]);
    expect(found('TopicTls', resources(narrow))).toHaveLength(1);
  });
});

describe('what leaves the region', () => {
  const FAR = 'arn:aws:sns:us-east-1:111122223333:far';
  const processor = (properties: Properties) => ({
    One: { Type: 'AWS::Rekognition::StreamProcessor', Properties: properties },
  });

  test.each<[text: string, other: string | undefined]>([
    [FAR, 'us-east-1'],
    ['arn:aws-us-gov:sns:us-gov-west-1:111122223333:far', 'us-gov-west-1'],
    ['https://sqs.us-east-1.amazonaws.com/111122223333/far', 'us-east-1'],
    ['us-east-1', 'us-east-1'],
    ['ap-southeast-2', 'ap-southeast-2'],
    ['us-gov-west-1', 'us-gov-west-1'],
    ['arn:aws:sns:eu-west-1:111122223333:near', undefined],
    ['arn:aws:s3:::far', undefined],
    ['eu-west-1', undefined],
    ['in us-east-1', undefined],
    ['us-east-1a', undefined],
    [`see ${FAR}`, undefined],
  ])('a stream processor that names %s', (text, other) => {
    const expected = other === undefined ? [] : [`One: ${other}`];
    expect(found('MediaLeavesRegion', processor({ Arn: text }), 'eu-west-1')).toEqual(expected);
    expect(found('MediaLeavesRegion', processor({ Arn: text }))).toEqual([]);
  });

  const locations = (resources: Resources) =>
    findingsBy('MediaLeavesRegion', resources, 'eu-west-1').map(({ location }) => location);
  const LOCATIONS: Record<string, string> = {
    'Custom::KinesisVideoImageGeneration': 'Properties',
    'AWS::IoT::TopicRule': 'Properties.TopicRulePayload',
    'AWS::Events::Rule': 'Properties.Targets',
  };

  test.each<[what: string, resources: Resources, details: string[]]>([
    [
      'images',
      { One: { Type: 'Custom::KinesisVideoImageGeneration', Properties: { DestinationRegion: 'us-east-1' } } },
      ['One: us-east-1'],
    ],
    [
      'messages of devices',
      { One: { Type: 'AWS::IoT::TopicRule', Properties: { TopicRulePayload: { Actions: [FAR] }, RuleName: FAR } } },
      ['One: us-east-1'],
    ],
    ['what is no payload', { One: { Type: 'AWS::IoT::TopicRule', Properties: { RuleName: FAR } } }, []],
    [
      'events of Kinesis Video Streams',
      {
        One: {
          Type: 'AWS::Events::Rule',
          Properties: { EventPattern: { source: ['a', 'aws.kinesisvideo'] }, Targets: [{ Arn: FAR }] },
        },
      },
      ['One: us-east-1'],
    ],
    [
      'events of Rekognition',
      {
        One: {
          Type: 'AWS::Events::Rule',
          Properties: { EventPattern: { source: ['aws.rekognition'] }, Targets: [{ Arn: FAR }] },
        },
      },
      ['One: us-east-1'],
    ],
    [
      'events of others',
      {
        One: {
          Type: 'AWS::Events::Rule',
          Properties: {
            EventPattern: { source: ['aws.kinesisvideo2', 'my.aws.rekognition'] },
            Targets: [{ Arn: FAR }],
          },
        },
      },
      [],
    ],
  ])('%s', (_what, resources, details) => {
    expect(found('MediaLeavesRegion', resources, 'eu-west-1')).toEqual(details);
    const [location] = locations(resources);
    expect(location).toBe(details.length > 0 ? LOCATIONS[resources.One!.Type] : undefined);
  });

  test.each<[what: string, rules: object[] | undefined, isFound: boolean]>([
    ['one rule of two', [{ Status: 'Disabled' }, { Status: 'Enabled' }], true],
    ['one rule that is switched off', [{ Status: 'Disabled' }], false],
    ['no rules', [], false],
    ['nothing', undefined, false],
  ])('a replica by %s', (_what, Rules, isFound) => {
    const resources = {
      Media: { Type: 'AWS::S3::Bucket', Properties: Rules && { ReplicationConfiguration: { Rules } } },
      Images: { Type: 'Custom::KinesisVideoImageGeneration', Properties: { Bucket: { Ref: 'Media' } } },
    };
    expect(found('MediaLeavesRegion', resources)).toEqual(isFound ? ['Media: '] : []);
  });

  test('topics of videos, and who has subscribed to them, not to others', () => {
    const resources = {
      Device: deviceRole(allow('sns:Publish', { Ref: 'Topic' })),
      Topic: { Type: 'AWS::SNS::Topic', Properties: { Subscription: [{ Endpoint: FAR }] } },
      Other: { Type: 'AWS::SNS::Topic' },
      One: {
        Type: 'AWS::SNS::Subscription',
        Properties: { TopicArn: { Ref: 'Topic' }, Endpoint: FAR, Region: 'eu-west-2' },
      },
      Two: { Type: 'AWS::SNS::Subscription', Properties: { TopicArn: { Ref: 'Other' }, Endpoint: FAR } },
    };
    expect(found('MediaLeavesRegion', resources, 'eu-west-1')).toEqual(['Topic: us-east-1', 'One: us-east-1']);
    expect(locations(resources)).toEqual(['Properties.Subscription', 'Properties.Endpoint']);
  });
});
