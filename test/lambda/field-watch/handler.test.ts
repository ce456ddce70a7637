import { captureOutput } from '../../support/handler-output';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { topicPublisher } from '../../../lambda/common/alerts';
import { detectionEvent } from '../../../lambda/common/detection-event';
import { handle, type Ports } from '../../../lambda/field-watch/handler';
import { Watch } from '../../../lambda/field-watch/watch';
import type { WatchSettings } from '../../../lambda/field-watch/settings';
import { ruleOutput } from '../../events/iot-rule';
import { LocalDynamoDB } from '../../support/dynamodb';
import { TestQueue } from '../../support/work-queue';

const written = captureOutput();
const sns = mockClient(SNSClient);
const s3 = mockClient(S3Client);
const [MINUTE, HOUR] = [60_000, 3_600_000];

/** When messages are sent, as `sqsEvent` says: 10:00 UTC, which is midnight at 145 degrees west. */
const SENT = 1_795_514_400_000;
const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]).toString('base64');
const HERE = { latitude: -2, longitude: -145, uncertaintyMeters: 40 };

let dynamodb: LocalDynamoDB;
let tableName: string;
let queue: TestQueue;
let now: number;
let settings: WatchSettings;

const CLASSES: Ports['classes'] = [
  { name: 'person', labels: ['Person'], minimumConfidence: 60, severity: 'CRITICAL' },
  { name: 'vehicle', labels: ['Car'], minimumConfidence: 60, severity: 'WARNING' },
];

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  sns.reset();
  sns.on(PublishCommand).resolves({});
  s3.reset();
  s3.on(PutObjectCommand).resolves({});
  now = SENT + 1000;
  await open();
});

async function open(): Promise<void> {
  tableName = await dynamodb.createTable('device', 'id');
  settings = {
    tableName,
    snapshotBucket: 'snapshot-bucket',
    areas: [
      {
        name: 'north',
        corners: [
          [-2.1, -145.1],
          [-2.1, -144.9],
          [-1.9, -144.9],
          [-1.9, -145.1],
        ],
      },
    ],
    night: { by: 'sun', latitude: -2, longitude: -145, degreesBelow: 6 },
    gapSeconds: 1800,
    lateAfterSeconds: 900,
    recordOnlyAfterSeconds: 12 * 3600,
    recordDays: 90,
    linkSeconds: 3600,
  };
  const config = { region: 'eu-west-1', credentials: { accessKeyId: 'key', secretAccessKey: 'secret' } };
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient({ ...config, endpoint: dynamodb.endpoint }), {
    marshallOptions: { removeUndefinedValues: true },
  });
  const alerts = {
    publish: topicPublisher(new SNSClient(config), 'arn:aws:sns:eu-west-1:111122223333:Alerts'),
    settings: { repeatAfterSeconds: 60 },
    now: () => now,
  };
  const ports: Ports = {
    watch: new Watch({ dynamodb: documents, s3: new S3Client(config), alerts, fleet: 'reserve', settings }),
    classes: CLASSES,
    settings,
    now: () => now,
  };
  queue = new TestQueue((body, delivery) => handle(body, ports, delivery));
}

const seen = (id: string, minutesAgo = 0, change: object = {}) => ({
  id,
  capturedAt: new Date(SENT - minutesAgo * MINUTE).toISOString(),
  label: 'person',
  confidence: 83.5,
  position: HERE,
  ...change,
});

const send = (sightings: unknown, device = 'trap-1') =>
  queue.process(ruleOutput(device, JSON.stringify({ schemaVersion: '1.0', sightings })));

const alerts = () =>
  sns.commandCalls(PublishCommand).map(({ args }) => JSON.parse(args[0].input.Message!) as Record<string, string>);
const events = () => alerts().map((forms) => detectionEvent.parse(JSON.parse(forms.default)));
const records = async () => (await dynamodb.items(tableName)).filter(({ id }) => String(id).startsWith('sighting#'));

