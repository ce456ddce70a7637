import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { startDynamoDB } from '../../../local/cloud/dynamodb';
import { startTestCloud } from './support';

let cloud: Awaited<ReturnType<typeof startTestCloud>>;
let service: Awaited<ReturnType<typeof startDynamoDB>>;
let client: DynamoDBDocumentClient;

beforeAll(async () => {
  cloud = await startTestCloud();
  service = await startDynamoDB();
  cloud.add(service.service);
  client = DynamoDBDocumentClient.from(new DynamoDBClient({ ...cloud.client, maxAttempts: 1 }));
  await client.send(
    new CreateTableCommand({
      TableName: 'table',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'device', AttributeType: 'S' },
        { AttributeName: 'at', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'device', KeyType: 'HASH' },
        { AttributeName: 'at', KeyType: 'RANGE' },
      ],
    }),
  );
  const status = async () => (await client.send(new DescribeTableCommand({ TableName: 'table' }))).Table?.TableStatus;
  while ((await status()) !== 'ACTIVE');
});

afterAll(async () => {
  client.destroy();
  await service.stop();
  await cloud.stop();
});

const Key = { device: 'drone', at: '1' };

test('keeps items, and finds them by their keys', async () => {
  await client.send(new PutCommand({ TableName: 'table', Item: { ...Key, text: 'Grüße' } }));
  expect(await client.send(new GetCommand({ TableName: 'table', Key }))).toMatchObject({ Item: { text: 'Grüße' } });
  const { Items } = await client.send(
    new QueryCommand({
      TableName: 'table',
      KeyConditionExpression: 'device = :device',
      ExpressionAttributeValues: { ':device': 'drone' },
    }),
  );
  expect(Items).toHaveLength(1);
});

test('tells what an item is when a condition fails, if that is wanted', async () => {
  await client.send(new PutCommand({ TableName: 'table', Item: { ...Key, owner: 'me' } }));
  const attempt = (ReturnValuesOnConditionCheckFailure?: 'ALL_OLD') =>
    client
      .send(
        new UpdateCommand({
          TableName: 'table',
          Key,
          UpdateExpression: 'SET taken = :yes',
          ConditionExpression: '#owner = :you',
          ExpressionAttributeNames: { '#owner': 'owner' },
          ExpressionAttributeValues: { ':yes': true, ':you': 'you' },
          ReturnValuesOnConditionCheckFailure,
        }),
      )
      .catch((error: unknown) => error as ConditionalCheckFailedException);
  expect(await attempt('ALL_OLD')).toMatchObject({
    name: 'ConditionalCheckFailedException',
    Item: { owner: { S: 'me' } },
  });
  const failure = await attempt();
  expect(failure).toBeInstanceOf(ConditionalCheckFailedException);
  expect(failure).toMatchObject({ Item: undefined });
});

test('refuses what it does not stand in for, and whom nobody knows', async () => {
  const Put = { TableName: 'table', Item: { device: { S: 'a' }, at: { S: '1' } } };
  await expect(client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }] }))).rejects.toMatchObject({
    name: 'UnknownOperationException',
  });
  const stranger = new DynamoDBClient({ ...cloud.client, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  await expect(stranger.send(new DescribeTableCommand({ TableName: 'table' }))).rejects.toThrow('security token');
  stranger.destroy();
});
