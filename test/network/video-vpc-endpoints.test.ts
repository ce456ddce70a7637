import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { VideoService, VideoVpcEndpoints, type VideoVpcEndpointsProps } from '../../lib/network/video-vpc-endpoints';
import { CloudModel } from '../support/policy-simulator';
import type { PolicyDocument } from '../support/resource-policies';
import { Match, Template, testStack, warningIds } from '../support/template';

const TYPE = 'AWS::EC2::VPCEndpoint';
const ZONE = 'AWS::Route53::HostedZone';
const ALL = Object.values(VideoService);
const GATEWAYS = [VideoService.S3, VideoService.DYNAMODB];
const IOT = [VideoService.IOT_DATA, VideoService.IOT_CREDENTIALS];
const INTERFACES = ALL.filter((service) => !GATEWAYS.includes(service));
const HARMLESS: VideoService[] = ALL.filter((service) => service !== VideoService.KINESIS_VIDEO);
const OWN = '111122223333';
const OTHER = '444455556666';

function endpointsIn(stack: Stack, props: Partial<VideoVpcEndpointsProps> = {}): VideoVpcEndpoints {
  return new VideoVpcEndpoints(stack, 'Endpoints', { ...props, vpc: props.vpc ?? new ec2.Vpc(stack, 'Vpc') });
}

/** The properties of the endpoints in the template, by service. */
function propertiesOf(stack: Stack): Record<string, Record<string, unknown>> {
  const found = Object.entries(Template.fromStack(stack).findResources(TYPE)).map(([id, { Properties }]) => {
    const service = ALL.find((value) => id.startsWith(`Endpoints${value.replace('.', '')}`));
    return [service, Properties];
  });
  return Object.fromEntries(found);
}

describe('defaults', () => {
  const stack = testStack();
  endpointsIn(stack);
  const template = Template.fromStack(stack);
  const properties = propertiesOf(stack);

  test('all services but Kinesis Video Streams have an endpoint', () => {
    expect(Object.keys(properties).sort()).toEqual([...HARMLESS].sort());
    expect(warningIds(stack)).toEqual([]);
  });

  test.each(INTERFACES.filter((service) => HARMLESS.includes(service)))(
    '%s: an interface in the private subnets',
    (service) => {
      expect(properties[service]).toMatchObject({
        VpcEndpointType: 'Interface',
        ServiceName: `com.amazonaws.eu-west-1.${service}`,
        PrivateDnsEnabled: !IOT.includes(service),
        SecurityGroupIds: [{ 'Fn::GetAtt': [expect.stringMatching(/^EndpointsSecurityGroup/), 'GroupId'] }],
        SubnetIds: [1, 2, 3].map((i) => ({ Ref: expect.stringMatching(`^VpcPrivateSubnet${i}`) })),
      });
    },
  );

  test.each(GATEWAYS)('%s: a gateway in the route tables of the private subnets', (service) => {
    expect(properties[service]).toMatchObject({
      VpcEndpointType: 'Gateway',
      ServiceName: { 'Fn::Join': ['', ['com.amazonaws.', { Ref: 'AWS::Region' }, `.${service}`]] },
      RouteTableIds: [1, 2, 3].map((i) => ({ Ref: expect.stringMatching(`^VpcPrivateSubnet${i}RouteTable`) })),
    });
  });

  test('one security group, open to the VPC at 443 and 8883, and to nobody outwards', () => {
    const CidrIp = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Vpc'), 'CidrBlock'] };
    template.resourceCountIs('AWS::EC2::SecurityGroup', 1);
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: [443, 8883].map((port) =>
        Match.objectLike({ CidrIp, FromPort: port, ToPort: port, IpProtocol: 'tcp' }),
      ),
      SecurityGroupEgress: [Match.objectLike({ CidrIp: '255.255.255.255/32' })],
    });
  });

  test.each([
    [VideoService.IOT_DATA, 'iotdata', 'DataEndpoint'],
    [VideoService.IOT_CREDENTIALS, 'iotcredentials', 'CredentialEndpoint'],
  ])("%s: a zone in the VPC makes the account's host an alias", (_service, id, attribute) => {
    const host = { 'Fn::Join': ['', [{ 'Fn::GetAtt': [Match.stringLikeRegexp('IotEndpoints'), attribute] }, '.']] };
    template.hasResourceProperties(ZONE, {
      Name: host,
      VPCs: [{ VPCId: { Ref: Match.stringLikeRegexp('^Vpc') }, VPCRegion: 'eu-west-1' }],
    });
    const entry = { 'Fn::Select': [0, { 'Fn::GetAtt': [Match.stringLikeRegexp(`^Endpoints${id}`), 'DnsEntries'] }] };
    template.hasResourceProperties('AWS::Route53::RecordSet', {
      Type: 'A',
      Name: host,
      HostedZoneId: { Ref: Match.stringLikeRegexp(`^Endpoints${id}Zone`) },
      AliasTarget: {
        HostedZoneId: { 'Fn::Select': [0, { 'Fn::Split': [':', entry] }] },
        DNSName: { 'Fn::Select': [1, { 'Fn::Split': [':', entry] }] },
      },
    });
  });

  test('the hosts of both are looked up once', () => {
    template.resourceCountIs('Custom::IotEndpoints', 1);
    template.resourceCountIs(ZONE, 2);
  });
});

