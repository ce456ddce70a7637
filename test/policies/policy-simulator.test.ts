import { App, CfnOutput, CfnParameter, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnPolicy } from 'aws-cdk-lib/aws-iot';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import cdkJson from '../../cdk.json';
import { DeployedStack } from '../support/cloudformation-resolver';
import { CloudModel } from '../support/policy-simulator';
import { defaultKeyPolicy } from '../support/resource-policies';
import { testStack } from '../support/template';

const STREAMS = 'arn:aws:kinesisvideo:eu-west-1:111122223333:stream';
const TOPICS = 'arn:aws:iot:eu-west-1:111122223333:topic';
const FOREIGN_KEY = 'arn:aws:kms:eu-west-1:111122223333:key/foreign';

function roleWith(stack: Stack, ...statements: iam.PolicyStatementProps[]): iam.Role {
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('credentials.iot.amazonaws.com') });
  for (const statement of statements) role.addToPolicy(new iam.PolicyStatement(statement));
  return role;
}

describe('policies of a role', () => {
  test('with an empty resource are refused, as by IAM', async () => {
    const stack = testStack();
    roleWith(stack, { actions: ['iot:ListThings'], resources: [''] });
    const request = { principal: 'Role', action: 'iot:ListThings', resource: '*' };
    await expect(CloudModel.of(stack).expectAllowed(request)).rejects.toThrow('has an empty resource.');
  });

  test('a deny wins', async () => {
    const stack = testStack();
    roleWith(
      stack,
      { actions: ['kinesisvideo:*'], resources: ['*'] },
      { effect: iam.Effect.DENY, actions: ['kinesisvideo:DeleteStream'], resources: [`${STREAMS}/drone-1/*`] },
    );
    const cloud = CloudModel.of(stack);
    const request = { principal: 'Role', action: 'kinesisvideo:DeleteStream' };
    await cloud.expectAllowed({ ...request, resource: `${STREAMS}/drone-10/1` });
    await cloud.expectDenied({ ...request, resource: `${STREAMS}/drone-1/1` });
  });

  test('conditions are evaluated, those of several values too', async () => {
    const stack = testStack();
    roleWith(
      stack,
      { actions: ['s3:PutObject'], resources: ['*'], conditions: { StringEquals: { 'aws:SourceVpce': ['a', 'b'] } } },
      {
        actions: ['kinesisvideo:CreateStream'],
        resources: ['*'],
        conditions: { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['fleet', 'owner'] } },
      },
    );
    const cloud = CloudModel.of(stack);
    const put = { principal: 'Role', action: 's3:PutObject', resource: 'arn:aws:s3:::images/1.jpg' };
    await cloud.expectAllowed({ ...put, context: { 'aws:SourceVpce': 'b' } });
    await cloud.expectDenied({ ...put, context: { 'aws:SourceVpce': 'c' } });
    await cloud.expectDenied(put);
    const create = { principal: 'Role', action: 'kinesisvideo:CreateStream', resource: `${STREAMS}/drone-1/1` };
    await cloud.expectAllowed({ ...create, context: { 'aws:TagKeys': ['owner', 'fleet'] } });
    await cloud.expectDenied({ ...create, context: { 'aws:TagKeys': ['owner', 'admin'] } });
  });

  test('the thing whose credentials they are is a policy variable', async () => {
    const stack = testStack();
    roleWith(stack, { actions: ['kinesisvideo:PutMedia'], resources: [`${STREAMS}/\${credentials-iot:ThingName}/*`] });
    const cloud = CloudModel.of(stack);
    const request = {
      principal: 'Role',
      action: 'kinesisvideo:PutMedia',
      context: { 'credentials-iot:ThingName': 'drone-1' },
    };
    await cloud.expectAllowed({ ...request, resource: `${STREAMS}/drone-1/1700000000000` });
    await cloud.expectDenied({ ...request, resource: `${STREAMS}/drone-10/1700000000000` });
    await cloud.expectDenied({ ...request, resource: `${STREAMS}/drone-1/1700000000000`, context: {} });
  });

  test('an action without resources is granted by nothing but *', async () => {
    const stack = testStack();
    roleWith(
      stack,
      { actions: ['kinesisvideo:ListStreams'], resources: [`${STREAMS}/*`] },
      { actions: ['cloudwatch:PutMetricData'], resources: ['*'] },
    );
    const cloud = CloudModel.of(stack);
    await cloud.expectAllowed({ principal: 'Role', action: 'cloudwatch:PutMetricData', resource: '*' });
    await cloud.expectDenied({ principal: 'Role', action: 'kinesisvideo:ListStreams', resource: '*' });
    const onArn = cloud.simulate({ principal: 'Role', action: 'kinesisvideo:ListStreams', resource: `${STREAMS}/a/1` });
    await expect(onArn).rejects.toThrow(/knows no resources/);
  });

  test('a request for several resources is not granted by one of them', async () => {
    const stack = testStack();
    roleWith(
      stack,
      { actions: ['kinesisvideo:GetMedia'], resources: [`${STREAMS}/drone-1/*`] },
      { actions: ['kinesisvideo:GetClip'], resources: [`${STREAMS}/drone-*`] },
    );
    const cloud = CloudModel.of(stack);
    await cloud.expectAllowed({ principal: 'Role', action: 'kinesisvideo:GetClip', resource: `${STREAMS}/drone-*` });
    await cloud.expectDenied({ principal: 'Role', action: 'kinesisvideo:GetMedia', resource: `${STREAMS}/drone-*` });
  });

  test('are inline, attached and managed; those of AWS are listed', async () => {
    const stack = testStack();
    const statement = (action: string) => new iam.PolicyStatement({ actions: [action], resources: ['*'] });
    const role = new iam.Role(stack, 'Role', {
      assumedBy: new iam.AccountRootPrincipal(),
      inlinePolicies: { Inline: new iam.PolicyDocument({ statements: [statement('s3:GetObject')] }) },
      managedPolicies: [
        iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSLambdaBasicExecutionRole'),
        new iam.ManagedPolicy(stack, 'Listed', { statements: [statement('s3:PutObject')] }),
      ],
    });
    new iam.ManagedPolicy(stack, 'Attached', { statements: [statement('s3:DeleteObject')], roles: [role] });
    role.addToPolicy(statement('s3:GetObjectTagging'));

    const cloud = CloudModel.of(stack);
    for (const action of ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:GetObjectTagging']) {
      await cloud.expectAllowed({ principal: 'Role', action, resource: 'arn:aws:s3:::images/1.jpg' });
    }
    await cloud.expectDenied({
      principal: 'Role',
      action: 's3:PutObjectTagging',
      resource: 'arn:aws:s3:::images/1.jpg',
    });
    expect(cloud.identityPolicies('Role').awsManaged).toEqual(['service-role/AWSLambdaBasicExecutionRole']);
  });
});

