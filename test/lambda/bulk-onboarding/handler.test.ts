import { CONTEXT, captureOutput } from '../../support/handler-output';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { IoTClient } from '@aws-sdk/client-iot';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Context } from 'aws-lambda';
import fc from 'fast-check';
import type * as entry from '../../../lambda/bulk-onboarding';
import { cellOf } from '../../../lambda/common/cells';
import { handle, type Counts, type Ports, type Result } from '../../../lambda/bulk-onboarding/handler';
import { LocalDynamoDB } from '../../support/dynamodb';

const NOW = '2026-11-24T10:00:00.000Z';
const NEVER = Number.POSITIVE_INFINITY;

interface Thing {
  readonly thingTypeName?: string;
  readonly attributes: Record<string, string>;
}

type Answer = [status: number, error: string, message: string];

/** AWS IoT's registry of things, as its API is documented. */
class Registry {
  static async start(): Promise<Registry> {
    const registry = new Registry();
    registry.server.listen(0, '127.0.0.1');
    await once(registry.server, 'listening');
    return registry;
  }

  readonly things = new Map<string, Thing>();
  /** The names of things that were described and created, in the order of the calls. */
  readonly described: string[] = [];
  readonly created: string[] = [];
  /** What is answered instead, and what happens just before. */
  fail: (call: 'describe' | 'create', name: string) => Answer | undefined = () => undefined;
  private readonly server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const name = decodeURIComponent(/^\/things\/([^/]+)$/.exec(request.url!)![1]);
      const content = parts.length > 0 ? JSON.parse(Buffer.concat(parts).toString()) : undefined;
      const [status, body] = request.method === 'GET' ? this.describe(name) : this.create(name, content);
      const error = status < 300 ? undefined : (body as { error: string }).error;
      response.writeHead(status, { 'content-type': 'application/json', ...(error && { 'x-amzn-errortype': error }) });
      response.end(JSON.stringify(body));
    });
  });

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  client(): IoTClient {
    const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
    return new IoTClient({ region: 'eu-west-1', endpoint: this.endpoint, credentials });
  }

  clear(): void {
    this.things.clear();
    this.described.length = 0;
    this.created.length = 0;
    this.fail = () => undefined;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private describe(name: string): [number, object] {
    this.described.push(name);
    const failure = this.fail('describe', name);
    if (failure) return answer(failure);
    const thing = this.things.get(name);
    return thing ? [200, { thingName: name, ...thing }] : answer([404, 'ResourceNotFoundException', `no ${name}`]);
  }

  private create(
    name: string,
    {
      thingTypeName,
      attributePayload,
    }: { thingTypeName?: string; attributePayload: { attributes: Thing['attributes'] } },
  ): [number, object] {
    this.created.push(name);
    const failure = this.fail('create', name);
    if (failure) return answer(failure);
    const thing: Thing = { thingTypeName, attributes: attributePayload.attributes };
    const there = this.things.get(name);
    // The call succeeds if the thing is there with the same configuration.
    if (there && !isSame(there, thing)) return answer([409, 'ResourceAlreadyExistsException', `${name} exists`]);
    this.things.set(name, thing);
    return [200, { thingName: name }];
  }
}

function answer([status, error, message]: Answer): [number, object] {
  return [status, { error, message }];
}

function isSame(a: Thing, b: Thing): boolean {
  const sorted = ({ thingTypeName, attributes }: Thing) =>
    JSON.stringify([thingTypeName, Object.entries(attributes).sort()]);
  return sorted(a) === sorted(b);
}

const written = captureOutput();
let dynamodb: LocalDynamoDB;
let registry: Registry;
let ports: Ports;

beforeAll(async () => {
  [dynamodb, registry] = await Promise.all([LocalDynamoDB.start(), Registry.start()]);
});
afterAll(() => Promise.all([dynamodb.stop(), registry.stop()]));
beforeEach(async () => {
  registry.clear();
  ports = {
    dynamodb: dynamodb.client,
    tableName: await dynamodb.createTable('serialNumber'),
    thingNamePrefix: '',
    now: () => Date.parse(NOW),
  };
});

type Row = Record<string, string>;

const rowsOf = (...serialNumbers: string[]): Row[] => serialNumbers.map((serialNumber) => ({ serialNumber }));
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `drone-${index}`);
const onboard = (rows: Row[], more: Partial<Ports> = {}, deadline = NEVER): Promise<Result> =>
  handle({ rows }, { ...ports, ...more }, deadline);
