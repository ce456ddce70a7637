import {
  CreateSignalingChannelCommand,
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamCommand,
  TagResourceCommand,
  UpdateDataRetentionCommand,
  UpdateImageGenerationConfigurationCommand,
  UpdateMediaStorageConfigurationCommand,
  UpdateNotificationConfigurationCommand,
  type KinesisVideoClient,
  type KinesisVideoClientConfig,
} from '@aws-sdk/client-kinesis-video';
import { unlessNotFound } from '../../../lambda/common/errors';
import {
  activeChannel,
  activeStream,
  findChannel,
  findStream,
  kinesisVideoClient,
} from '../../../lambda/common/kinesis-video';

const STREAM_ARN = 'arn:aws:kinesisvideo:eu-west-1:111122223333:stream/drone-1/1700000000000';
const CHANNEL_ARN = 'arn:aws:kinesisvideo:eu-west-1:111122223333:channel/drone-1/1700000000000';

/** Of each error, the status that it has in the service's model. */
const STATUS: Record<string, number> = {
  AccessDeniedException: 401,
  ClientLimitExceededException: 400,
  InvalidArgumentException: 400,
  NotAuthorizedException: 401,
  ResourceInUseException: 400,
  ResourceNotFoundException: 404,
};

/** An error by its name, or what comes back. */
type Answer = string | object;

interface Service {
  readonly client: KinesisVideoClient;
  /** The paths that were asked for. */
  readonly requests: string[];
}

/** A client, and a service that gives these answers on the wire in turn, the last of them ever after. */
function service(answers: Answer[], transient: string[] = [], config: KinesisVideoClientConfig = {}): Service {
  const requests: string[] = [];
  const requestHandler = {
    async handle(request: { path: string }) {
      const answer = answers[Math.min(requests.length, answers.length - 1)];
      requests.push(request.path);
      const isError = typeof answer === 'string';
      const response = {
        statusCode: isError ? STATUS[answer] : 200,
        headers: {
          'content-type': 'application/json',
          'x-amzn-requestid': 'c2e1a5de-5f2b-4a39-9d2e-3f0a1f6f1a3b',
          ...(isError && { 'x-amzn-errortype': answer }),
        },
        body: Buffer.from(JSON.stringify(isError ? { Message: `It is ${answer}.` } : answer)),
      };
      return { response };
    },
  };
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
  const wired = { region: 'eu-west-1', credentials, requestHandler, ...config };
  return { client: kinesisVideoClient(wired, ...transient), requests };
}

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** Lets time fly until the call is over: what is waited for happens at once. */
async function settled<T>(call: Promise<T>): Promise<PromiseSettledResult<T>> {
  let over = false;
  const result = Promise.allSettled([call]).finally(() => (over = true));
  while (!over) await jest.advanceTimersByTimeAsync(1000);
  return (await result)[0];
}

/** The calls that the tests make, by their names. */
const CALLS: Record<string, (client: KinesisVideoClient) => Promise<unknown>> = {
  CreateSignalingChannel: (client) => client.send(new CreateSignalingChannelCommand({ ChannelName: 'drone-1' })),
  CreateStream: (client) => client.send(new CreateStreamCommand({ StreamName: 'drone-1' })),
  DeleteStream: (client) => client.send(new DeleteStreamCommand({ StreamARN: STREAM_ARN })),
  DescribeStream: (client) => client.send(new DescribeStreamCommand({ StreamName: 'drone-1' })),
  TagResource: (client) =>
    client.send(new TagResourceCommand({ ResourceARN: CHANNEL_ARN, Tags: [{ Key: 'fleet', Value: 'delivery' }] })),
  UpdateDataRetention: (client) =>
    client.send(
      new UpdateDataRetentionCommand({
        StreamName: 'drone-1',
        CurrentVersion: '1',
        Operation: 'INCREASE_DATA_RETENTION',
        DataRetentionChangeInHours: 1,
      }),
    ),
  UpdateImageGenerationConfiguration: (client) =>
    client.send(new UpdateImageGenerationConfigurationCommand({ StreamName: 'drone-1' })),
  UpdateMediaStorageConfiguration: (client) =>
    client.send(
      new UpdateMediaStorageConfigurationCommand({
        ChannelARN: CHANNEL_ARN,
        MediaStorageConfiguration: { Status: 'DISABLED' },
      }),
    ),
  UpdateNotificationConfiguration: (client) =>
    client.send(new UpdateNotificationConfigurationCommand({ StreamName: 'drone-1' })),
};
const NO_PERMISSION_YET = ['AccessDeniedException', 'NotAuthorizedException'];

