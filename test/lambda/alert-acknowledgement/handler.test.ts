import { captureOutput } from '../../support/handler-output';
import { metrics } from '../../../lambda/common/observability';
import { handle, type Ports } from '../../../lambda/alert-acknowledgement/handler';
import { urlEvent } from '../../events/function-url';
import { LocalDynamoDB } from '../../support/dynamodb';

const PILOT = 'arn:aws:sts::111122223333:assumed-role/Pilots/pilot-1';
const CHIEF = 'arn:aws:sts::111122223333:assumed-role/Pilots/chief';
const ID = 'drone-1:1:person';

const written = captureOutput();
let dynamodb: LocalDynamoDB;
let ports: Ports;
let now: number;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  metrics.clearMetrics();
  now = Date.parse('2026-11-24T10:00:02.500Z');
  const tableName = await dynamodb.createTable('detectionId');
  ports = { dynamodb: dynamodb.client, tableName, retentionDays: 90, now: () => now };
});

async function send(event: unknown) {
  const { statusCode, headers, body } = await handle(event, ports);
  return { status: statusCode, type: headers!['content-type'], headers, content: JSON.parse(body!) };
}

const post = (content: unknown, userArn?: string) =>
  send(urlEvent('POST', { body: typeof content === 'string' ? content : JSON.stringify(content), userArn }));
const get = (query?: Record<string, string>) => send(urlEvent('GET', { query }));
const kept = () => dynamodb.items(ports.tableName);

describe('an acknowledgement', () => {
  test('says who signed it, and is kept for its time', async () => {
    const acknowledgement = { detectionId: ID, acknowledgedAt: '2026-11-24T10:00:02.500Z', principal: PILOT };
    expect(await post({ detectionId: ID })).toMatchObject({
      status: 200,
      type: 'application/json',
      content: acknowledgement,
    });
    expect(await kept()).toEqual([{ ...acknowledgement, expiresAt: Date.UTC(2027, 1, 22, 10, 0, 2) / 1000 }]);
  });

  test('has a note, and on whose behalf it was signed', async () => {
    const { content } = await post({ detectionId: ID, acknowledgedBy: 'Pilot on duty', note: 'Landing.' });
    expect(content).toEqual({
      detectionId: ID,
      acknowledgedAt: '2026-11-24T10:00:02.500Z',
      principal: PILOT,
      acknowledgedBy: 'Pilot on duty',
      note: 'Landing.',
    });
    expect(await kept()).toEqual([expect.objectContaining(content)]);
  });

  test('can be sent as Base64', async () => {
    const body = Buffer.from(JSON.stringify({ detectionId: ID, note: 'Größer' })).toString('base64');
    const { content } = await send(urlEvent('POST', { body, isBase64Encoded: true }));
    expect(content).toMatchObject({ detectionId: ID, note: 'Größer' });
  });

  test('counts if it is the first, and is the answer to all others', async () => {
    const { content: first } = await post({ detectionId: ID, note: 'Landing.' });
    now += 60_000;
    const second = await post({ detectionId: ID, acknowledgedBy: 'Somebody else', note: 'Mine.' }, CHIEF);
    expect(second).toMatchObject({ status: 200, content: first });
    expect(second.content).not.toHaveProperty('acknowledgedBy');
    expect(await kept()).toEqual([expect.objectContaining(first)]);
  });

  test('is one of ten that come at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => post({ detectionId: ID, note: String(index) })),
    );
    const [{ note }] = await kept();
    expect(answers.map(({ content }) => content.note)).toEqual(Array(10).fill(note));
    metrics.publishStoredMetrics();
    expect(written().metrics.AlertAcknowledged).toEqual([1]);
  });

  test('of one alert is none of another', async () => {
    await post({ detectionId: ID });
    await post({ detectionId: `${ID}2` }, CHIEF);
    expect((await kept()).map(({ detectionId, principal }) => [detectionId, principal]).sort()).toEqual([
      [ID, PILOT],
      [`${ID}2`, CHIEF],
    ]);
  });

  test('is counted, and logged without its note', async () => {
    await post({ detectionId: ID, note: 'Landing.' });
    metrics.publishStoredMetrics();
    const { logs, metrics: values } = written();
    expect(values).toEqual({ AlertAcknowledged: [1] });
    expect(logs).toEqual([
      expect.objectContaining({ message: 'Alert acknowledged', detectionId: ID, principal: PILOT }),
    ]);
    expect(JSON.stringify(logs)).not.toContain('Landing.');
  });
});