test('somebody in a closed area at night is told of, with where and a picture', async () => {
  expect(await send([seen('s-1', 0, { jpeg: JPEG })])).toBe('done');
  expect(events()).toEqual([
    {
      schemaVersion: '1.2',
      id: 'trap-1:s-1:person',
      fleet: 'reserve',
      device: 'trap-1',
      source: 'ON_DEVICE',
      obstacle: 'person',
      severity: 'CRITICAL',
      label: 'person',
      confidence: 83.5,
      position: HERE,
      area: 'north',
      incident: { id: 's-1', sightings: 1, firstAt: new Date(SENT).toISOString() },
      capturedAt: new Date(SENT).toISOString(),
      detectedAt: new Date(now).toISOString(),
      frame: {
        bucket: 'snapshot-bucket',
        key: 'snapshots/trap-1/s-1.jpg',
        url: expect.stringMatching(/^https:\/\/snapshot-bucket\.s3\..*X-Amz-Expires=3600/),
        urlExpiresAt: new Date(now + HOUR).toISOString(),
      },
    },
  ]);
  expect(alerts()[0].sms).toBe('person north 11-24T10:00Z geo:-2,-145;u=40');
  expect(s3).toHaveReceivedCommandWith(PutObjectCommand, {
    Key: 'snapshots/trap-1/s-1.jpg',
    ContentType: 'image/jpeg',
  });
  expect(written().metrics).toMatchObject({ SightingRecorded: [1], AlertRaised: [1] });
});

test('a trail of sightings is one incident, which is told of once, and counted', async () => {
  for (let index = 0; index < 5; index++) await send([seen(`s-${index}`, 40 - 10 * index)]);
  expect(events().map(({ incident }) => incident!.sightings)).toEqual([1]);
  const [state] = (await dynamodb.items(tableName)).filter(({ id }) => id === 'incidents#person');
  const { incidents } = state.content as { incidents: { ids: string[]; isTold: boolean }[] };
  expect(incidents.map(({ ids, isTold }) => ({ count: ids.length, isTold }))).toEqual([{ count: 5, isTold: true }]);
  // An hour of nobody is another one.
  await send([seen('earlier', 100)]);
  expect(events()).toHaveLength(2);
});

test('a night that comes at once is told of by its incidents, late ones with their age', async () => {
  const night = [...[300, 290, 295].map((ago) => seen(`a-${ago}`, ago)), seen('b', 20), seen('c', 1)];
  await send([night[3], night[0], night[4], night[2], night[1]]);
  expect(events().map(({ incident, ageSeconds }) => [incident!.sightings, ageSeconds])).toEqual([
    [3, 290 * 60 + 1],
    [2, undefined],
  ]);
  expect(alerts().map(({ sms }) => sms)).toEqual([
    'person north x3 11-24T05:10Z LATE 5h geo:-2,-145;u=40',
    'person north x2 11-24T09:59Z geo:-2,-145;u=40',
  ]);
  expect(alerts()[0].email).toContain('LATE:       by 5h');
  expect(written().metrics).toMatchObject({ AlertLate: [1], SightingLate: [1, 1, 1, 1] });
});

test('what is older than that wakes nobody, and is on record', async () => {
  now = SENT + 20 * HOUR;
  await send([seen('s-1')]);
  expect(events()).toEqual([]);
  expect(await records()).toMatchObject([{ id: 'sighting#s-1', class: 'person', area: 'north' }]);
  expect(written().metrics).toMatchObject({ SightingTooOld: [1] });
});

test('what comes twice counts once, within a message, by another one, and by SQS', async () => {
  await send([seen('s-1'), seen('s-1'), seen('s-2', 1)]);
  await send([seen('s-2', 1), seen('s-1')]);
  expect(events()).toHaveLength(1);
  expect(await records()).toHaveLength(2);
  expect(written().metrics).toMatchObject({ SightingRepeated: [1, 1, 1] });
});

test('each class and each device has incidents of its own', async () => {
  await send([seen('s-1'), seen('s-2', 0, { label: 'Car' })]);
  await send([seen('s-1')], 'trap-2');
  expect(events().map(({ device, obstacle }) => `${device} ${obstacle}`)).toEqual([
    'trap-1 person',
    'trap-1 vehicle',
    'trap-2 person',
  ]);
});

test('what is no concern is on record with why, and tells nobody', async () => {
  await send([
    seen('s-1', 0, { label: 'elephant' }),
    seen('s-2', 0, { confidence: 20 }),
    seen('s-3', 8 * 60),
    seen('s-4', 0, { position: { latitude: -3, longitude: -145 } }),
  ]);
  expect(events()).toEqual([]);
  expect((await records()).map(({ reason }) => reason).sort()).toEqual([
    'BY_DAY',
    'ELSEWHERE',
    'OTHER_LABEL',
    'UNSURE',
  ]);
});