describe('Kinesis Video Streams', () => {
  test('is an explicit choice, with private DNS and a warning', () => {
    const stack = testStack();
    endpointsIn(stack, { kinesisVideo: true });
    const properties = propertiesOf(stack);
    expect(Object.keys(properties).sort()).toEqual([...ALL].sort());
    expect(properties.kinesisvideo).toMatchObject({
      ServiceName: 'com.amazonaws.eu-west-1.kinesisvideo',
      PrivateDnsEnabled: true,
    });
    expect(warningIds(stack)).toEqual(['cdk-kinesis-video:kinesisVideoEndpointBreaksWebRtc']);
  });

  test('can be the only one', () => {
    const stack = testStack();
    endpointsIn(stack, { services: [], kinesisVideo: true });
    expect(Object.keys(propertiesOf(stack))).toEqual(['kinesisvideo']);
  });
});

describe('a choice of services', () => {
  test('makes no other endpoint, no zone and no port of MQTT', () => {
    const stack = testStack();
    endpointsIn(stack, { services: [VideoService.SNS, VideoService.S3, VideoService.SNS] });
    expect(Object.keys(propertiesOf(stack)).sort()).toEqual(['s3', 'sns']);
    const template = Template.fromStack(stack);
    template.resourceCountIs(ZONE, 0);
    template.resourceCountIs('Custom::IotEndpoints', 0);
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: [Match.objectLike({ FromPort: 443, ToPort: 443 })],
    });
  });

  test('of gateways only needs no security group', () => {
    const stack = testStack();
    const endpoints = endpointsIn(stack, { services: GATEWAYS });
    Template.fromStack(stack).resourceCountIs('AWS::EC2::SecurityGroup', 0);
    expect(endpoints.connections.securityGroups).toEqual([]);
  });

  test('of one side of AWS IoT makes the zone of that side only', () => {
    const stack = testStack();
    endpointsIn(stack, { services: [VideoService.IOT_CREDENTIALS] });
    const template = Template.fromStack(stack);
    template.resourceCountIs(ZONE, 1);
    template.hasResourceProperties(ZONE, {
      Name: { 'Fn::Join': ['', [{ 'Fn::GetAtt': [Match.anyValue(), 'CredentialEndpoint'] }, '.']] },
    });
  });

  test.each([
    ['eu-west-1', []],
    ['us-gov-west-1', [VideoService.IOT_CREDENTIALS]],
    ['cn-north-1', [VideoService.IOT_CREDENTIALS, VideoService.REKOGNITION]],
  ])('%s: the default leaves out what the region has not', (region, absent) => {
    const stack = testStack({ env: { account: OWN, region } });
    endpointsIn(stack);
    const expected = HARMLESS.filter((service) => !absent.includes(service));
    expect(Object.keys(propertiesOf(stack)).sort()).toEqual(expected.sort());
  });

  test('China has its own name of the service', () => {
    const stack = testStack({ env: { account: OWN, region: 'cn-north-1' } });
    endpointsIn(stack, { kinesisVideo: true });
    const properties = propertiesOf(stack);
    expect(properties['iot.data'].ServiceName).toBe('cn.com.amazonaws.cn-north-1.iot.data');
    expect(properties.kinesisvideo.ServiceName).toBe('com.amazonaws.cn-north-1.kinesisvideo');
    expect(JSON.stringify(properties.s3.PolicyDocument)).toContain(
      'arn:aws-cn:s3:::prod-cn-north-1-starport-layer-bucket',
    );
  });
});

