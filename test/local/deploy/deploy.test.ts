import { GetItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CfnCondition, CfnOutput, CfnResource, CustomResource, Duration, Fn, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Provider } from 'aws-cdk-lib/custom-resources';
import { startCloud, type Cloud } from '../../../local/cloud/cloud';
import { deploy } from '../../../local/deploy/deploy';
import type { Provisioners } from '../../../local/deploy/resource';
import { assemblyOf, functionOf } from './support';

let cloud: Cloud;

beforeEach(async () => (cloud = await startCloud()));
afterEach(() => cloud.stop());

/** Settings of a client, as whoever operates a cloud has it. */
const client = () => {
  const role = `arn:aws:iam::${cloud.account}:role/operator`;
  cloud.principals.role(role, []);
  return {
    region: cloud.region,
    endpoint: cloud.url,
    credentials: cloud.principals.issue(role, { sessionName: 'test' }),
  };
};

/** Deploys a stack, and another one that it may refer to. */
const deployStack = (build: (stack: Stack, other: Stack) => void, provisioners?: Provisioners) => {
  const directory = assemblyOf((app) => {
    const other = new Stack(app, 'Other');
    const stack = new Stack(app, 'Test');
    stack.addStackDependency(other);
    build(stack, other);
  });
  return deploy(directory, { cloud, provisioners });
};

const SDK = (name: string) => JSON.stringify(require.resolve(`@aws-sdk/client-${name}`));

test('a message goes from a topic through a queue and a function to a table, over stacks', async () => {
  const { outputs } = await deployStack((stack, other) => {
    const table = new dynamodb.Table(other, 'Table', {
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
    });
    const topic = new sns.Topic(stack, 'Topic');
    const deadLetterQueue = { queue: new sqs.Queue(stack, 'DeadLetters'), maxReceiveCount: 3 };
    const queue = new sqs.Queue(stack, 'Queue', { deadLetterQueue, visibilityTimeout: Duration.seconds(60) });
    topic.addSubscription(new SqsSubscription(queue, { rawMessageDelivery: true }));
    const code = `
      const { DynamoDBClient, PutItemCommand } = require(${SDK('dynamodb')});
      const client = new DynamoDBClient();
      exports.handler = async ({ Records: [{ body }] }) => {
        const Item = { id: { S: body }, by: { S: process.env.AWS_LAMBDA_FUNCTION_NAME } };
        await client.send(new PutItemCommand({ TableName: process.env.TABLE, Item }));
      };`;
    const handler = functionOf(stack, 'Handler', code, { environment: { TABLE: table.tableName } });
    handler.addEventSource(new SqsEventSource(queue, { reportBatchItemFailures: true }));
    table.grantWriteData(handler);
    new CfnOutput(stack, 'TopicArn', { value: topic.topicArn });
    new CfnOutput(stack, 'TableName', { value: table.tableName });
  });
  const { TopicArn, TableName } = outputs.Test as Record<string, string>;
  const publisher = new SNSClient(client());
  await publisher.send(new PublishCommand({ TopicArn, Message: 'hello' }));
  const tables = new DynamoDBClient(client());
  const item = async () => (await tables.send(new GetItemCommand({ TableName, Key: { id: { S: 'hello' } } }))).Item;
  while (!(await item())) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await item()).toEqual({ id: { S: 'hello' }, by: { S: expect.stringMatching(/^test-handler/) } });
  publisher.destroy();
  tables.destroy();
});

test('a queue is told of the objects of a bucket', async () => {
  const { outputs, resources } = await deployStack((stack) => {
    const bucket = new s3.Bucket(stack, 'Bucket');
    const queue = new sqs.Queue(stack, 'Queue');
    queue.grantSendMessages(new iam.ServicePrincipal('s3.amazonaws.com'));
    const resource = bucket.node.defaultChild as s3.CfnBucket;
    const queueConfigurations = [{ event: 's3:ObjectCreated:*', queue: queue.queueArn }];
    resource.notificationConfiguration = { queueConfigurations };
    resource.node.addDependency(queue.node.findChild('Policy'));
    new CfnOutput(stack, 'BucketName', { value: bucket.bucketName });
  });
  const store = new S3Client(client());
  await store.send(new PutObjectCommand({ Bucket: outputs.Test.BucketName as string, Key: 'a', Body: 'b' }));
  const [{ attributes }] = resources('AWS::SQS::Queue');
  const queue = cloud.sqs.queue(attributes.QueueName as string);
  const bodies = [...(await queue.receive(1, 20)), ...(await queue.receive(1, 20))].map(({ message }) => message.body);
  expect(bodies).toEqual([expect.stringContaining('s3:TestEvent'), expect.stringContaining('ObjectCreated:Put')]);
  store.destroy();
});