describe('retries', () => {
  test.each<[call: string, error: string, ...transient: string[]]>([
    ['CreateSignalingChannel', 'ClientLimitExceededException'],
    ['CreateStream', 'ClientLimitExceededException'],
    ['DescribeStream', 'ClientLimitExceededException'],
    ['TagResource', 'ClientLimitExceededException'],
    ['UpdateImageGenerationConfiguration', 'ClientLimitExceededException'],
    ['UpdateDataRetention', 'ResourceInUseException'],
    ['UpdateImageGenerationConfiguration', 'ResourceInUseException'],
    ['UpdateMediaStorageConfiguration', 'ResourceInUseException'],
    ['UpdateNotificationConfiguration', 'ResourceInUseException'],
    ['DescribeStream', 'NotAuthorizedException', ...NO_PERMISSION_YET],
    ['TagResource', 'AccessDeniedException', ...NO_PERMISSION_YET],
    ['UpdateImageGenerationConfiguration', 'AccessDeniedException', ...NO_PERMISSION_YET],
  ])('%s is called again after %s', async (call, error, ...transient) => {
    const { client, requests } = service([error, error, {}], transient);
    expect(await settled(CALLS[call](client))).toMatchObject({ status: 'fulfilled' });
    expect(requests).toHaveLength(3);
  });

  test.each<[call: string, error: string, ...transient: string[]]>([
    ['DescribeStream', 'InvalidArgumentException', ...NO_PERMISSION_YET],
    ['UpdateImageGenerationConfiguration', 'InvalidArgumentException'],
    ['UpdateImageGenerationConfiguration', 'ResourceNotFoundException'],
    ['CreateSignalingChannel', 'ResourceInUseException'],
    ['CreateStream', 'ResourceInUseException'],
    ['DeleteStream', 'ResourceInUseException'],
    ['TagResource', 'AccessDeniedException'],
    ['DescribeStream', 'NotAuthorizedException', 'AccessDeniedException'],
  ])('%s is not called again after %s', async (call, error, ...transient) => {
    const { client, requests } = service([error, {}], transient);
    const result = await settled(CALLS[call](client));
    expect(result).toMatchObject({ status: 'rejected', reason: { name: error, message: `It is ${error}.` } });
    expect(requests).toHaveLength(1);
  });

  test.each([
    ['ClientLimitExceededException', 'as throttling', true],
    ['ResourceInUseException', 'as a passing fault', false],
    ['AccessDeniedException', 'as a passing fault', false],
  ])('%s is taken %s, and ends after eight attempts', async (error, _as, throttling) => {
    const { client, requests } = service([error], NO_PERMISSION_YET);
    const result = await settled(CALLS.UpdateImageGenerationConfiguration(client));
    expect(result).toMatchObject({ status: 'rejected', reason: { name: error, $retryable: { throttling } } });
    expect(requests).toHaveLength(8);
  });

  test('the number of attempts can be chosen', async () => {
    const { client, requests } = service(['ClientLimitExceededException'], [], { maxAttempts: 2 });
    expect(await settled(CALLS.DescribeStream(client))).toMatchObject({ status: 'rejected' });
    expect(requests).toHaveLength(2);
  });
});