describe('hosts of AWS IoT', () => {
  test('that are given are not looked up', () => {
    const stack = testStack();
    endpointsIn(stack, {
      iotDataHost: 'mqtt.example.com',
      iotCredentialsHost: 'abc123.credentials.iot.eu-west-1.amazonaws.com',
    });
    const template = Template.fromStack(stack);
    template.resourceCountIs('Custom::IotEndpoints', 0);
    for (const Name of ['mqtt.example.com.', 'abc123.credentials.iot.eu-west-1.amazonaws.com.']) {
      template.hasResourceProperties(ZONE, { Name });
      template.hasResourceProperties('AWS::Route53::RecordSet', { Name, Type: 'A' });
    }
  });

  test('are looked up where one is missing', () => {
    const stack = testStack();
    endpointsIn(stack, { iotDataHost: 'abc123-ats.iot.eu-west-1.amazonaws.com' });
    const template = Template.fromStack(stack);
    template.resourceCountIs('Custom::IotEndpoints', 1);
    template.hasResourceProperties(ZONE, { Name: 'abc123-ats.iot.eu-west-1.amazonaws.com.' });
  });
});

/** A stack of the other account, with anything in it. */
function otherStack(): Stack {
  const stack = testStack({ env: { account: OTHER, region: 'eu-west-1' } });
  new ec2.Vpc(stack, 'Vpc');
  return stack;
}

