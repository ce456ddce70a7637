import { captureOutput } from '../../support/handler-output';
import { ConditionalCheckFailedException, ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { DescribeThingCommand, IoTClient } from '@aws-sdk/client-iot';
import { CreateStreamCommand, DescribeStreamCommand } from '@aws-sdk/client-kinesis-video';
import { UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { kinesisVideoClient } from '../../../lambda/common/kinesis-video';
import { metrics } from '../../../lambda/common/observability';
import { paceClient, pacer, pacerSettings, type Pacer } from '../../../lambda/common/pacer';
import { LocalDynamoDB } from '../../support/dynamodb';
import { PacerTable, type Update } from '../../support/pacer-table';

const NOW = 1_767_225_600_000;

let local: LocalDynamoDB;
let tableName: string;
let now: number;
/** How long was waited, each time, in milliseconds. */
let waits: number[];

beforeAll(async () => {
  local = await LocalDynamoDB.start();
});
afterAll(() => local.stop());
beforeEach(async () => {
  tableName = await local.createTable('operation');
  now = NOW;
  waits = [];
});

/** A pacer of a function; time doesn't pass while it waits. */
function paced(rates: Record<string, number>, table = tableName): Pacer {
  return pacer({
    dynamodb: local.client,
    settings: { tableName: table, rates },
    now: () => now,
    sleep: async (milliseconds) => {
      waits.push(Math.round(milliseconds * 1000) / 1000);
    },
  });
}

describe('a pacer', () => {
  test('lets the first call go at once, and remembers when the next one may', async () => {
    await paced({ CreateStream: 50 })('CreateStream');
    expect(waits).toEqual([]);
    expect(await local.items(tableName)).toEqual([{ operation: 'CreateStream', next: NOW + 20 }]);
  });

  test('lets each call wait for its turn', async () => {
    const pace = paced({ CreateStream: 50 });
    for (let call = 0; call < 4; call++) await pace('CreateStream');
    expect(waits).toEqual([20, 40, 60]);
  });

  test('lets a call that comes before its turn wait for the rest only', async () => {
    const pace = paced({ CreateStream: 50 });
    await pace('CreateStream');
    now += 15;
    await pace('CreateStream');
    expect(waits).toEqual([5]);
  });

  test('lets a call go at the very moment of its turn', async () => {
    const pace = paced({ CreateStream: 50 });
    await pace('CreateStream');
    now += 20;
    await pace('CreateStream');
    expect(waits).toEqual([]);
    expect(await local.items(tableName)).toEqual([{ operation: 'CreateStream', next: NOW + 40 }]);
  });

  test('saves nothing up in a pause', async () => {
    const pace = paced({ CreateStream: 50 });
    await pace('CreateStream');
    now += 60_000;
    for (let call = 0; call < 3; call++) await pace('CreateStream');
    expect(waits).toEqual([20, 40]);
  });

  test.each([0.1, 7, 15, 48, 150, 300])('keeps its rate over many calls: %d a second', async (rate) => {
    const pace = paced({ DescribeStream: rate });
    for (let call = 0; call < 30; call++) await pace('DescribeStream');
    // A time of this size has fractions of 0.0002 ms.
    for (const [index, wait] of waits.entries()) expect(wait).toBeCloseTo(((index + 1) * 1000) / rate, 1);
  });

  test('paces each operation for itself', async () => {
    const pace = paced({ CreateStream: 50, DeleteStream: 10 });
    for (const operation of ['CreateStream', 'DeleteStream', 'CreateStream', 'DeleteStream']) await pace(operation);
    expect(waits).toEqual([20, 100]);
  });

  test('does not pace an operation without a rate', async () => {
    const pace = paced({ CreateStream: 1 });
    for (let call = 0; call < 3; call++) await pace('DescribeThing');
    expect(waits).toEqual([]);
    expect(await local.items(tableName)).toEqual([]);
  });

  test('paces functions together, also those that begin at the same time', async () => {
    const functions = Array.from({ length: 5 }, () => paced({ CreateStream: 50 }));
    await Promise.all(functions.flatMap((pace) => Array.from({ length: 6 }, () => pace('CreateStream'))));
    expect(waits.sort((one, other) => one - other)).toEqual(Array.from({ length: 29 }, (_, turn) => 20 * (turn + 1)));
  });

  test('fails with its table', async () => {
    await expect(paced({ CreateStream: 50 }, 'Elsewhere')('CreateStream')).rejects.toThrow(ResourceNotFoundException);
  });

  test.each([
    ['goes on', 0],
    ['begins after a pause', 1],
  ])('does not ask again when its table does not answer as a row %s', async (_what, refused) => {
    const refusal = new ConditionalCheckFailedException({ message: 'No', $metadata: {} });
    const failure = new Error('The table did not answer.');
    const send = jest.fn().mockResolvedValue({ Attributes: { next: NOW + 20 } });
    for (const error of [...Array(refused).fill(refusal), failure]) send.mockRejectedValueOnce(error);
    const dynamodb = { send } as unknown as DynamoDBDocumentClient;
    const settings = { tableName, rates: { CreateStream: 50 } };
    const pace = pacer({ dynamodb, settings, now: () => now, sleep: async () => undefined });
    await expect(pace('CreateStream')).rejects.toThrow(failure);
  });
});

describe('its settings', () => {
  test.each([[0], [-1], ['50'], [NaN]])('have no rate of %j', (rate) => {
    expect(pacerSettings.safeParse({ tableName: 'Pacer', rates: { CreateStream: rate } }).success).toBe(false);
  });

  test('have rates of less than one a second', () => {
    const settings = { tableName: 'Pacer', rates: { CreateStream: 0.1 } };
    expect(pacerSettings.parse(settings)).toEqual(settings);
  });
});

describe('a client', () => {
  const written = captureOutput();
  let turns: string[];
  /** What the service answers, one after the other: an error by its name, or the status of success. */
  let answers: string[];

  const wired = {
    region: 'eu-west-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    requestHandler: {
      handle: async () => {
        turns.push('call');
        const name = answers.shift();
        const headers: Record<string, string> = name ? { 'x-amzn-errortype': name } : {};
        const statusCode = name === 'ThrottlingException' ? 429 : name ? 400 : 200;
        return { response: { statusCode, headers, body: Buffer.from('{}') } };
      },
    },
  };
  const pace = async (operation: string) => void turns.push(operation);
  const video = () => paceClient(kinesisVideoClient({ ...wired, retryMode: 'standard' } as object), pace);
  const describe = () => video().send(new DescribeStreamCommand({ StreamName: 'drone-1' }));
  const counted = () => {
    metrics.publishStoredMetrics();
    return written().metrics;
  };

  beforeEach(() => {
    turns = [];
    answers = [];
    // Retries needn't take their time.
    jest.spyOn(Math, 'random').mockReturnValue(0);
  });
  afterEach(() => jest.restoreAllMocks());

  test('takes a turn of the operation before it calls', async () => {
    await video().send(new CreateStreamCommand({ StreamName: 'drone-1' }));
    await describe();
    expect(turns).toEqual(['CreateStream', 'call', 'DescribeStream', 'call']);
    expect(counted()).toEqual({});
  });

  test('takes one for each attempt, and counts those that AWS throttled', async () => {
    answers = ['ClientLimitExceededException', 'ClientLimitExceededException'];
    await describe();
    expect(turns).toEqual(['DescribeStream', 'call', 'DescribeStream', 'call', 'DescribeStream', 'call']);
    expect(counted()).toEqual({ ApiThrottled: [1, 1] });
  });

  test('of AWS IoT takes turns as well', async () => {
    answers = ['ThrottlingException'];
    const iot = paceClient(new IoTClient(wired as object), pace);
    await iot.send(new DescribeThingCommand({ thingName: 'drone-1' }));
    expect(turns).toEqual(['DescribeThing', 'call', 'DescribeThing', 'call']);
    expect(counted()).toEqual({ ApiThrottled: [1] });
  });

  test.each(['ClientLimitExceededException', 'ThrottlingException', 'TooManyRequestsException'])(
    'counts %s',
    async (name) => {
      answers = [name];
      await describe().catch(() => undefined);
      expect(counted()).toEqual({ ApiThrottled: [1] });
    },
  );

  test('passes other errors on, uncounted', async () => {
    answers = ['InvalidArgumentException'];
    await expect(describe()).rejects.toThrow(expect.objectContaining({ name: 'InvalidArgumentException' }));
    expect(turns).toEqual(['DescribeStream', 'call']);
    expect(counted()).toEqual({});
  });

  test('does not call when there is no turn to be had', async () => {
    const failing = paceClient(kinesisVideoClient({ ...wired, maxAttempts: 2 } as object), () =>
      Promise.reject(new Error('The table is gone.')),
    );
    await expect(failing.send(new DescribeStreamCommand({ StreamName: 'drone-1' }))).rejects.toThrow(
      'The table is gone.',
    );
    expect(turns).toEqual([]);
  });
});

test('the model of the table, which other tests use, does what DynamoDB does', async () => {
  const updates = fc.array(
    fc.record({
      isMoved: fc.boolean(),
      ':now': fc.integer({ min: NOW, max: NOW + 200 }),
      ':interval': fc.constantFrom(20, 25, 100),
    }),
    { minLength: 1, maxLength: 15 },
  );
  const property = fc.asyncProperty(updates, async (all) => {
    const model = new PacerTable();
    const TableName = await local.createTable('operation');
    for (const { isMoved, ...values } of all) {
      const input = {
        Key: { operation: 'CreateStream' },
        UpdateExpression: isMoved ? 'SET #next = #next + :interval' : 'SET #next = :now + :interval',
        ConditionExpression: isMoved ? '#next >= :now' : 'attribute_not_exists(#next) OR #next < :now',
        ExpressionAttributeNames: { '#next': 'next' },
        ExpressionAttributeValues: { ':interval': values[':interval'], ':now': values[':now'] },
      };
      const real = local.client
        .send(new UpdateCommand({ ...input, TableName, ReturnValues: 'UPDATED_NEW' }))
        .then(({ Attributes }) => ({ Attributes }));
      expect(await outcome(real)).toEqual(await outcome(Promise.resolve(input as Update).then((i) => model.update(i))));
    }
  });
  await fc.assert(property, { seed: 20_260_103, numRuns: 20 });
});

async function outcome(call: Promise<object>): Promise<object | string> {
  return call.catch((error: Error) => error.name);
}
