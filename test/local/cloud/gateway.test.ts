import * as iot from '@aws-sdk/client-iot';
import * as iotData from '@aws-sdk/client-iot-data-plane';
import * as kinesisVideo from '@aws-sdk/client-kinesis-video';
import * as lambda from '@aws-sdk/client-lambda';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import * as sts from '@aws-sdk/client-sts';
import { startGateway, type Fault, type Gateway, type GatewayCall } from '../../../local/cloud/gateway';
import { Principals } from '../../../local/cloud/principals';
import { modelled, ServiceError } from '../../../local/cloud/service';

const ROLE = 'arn:aws:iam::111122223333:role/Caller';
const region = 'eu-west-1';

const principals = new Principals();
principals.role(ROLE, []);
const credentials = principals.issue(ROLE, { sessionName: 'test' });

let gateway: Gateway;
let fault: Fault | undefined;
const calls: GatewayCall[] = [];
const seen: unknown[] = [];

/** Notes its input, and answers the output. */
const answering = (output: unknown) => (input: unknown) => {
  seen.push(input);
  return output;
};

beforeAll(async () => {
  gateway = await startGateway({
    principals,
    faults: () => fault,
    onCall: (call) => calls.push(call),
    services: [
      modelled({
        name: 'kinesisvideo',
        protocol: 'rest-json',
        schemas: [kinesisVideo],
        bounds: { CreateStreamInput: { StreamName: { required: true, min: 1, max: 256, pattern: '[a-zA-Z0-9_.-]+' } } },
        invalid: 'InvalidArgumentException',
        operations: {
          CreateStream: answering({ StreamARN: 'arn:stream' }),
          DescribeStream: () => {
            throw new ServiceError('ResourceNotFoundException', 'There is none.', 404);
          },
          ListStreams: answering({ StreamInfoList: [{ StreamName: 'a', CreationTime: new Date(1_700_000_000_500) }] }),
        },
      }),
      modelled({
        name: 'iot',
        protocol: 'rest-json',
        schemas: [iot],
        operations: {
          DescribeThing: answering({ thingName: 'a b', version: 3 }),
          ListThings: answering({ things: [] }),
        },
      }),
      modelled({ name: 'iotdata', protocol: 'rest-json', schemas: [iotData], operations: { Publish: answering({}) } }),
      modelled({
        name: 'lambda',
        protocol: 'rest-json',
        schemas: [lambda],
        operations: {
          Invoke: answering({ StatusCode: 200, FunctionError: 'Unhandled', Payload: Buffer.from('{"a":1}') }),
        },
      }),
      modelled({
        name: 'sns',
        protocol: 'query',
        schemas: [sns],
        operations: { Publish: answering({ MessageId: 'a<b&c' }) },
      }),
      modelled({
        name: 'sqs',
        protocol: 'json',
        schemas: [sqs],
        operations: { GetQueueUrl: answering({ QueueUrl: 'u' }) },
      }),
      modelled({
        name: 'sts',
        protocol: 'query',
        schemas: [sts],
        operations: {
          GetCallerIdentity: (_, { principal }) => ({ Arn: principal.arn }),
          AssumeRole: () => {
            throw new ServiceError('AccessDenied', 'Not <this> one.', 403);
          },
        },
      }),
    ],
  });
});
afterAll(() => gateway.stop());
beforeEach(() => {
  fault = undefined;
  calls.length = 0;
  seen.length = 0;
});

const config = () => ({ region, credentials, endpoint: gateway.url, maxAttempts: 1 });