describe('policies', () => {
  const stack = testStack();
  const endpoints = endpointsIn(stack, { kinesisVideo: true });
  endpoints.endpointOf(VideoService.SQS).addToPolicy(
    new iam.PolicyStatement({
      principals: [new iam.StarPrincipal()],
      actions: ['sqs:SendMessage'],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:PrincipalAccount': OTHER } },
    }),
  );
  const properties = propertiesOf(stack);
  const policyOf = (service: string) => properties[service].PolicyDocument as PolicyDocument;

  /** Requests cross accounts, where an administrator's own policies don't suffice: that of the endpoint decides. */
  const own = CloudModel.of(stack);
  const other = CloudModel.of(otherStack());
  const send = { action: 'sqs:SendMessage', resource: `arn:aws:sqs:eu-west-1:${OWN}:images` };

  test.each(ALL.filter((service) => !IOT.includes(service)))("%s: the stack's account only", (service) => {
    const [first] = [policyOf(service).Statement].flat();
    expect(first).toEqual({
      Effect: 'Allow',
      Principal: '*',
      Action: '*',
      Resource: '*',
      Condition: { StringEquals: { 'aws:PrincipalAccount': [OWN] } },
    });
  });

  test.each(IOT)('%s has none: it would fail to deploy', (service) => {
    expect(properties[service]).not.toHaveProperty('PolicyDocument');
  });

  test.each([
    [VideoService.KINESIS_VIDEO, 'kinesisvideo:PutMedia', 'arn:aws:kinesisvideo:eu-west-1:<account>:stream/drone-1/17'],
    [VideoService.KMS, 'kms:Decrypt', 'arn:aws:kms:eu-west-1:<account>:key/0'],
    [VideoService.SQS, 'sqs:ReceiveMessage', 'arn:aws:sqs:eu-west-1:<account>:images'],
    [VideoService.S3, 's3:GetObject', 'arn:aws:s3:::images/frame.jpg'],
    [VideoService.S3, 's3:PutObject', 'arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/layer'],
    [VideoService.S3, 's3:GetObject', 'arn:aws:s3:::cloudformation-waitcondition-eu-west-1/answer'],
  ])('%s: %s on %s is for the own account only', async (service, action, arn) => {
    const request = { action, resourcePolicy: policyOf(service) };
    await other.expectAllowed({ ...request, principal: OWN, resource: arn.replace('<account>', OTHER) });
    await own.expectDenied({ ...request, principal: OTHER, resource: arn.replace('<account>', OWN) });
    await own.expectDenied({ ...request, principal: 'ecr.amazonaws.com', resource: arn.replace('<account>', OWN) });
  });

  test('a statement that is added to one endpoint is not in the others', async () => {
    await own.expectAllowed({ ...send, principal: OTHER, resourcePolicy: policyOf(VideoService.SQS) });
    await own.expectDenied({ ...send, principal: OTHER, resourcePolicy: policyOf(VideoService.SNS) });
  });

  test.each([
    ['ecr.amazonaws.com', 's3:GetObject', 'prod-eu-west-1-starport-layer-bucket'],
    ['cloudformation.amazonaws.com', 's3:PutObject', 'cloudformation-custom-resource-response-euwest1'],
    ['cloudformation.amazonaws.com', 's3:PutObject', 'cloudformation-waitcondition-eu-west-1'],
  ])('what %s signed itself gets through: %s in %s', async (principal, action, bucket) => {
    const request = { principal, action, resourcePolicy: policyOf(VideoService.S3) };
    await own.expectAllowed({ ...request, resource: `arn:aws:s3:::${bucket}/key` });
    await own.expectDenied({ ...request, resource: `arn:aws:s3:::${bucket}-of-somebody/key` });
  });

  test('other accounts can be let through instead', async () => {
    const shared = testStack();
    endpointsIn(shared, { principalAccounts: [OTHER] });
    const resourcePolicy = propertiesOf(shared).sqs.PolicyDocument as PolicyDocument;
    await own.expectAllowed({ ...send, principal: OTHER, resourcePolicy });
    const there = send.resource.replace(OWN, OTHER);
    await other.expectDenied({ ...send, principal: OWN, resource: there, resourcePolicy });
  });
});