describe('policies of resources', () => {
  test('of a key: it must name the role, or leave it to the policies of the account', async () => {
    const stack = testStack();
    const decrypt = { actions: ['kms:Decrypt'], resources: ['*'] };
    const role = roleWith(stack, decrypt);
    new kms.Key(stack, 'Delegating');
    new kms.CfnKey(stack, 'Plain');
    const key = (id: string, statement: iam.PolicyStatementProps) =>
      new kms.Key(stack, id, { policy: new iam.PolicyDocument({ statements: [new iam.PolicyStatement(statement)] }) });
    key('Naming', { principals: [role], ...decrypt });
    key('Closed', { principals: [new iam.ServicePrincipal('logs.amazonaws.com')], ...decrypt });

    const cloud = CloudModel.of(stack);
    const request = { principal: 'Role', action: 'kms:Decrypt' };
    for (const resource of ['Delegating', 'Plain', 'Naming']) await cloud.expectAllowed({ ...request, resource });
    await cloud.expectDenied({ ...request, resource: 'Closed' });
    await cloud.expectDenied({ ...request, action: 'kms:Encrypt', resource: 'Delegating' });
    await cloud.expectAllowed({ ...request, resource: FOREIGN_KEY, resourcePolicy: defaultKeyPolicy('111122223333') });
    await expect(cloud.simulate({ ...request, resource: FOREIGN_KEY })).rejects.toThrow(/depends on its policy/);
  });

  test('of a role: its trust', async () => {
    const stack = testStack();
    new iam.Role(stack, 'Role', {
      assumedBy: new iam.ServicePrincipal('credentials.iot.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
      }),
    });
    const cloud = CloudModel.of(stack);
    const request = { principal: 'credentials.iot.amazonaws.com', action: 'sts:AssumeRole', resource: 'Role' };
    const context = { 'aws:SourceAccount': '111122223333' };
    await cloud.expectAllowed({ ...request, context });
    await cloud.expectDenied({ ...request, context: { 'aws:SourceAccount': '444455556666' } });
    await cloud.expectDenied({ ...request, context, principal: 'iot.amazonaws.com' });
  });

  test('of bucket, topic, queue and function', async () => {
    const stack = testStack();
    const bucket = new s3.Bucket(stack, 'Images', { enforceSSL: true });
    const topic = new sns.Topic(stack, 'Alerts');
    const queue = new sqs.Queue(stack, 'Work');
    const fn = new lambda.Function(stack, 'Handler', {
      code: lambda.Code.fromInline('-'),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_LATEST,
    });
    const conditions = { ArnLike: { 'aws:SourceArn': bucket.bucketArn } };
    const s3Service = new iam.ServicePrincipal('s3.amazonaws.com', { conditions });
    bucket.grantRead(new iam.AccountPrincipal('444455556666'));
    topic.grantPublish(s3Service);
    queue.grantSendMessages(s3Service);
    fn.addPermission('Bucket', { principal: s3Service, sourceArn: bucket.bucketArn, sourceAccount: stack.account });

    const cloud = CloudModel.of(stack);
    const image = `${cloud.arn('Images')}/1.jpg`;
    const read = { principal: '444455556666', action: 's3:GetObject', resource: image };
    await cloud.expectAllowed(read);
    await cloud.expectDenied({ ...read, context: { 'aws:SecureTransport': 'false' } });
    await cloud.expectDenied({ ...read, principal: '777788889999' });
    await cloud.expectDenied({ ...read, action: 's3:PutObject' });

    const context = { 'aws:SourceArn': cloud.arn('Images'), 'aws:SourceAccount': '111122223333' };
    for (const [action, resource] of [
      ['sns:Publish', 'Alerts'],
      ['sqs:SendMessage', 'Work'],
      ['lambda:InvokeFunction', 'Handler'],
    ]) {
      await cloud.expectAllowed({ principal: 's3.amazonaws.com', action, resource, context });
      await cloud.expectDenied({
        principal: 's3.amazonaws.com',
        action,
        resource,
        context: { ...context, 'aws:SourceArn': image },
      });
      await cloud.expectDenied({ principal: 'sns.amazonaws.com', action, resource, context });
    }
  });
});