test('a clock that is ahead has seen nothing that is yet to be', async () => {
  await send([seen('s-1', -600)]);
  expect(events()).toMatchObject([{ capturedAt: new Date(SENT).toISOString() }]);
});

test('a picture that is none is left out, and the sighting is told of', async () => {
  await send([seen('s-1', 0, { jpeg: Buffer.from('GIF89a').toString('base64') })]);
  expect(events()).toMatchObject([{ obstacle: 'person' }]);
  expect(events()[0].frame).toBeUndefined();
  expect(s3).not.toHaveReceivedCommand(PutObjectCommand);
  expect(written().metrics).toMatchObject({ SnapshotUnusable: [1] });
});

test('telling that fails is tried again with the same id, though more was seen meanwhile', async () => {
  sns.on(PublishCommand).rejectsOnce(new Error('busy'));
  expect(await send([seen('s-1', 5)])).toBe('failed');
  await send([seen('s-0', 10), seen('s-2', 1)]);
  expect(await send([seen('s-1', 5)])).toBe('done');
  const ids = events().map(({ id }) => id);
  expect(new Set(ids)).toEqual(new Set(['trap-1:s-1:person']));
  // The one that failed, and the one that didn't.
  expect(ids).toHaveLength(2);
});

test.each([
  ['no sightings', []],
  ['too many', Array.from({ length: 51 }, (_each, index) => seen(`s-${index}`))],
  ['an id with a slash', [seen('../s')]],
  ['no time', [seen('s-1', 0, { capturedAt: 'last night' })]],
  ['a place that there is not', [seen('s-1', 0, { position: { latitude: 91, longitude: 0 } })]],
  ['a picture that is too large', [seen('s-1', 0, { jpeg: 'A'.repeat(32_772) })]],
  ['a text', 'person'],
])('%s is for the dead-letter queue, with why', async (_what, sightings) => {
  expect(await send(sightings)).toBe('unusable');
  expect(await dynamodb.items(tableName)).toEqual([]);
});

test('whatever a device sends, it is done or unusable, and never fails', async () => {
  const content = fc.oneof(
    fc.json(),
    fc.string(),
    fc.jsonValue().map((sightings) => JSON.stringify({ schemaVersion: '1.0', sightings })),
  );
  await fc.assert(
    fc.asyncProperty(content, async (text) => {
      expect(['done', 'unusable']).toContain(await queue.process(ruleOutput('trap-1', text)));
    }),
    { numRuns: 200 },
  );
});

test('whatever the order and the repetitions, as much is told of, and of each once', async () => {
  const times = fc.uniqueArray(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(times, fc.infiniteStream(fc.nat()), async (minutes, stream) => {
      await open();
      sns.reset();
      sns.on(PublishCommand).resolves({});
      const all = minutes.map((ago) =>
        seen(`s-${ago}`, ago, { capturedAt: new Date(SENT - ago * MINUTE).toISOString() }),
      );
      const twice = [...all, ...all].map((each) => ({ each, by: stream.next().value! })).sort((a, b) => a.by - b.by);
      for (const { each } of twice) await send([each]);
      const ids = events().map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(await records()).toHaveLength(all.length);
    }),
    { numRuns: 15 },
  );
});

test('a text for phones has one part of what each phone has', async () => {
  const position = fc.record({
    latitude: fc.double({ min: -90, max: 90, noNaN: true }),
    longitude: fc.double({ min: -180, max: 180, noNaN: true }),
    uncertaintyMeters: fc.nat(100_000),
  });
  await fc.assert(
    fc.asyncProperty(position, fc.stringMatching(/^[a-zA-Z0-9_-]{1,60}$/), async (where, device) => {
      await open();
      settings.areas[0].corners.splice(0, 4, [-90, -179], [-90, 179], [90, 179], [90, -179]);
      settings.night = undefined;
      sns.reset();
      sns.on(PublishCommand).resolves({});
      await send([seen('s-1', 100, { position: where })], device);
      for (const { sms } of alerts()) {
        expect(sms).toMatch(/^[\x20-\x7e]{1,140}$/);
        expect(sms).toMatch(/ geo:-?\d+(\.\d+)?,-?\d+(\.\d+)?;u=\d+$/);
      }
    }),
    { numRuns: 40 },
  );
});
