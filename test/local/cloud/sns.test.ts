import * as lambda from '@aws-sdk/client-lambda';
import {
  CreateTopicCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
  type PublishCommandInput,
} from '@aws-sdk/client-sns';
import type { SNSEvent } from 'aws-lambda';
import { modelled, ServiceError } from '../../../local/cloud/service';
import { sns } from '../../../local/cloud/sns';
import { sqs } from '../../../local/cloud/sqs';
import type { Delivery } from '../../../local/cloud/sqs-queue';
import { ACCOUNT, HERE, REGION, startTestCloud } from './support';

let cloud: Awaited<ReturnType<typeof startTestCloud>>;
let topics: ReturnType<typeof sns>;
let queues: ReturnType<typeof sqs>;
let client: SNSClient;
let made = 0;
const invoked: { name: string; event: SNSEvent }[] = [];

beforeAll(async () => {
  cloud = await startTestCloud();
  const place = { account: ACCOUNT, region: REGION, url: () => cloud.endpoint };
  queues = sqs(place);
  topics = sns({ ...place, principals: cloud.principals });
  const functions = modelled({
    name: 'lambda',
    protocol: 'rest-json',
    schemas: [lambda],
    operations: {
      Invoke: (input: { FunctionName: string; InvocationType: string; Payload: Uint8Array }) => {
        const { FunctionName, InvocationType, Payload } = input;
        if (FunctionName.endsWith('refuses')) throw new ServiceError('AccessDeniedException', 'It may not.', 403);
        if (InvocationType === 'Event') {
          invoked.push({ name: FunctionName, event: JSON.parse(Buffer.from(Payload).toString()) });
        }
        return { StatusCode: 202 };
      },
    },
  });
  cloud.add(queues.service, topics.service, functions);
  client = new SNSClient({ ...cloud.client, maxAttempts: 1 });
});

afterAll(async () => {
  client.destroy();
  await topics.stop();
  queues.stop();
  await cloud.stop();
});

const topic = async () => (await client.send(new CreateTopicCommand({ Name: `topic-${++made}` }))).TopicArn!;

const queue = (isOpen = true) => {
  const made_ = queues.create(`queue-${++made}`);
  const Principal = { Service: isOpen ? 'sns.amazonaws.com' : 's3.amazonaws.com' };
  made_.policy = { Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Principal, Resource: '*' }] };
  return made_;
};

const subscribe = (TopicArn: string, Endpoint: string, Attributes?: Record<string, string>) => {
  const Protocol = Endpoint.split(':')[2];
  return client.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes }));
};

const publish = (TopicArn: string, Message: string, more: Partial<PublishCommandInput> = {}) =>
  client.send(new PublishCommand({ TopicArn, Message, ...more }));

const text = (StringValue: string) => ({ DataType: 'String', StringValue });
const bodies = (deliveries: Delivery[]) => deliveries.map(({ message }) => message.body);

test('brings a queue the message in its envelope', async () => {
  const arn = await topic();
  const target = queue();
  await subscribe(arn, target.settings.arn);
  const { MessageId } = await publish(arn, 'Grüße & <more>', {
    Subject: 'A bird',
    MessageAttributes: { kind: text('bird') },
  });
  const [{ message }] = await target.receive(1, 20);
  expect(JSON.parse(message.body)).toEqual({
    Type: 'Notification',
    MessageId,
    TopicArn: arn,
    Subject: 'A bird',
    Message: 'Grüße & <more>',
    Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.+Z$/),
    SignatureVersion: '1',
    Signature: expect.any(String),
    SigningCertURL: expect.stringContaining('https://'),
    UnsubscribeURL: expect.stringContaining('https://'),
    MessageAttributes: { kind: { Type: 'String', Value: 'bird' } },
  });
  expect(message.attributes).toBeUndefined();
});

test('brings a queue the message as it is, with its attributes, if that is wanted', async () => {
  const arn = await topic();
  const target = queue();
  await subscribe(arn, target.settings.arn, { RawMessageDelivery: 'true' });
  const labels = { DataType: 'String.Array', StringValue: '["Bird"]' };
  await publish(arn, '{"a":1}', { MessageAttributes: { kind: text('bird'), labels } });
  const [{ message }] = await target.receive(1, 20);
  expect(message).toMatchObject({ body: '{"a":1}', attributes: { kind: text('bird') } });
  expect(message.attributes).not.toHaveProperty('labels');
});