const counts = (some: Partial<Counts>): Counts => ({
  rows: 0,
  listed: 0,
  things: 0,
  otherCells: 0,
  failed: 0,
  ...some,
});
const put = (Item: Record<string, unknown>) =>
  dynamodb.client.send(new PutCommand({ TableName: ports.tableName, Item }));

async function list(): Promise<Record<string, unknown>[]> {
  const items = await dynamodb.items(ports.tableName);
  return items.sort((a, b) => String(a.serialNumber).localeCompare(String(b.serialNumber)));
}

describe('the allow list', () => {
  test('gets the serial numbers that are not on it', async () => {
    expect(await onboard(rowsOf('drone-1', 'drone-2'))).toEqual({
      counts: counts({ rows: 2, listed: 2 }),
      failures: [],
    });
    expect(await list()).toEqual([
      { serialNumber: 'drone-1', listedAt: NOW },
      { serialNumber: 'drone-2', listedAt: NOW },
    ]);
    expect(registry.described).toEqual([]);
  });

  test('keeps what is known of a device', async () => {
    const registered = {
      serialNumber: 'drone-1',
      certificateId: 'a1b2',
      registeredAt: '2026-01-01T00:00:00.000Z',
      blocked: false,
      owner: 'depot',
    };
    await put(registered);
    await onboard(rowsOf('drone-1'));
    expect(await list()).toEqual([{ ...registered, listedAt: NOW }]);
  });

  test('is the same after another run, which says so', async () => {
    const rows = rowsOf(...numbered(25), 'drone-0');
    const first = await onboard(rows);
    const before = await list();
    const later = { now: () => Date.parse(NOW) + 86_400_000 };
    expect(await onboard(rows, later)).toEqual(first);
    expect(await list()).toEqual(before);
    expect(before).toHaveLength(25);
  });

  test.each([[true], ['true'], ['false'], [''], [0], [null], [{}]])(
    'keeps a device out that is blocked with %j, and it gets no thing either',
    async (blocked) => {
      await put({ serialNumber: 'drone-1', blocked });
      const result = await onboard(rowsOf('drone-1', 'drone-2'), { things: things() });
      expect(result).toEqual({
        counts: counts({ rows: 2, listed: 1, things: 1, failed: 1 }),
        failures: [{ serialNumber: 'drone-1', reason: 'the serial number is blocked' }],
      });
      expect(await list()).toEqual([
        { serialNumber: 'drone-1', blocked },
        { serialNumber: 'drone-2', listedAt: NOW },
      ]);
      expect([...registry.things.keys()]).toEqual(['drone-2']);
    },
  );
});

function things(attributes: Record<string, string> = {}): Ports['things'] {
  return { iot: registry.client(), thingTypeName: 'camera', attributes };
}