test('IoT policies have variables of their own', async () => {
  const stack = testStack();
  const thing = '${iot:Connection.Thing.ThingName}';
  new CfnPolicy(stack, 'Device', {
    policyDocument: new iam.PolicyDocument({
      statements: [
        new iam.PolicyStatement({
          actions: ['iot:Connect'],
          resources: [`arn:aws:iot:eu-west-1:111122223333:client/${thing}`],
          conditions: { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } },
        }),
        new iam.PolicyStatement({ actions: ['iot:Publish'], resources: [`${TOPICS}/devices/${thing}/*`] }),
      ],
    }),
  });
  const cloud = CloudModel.of(stack);
  const context = { 'iot:Connection.Thing.ThingName': 'drone-1', 'iot:Connection.Thing.IsAttached': 'true' };
  const publish = { principal: 'Device', action: 'iot:Publish', context };
  await cloud.expectAllowed({ ...publish, resource: `${TOPICS}/devices/drone-1/detections` });
  await cloud.expectDenied({ ...publish, resource: `${TOPICS}/devices/drone-10/detections` });
  await cloud.expectDenied({ ...publish, resource: `${TOPICS}/devices/drone-1/detections`, context: {} });

  const resource = 'arn:aws:iot:eu-west-1:111122223333:client/drone-1';
  const connect = { principal: 'Device', action: 'iot:Connect', resource, context };
  await cloud.expectAllowed(connect);
  await cloud.expectDenied({ ...connect, context: { ...context, 'iot:Connection.Thing.IsAttached': 'false' } });
});

describe('stacks', () => {
  test.each(['weak', 'strong'])('references across stacks are followed: %s', async (strength) => {
    const app = new App({ context: { ...cdkJson.context, '@aws-cdk/core:defaultCrossStackReferences': strength } });
    const bucket = new s3.Bucket(new Stack(app, 'Storage'), 'Images');
    const stack = new Stack(app, 'Users');
    bucket.grantRead(roleWith(stack));
    const cloud = CloudModel.of(stack, bucket.stack);
    await cloud.expectAllowed({ principal: 'Role', action: 's3:GetObject', resource: `${cloud.arn('Images')}/1.jpg` });
    await cloud.expectDenied({ principal: 'Role', action: 's3:GetObject', resource: `${cloud.arn('Images')}-2/1.jpg` });
    expect(() => CloudModel.of(stack).identityPolicies('Role')).toThrow(/in none of the stacks/);
  });

  test('an id that matches nothing, or too much, is an error', async () => {
    const stack = testStack();
    new s3.Bucket(stack, 'Images');
    new s3.Bucket(stack, 'ImagesOfYesterday');
    const cloud = CloudModel.of(stack);
    expect(cloud.arn('Images')).not.toBe(cloud.arn('ImagesOfYesterday'));
    expect(() => cloud.arn('Image')).toThrow(/matches 0 of/);
    expect(() => cloud.arn(/Images/)).toThrow(/matches 2 of/);
  });
});