const SETTING = `
  exports.handler = async (event) => {
    if (event.ResourceProperties.Fails === 'true') throw new Error('It can not be set.');
    return { PhysicalResourceId: 'setting', Data: { Event: JSON.stringify(event) } };
  };`;

/** A custom resource, and the function that makes it. */
const setting = (stack: Stack, properties: Record<string, unknown>) => {
  const provider = new Provider(stack, 'Provider', { onEventHandler: functionOf(stack, 'Setter', SETTING) });
  return new CustomResource(stack, 'Setting', {
    serviceToken: provider.serviceToken,
    resourceType: 'Custom::Setting',
    properties,
  });
};

test('a custom resource is made by its function, which is told of it as by CloudFormation', async () => {
  const { outputs, resources } = await deployStack((stack) => {
    const resource = setting(stack, { Count: 3, Fails: false, Nested: { Is: true } });
    new CfnOutput(stack, 'Event', { value: resource.getAttString('Event') });
  });
  expect(JSON.parse(outputs.Test.Event as string)).toEqual({
    RequestType: 'Create',
    ServiceToken: expect.stringContaining(':function:test-provider'),
    ResponseURL: '...',
    StackId: expect.stringMatching(/^arn:aws:cloudformation:.+:stack\/Test\//),
    RequestId: expect.any(String),
    LogicalResourceId: 'Setting',
    ResourceType: 'Custom::Setting',
    ResourceProperties: { ServiceToken: expect.any(String), Count: '3', Fails: 'false', Nested: { Is: 'true' } },
  });
  expect(resources('Custom::Setting')).toMatchObject([{ ref: 'setting', logicalId: 'Setting', stackName: 'Test' }]);
});

test('a custom resource that can not be made is an error that says which and why', async () => {
  const attempt = deployStack((stack) => void setting(stack, { Fails: true }));
  await expect(attempt).rejects.toThrow('Test/Setting (Custom::Setting): Error: It can not be set.');
});

test('a role has the policies that its template and others give it', async () => {
  const { resources } = await deployStack((stack) => {
    const role = new iam.Role(stack, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { Own: document('s3:GetObject') },
    });
    role.attachInlinePolicy(new iam.Policy(stack, 'Policy', { document: document('s3:PutObject') }));
    role.addManagedPolicy(new iam.ManagedPolicy(stack, 'Managed', { document: document('s3:DeleteObject') }));
  });
  const [{ attributes, ref }] = resources('AWS::IAM::Role');
  expect(attributes.Arn).toBe(`arn:aws:iam::${cloud.account}:role/${ref}`);
  const { accessKeyId } = cloud.principals.issue(attributes.Arn as string, { sessionName: 'test' });
  const { policies } = cloud.principals.find(accessKeyId)!.principal;
  expect(
    JSON.stringify(policies)
      .match(/s3:\w+/g)
      ?.sort(),
  ).toEqual(['s3:DeleteObject', 's3:GetObject', 's3:PutObject']);
});
const document = (action: string) =>
  new iam.PolicyDocument({ statements: [new iam.PolicyStatement({ actions: [action], resources: ['*'] })] });

test('what has a condition is there only if it holds', async () => {
  const { resources } = await deployStack((stack) => {
    for (const [name, region] of [
      ['Here', 'eu-west-1'],
      ['Elsewhere', 'us-east-1'],
    ]) {
      const condition = new CfnCondition(stack, `Is${name}`, { expression: Fn.conditionEquals(stack.region, region) });
      const queue = new sqs.CfnQueue(stack, name);
      queue.cfnOptions.condition = condition;
      new CfnOutput(stack, `Output${name}`, { value: queue.ref, condition });
    }
  });
  expect(resources('AWS::SQS::Queue').map(({ logicalId }) => logicalId)).toEqual(['Here']);
});