describe('network', () => {
  test("the user's security group gets no rules and replaces ours", () => {
    const stack = testStack();
    const securityGroup = ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123456789abcdef0');
    endpointsIn(stack, { securityGroup, services: [VideoService.IOT_DATA] });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::EC2::SecurityGroup', 0);
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
    template.hasResourceProperties(TYPE, { SecurityGroupIds: ['sg-0123456789abcdef0'] });
  });

  test('connections open the endpoints to others, at 443 by default', () => {
    const stack = testStack();
    const endpoints = endpointsIn(stack);
    endpoints.connections.allowDefaultPortFrom(ec2.Peer.ipv4('10.9.0.0/16'));
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: Match.arrayWith([Match.objectLike({ CidrIp: '10.9.0.0/16', FromPort: 443, ToPort: 443 })]),
    });
  });

  test('the subnets of the interfaces can be chosen, the gateways stay with the clients', () => {
    const stack = testStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', {
      maxAzs: 2,
      subnetConfiguration: [
        { name: 'Nat', subnetType: ec2.SubnetType.PUBLIC },
        { name: 'App', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
        { name: 'Inner', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      ],
    });
    endpointsIn(stack, { vpc, subnets: { subnetGroupName: 'Inner' } });
    const properties = propertiesOf(stack);
    const ids = (pattern: string) => ({ Ref: expect.stringMatching(pattern) });
    expect(properties.sns.SubnetIds).toEqual([ids('^VpcInnerSubnet1'), ids('^VpcInnerSubnet2')]);
    expect(properties.s3.RouteTableIds).toEqual(
      ['App', 'Inner'].flatMap((name) => [1, 2].map((i) => ids(`^Vpc${name}Subnet${i}RouteTable`))),
    );
  });

  test.each([
    ['isolated', ec2.SubnetType.PRIVATE_ISOLATED],
    ['public', ec2.SubnetType.PUBLIC],
  ])('a VPC that has %s subnets only gets both kinds of endpoints there', (_kind, subnetType) => {
    const stack = testStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', {
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ name: 'Only', subnetType }],
    });
    endpointsIn(stack, { vpc });
    const properties = propertiesOf(stack);
    const ids = (pattern: string) =>
      [1, 2].map((i) => ({ Ref: expect.stringMatching(`^VpcOnlySubnet${i}${pattern}`) }));
    expect(properties.sns.SubnetIds).toEqual(ids('Subnet'));
    expect(properties.s3.RouteTableIds).toEqual(ids('RouteTable'));
  });
});

describe('an imported VPC', () => {
  const attributes = {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['eu-west-1a', 'eu-west-1b'],
    privateSubnetIds: ['subnet-a', 'subnet-b'],
    privateSubnetRouteTableIds: ['rtb-a', 'rtb-b'],
    vpcCidrBlock: '10.0.0.0/16',
  };

  test('gets the endpoints and zones', () => {
    const stack = testStack();
    endpointsIn(stack, { vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', attributes) });
    const properties = propertiesOf(stack);
    expect(properties.sns).toMatchObject({ VpcId: attributes.vpcId, SubnetIds: ['subnet-a', 'subnet-b'] });
    expect(properties.s3).toMatchObject({ VpcId: attributes.vpcId, RouteTableIds: ['rtb-a', 'rtb-b'] });
    const template = Template.fromStack(stack);
    template.allResourcesProperties(ZONE, { VPCs: [{ VPCId: attributes.vpcId, VPCRegion: 'eu-west-1' }] });
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: [443, 8883].map((FromPort) => Match.objectLike({ CidrIp: '10.0.0.0/16', FromPort })),
    });
  });

  test('without its CIDR block needs a security group', () => {
    const stack = testStack();
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { ...attributes, vpcCidrBlock: undefined });
    expect(() => endpointsIn(stack, { vpc })).toThrow(/'vpcCidrBlock' was not supplied/);
    const securityGroup = ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123456789abcdef0');
    new VideoVpcEndpoints(stack, 'Again', { vpc, securityGroup });
    Template.fromStack(stack).hasResourceProperties(TYPE, { SecurityGroupIds: ['sg-0123456789abcdef0'] });
  });
});

describe('endpointOf', () => {
  const stack = testStack();
  const endpoints = endpointsIn(stack, { services: [VideoService.IOT_DATA, VideoService.S3] });

  test('gives the endpoint of the service', () => {
    const ids = [VideoService.IOT_DATA, VideoService.S3].map((service) => endpoints.endpointOf(service).vpcEndpointId);
    expect(stack.resolve(ids)).toEqual([
      { Ref: expect.stringMatching(/^Endpointsiotdata/) },
      { Ref: expect.stringMatching(/^Endpointss3/) },
    ]);
  });

  test('names those that there are when asked for another', () => {
    expect(() => endpoints.endpointOf(VideoService.KMS)).toThrow("'kms' has no endpoint here, only iot.data, s3.");
  });
});

