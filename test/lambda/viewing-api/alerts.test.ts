import { captureOutput } from '../../support/handler-output';
import { BatchGetCommand, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { DetectionEvent } from '../../../lambda/common/detection-event';
import { metrics } from '../../../lambda/common/observability';
import { LocalDynamoDB } from '../../support/dynamodb';
import { ADMIN, ALERT, NORTH_PILOT, NORTH_REVIEWER, NOW, awsError, itemOf, viewingOf } from '../../support/viewing';

const written = captureOutput();
const viewing = viewingOf();
const iso = (later: number) => new Date(NOW + later).toISOString();
const HOUR = 3_600_000;

let local: LocalDynamoDB;
let alertTable: string;
let tableName: string;

beforeAll(async () => {
  local = await LocalDynamoDB.start();
});
afterAll(() => local.stop());

/** The tables themselves. */
beforeEach(async () => {
  [alertTable, tableName] = await Promise.all([local.createTable('device', 'at'), local.createTable('detectionId')]);
  viewing.start({
    alerts: { dynamodb: local.client, alertTable, acknowledgements: { tableName, retentionDays: 90 } },
  });
});

const alertOf = (index: number, later: number, changes: Partial<DetectionEvent> = {}): DetectionEvent => ({
  ...ALERT,
  id: `drone-1:m-${index}:person`,
  capturedAt: iso(later),
  detectedAt: iso(later + 300),
  ...changes,
});
const keep = async (...alerts: DetectionEvent[]) => {
  for (const alert of alerts) {
    await local.client.send(new PutCommand({ TableName: alertTable, Item: itemOf(alert) }));
  }
};

const DAY = { from: iso(-24 * HOUR), to: iso(0) };
const list = (
  query: Record<string, string> = {},
  claims: Record<string, string> = NORTH_REVIEWER,
  device = 'drone-1',
) => viewing.get(`/v1/devices/${device}/alerts`, claims, { ...DAY, ...query });
const listed = async (query?: Record<string, string>) => {
  const { status, content } = await list(query);
  expect(status).toBe(200);
  return content as { alerts: (DetectionEvent & { acknowledgement?: object })[]; nextToken?: string };
};
const ids = async (query?: Record<string, string>) => (await listed(query)).alerts.map(({ id }) => id.split(':')[1]);
const acknowledge = (
  alert: DetectionEvent,
  claims: Record<string, string> = NORTH_PILOT,
  more: object = {},
  device = 'drone-1',
) =>
  viewing.post(`/v1/devices/${device}/acknowledgements`, claims, {
    detectionId: alert.id,
    capturedAt: alert.capturedAt,
    ...more,
  });

describe('alerts', () => {
  test('are those of the device in the window, the newest first', async () => {
    await keep(
      alertOf(1, -3 * HOUR),
      alertOf(2, -2 * HOUR),
      alertOf(3, -HOUR),
      alertOf(4, -1, { device: 'drone-2' }),
      alertOf(5, -30 * HOUR),
    );
    expect(await ids()).toEqual(['m-3', 'm-2', 'm-1']);
    expect(await ids({ from: iso(-2 * HOUR) })).toEqual(['m-3', 'm-2']);
    expect((await listed()).alerts[2]).toEqual(alertOf(1, -3 * HOUR));
  });

  test('of windows side by side are in one of them', async () => {
    await keep(alertOf(1, -HOUR), alertOf(2, -HOUR + 1), alertOf(3, -HOUR - 1));
    expect(await ids({ to: iso(-HOUR) })).toEqual(['m-3']);
    expect(await ids({ from: iso(-HOUR) })).toEqual(['m-2', 'm-1']);
    // In another form, it is the same time.
    expect(await ids({ from: '2026-11-24T10:00:00+01:00' })).toEqual(['m-2', 'm-1']);
  });

  test('of a clock that is ahead are seen by who asks for later', async () => {
    await keep(alertOf(1, 5000));
    expect(await ids()).toEqual([]);
    expect(await ids({ from: iso(-HOUR), to: iso(HOUR) })).toEqual(['m-1']);
  });

  test('have what a later version adds', async () => {
    const event = { ...ALERT, schemaVersion: '1.9', altitude: 30, frame: { bucket: 'b', key: 'k', depth: 12 } };
    await keep(event as DetectionEvent);
    expect((await listed()).alerts).toEqual([event]);
  });

  test('that can not be read do not hide the others', async () => {
    await keep(alertOf(1, -HOUR));
    for (const event of ['no JSON', '{}', 'null']) {
      await local.client.send(
        new PutCommand({ TableName: alertTable, Item: { device: 'drone-1', at: `${iso(-5)}#${event}`, event } }),
      );
    }
    expect(await ids()).toEqual(['m-1']);
    expect(written().logs.filter(({ level }) => level === 'ERROR')).toHaveLength(3);
  });

  test('have links to frames as long as they work', async () => {
    const frame = { bucket: 'frames', key: 'k', url: 'https://frames.example.com/k' };
    await keep(
      alertOf(1, -3000, { frame: { ...frame, urlExpiresAt: iso(1) } }),
      alertOf(2, -4000, { frame: { ...frame, urlExpiresAt: iso(0) } }),
      alertOf(3, -5000, { frame: { bucket: 'frames', key: 'k' } }),
    );
    expect((await listed()).alerts.map((alert) => alert.frame)).toEqual([
      { ...frame, urlExpiresAt: iso(1) },
      { bucket: 'frames', key: 'k' },
      { bucket: 'frames', key: 'k' },
    ]);
  });

  test.each<[string, Record<string, string>]>([
    ['more than a day', { from: iso(-24 * HOUR - 1) }],
    ['reversed', { from: iso(0), to: iso(-HOUR) }],
    ['of no length', { from: iso(0), to: iso(0) }],
    ['in a future that no clock has', { from: iso(HOUR), to: iso(24 * HOUR + 1) }],
    ['beyond the calendar', { from: '9999-12-31T20:00:00Z', to: '9999-12-31T20:00:00-12:00' }],
    ['without a zone', { from: '2026-11-24T09:00:00' }],
    ['without a beginning', { from: '' }],
    ['of too many', { limit: '101' }],
    ['of none', { limit: '0' }],
    ['with something else', { device: 'drone-2' }],
  ])('a window %s is refused', async (_what, query) => {
    expect(await list(query)).toMatchObject({ status: 400 });
    expect(await list()).toMatchObject({ status: 200 });
  });

  test('are not there without a feed', async () => {
    viewing.start({ alerts: undefined });
    expect(await list()).toMatchObject({ status: 404 });
    expect(await acknowledge(ALERT)).toMatchObject({ status: 404 });
  });
});

describe('pages', () => {
  const ALERTS = Array.from({ length: 5 }, (_, index) => alertOf(index, -HOUR - index * 1000));

  test('have each alert once', async () => {
    await keep(...ALERTS);
    const found: string[][] = [];
    let nextToken: string | undefined;
    do {
      const page = await listed({ limit: '2', ...(nextToken && { nextToken }) });
      found.push(page.alerts.map(({ id }) => id));
      nextToken = page.nextToken;
    } while (nextToken);
    expect(found.flat()).toEqual(ALERTS.map(({ id }) => id));
    expect(found[0]).toHaveLength(2);
  });

  test('of another device have tokens of their own', async () => {
    await keep(...ALERTS, alertOf(9, -HOUR, { device: 'drone-2' }));
    const { nextToken } = await listed({ limit: '2' });
    expect(await list({ nextToken: nextToken! }, ADMIN, 'drone-2')).toMatchObject({
      status: 400,
      content: { detail: expect.stringContaining('nextToken') },
    });
    expect(await list({ nextToken: nextToken! }, ADMIN)).toMatchObject({ status: 200 });
  });

  test('of another window have tokens of their own', async () => {
    await keep(...ALERTS);
    const { nextToken } = await listed({ limit: '2' });
    expect(await list({ nextToken: nextToken!, to: iso(-2 * HOUR) })).toMatchObject({ status: 400 });
    expect(await list({ nextToken: nextToken!, from: iso(-HOUR + 1) })).toMatchObject({ status: 400 });
  });

  const encode = (content: unknown) => Buffer.from(JSON.stringify(content)).toString('base64url');
  test.each([
    'x',
    '!',
    encode(null),
    encode([]),
    encode(['drone-1']),
    encode(['drone-1', 7]),
    encode({ device: 'drone-1' }),
  ])('%s is no token', async (nextToken) => {
    expect(await list({ nextToken })).toMatchObject({ status: 400 });
  });
});

describe('an acknowledgement', () => {
  const [first, second] = [alertOf(1, -HOUR), alertOf(2, -2 * HOUR)];
  const CHIEF = { ...NORTH_PILOT, sub: 'chief' };

  beforeEach(() => keep(first, second));

  test('is in the name of who is signed in, and to be seen with the alert', async () => {
    const given = { acknowledgedAt: iso(0), acknowledgedBy: '6f2c1e4a-viewer', note: 'Landing.' };
    expect(await acknowledge(first, NORTH_PILOT, { note: 'Landing.' })).toMatchObject({
      status: 200,
      content: { detectionId: first.id, ...given },
    });
    expect((await listed()).alerts).toEqual([{ ...first, acknowledgement: given }, second]);
    expect(await local.items(tableName)).toEqual([
      {
        detectionId: first.id,
        principal: 'viewer:6f2c1e4a-viewer',
        ...given,
        expiresAt: NOW / 1000 + 90 * 86_400,
      },
    ]);
    metrics.publishStoredMetrics();
    expect(written().metrics.AlertAcknowledged).toEqual([1]);
  });

  test('that is the first stays, and is the answer to all others', async () => {
    const { content } = await acknowledge(first);
    viewing.state.now += 60_000;
    expect(await acknowledge(first, CHIEF, { note: 'Mine.' })).toMatchObject({ status: 200 });
    expect((await acknowledge(first, CHIEF, { note: 'Mine.' })).content).toEqual(content);
  });

  test('that was signed by a role does not say which', async () => {
    const principal = 'arn:aws:sts::111122223333:assumed-role/Pilots/chief';
    await local.client.send(
      new PutCommand({ TableName: tableName, Item: { detectionId: first.id, acknowledgedAt: iso(-1), principal } }),
    );
    expect((await acknowledge(first)).content).toEqual({ detectionId: first.id, acknowledgedAt: iso(-1) });
    expect((await listed()).alerts[0].acknowledgement).toEqual({ acknowledgedAt: iso(-1) });
  });

  test('can not be given in the name of somebody else', async () => {
    expect(await acknowledge(first, NORTH_PILOT, { acknowledgedBy: 'chief' })).toMatchObject({ status: 400 });
    expect(await acknowledge(first, NORTH_PILOT, { principal: 'chief' })).toMatchObject({ status: 400 });
    expect(await local.items(tableName)).toEqual([]);
  });

  const THEIRS = alertOf(3, -HOUR, { device: 'drone-2', id: 'drone-2:m-3:person' });
  test.each<[string, DetectionEvent]>([
    ['of another device', THEIRS],
    ['that is not there', alertOf(9, -HOUR)],
    ['of another time', { ...first, capturedAt: second.capturedAt }],
    ['of a part of an id', { ...first, id: 'drone-1' }],
    ['whose id could be no key', { ...first, id: '€'.repeat(512) }],
  ])('of an alert %s is none', async (_what, alert) => {
    await keep(THEIRS);
    expect(await acknowledge(alert)).toMatchObject({
      status: 404,
      content: { title: 'Nothing there', detail: 'Of this device there is no such alert, or none any more.' },
    });
    expect(await local.items(tableName)).toEqual([]);
    expect(await acknowledge(first)).toMatchObject({ status: 200 });
    // Who may see that device, by its own path.
    expect(await acknowledge(THEIRS, ADMIN, {}, 'drone-2')).toMatchObject({ status: 200 });
  });

  test('may have the time in another form', async () => {
    expect(await acknowledge(first, NORTH_PILOT, { capturedAt: '2026-11-24T10:00:00+01:00' })).toMatchObject({
      status: 200,
    });
  });

  test.each<[string, object]>([
    ['no id', { detectionId: undefined }],
    ['an empty id', { detectionId: '' }],
    ['an id that is too long', { detectionId: 'x'.repeat(513) }],
    ['no time', { capturedAt: undefined }],
    ['a time without a zone', { capturedAt: '2026-11-24T09:00:00' }],
    ['a note that is too long', { note: 'x'.repeat(1001) }],
    ['a note that is no text', { note: 7 }],
  ])('with %s is refused', async (_what, more) => {
    expect(await acknowledge(first, NORTH_PILOT, more)).toMatchObject({ status: 400 });
    expect(await acknowledge(first, NORTH_PILOT, { note: 'x'.repeat(1000) })).toMatchObject({ status: 200 });
  });

  test('is not there where alerts are shown only', async () => {
    viewing.start({ alerts: { dynamodb: local.client, alertTable } });
    expect(await acknowledge(first)).toMatchObject({ status: 404, content: { title: 'Not found' } });
    expect((await listed()).alerts).toEqual([first, second]);
  });

  test('is on record, without its note', async () => {
    await acknowledge(first, NORTH_PILOT, { note: 'Landing.' });
    const { logs } = written();
    expect(logs).toContainEqual(
      expect.objectContaining({ message: 'Access granted', action: 'acknowledge', detectionId: first.id }),
    );
    expect(JSON.stringify(logs)).not.toContain('Landing.');
  });
});

describe('DynamoDB', () => {
  /** That answers everything. */
  beforeEach(() => viewing.start());

  const UNPROCESSED = { UnprocessedKeys: { Acknowledgements: { Keys: [{ detectionId: ALERT.id }] } } };
  const KNOWN = {
    Responses: { Acknowledgements: [{ detectionId: ALERT.id, acknowledgedAt: iso(-1), principal: 'viewer:a' }] },
  };

  test('is asked again for what it has left out', async () => {
    viewing.dynamodb.on(BatchGetCommand).resolvesOnce(UNPROCESSED).resolves(KNOWN);
    expect((await listed()).alerts[0].acknowledgement).toEqual({ acknowledgedAt: iso(-1) });
    expect(viewing.dynamodb).toHaveReceivedNthSpecificCommandWith(2, BatchGetCommand, {
      RequestItems: { Acknowledgements: { Keys: [{ detectionId: ALERT.id }], ConsistentRead: true } },
    });
  });

  test('that leaves something out again and again has too much to do', async () => {
    viewing.dynamodb.on(BatchGetCommand).resolves(UNPROCESSED);
    expect(await list()).toMatchObject({ status: 429 });
    expect(viewing.dynamodb).toHaveReceivedCommandTimes(BatchGetCommand, 4);
  });

  test('is not asked for a key that is longer than it takes', async () => {
    const asked = () => viewing.dynamodb.commandCalls(GetCommand, { TableName: 'Alerts' }).length;
    // In UTF-8, with the time before it: one byte more than 1024, and just as many.
    expect(await acknowledge({ ...ALERT, id: `${'€'.repeat(333)}x` })).toMatchObject({ status: 404 });
    expect(asked()).toBe(0);
    expect(await acknowledge({ ...ALERT, id: '€'.repeat(333) })).toMatchObject({ status: 200 });
    expect(asked()).toBe(1);
  });

  test('is asked once for an alert that is there twice, and for none not at all', async () => {
    const item = itemOf(ALERT);
    viewing.dynamodb.on(QueryCommand).resolves({ Items: [item, { ...item, at: `${item.at}-2` }] });
    expect((await listed()).alerts).toHaveLength(2);
    expect(viewing.dynamodb.commandCalls(BatchGetCommand).map(({ args }) => args[0].input.RequestItems)).toEqual([
      { Acknowledgements: { Keys: [{ detectionId: ALERT.id }], ConsistentRead: true } },
    ]);
    viewing.dynamodb.on(QueryCommand).resolves({});
    expect(await listed()).toEqual({ alerts: [] });
    expect(viewing.dynamodb).toHaveReceivedCommandTimes(BatchGetCommand, 1);
  });

  test.each<[string, number]>([
    ['ProvisionedThroughputExceededException', 429],
    ['ThrottlingException', 429],
    ['RequestLimitExceeded', 429],
    // That of a table says nothing of a device.
    ['ResourceNotFoundException', 502],
    ['AccessDeniedException', 502],
    ['ValidationException', 502],
    ['InternalServerError', 502],
  ])('that says %s is answered with %d', async (name, status) => {
    const broken = {
      status,
      content: expect.not.objectContaining({ detail: expect.stringContaining('111122223333') }),
    };
    viewing.dynamodb.on(UpdateCommand).rejects(awsError(name));
    expect(await acknowledge(ALERT)).toMatchObject(broken);
    viewing.dynamodb.on(GetCommand, { TableName: 'Alerts' }).rejects(awsError(name));
    expect(await acknowledge(ALERT)).toMatchObject(broken);
    expect(viewing.dynamodb).toHaveReceivedCommandTimes(UpdateCommand, 1);
    viewing.dynamodb.on(BatchGetCommand).rejects(awsError(name));
    expect(await list()).toMatchObject(broken);
    viewing.dynamodb.on(QueryCommand).rejects(awsError(name));
    expect(await list()).toMatchObject(broken);
    expect(viewing.dynamodb).toHaveReceivedCommandTimes(BatchGetCommand, 1);
  });
});