test('names are as long as may be, and the same each time', async () => {
  const id = 'A'.repeat(100);
  const build = (stack: Stack) => void [new sqs.CfnQueue(stack, id), new s3.CfnBucket(stack, id + 'B')];
  const names = ({ resources }: Awaited<ReturnType<typeof deployStack>>) =>
    [resources('AWS::SQS::Queue')[0].attributes.QueueName, resources('AWS::S3::Bucket')[0].ref] as string[];
  const [queue, bucket] = names(await deployStack(build));
  expect(queue).toMatch(/^test-a{66}-[0-9a-f]{8}$/);
  expect(bucket).toHaveLength(63);
  await cloud.stop();
  cloud = await startCloud();
  expect(names(await deployStack(build))).toEqual([queue, bucket]);
});

test('what does nothing here is told of, and has a name all the same', async () => {
  const { notRun, outputs } = await deployStack((stack) => {
    const key = new CfnResource(stack, 'Key', { type: 'AWS::KMS::Key' });
    new CfnResource(stack, 'Logs', { type: 'AWS::Logs::LogGroup' });
    new CfnResource(stack, 'MoreLogs', { type: 'AWS::Logs::LogGroup' });
    new CfnOutput(stack, 'KeyArn', { value: key.getAtt('Arn').toString() });
  });
  expect(notRun).toEqual({ 'AWS::KMS::Key': 1, 'AWS::Logs::LogGroup': 2 });
  expect(outputs.Test.KeyArn).toMatch(/^arn:aws:kms:eu-west-1:111122223333:key\/[0-9a-f-]{36}$/);
});

test('whoever deploys may make types in ways of their own', async () => {
  const { notRun, outputs } = await deployStack(
    (stack) => {
      const pool = new CfnResource(stack, 'Pool', { type: 'AWS::Cognito::UserPool' });
      new CfnOutput(stack, 'Issuer', { value: pool.getAtt('ProviderURL').toString() });
    },
    { 'AWS::Cognito::UserPool': () => ({ ref: 'pool', attributes: { ProviderURL: 'http://localhost:1' } }) },
  );
  expect({ notRun, outputs }).toEqual({ notRun: {}, outputs: { Other: {}, Test: { Issuer: 'http://localhost:1' } } });
});

test.each([
  ['a type', 'AWS::EC2::VPC', {}, 'Test/It (AWS::EC2::VPC): Resources of this type are not known here.'],
  ['queues in an order', 'AWS::SQS::Queue', { FifoQueue: true }, 'FIFO queues are not stood in for'],
  ['topics in an order', 'AWS::SNS::Topic', { FifoTopic: true }, 'FIFO topics are not stood in for'],
  ['code in the template', 'AWS::Lambda::Function', { Code: { ZipFile: '' } }, 'its code is in the template'],
  [
    'other sources of events',
    'AWS::Lambda::EventSourceMapping',
    { EventSourceArn: 'arn:aws:kinesis:eu-west-1:1:stream/a' },
    'Only queues',
  ],
  ['filters of events', 'AWS::Lambda::EventSourceMapping', { FilterCriteria: {} }, 'Filters of events'],
])('what is not stood in for is refused: %s', async (_, type, properties, message) => {
  await expect(deployStack((stack) => void new CfnResource(stack, 'It', { type, properties }))).rejects.toThrow(
    message,
  );
});

test('a function that is not of Node.js is there, but can not be invoked', async () => {
  const { resources } = await deployStack(
    (stack) => void functionOf(stack, 'Python', '', { runtime: Runtime.PYTHON_3_13 }),
  );
  const caller = new LambdaClient({ ...client(), maxAttempts: 1 });
  const attempt = caller.send(new InvokeCommand({ FunctionName: resources('AWS::Lambda::Function')[0].ref }));
  await expect(attempt).rejects.toThrow('python3.13 is not stood in for');
  caller.destroy();
});