describe('a row', () => {
  test.each<[string, Row, prefix?: string]>([
    ['of the longest serial number', { serialNumber: 'x'.repeat(128) }],
    ['of the longest name of a thing', { serialNumber: 'x'.repeat(122) }, 'fleet-'],
    ['that only behind the prefix starts like a claim', { serialNumber: 'claim-1' }, 'fleet-'],
    ['with blanks', { ' serialNumber': ' drone-1\t' }],
    ['from a spreadsheet', { '\ufeffserialNumber': 'drone-1\r' }],
    ['with attributes', { serialNumber: 'drone-1', 'attribute.model': 'x4', 'attribute.a:b/c#d,e@f.g': '[1]=a:b' }],
    ['without values for its attributes', { serialNumber: 'drone-1', 'attribute.model': '', 'attribute.site': ' ' }],
    ['of a device that is called like a method', { serialNumber: 'constructor' }],
    ['of a device that is called like a prototype', { serialNumber: '__proto__' }],
  ])('%s is good', async (_what, row, thingNamePrefix = '') => {
    expect((await onboard([row], { thingNamePrefix })).failures).toEqual([]);
    expect(await list()).toEqual([{ serialNumber: Object.values(row)[0].trim(), listedAt: NOW }]);
  });

  const SERIAL = 'serialNumber must be 1 to 128 of a-z A-Z 0-9 _ -';

  test.each<[string, Row, reason: string | RegExp, prefix?: string]>([
    ['without serial number', { serialNumber: '' }, SERIAL],
    ['with a colon', { serialNumber: 'drone:1' }, SERIAL],
    ['with a slash', { serialNumber: 'drone/1' }, SERIAL],
    ['with a blank', { serialNumber: 'drone 1' }, SERIAL],
    ['with a wildcard', { serialNumber: '*' }, SERIAL],
    ['with letters of another alphabet', { serialNumber: 'дрон-1' }, SERIAL],
    ['with a formula', { serialNumber: '=1+1' }, SERIAL],
    ['that is too long', { serialNumber: 'x'.repeat(129) }, SERIAL],
    ['whose thing would be too', { serialNumber: 'x'.repeat(123) }, /longer than 128/, 'fleet-'],
    ['whose thing would be taken for a claim', { serialNumber: 'claim-1' }, /'claim-'/],
    ['whose thing would be taken for one, with the prefix', { serialNumber: '-1' }, /'claim-'/, 'claim'],
    ['without the column', { serial: 'drone-1' }, /^serialNumber .*; unknown columns: serial$/],
    ['in another case', { SerialNumber: 'drone-1' }, /unknown columns: SerialNumber/],
    ['with more columns', { serialNumber: 'drone-1', mac: '1', site: '2' }, 'unknown columns: mac, site'],
    ['with a column that only looks like one', { serialNumber: 'drone-1', attribute: 'x4' }, /columns: attribute$/],
    ['with a bad attribute', { serialNumber: 'drone-1', 'attribute.site': 'depot 7' }, /^attribute\.site must be/],
    ['with too long an attribute', { serialNumber: 'd', 'attribute.site': 'x'.repeat(801) }, /^attribute\.site must/],
    [
      'with an attribute of a bad name',
      { serialNumber: 'd', 'attribute.my site': 'x' },
      /^attribute\.my site must have/,
    ],
    ['with an attribute without name', { serialNumber: 'd', 'attribute.': 'x' }, /^attribute\. must have/],
  ])('%s is reported, and holds no other back', async (_what, row, reason, thingNamePrefix = '') => {
    const { counts: found, failures } = await onboard([row, { serialNumber: 'good' }], { thingNamePrefix });
    expect(found).toEqual(counts({ rows: 2, listed: 1, failed: 1 }));
    const serialNumber = (row.serialNumber ?? '').replaceAll(/[^\x20-\x7e]+/g, ' ').slice(0, 128);
    const text = typeof reason === 'string' ? reason : expect.stringMatching(reason);
    expect(failures).toEqual([{ serialNumber, reason: text }]);
    expect((await list()).map((item) => item.serialNumber)).toEqual(['good']);
  });

  test('is reported in the order of the list', async () => {
    const { failures } = await onboard(rowsOf(...numbered(40).map((name, index) => (index % 2 ? name : `${name}!`))));
    expect(failures.map(({ serialNumber }) => serialNumber)).toEqual(
      numbered(40).flatMap((name, index) => (index % 2 ? [] : [`${name}!`])),
    );
  });

  test('can be anything', async () => {
    const anyTable = { send: () => Promise.resolve({}) } as unknown as Ports['dynamodb'];
    const name = fc.oneof(fc.constantFrom('serialNumber', 'attribute.site', '__proto__'), fc.string());
    const value = fc.oneof(fc.stringMatching(/^[a-z0-9-]{1,8}$/), fc.string({ unit: 'binary' }));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.dictionary(name, value), { maxLength: 5 }), async (rows) => {
        const result = await onboard(rows, { dynamodb: anyTable });
        expect(result.counts).toEqual(
          counts({ rows: rows.length, listed: rows.length - result.failures.length, failed: result.failures.length }),
        );
        for (const { reason } of result.failures) expect(reason).not.toBe('');
      }),
      { numRuns: 50 },
    );
  });

  test.each(['"', '\\', '\u0001', 'ü', '\u{1f681}', 'a'])(
    'of a batch of the worst fits into what a state may put out: %j',
    async (character) => {
      const worst = character.repeat(1000);
      const result = await onboard(Array.from({ length: 500 }, () => ({ serialNumber: worst, [worst]: worst })));
      expect(result.failures).toHaveLength(500);
      expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThan(256 * 1024);
    },
  );
});