describe('what may not exist', () => {
  const lookUps: [string, (client: KinesisVideoClient) => Promise<unknown>, object, string, object][] = [
    [
      'a stream',
      (client) => findStream(client, 'drone-1'),
      { StreamInfo: { StreamName: 'drone-1', StreamARN: STREAM_ARN } },
      '/describeStream',
      { StreamARN: STREAM_ARN },
    ],
    [
      'a channel',
      (client) => findChannel(client, 'drone-1'),
      { ChannelInfo: { ChannelName: 'drone-1', ChannelARN: CHANNEL_ARN } },
      '/describeSignalingChannel',
      { ChannelARN: CHANNEL_ARN },
    ],
  ];

  test.each(lookUps)('%s that exists is found', async (_what, find, answer, path, found) => {
    const { client, requests } = service([answer]);
    expect(await settled(find(client))).toMatchObject({ status: 'fulfilled', value: found });
    expect(requests).toEqual([path]);
  });

  test.each(lookUps)('%s that does not is nothing', async (_what, find) => {
    const { client } = service(['ResourceNotFoundException']);
    expect(await settled(find(client))).toEqual({ status: 'fulfilled', value: undefined });
  });

  test.each(lookUps)('another error about %s remains one', async (_what, find) => {
    const { client } = service(['NotAuthorizedException']);
    expect(await settled(find(client))).toMatchObject({ reason: { name: 'NotAuthorizedException' } });
  });

  test('the result of the call comes through', async () => {
    expect(await unlessNotFound(Promise.resolve('found'))).toBe('found');
  });
});

describe.each<[string, (client: KinesisVideoClient) => Promise<unknown>, (status: string) => object]>([
  [
    "stream 'drone-1'",
    (client) => activeStream(client, 'drone-1'),
    (Status) => ({ StreamInfo: { StreamARN: STREAM_ARN, Status } }),
  ],
  [
    "channel 'drone-1'",
    (client) => activeChannel(client, 'drone-1'),
    (ChannelStatus) => ({ ChannelInfo: { ChannelARN: CHANNEL_ARN, ChannelStatus } }),
  ],
])('%s', (what, active, inState) => {
  test('that is ACTIVE is there without waiting', async () => {
    const { client, requests } = service([inState('ACTIVE')]);
    const start = Date.now();
    expect(await active(client)).toMatchObject(Object.values(inState('ACTIVE'))[0]);
    expect(requests).toHaveLength(1);
    expect(Date.now()).toBe(start);
  });

  test('is waited for until it is ACTIVE, a second at least between two looks', async () => {
    const { client, requests } = service([inState('CREATING'), inState('UPDATING'), inState('ACTIVE')]);
    const start = Date.now();
    const result = await settled(active(client));
    expect(result).toMatchObject({ status: 'fulfilled', value: Object.values(inState('ACTIVE'))[0] });
    expect(requests).toHaveLength(3);
    expect(Date.now() - start).toBeGreaterThanOrEqual(2000);
  });

  test('is given up after a minute', async () => {
    const { client } = service([inState('UPDATING')]);
    const start = Date.now();
    const message = `The ${what} is UPDATING for a minute; it should be ACTIVE.`;
    expect(await settled(active(client))).toMatchObject({ status: 'rejected', reason: { message } });
    expect(Date.now() - start).toBeGreaterThan(50_000);
    expect(Date.now() - start).toBeLessThanOrEqual(61_000);
  });

  test.each([
    ['never existed', []],
    ['is deleted meanwhile', [inState('DELETING')]],
  ])('that %s is not waited for', async (_what, before) => {
    const { client, requests } = service([...before, 'ResourceNotFoundException']);
    const result = await settled(active(client));
    expect(result).toMatchObject({ status: 'rejected', reason: { message: `There is no ${what}.` } });
    expect(requests).toHaveLength(before.length + 1);
  });

  test('an error while waiting ends it', async () => {
    const { client } = service([inState('UPDATING'), 'NotAuthorizedException']);
    expect(await settled(active(client))).toMatchObject({ reason: { name: 'NotAuthorizedException' } });
  });
});