describe('services that clients of the SDK find behind one address', () => {
  test('answer in JSON, with times', async () => {
    const client = new kinesisVideo.KinesisVideoClient(config());
    const { StreamARN } = await client.send(
      new kinesisVideo.CreateStreamCommand({ StreamName: 'a', Tags: { b: 'c' } }),
    );
    expect(StreamARN).toBe('arn:stream');
    expect(seen).toEqual([{ StreamName: 'a', Tags: { b: 'c' } }]);
    const { StreamInfoList } = await client.send(new kinesisVideo.ListStreamsCommand({}));
    expect(StreamInfoList![0].CreationTime).toEqual(new Date(1_700_000_000_500));
  });

  test('read labels and queries', async () => {
    const client = new iot.IoTClient(config());
    const { version } = await client.send(new iot.DescribeThingCommand({ thingName: 'a:b' }));
    expect(version).toBe(3);
    await client.send(new iot.ListThingsCommand({ maxResults: 5, usePrefixAttributeValue: true }));
    expect(seen).toEqual([{ thingName: 'a:b' }, { maxResults: 5, usePrefixAttributeValue: true }]);
  });

  test('take bodies and headers that are members', async () => {
    const data = new iotData.IoTDataPlaneClient(config());
    await data.send(new iotData.PublishCommand({ topic: 'devices/a/commands', qos: 1, payload: Buffer.from('hello') }));
    expect(seen[0]).toMatchObject({ topic: 'devices/a/commands', qos: 1, payload: Buffer.from('hello') });
    const functions = new lambda.LambdaClient(config());
    const answer = await functions.send(new lambda.InvokeCommand({ FunctionName: 'f', InvocationType: 'Event' }));
    expect(seen[1]).toMatchObject({ FunctionName: 'f', InvocationType: 'Event' });
    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(answer.Payload!.transformToString()).toBe('{"a":1}');
  });

  test('speak the Query protocol', async () => {
    const client = new sns.SNSClient(config());
    const attributes = { severity: { DataType: 'String', StringValue: 'CRITICAL' } };
    const input = { TopicArn: 'arn:topic', Message: 'a & b', MessageAttributes: attributes };
    expect((await client.send(new sns.PublishCommand(input))).MessageId).toBe('a<b&c');
    expect(seen).toEqual([input]);
    expect(calls).toMatchObject([{ service: 'sns', operation: 'Publish' }]);
  });

  test('speak JSON of which the operation is in a header', async () => {
    const client = new sqs.SQSClient(config());
    expect((await client.send(new sqs.GetQueueUrlCommand({ QueueName: 'q' }))).QueueUrl).toBe('u');
  });

  test('know who calls', async () => {
    const client = new sts.STSClient(config());
    const { Arn } = await client.send(new sts.GetCallerIdentityCommand({}));
    expect(Arn).toBe('arn:aws:sts::111122223333:assumed-role/Caller/test');
  });
});

describe('what AWS would refuse', () => {
  test('is an error of the model, with its status', async () => {
    const client = new kinesisVideo.KinesisVideoClient(config());
    const error = await client
      .send(new kinesisVideo.DescribeStreamCommand({ StreamName: 'a' }))
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(kinesisVideo.ResourceNotFoundException);
    expect(error).toMatchObject({ message: 'There is none.', $metadata: { httpStatusCode: 404 } });
    const denied = new sts.STSClient(config()).send(
      new sts.AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'ab' }),
    );
    await expect(denied).rejects.toMatchObject({ name: 'AccessDenied', message: 'Not <this> one.' });
  });

  test.each([
    ['a name with a blank', { StreamName: 'a b' }, 'pattern'],
    ['an empty name', { StreamName: '' }, 'length'],
    ['no name', {}, 'null'],
    ['a long name', { StreamName: 'a'.repeat(257) }, 'length'],
  ])('is %s', async (_, input, why) => {
    const client = new kinesisVideo.KinesisVideoClient(config());
    const refused = client.send(new kinesisVideo.CreateStreamCommand(input as never));
    await expect(refused).rejects.toMatchObject({
      name: 'InvalidArgumentException',
      message: expect.stringContaining(why) as string,
    });
    expect(seen).toEqual([]);
  });

  test.each([
    ['of nobody', { ...credentials, accessKeyId: 'ASIANOBODY' }, 'UnrecognizedClientException'],
    ['with another secret', { ...credentials, secretAccessKey: 'another' }, 'InvalidSignatureException'],
    ['with another token', { ...credentials, sessionToken: 'another' }, 'UnrecognizedClientException'],
    ['that has expired', principals.issue(ROLE, { sessionName: 'late', seconds: 0 }), 'UnrecognizedClientException'],
  ])('is a call %s', async (_, wrong, name) => {
    const client = new kinesisVideo.KinesisVideoClient({ ...config(), credentials: wrong });
    await expect(client.send(new kinesisVideo.ListStreamsCommand({}))).rejects.toMatchObject({ name });
    expect(calls).toEqual([]);
  });

  test('is a call without signature', async () => {
    const response = await fetch(`${gateway.url}/listStreams`, { method: 'POST' });
    expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([
      403,
      'MissingAuthenticationTokenException',
    ]);
  });

  test('is told from what is not stood in for', async () => {
    const client = new kinesisVideo.KinesisVideoClient(config());
    const refused = client.send(new kinesisVideo.DeleteStreamCommand({ StreamARN: 'arn' }));
    await expect(refused).rejects.toMatchObject({
      name: 'NotImplemented',
      message: 'kinesisvideo has no DeleteStream here.',
    });
  });
});

describe('faults', () => {
  test.each([
    ['throttle' as const, { name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } }],
    ['error' as const, { name: 'InternalFailure', $metadata: { httpStatusCode: 500 } }],
    ['drop' as const, { code: 'ECONNRESET' }],
  ])('come as %s', async (kind, error) => {
    fault = kind;
    const client = new iot.IoTClient(config());
    await expect(client.send(new iot.ListThingsCommand({}))).rejects.toMatchObject(error);
    expect(calls).toEqual([]);
  });
});