describe('a thing', () => {
  test('has the type, the serial number, and the attributes of its row and, before those, of the fleet', async () => {
    const row = { serialNumber: 'drone-1', 'attribute.model': 'x4', 'attribute.fleet': 'mine', 'attribute.site': '' };
    const result = await onboard([{ ...row, 'attribute.serialNumber': '0' }], {
      things: things({ fleet: 'delivery' }),
      thingNamePrefix: 'cam-',
    });
    expect(result).toEqual({ counts: counts({ rows: 1, listed: 1, things: 1 }), failures: [] });
    expect([...registry.things]).toEqual([
      [
        'cam-drone-1',
        { thingTypeName: 'camera', attributes: { model: 'x4', fleet: 'delivery', serialNumber: 'drone-1' } },
      ],
    ]);
  });

  test('is made once: another run makes none, and asks for none', async () => {
    const rows = rowsOf(...numbered(25));
    const first = await onboard(rows, { things: things() });
    expect(registry.created).toHaveLength(25);
    expect(await onboard(rows, { things: things() })).toEqual(first);
    expect(registry.created).toHaveLength(25);
  });

  test('may have more attributes than it was made with', async () => {
    registry.things.set('drone-1', {
      thingTypeName: 'camera',
      attributes: { serialNumber: 'drone-1', fleet: 'delivery', firmware: '7' },
    });
    const { failures } = await onboard(rowsOf('drone-1'), { things: things({ fleet: 'delivery' }) });
    expect(failures).toEqual([]);
    expect(registry.created).toEqual([]);
  });

  test.each<[string, Thing, RegExp]>([
    ['another type', { thingTypeName: 'lamp', attributes: { serialNumber: 'drone-1' } }, /of another type/],
    ['no type', { attributes: { serialNumber: 'drone-1' } }, /of another type/],
    [
      'another serial number',
      { thingTypeName: 'camera', attributes: { serialNumber: '1', fleet: 'delivery' } },
      /'serialNumber' is another/,
    ],
    ['no serial number', { thingTypeName: 'camera', attributes: { fleet: 'delivery' } }, /'serialNumber' is another/],
    [
      'another value of its attribute',
      { thingTypeName: 'camera', attributes: { serialNumber: 'drone-1', fleet: 'x' } },
      /'fleet' is another/,
    ],
  ])('that is there with %s is reported and left alone', async (_what, thing, reason) => {
    registry.things.set('drone-1', thing);
    const { counts: found, failures } = await onboard(rowsOf('drone-1', 'drone-2'), {
      things: things({ fleet: 'delivery' }),
    });
    expect(found).toEqual(counts({ rows: 2, listed: 2, things: 1, failed: 1 }));
    expect(failures).toEqual([{ serialNumber: 'drone-1', reason: expect.stringMatching(reason) }]);
    expect(registry.things.get('drone-1')).toBe(thing);
  });

  test.each([
    ['as it is to be', 'camera', []],
    ['of another type', 'lamp', [{ serialNumber: 'drone-1', reason: expect.stringMatching(/of another type/) }]],
  ])('that comes up meanwhile is looked at again: %s', async (_what, thingTypeName, failures) => {
    registry.fail = (call) => {
      if (call === 'create') {
        registry.things.set('drone-1', { thingTypeName, attributes: { serialNumber: 'drone-1', fleet: 'x' } });
      }
      return undefined;
    };
    expect((await onboard(rowsOf('drone-1'), { things: things() })).failures).toEqual(failures);
  });

  test('that AWS IoT refuses is reported with what it says', async () => {
    registry.fail = (call, name) =>
      call === 'create' && name === 'drone-1' ? [400, 'InvalidRequestException', 'Too many attributes'] : undefined;
    expect((await onboard(rowsOf('drone-1'), { things: things() })).failures).toEqual([
      { serialNumber: 'drone-1', reason: 'AWS IoT refuses the thing: Too many attributes' },
    ]);
  });
});

describe('a cell', () => {
  const cells = ['east', 'north', 'west'];

  test('onboards its own devices, and counts the others', async () => {
    const rows = rowsOf(...numbered(60));
    const results = [];
    for (const name of cells) results.push((await onboard(rows, { cell: { name, cells } })).counts);
    for (const { listed, otherCells } of results) {
      expect(listed).toBeGreaterThan(0);
      expect(listed + otherCells).toBe(60);
    }
    expect(results.reduce((sum, { listed }) => sum + listed, 0)).toBe(60);
    expect(await list()).toHaveLength(60);
  });

  test('takes the devices of others for no sign of life', async () => {
    const others = rowsOf('drone-0', 'drone-1', 'drone-2', 'drone-3');
    const cell = { name: 'nowhere', cells: ['nowhere', ...cells] };
    const { counts: found } = await onboard(others, { cell });
    expect(found).toEqual(counts({ rows: 4, otherCells: 4 }));
    const own = (await onboard(rowsOf(...numbered(30)), { cell })).counts.listed;
    expect(own).toBeGreaterThan(0);
    await expect(onboard(rowsOf(...numbered(30)), { cell, tableName: 'Missing' })).rejects.toThrow();
  });
});

