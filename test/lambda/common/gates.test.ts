import { captureOutput } from '../../support/handler-output';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Gates, gateSettings, type GatePorts } from '../../../lambda/common/gates';
import { LocalDynamoDB } from '../../support/dynamodb';

const NOW = Date.parse('2026-11-24T10:00:00.000Z');
const LIMITS = { openForSeconds: 30, streamSecondsPerDay: 120, fleetSecondsPerDay: 200 };

describe('a gate', () => {
  const written = captureOutput();
  let dynamodb: LocalDynamoDB;
  let settings: GatePorts['settings'];
  let now: number;
  const make = () => new Gates({ dynamodb: dynamodb.client, settings, now: () => now });
  const open = (stream: string, gates = make()) => gates.open(stream, `${stream}:${now}`);
  const spent = async () =>
    Object.fromEntries(
      (await dynamodb.items(settings.tableName)).map(({ stream, content, spentSeconds }) => [
        stream,
        spentSeconds ?? (content as { spentSeconds: number }).spentSeconds,
      ]),
    );

  beforeAll(async () => {
    dynamodb = await LocalDynamoDB.start();
  });
  afterAll(() => dynamodb.stop());
  beforeEach(async () => {
    settings = { ...LIMITS, tableName: await dynamodb.createTable('stream') };
    now = NOW;
  });

  test('is open for as long as it should be, and closes by itself', async () => {
    expect(await make().isOpen('drone-1', now)).toBe(false);
    expect(await open('drone-1')).toBe('opened');
    for (const [later, isOpen] of [
      [0, true],
      [30_000, true],
      [30_001, false],
    ] as const) {
      now = NOW + later;
      expect(await make().isOpen('drone-1', now)).toBe(isOpen);
      expect(await make().isOpen('drone-10', now)).toBe(false);
    }
  });

  test('was open for a frame that comes later, and not for one that was captured before', async () => {
    await open('drone-1');
    now += 60_000;
    expect(await make().isOpen('drone-1', NOW + 1)).toBe(true);
    expect(await make().isOpen('drone-1', NOW - 1)).toBe(false);
    expect(await make().isOpen('drone-1', NOW + 30_001)).toBe(false);
  });

  test('is extended as long as motion goes on, when half of its time is over, and charged for what is added', async () => {
    const openings = [];
    for (let seconds = 0; seconds <= 50; seconds += 5) {
      now = NOW + 1000 * seconds;
      openings.push(await open('drone-1'));
    }
    const kept = Array(2).fill('already');
    expect(openings).toEqual(['opened', ...kept, 'extended', ...kept, 'extended', ...kept, 'extended', 'already']);
    expect(await spent()).toEqual({ 'drone-1': 75, '#fleet 2026-11-24': 75 });
    expect(await make().isOpen('drone-1', NOW)).toBe(true);
  });

  test('is opened anew after it was closed', async () => {
    await open('drone-1');
    now += 30_001;
    expect(await open('drone-1')).toBe('opened');
    expect(await make().isOpen('drone-1', NOW + 30_000)).toBe(true);
    expect(await spent()).toEqual({ 'drone-1': 60, '#fleet 2026-11-24': 60 });
  });

  test('stays shut when its stream has been open for as long as it may be in a day', async () => {
    const openings = [];
    for (let minute = 0; minute < 5; minute++) {
      now = NOW + 60_000 * minute;
      openings.push(await open('drone-1'));
    }
    expect(openings).toEqual([...Array(4).fill('opened'), 'streamExhausted']);
    expect(await open('drone-2')).toBe('opened');
    now = Date.parse('2026-11-25T00:00:00.000Z');
    expect(await open('drone-1')).toBe('opened');
    expect(await spent()).toMatchObject({ 'drone-1': 30, '#fleet 2026-11-24': 150, '#fleet 2026-11-25': 30 });
  });

  test('stays shut when the fleet has, and its stream is charged nothing', async () => {
    const openings = [];
    for (let drone = 1; drone <= 8; drone++) openings.push(await open(`drone-${drone}`));
    expect(openings).toEqual([...Array(6).fill('opened'), 'fleetExhausted', 'fleetExhausted']);
    expect(await spent()).toMatchObject({ 'drone-6': 30, 'drone-7': 0, 'drone-8': 0, '#fleet 2026-11-24': 180 });
    expect(await make().isOpen('drone-7', now)).toBe(false);
  });

  test('is not asked for again by whoever knows that it is open', async () => {
    const gates = make();
    await open('drone-1', gates);
    const send = jest.spyOn(dynamodb.client, 'send');
    expect(await open('drone-1', gates)).toBe('already');
    expect(await gates.isOpen('drone-1', now)).toBe(true);
    expect(send).not.toHaveBeenCalled();
    send.mockRestore();
  });

  test('that somebody is about to open waits for that, but not for ever', async () => {
    const claim = { id: 'other', until: now + 10_000 };
    const content = { openedAt: 0, openUntil: 0, day: '2026-11-24', spentSeconds: 0, claim };
    const Item = { stream: 'drone-1', content, version: 1 };
    await dynamodb.client.send(new PutCommand({ TableName: settings.tableName, Item }));
    await expect(open('drone-1')).rejects.toThrow("The gate of 'drone-1' is being opened.");
    now += 10_000;
    expect(await open('drone-1')).toBe('opened');
  });

  test('is charged once, whoever asks for it meanwhile', async () => {
    let charge: () => void = () => undefined;
    const charged = new Promise<void>((resolve) => (charge = resolve));
    let ask: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (ask = resolve));
    const slow = {
      send: async (command: never) => {
        if ((command as object) instanceof UpdateCommand) {
          ask();
          await charged;
        }
        return dynamodb.client.send(command);
      },
    } as unknown as DynamoDBDocumentClient;
    const first = new Gates({ dynamodb: slow, settings, now: () => now }).open('drone-1', 'first');
    await Promise.race([asked, first]);
    await expect(make().open('drone-1', 'second')).rejects.toThrow("The gate of 'drone-1' is being opened.");
    charge();
    expect(await first).toBe('opened');
    expect(await spent()).toEqual({ 'drone-1': 30, '#fleet 2026-11-24': 30 });
  });

  test('what is remembered expires after two days', async () => {
    await open('drone-1');
    const items = await dynamodb.items(settings.tableName);
    expect(items.map(({ expiresAt }) => expiresAt)).toEqual(Array(2).fill(NOW / 1000 + 172_800));
  });

  test('is open for whoever has asked, until when it was at that time, without another look', async () => {
    await open('drone-1');
    const gates = make();
    expect(await gates.isOpen('drone-1', now)).toBe(true);
    const send = jest.spyOn(dynamodb.client, 'send');
    now += 30_000;
    expect(await gates.isOpen('drone-1', now)).toBe(true);
    expect(send).not.toHaveBeenCalled();
    now++;
    expect(await gates.isOpen('drone-1', now)).toBe(false);
    expect(send).toHaveBeenCalledTimes(1);
    send.mockRestore();
  });

  test('was open for what was captured from its first to its last millisecond', async () => {
    await open('drone-1');
    now += 60_000;
    const opens = [NOW - 1, NOW, NOW + 30_000, NOW + 30_001].map((at) => make().isOpen('drone-1', at));
    expect(await Promise.all(opens)).toEqual([false, true, true, false]);
    now = NOW + 30_000;
    expect(await make().isOpen('drone-1', NOW - 1)).toBe(true);
  });

  test('says until when it is open, or was', async () => {
    expect(await make().openUntil('drone-1')).toBe(0);
    await open('drone-1');
    now += 60_000;
    expect(await make().openUntil('drone-1')).toBe(NOW + 30_000);
  });

  test('counts what became of each that asks', async () => {
    const counted = async (stream: string) => {
      written();
      await open(stream);
      return written().metrics;
    };
    expect(await counted('drone-1')).toEqual({ GateOpened: [1] });
    expect(await counted('drone-1')).toEqual({ GateOpenAlready: [1] });
    now += 20_000;
    expect(await counted('drone-1')).toEqual({ GateExtended: [1] });
    now += 100_000;
    settings = { ...settings, streamSecondsPerDay: 60 };
    expect(await counted('drone-1')).toEqual({ StreamBudgetExhausted: [1] });
    settings = { ...settings, fleetSecondsPerDay: 60 };
    expect(await counted('drone-2')).toEqual({ FleetBudgetExhausted: [1] });
  });

  test('that the fleet has no more time for is claimed by nobody', async () => {
    await open('drone-2');
    settings = { ...settings, fleetSecondsPerDay: 59 };
    expect(await make().open('drone-1', 'one')).toBe('fleetExhausted');
    expect(await make().open('drone-1', 'other')).toBe('fleetExhausted');
    settings = { ...settings, fleetSecondsPerDay: 60 };
    expect(await make().open('drone-1', 'third')).toBe('opened');
  });
});

