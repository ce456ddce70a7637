import { PutCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Gates, type GatePorts } from '../../../lambda/common/gates';
import { LocalDynamoDB } from '../../support/dynamodb';

const NOW = Date.parse('2026-11-24T10:00:00.000Z');
const LIMITS = { openForSeconds: 30, streamSecondsPerDay: 120, fleetSecondsPerDay: 200 };

describe('a gate', () => {
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
    const slow = {
      send: async (command: never) => {
        if ((command as object) instanceof UpdateCommand) await charged;
        return dynamodb.client.send(command);
      },
    } as unknown as DynamoDBDocumentClient;
    const first = new Gates({ dynamodb: slow, settings, now: () => now }).open('drone-1', 'first');
    while ((await dynamodb.items(settings.tableName)).length === 0);
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
});