describe('looking up', () => {
  test('gives the acknowledgement, and nothing of the table', async () => {
    const { content } = await post({ detectionId: ID, note: 'Landing.' });
    expect(await get({ detectionId: ID })).toMatchObject({ status: 200, type: 'application/json' });
    expect((await get({ detectionId: ID })).content).toEqual(content);
  });

  test('says that there is none', async () => {
    await post({ detectionId: ID });
    expect(await get({ detectionId: 'drone-1:2:person' })).toMatchObject({
      status: 404,
      type: 'application/problem+json',
      content: {
        type: 'about:blank',
        title: 'Not acknowledged',
        status: 404,
        detail: "Nobody has acknowledged 'drone-1:2:person'.",
      },
    });
  });

  test.each([[undefined], [{}], [{ id: ID }], [{ detectionId: '' }], [{ detectionId: 'x'.repeat(513) }]])(
    'needs the id: %j',
    async (query) => {
      const { status, content } = await get(query as Record<string, string> | undefined);
      expect(status).toBe(400);
      expect(content.detail).toContain('detectionId');
    },
  );
});

describe('what is wrong', () => {
  test.each<[string, unknown, RegExp]>([
    ['no JSON', 'detectionId=1', /JSON/],
    ['nothing', '', /JSON/],
    ['no object', '[]', /expected object/],
    ['null', 'null', /expected object/],
    ['no id', {}, /detectionId/],
    ['an empty id', { detectionId: '' }, /detectionId/],
    ['an id of another type', { detectionId: 7 }, /detectionId/],
    ['an id that is too long', { detectionId: 'x'.repeat(513) }, /detectionId/],
    ['an unknown field', { detectionId: ID, principal: CHIEF }, /principal/],
    ['a note that is too long', { detectionId: ID, note: 'x'.repeat(1001) }, /note/],
    ['a note that is no text', { detectionId: ID, note: { text: 'x' } }, /note/],
    ['an empty name', { detectionId: ID, acknowledgedBy: '' }, /acknowledgedBy/],
    ['a name that is too long', { detectionId: ID, acknowledgedBy: 'x'.repeat(257) }, /acknowledgedBy/],
  ])('%s is told, and nothing kept', async (_what, content, detail) => {
    expect(await post(content)).toMatchObject({
      status: 400,
      type: 'application/problem+json',
      content: { type: 'about:blank', title: expect.any(String), status: 400, detail: expect.stringMatching(detail) },
    });
    expect(await kept()).toEqual([]);
  });

  test.each([
    [{ detectionId: 'x'.repeat(512) }],
    [{ detectionId: ID, note: 'x'.repeat(1000), acknowledgedBy: 'x'.repeat(256) }],
    [{ detectionId: ID, note: '' }],
  ])('the bounds are not: %j', async (content) => {
    expect(await post(content)).toMatchObject({ status: 200, content });
  });

  test.each(['PUT', 'DELETE', 'PATCH', 'HEAD'])('there is no %s', async (method) => {
    const { status, headers } = await send(urlEvent(method, { body: JSON.stringify({ detectionId: ID }) }));
    expect({ status, allow: headers!.allow }).toEqual({ status: 405, allow: 'GET, POST' });
    expect(await kept()).toEqual([]);
  });

  test('a request that nobody signed is none, should the URL ever be open', async () => {
    const event = urlEvent('POST', { body: JSON.stringify({ detectionId: ID }) });
    const { authorizer: _, ...requestContext } = event.requestContext;
    await expect(handle({ ...event, requestContext }, ports)).rejects.toThrow('authorizer');
    expect(await kept()).toEqual([]);
  });

  test('a table that does not answer is no acknowledgement', async () => {
    const broken = { ...ports, tableName: 'Missing' };
    const event = urlEvent('POST', { body: JSON.stringify({ detectionId: ID }) });
    await expect(handle(event, broken)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    metrics.publishStoredMetrics();
    expect(written().metrics).toEqual({});
  });
});