describe('a gate whose table', () => {
  const refusal = new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} });

  /** Opens a gate in a table that answers what it is asked for, one after the other. */
  function openIn(answer: (command: unknown, index: number) => object) {
    let index = 0;
    const send = jest.fn(async (command: unknown) => answer(command, index++));
    const dynamodb = { send } as unknown as DynamoDBDocumentClient;
    const gates = new Gates({ dynamodb, settings: { ...LIMITS, tableName: 'Gates' }, now: () => NOW });
    return { opening: gates.open('drone-1', 'a'), send };
  }

  test('is written by others all the time is given up', async () => {
    const { opening, send } = openIn((command) => {
      if (command instanceof PutCommand) throw refusal;
      return {};
    });
    await expect(opening).rejects.toThrow("Too many functions want to open the gate of 'drone-1' at once.");
    expect(send).toHaveBeenCalledTimes(20);
  });

  test('does not answer is not opened', async () => {
    const { opening, send } = openIn((command) => {
      if (command instanceof UpdateCommand) throw new Error('The table did not answer.');
      return {};
    });
    await expect(opening).rejects.toThrow('The table did not answer.');
    expect(send.mock.calls.filter(([command]) => command instanceof PutCommand)).toHaveLength(1);
  });

  test.each([
    ['as long', NOW + 30_000, 'opened'],
    ['longer', NOW + 31_000, 'opened'],
    ['not so long', NOW + 29_999, undefined],
    ['not at all', undefined, undefined],
  ])('was written by somebody else meanwhile, who has opened it for %s', async (_what, openUntil, opening) => {
    const gate = openUntil && { openedAt: NOW, openUntil, day: '2026-11-24', spentSeconds: 30 };
    const opened = openIn((command, index) => {
      // The claim is written, and the gate is not.
      if (command instanceof PutCommand && index > 1) throw refusal;
      return command instanceof GetCommand && index > 1 && gate ? { Item: { version: 3, content: gate } } : {};
    }).opening;
    if (opening) expect(await opened).toBe(opening);
    else await expect(opened).rejects.toThrow("The gate of 'drone-1' was taken over.");
  });
});

test.each(['tableName', 'openForSeconds', 'streamSecondsPerDay', 'fleetSecondsPerDay'])(
  'settings without %s are refused',
  (field) => {
    const settings = { ...LIMITS, tableName: 'Gates' };
    expect(gateSettings.parse(settings)).toEqual(settings);
    const issues = gateSettings.safeParse({ ...settings, [field]: undefined }).error?.issues;
    expect(issues?.map(({ path }) => path)).toEqual([[field]]);
  },
);