describe('an outage', () => {
  const down = (...names: string[]) => {
    registry.fail = (_call, name) => (names.includes(name) ? [403, 'UnauthorizedException', 'Not allowed'] : undefined);
  };

  test('of a few rows is reported with the rows', async () => {
    down(...numbered(9));
    const { counts: found, failures } = await onboard(rowsOf(...numbered(20)), { things: things() });
    expect(found).toEqual(counts({ rows: 20, listed: 20, things: 11, failed: 9 }));
    expect(failures).toEqual(
      numbered(9).map((serialNumber) => ({ serialNumber, reason: 'UnauthorizedException: Not allowed' })),
    );
  });

  test('of ten rows fails the batch, which goes no further', async () => {
    down(...numbered(50).slice(5, 15));
    await expect(onboard(rowsOf(...numbered(500)), { things: things() })).rejects.toThrow('Not allowed');
    expect(registry.described.length).toBeLessThan(100);
  });

  test('of all rows that are good fails the batch, however small', async () => {
    down('drone-0');
    await expect(onboard(rowsOf('drone-0', 'bad one'), { things: things() })).rejects.toThrow('Not allowed');
    await expect(onboard(rowsOf('drone-0', 'drone-1'), { things: things() })).resolves.toMatchObject({
      counts: { failed: 1 },
    });
  });

  test('is no word for a batch of bad rows', async () => {
    const result = await onboard(rowsOf('bad one', 'bad two'));
    expect(result.counts).toEqual(counts({ rows: 2, failed: 2 }));
  });

  test('of the allow list fails the batch, and nothing gets a thing', async () => {
    const lost = { tableName: 'Missing', things: things() };
    await expect(onboard(rowsOf(...numbered(30)), lost)).rejects.toThrow(/Requested resource not found/);
    expect(registry.described).toEqual([]);
  });
});

test('rows that there is no time for are left to the next attempt, which makes no thing twice', async () => {
  const rows = rowsOf(...numbered(40));
  let time = Date.parse(NOW);
  const ticking = { now: () => (time += 1000), things: things() };
  await expect(onboard(rows, ticking, time + 30_000)).rejects.toThrow(/^There was no time left for \d+ rows\.$/);
  const first = registry.created.length;
  expect(first).toBeGreaterThan(0);
  expect(first).toBeLessThan(40);
  expect((await onboard(rows, { things: things() })).counts).toEqual(counts({ rows: 40, listed: 40, things: 40 }));
  expect([...registry.created].sort()).toEqual(numbered(40).sort());
});

test.each([[undefined], [null], [{}], [{ rows: {} }], [{ rows: ['drone-1'] }], [{ rows: [{ serialNumber: 1 }] }]])(
  'what is no batch of rows fails: %j',
  async (event) => {
    await expect(handle(event, ports, NEVER)).rejects.toThrow(/Invalid input: expected (object|array|record|string)/);
  },
);