describe('bad input', () => {
  const services = [VideoService.SNS];
  const china = { account: OWN, region: 'cn-north-1' };

  test.each([
    ['no service', { services: [] }, /`services` is empty/],
    ['Kinesis Video Streams in passing', { services: ALL }, /KINESIS_VIDEO breaks WebRTC.*`kinesisVideo: true`/],
    ['no account', { principalAccounts: [] }, /`principalAccounts` is empty/],
    ['an ARN', { principalAccounts: [OWN, 'arn:aws:iam::1:root'] }, /'arn:aws:iam::1:root'.*12 digits/],
    [
      'a scheme',
      { iotDataHost: 'https://abc-ats.iot.eu-west-1.amazonaws.com' },
      /`iotDataHost` is 'https:.*iot:Data-ATS/,
    ],
    [
      'a port',
      { iotDataHost: 'abc-ats.iot.eu-west-1.amazonaws.com:8883' },
      /`iotDataHost` is .*without scheme and port/,
    ],
    ['the wrong type', { iotDataHost: 'abc.credentials.iot.eu-west-1.amazonaws.com' }, /of the type iot:Data-ATS/],
    [
      'the other wrong type',
      { iotCredentialsHost: 'abc.iot.eu-west-1.amazonaws.com' },
      /of the type iot:CredentialProvider/,
    ],
    [
      'a host without endpoint',
      { services, iotDataHost: 'mqtt.example.com' },
      /`iotDataHost`.*'iot.data' gets no endpoint/,
    ],
  ])('%s', (_what, props, message) => {
    const stack = testStack();
    expect(() => endpointsIn(stack, props)).toThrow(message);
    try {
      new VideoVpcEndpoints(stack, 'Again', { vpc: new ec2.Vpc(stack, 'Other'), ...props });
    } catch (error) {
      expect(error).toMatchObject({ constructPath: 'Test/Again', type: 'validation' });
    }
  });

  test.each([VideoService.IOT_CREDENTIALS, VideoService.REKOGNITION])(
    '%s where the region has no endpoint',
    (service) => {
      const stack = testStack({ env: china });
      expect(() => endpointsIn(stack, { services: [service] })).toThrow(`'${service}' has no endpoint in cn-north-1`);
      endpointsIn(testStack(), { services: [service] });
    },
  );
});

describe('tokens pass', () => {
  test('of the properties', () => {
    const stack = testStack();
    const accounts = new CfnParameter(stack, 'Accounts', { type: 'CommaDelimitedList' });
    endpointsIn(stack, {
      principalAccounts: accounts.valueAsList,
      iotDataHost: new CfnParameter(stack, 'DataHost').valueAsString,
      iotCredentialsHost: new CfnParameter(stack, 'CredentialsHost').valueAsString,
    });
    const [statement] = (propertiesOf(stack).sns.PolicyDocument as PolicyDocument).Statement as object[];
    expect(statement).toMatchObject({ Condition: { StringEquals: { 'aws:PrincipalAccount': { Ref: 'Accounts' } } } });
    const template = Template.fromStack(stack);
    for (const Ref of ['DataHost', 'CredentialsHost']) {
      template.hasResourceProperties(ZONE, { Name: { 'Fn::Join': ['', [{ Ref }, '.']] } });
    }
  });

  test('of account and region', () => {
    const stack = new Stack(new App(), 'Anywhere');
    endpointsIn(stack);
    const properties = propertiesOf(stack);
    expect(Object.keys(properties).sort()).toEqual([...HARMLESS].sort());
    expect(properties.sns.PolicyDocument).toMatchObject({
      Statement: [{ Condition: { StringEquals: { 'aws:PrincipalAccount': [{ Ref: 'AWS::AccountId' }] } } }],
    });
    expect(JSON.stringify(properties.s3.PolicyDocument)).toContain(
      ':s3:::cloudformation-custom-resource-response-",{"Fn::Join":["",{"Fn::Split":["-",{"Ref":"AWS::Region"}]}]}',
    );
  });
});