describe('intrinsics', () => {
  const stack = new Stack(undefined, 'Test');
  new s3.CfnBucket(stack, 'Bucket', { bucketName: 'images' });
  new sqs.CfnQueue(stack, 'Queue');
  new sns.CfnTopic(stack, 'Topic');
  new ssm.CfnParameter(stack, 'Setting', { type: 'String', value: 'x' });
  const parameters = [
    new CfnParameter(stack, 'WithDefault', { default: 'a' }),
    new CfnParameter(stack, 'WithoutDefault'),
    new CfnParameter(stack, 'Forgotten'),
  ];
  new CfnOutput(stack, 'Used', { value: parameters.map((parameter) => parameter.valueAsString).join('') });
  const deployed = new DeployedStack(stack, [], { WithoutDefault: 'b', 'Endpoint.Address': 'c' });

  test.each([
    [{ Ref: 'AWS::AccountId' }, '111122223333'],
    [{ Ref: 'Bucket' }, 'images'],
    [{ Ref: 'Queue' }, 'https://sqs.eu-west-1.amazonaws.com/111122223333/test-queue'],
    [{ Ref: 'Topic' }, 'arn:aws:sns:eu-west-1:111122223333:test-topic'],
    [{ 'Fn::GetAtt': ['Topic', 'TopicName'] }, 'test-topic'],
    [{ Ref: 'WithDefault' }, 'a'],
    [{ Ref: 'WithoutDefault' }, 'b'],
    [{ 'Fn::GetAtt': 'Endpoint.Address' }, 'c'],
    [
      { 'Fn::Sub': '${AWS::Partition}/${Bucket}/${Bucket.Arn}/${!Literal}' },
      'aws/images/arn:aws:s3:::images/${Literal}',
    ],
    [{ 'Fn::Sub': ['${Own}', { Own: { Ref: 'Bucket' } }] }, 'images'],
    [{ 'Fn::Select': [1, { 'Fn::Split': ['/', { 'Fn::Join': ['/', ['x', { Ref: 'Bucket' }]] }] }] }, 'images'],
    [{ Some: ['x', { Ref: 'AWS::NoValue' }], None: { Ref: 'AWS::NoValue' } }, { Some: ['x'] }],
  ])('%j', (value, expected) => {
    expect(deployed.resolve(value)).toEqual(expected);
  });

  test.each([
    ['type', { Ref: 'Setting' }, /The Ref of AWS::SSM::Parameter \(Test\/Setting\) is not in RESOURCE_TYPES/],
    ['attribute', { 'Fn::GetAtt': ['Bucket', 'DomainName'] }, /The DomainName of AWS::S3::Bucket \(Test\/Bucket\)/],
    ['resource', { Ref: 'Missing' }, /Test has no Missing/],
    ['intrinsic', { 'Fn::Base64': 'x' }, /Fn::Base64/],
    ['parameter', { Ref: 'Forgotten' }, /parameter Test\/Forgotten has no value/],
    ['item', { 'Fn::Select': [1, ['x']] }, /item 1 of \["x"\]/],
  ])('an unknown %s is an error, not a guess', (_what, value, message) => {
    expect(() => deployed.resolve(value)).toThrow(message);
  });
});

test('a failed expectation shows the statements that decided', async () => {
  const stack = testStack();
  roleWith(stack, { actions: ['s3:GetObject'], resources: ['*'] }, { actions: ['s3:PutObject'], resources: ['*'] });
  const cloud = CloudModel.of(stack);
  const request = { principal: 'Role', action: 's3:GetObject', resource: 'arn:aws:s3:::images/1.jpg' };
  expect(await cloud.simulate(request)).toBe('allowed');
  await expect(cloud.expectDenied(request)).rejects.toThrow(
    /s3:GetObject on arn:aws:s3:::images\/1.jpg should be denied for Role, but is allowed. These allow it:\n.*"s3:GetObject"/,
  );
  await expect(cloud.expectAllowed({ ...request, action: 's3:DeleteObject' })).rejects.toThrow(
    /do not allow it:\n.*\n?.*"s3:PutObject"/,
  );
});