describe('the function as it is deployed', () => {
  const before = process.env;
  const FIFTEEN_MINUTES = { ...CONTEXT, getRemainingTimeInMillis: () => 900_000 } as Context;

  beforeEach(() => {
    // The waits between attempts are drawn by lot.
    jest.spyOn(Math, 'random').mockReturnValue(0);
  });
  afterEach(() => {
    process.env = before;
    jest.restoreAllMocks();
  });

  async function load(more: NodeJS.ProcessEnv = {}) {
    const pacer = { tableName: await dynamodb.createTable('operation'), rates: { CreateThing: 1000 } };
    process.env = {
      ...before,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'key',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
      AWS_ENDPOINT_URL_IOT: registry.endpoint,
      ALLOW_LIST_TABLE: ports.tableName,
      THING_NAME_PREFIX: 'cam-',
      THINGS: '{"thingTypeName":"camera","attributes":{"fleet":"delivery"}}',
      CELL: 'null',
      PACER: JSON.stringify(pacer),
      ...more,
    };
    let loaded!: typeof entry;
    jest.isolateModules(() => {
      loaded = jest.requireActual('../../../lambda/bulk-onboarding');
    });
    return { handler: loaded.handler, pacer };
  }

  test('puts devices on the list, makes their things in turn, and counts both', async () => {
    const { handler, pacer } = await load();
    const result = await handler({ rows: rowsOf('drone-1', 'drone-2', 'bad one') }, FIFTEEN_MINUTES);
    expect(result.counts).toEqual(counts({ rows: 3, listed: 2, things: 2, failed: 1 }));
    expect([...registry.things.keys()].sort()).toEqual(['cam-drone-1', 'cam-drone-2']);
    expect(await dynamodb.items(pacer.tableName)).toEqual([{ operation: 'CreateThing', next: expect.any(Number) }]);
    const { metrics, logs } = written();
    expect(metrics).toEqual({ DeviceListed: [2], ThingCreated: [2], RowRejected: [1] });
    expect(logs).toContainEqual(
      expect.objectContaining({ message: 'Batch onboarded', function_request_id: CONTEXT.awsRequestId }),
    );
  });

  test('counts what is new only', async () => {
    const { handler } = await load();
    await handler({ rows: rowsOf('drone-1') }, FIFTEEN_MINUTES);
    written();
    await handler({ rows: rowsOf('drone-1', 'drone-2') }, FIFTEEN_MINUTES);
    expect(written().metrics).toEqual({ DeviceListed: [1], ThingCreated: [1], RowRejected: [0] });
  });

  test('needs no pacer where it makes no things', async () => {
    const { handler } = await load({ THINGS: 'null', PACER: undefined });
    const { counts: found } = await handler({ rows: rowsOf('drone-1') }, FIFTEEN_MINUTES);
    expect(found).toEqual(counts({ rows: 1, listed: 1 }));
  });

  test('knows its cell', async () => {
    const cells = ['east', 'west'];
    const { handler } = await load({ CELL: JSON.stringify({ name: 'east', cells }) });
    const { counts: found } = await handler({ rows: rowsOf(...numbered(20)) }, FIFTEEN_MINUTES);
    const own = numbered(20).filter((serialNumber) => cellOf(serialNumber, cells) === 'east').length;
    expect(own).toBeGreaterThan(0);
    expect(found).toEqual(counts({ rows: 20, listed: own, things: own, otherCells: 20 - own }));
  });

  test.each<Answer>([
    [429, 'ThrottlingException', 'Rate exceeded'],
    [503, 'ServiceUnavailableException', 'Later'],
    [500, 'InternalFailureException', 'Oh'],
  ])('rides out some answers of %d %s', async (...failure) => {
    const { handler } = await load();
    let left = 6;
    registry.fail = () => (left-- > 0 ? failure : undefined);
    const result = await handler({ rows: rowsOf('drone-1') }, FIFTEEN_MINUTES);
    expect(result).toEqual({ counts: counts({ rows: 1, listed: 1, things: 1 }), failures: [] });
  });

  test('fails when there is an outage, and says so', async () => {
    const { handler } = await load({ ALLOW_LIST_TABLE: 'Missing' });
    await expect(handler({ rows: rowsOf('drone-1') }, FIFTEEN_MINUTES)).rejects.toThrow(/not found/);
    const { logs, metrics } = written();
    expect(logs).toContainEqual(
      expect.objectContaining({ level: 'ERROR', message: 'Batch failed and will be tried again' }),
    );
    expect(metrics).toEqual({ DeviceListed: [0], ThingCreated: [0] });
  });

  test('begins no row in its last five minutes', async () => {
    const { handler } = await load();
    const late = { ...CONTEXT, getRemainingTimeInMillis: () => 299_000 } as Context;
    await expect(handler({ rows: rowsOf('drone-1') }, late)).rejects.toThrow('There was no time left for 1 rows.');
    expect(await list()).toEqual([]);
  });

  test.each([
    ['ALLOW_LIST_TABLE', undefined],
    ['THING_NAME_PREFIX', undefined],
    ['THINGS', undefined],
    ['THINGS', '{"thingTypeName":"camera"}'],
    ['CELL', '{"name":"east"}'],
    ['PACER', undefined],
  ])('does not load with %s=%s', async (name, value) => {
    await expect(load({ [name]: value })).rejects.toThrow(new RegExp(`environment of this function is wrong: ${name}`));
  });
});