test('invokes a function, and does not wait for it', async () => {
  const arn = await topic();
  const endpoint = `arn:aws:lambda:${HERE}:function:called`;
  const { SubscriptionArn } = await subscribe(arn, endpoint);
  await publish(arn, 'hello');
  while (invoked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(invoked).toEqual([
    {
      name: endpoint,
      event: {
        Records: [
          {
            EventVersion: '1.0',
            EventSource: 'aws:sns',
            EventSubscriptionArn: SubscriptionArn,
            Sns: expect.objectContaining({ Message: 'hello', Subject: null, TopicArn: arn, MessageAttributes: {} }),
          },
        ],
      },
    },
  ]);
});

test('has a form of a message for each protocol', async () => {
  const arn = await topic();
  const target = queue();
  await subscribe(arn, target.settings.arn, { RawMessageDelivery: 'true' });
  await publish(arn, '{"default":"for all","sqs":"for queues"}', { MessageStructure: 'json' });
  await publish(arn, '{"default":"for all"}', { MessageStructure: 'json' });
  const received = [...(await target.receive(1, 20)), ...(await target.receive(1, 20))];
  expect(bodies(received).sort()).toEqual(['for all', 'for queues']);
});

test.each([
  ['values', { kind: ['bird', 'person'] }, 'MessageAttributes'],
  ['values in lists', { labels: ['Bird'] }, 'MessageAttributes'],
  ['other values', { kind: [{ 'anything-but': ['kite'] }] }, 'MessageAttributes'],
  ['values within the body', { event: { kind: ['bird'] } }, 'MessageBody'],
])('lets by a filter of %s through what it says', async (_, filter, FilterPolicyScope) => {
  const arn = await topic();
  const target = queue();
  await subscribe(arn, target.settings.arn, {
    RawMessageDelivery: 'true',
    FilterPolicy: JSON.stringify(filter),
    FilterPolicyScope,
  });
  const about = (kind: string, label: string) => ({
    MessageAttributes: { kind: text(kind), labels: { DataType: 'String.Array', StringValue: `["${label}"]` } },
  });
  await publish(arn, '{"event":{"kind":"kite"}}', about('kite', 'Kite'));
  await publish(arn, '{"event":{}}');
  await publish(arn, '{"event":{"kind":"bird"}}', about('bird', 'Bird'));
  expect(bodies(await target.receive(10, 20))).toEqual(['{"event":{"kind":"bird"}}']);
  expect(target.contents()).toHaveLength(1);
});

test.each([
  ['a queue whose policy does not let it', () => queue(false).settings.arn],
  ['a queue that is not there', () => `arn:aws:sqs:${HERE}:none`],
  ['a function without permission', () => `arn:aws:lambda:${HERE}:function:refuses`],
])('brings to the dead-letter queue what can not be brought to %s', async (_, target) => {
  const arn = await topic();
  const deadLetters = queue();
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: deadLetters.settings.arn });
  await subscribe(arn, target(), { RawMessageDelivery: 'true', RedrivePolicy });
  await publish(arn, 'lost');
  expect(bodies(await deadLetters.receive(1, 20))).toEqual(['lost']);
});

test.each([
  ['no message', '', {}],
  ['too long a message', 'x'.repeat(262_145), {}],
  ['too long a subject', 'x', { Subject: 'x'.repeat(101) }],
  ['a subject of two lines', 'x', { Subject: 'a\nb' }],
  ['forms that are no JSON', 'x', { MessageStructure: 'json' }],
  ['forms without default', '{"sqs":"x"}', { MessageStructure: 'json' }],
])('refuses %s', async (_, message, more) => {
  await expect(publish(await topic(), message, more)).rejects.toMatchObject({ name: 'InvalidParameterException' });
});

test('refuses topics and subscriptions that are not there', async () => {
  const arn = await topic();
  await expect(publish(`${arn}-none`, 'x')).rejects.toMatchObject({ name: 'NotFoundException' });
  const mail = { TopicArn: arn, Protocol: 'email', Endpoint: 'somebody@example.com' };
  await expect(client.send(new SubscribeCommand(mail))).rejects.toThrow("Subscriptions by 'email'");
  expect(() =>
    topics.subscribe({ ...mail, Protocol: 'sqs', Attributes: { FilterPolicy: '{"size":[{"numeric":[">",1]}]}' } }),
  ).toThrow("The filter of 'size'");
});

test('lets a service of AWS publish only where the policy of the topic does', async () => {
  const arn = await topic();
  const publisher = new SNSClient({ ...cloud.clientOf('cloudwatch.amazonaws.com'), maxAttempts: 1 });
  const attempt = () => publisher.send(new PublishCommand({ TopicArn: arn, Message: 'x' }));
  await expect(attempt()).rejects.toMatchObject({ name: 'AuthorizationErrorException' });
  const Principal = { Service: 'cloudwatch.amazonaws.com' };
  topics.topic(arn).policy = { Statement: [{ Effect: 'Allow', Action: 'sns:Publish', Principal, Resource: arn }] };
  expect(await attempt()).toMatchObject({ MessageId: expect.stringMatching(/-/) });
  publisher.destroy();
});
