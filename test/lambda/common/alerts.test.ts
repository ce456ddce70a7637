import { captureOutput } from '../../support/handler-output';
import { alertMessage, alertSettings, geoUri, raiseAlert } from '../../../lambda/common/alerts';
import { detectionEvent, type DetectionEvent } from '../../../lambda/common/detection-event';
import type { Rule } from '../../../lambda/common/encounter';
import { Encounters } from '../../../lambda/common/encounters';
import { VersionedTable } from '../../../lambda/common/versioned-table';
import { metrics } from '../../../lambda/common/observability';
import { AlertTarget } from '../../support/alert-target';
import { LocalDynamoDB } from '../../support/dynamodb';

const written = captureOutput();
let dynamodb: LocalDynamoDB;
let target: AlertTarget;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  target = await AlertTarget.in(dynamodb);
  metrics.clearMetrics();
});

function detection(more: Partial<DetectionEvent> = {}): DetectionEvent {
  return {
    schemaVersion: '1.0',
    id: 'drone-1:1:person',
    fleet: 'delivery',
    device: 'drone-1',
    source: 'ON_DEVICE',
    obstacle: 'person',
    severity: 'CRITICAL',
    label: 'Pedestrian',
    confidence: 97.46,
    capturedAt: '2026-11-24T10:00:00.000Z',
    detectedAt: '2026-11-24T10:00:02.000Z',
    ...more,
  };
}

const RULE: Rule = { repeatAfter: 60_000 };
const raise = (more: Partial<DetectionEvent> = {}) =>
  raiseAlert({ detection: detection(more), arrivedAt: target.now, isFaint: false, rule: RULE }, target.ports);
const ids = () => target.events.map(({ id }) => id);

describe('the window', () => {
  test('lets one alert of a device and class through', async () => {
    expect(await raise({ id: 'first' })).toBe('raise');
    expect(await raise({ id: 'second' })).toBe('suppress');
    expect(await raise({ id: 'third', severity: 'INFO', label: 'Person', camera: 'rear' })).toBe('suppress');
    expect(ids()).toEqual(['first']);
  });

  test.each<[string, Partial<DetectionEvent>]>([
    ['another device', { device: 'drone-2' }],
    ['a device whose name begins so', { device: 'drone-10' }],
    ['another class', { obstacle: 'vehicle' }],
  ])('is not that of %s', async (_what, more) => {
    await raise({ id: 'first' });
    expect(await raise({ id: 'second', ...more })).toBe('raise');
    expect(await raise({ id: 'third', ...more })).toBe('suppress');
    expect(ids()).toEqual(['first', 'second']);
  });

  test.each([
    [0, 'suppress'],
    [1000, 'suppress'],
    [59_000, 'suppress'],
    [60_000, 'raise'],
    [3_600_000, 'raise'],
    // Messages may overtake each other, and so may the clocks of two invocations.
    [-1000, 'suppress'],
  ])('of 60 s has after %d ms the effect that another detection is %s', async (later, outcome) => {
    await raise({ id: 'first' });
    target.now += later;
    expect(await raise({ id: 'second' })).toBe(outcome);
  });

  test('begins anew with the alert after it, though the old item is still there', async () => {
    await raise({ id: 'first' });
    expect(await target.remembered()).toMatchObject([
      { device: 'drone-1', obstacle: 'person', content: { alerts: [{ id: 'first' }] } },
    ]);
    target.now += 60_000;
    await raise({ id: 'second' });
    target.now += 59_000;
    expect(await raise({ id: 'third' })).toBe('suppress');
    expect(await target.remembered()).toMatchObject([
      { device: 'drone-1', obstacle: 'person', content: { alerts: [{ id: 'second' }, { id: 'first' }] } },
    ]);
  });

  test('is not made longer by what it suppresses', async () => {
    await raise({ id: 'first' });
    target.now += 59_000;
    await raise({ id: 'second' });
    target.now += 1000;
    expect(await raise({ id: 'third' })).toBe('raise');
  });

  test('lets one through of ten that come at once', async () => {
    const outcomes = await Promise.all(Array.from({ length: 10 }, (_, index) => raise({ id: `at-once-${index}` })));
    expect(outcomes.filter((outcome) => outcome === 'raise')).toHaveLength(1);
    expect(ids()).toHaveLength(1);
  });
});

test.each([
  ['2026-11-24T09:59:59.000Z', -1000],
  ['2026-11-24T10:00:03.000Z', 0],
])(
  'what was captured at %s, when it arrives at 10, is remembered as of then, or of when it came',
  async (at, offset) => {
    const arrivedAt = Date.parse('2026-11-24T10:00:00.000Z');
    await raiseAlert({ detection: detection({ capturedAt: at }), arrivedAt, isFaint: false, rule: RULE }, target.ports);
    expect(await target.remembered()).toMatchObject([
      { content: { alerts: [{ arrivedAt, capturedAt: arrivedAt + offset }] } },
    ]);
  },
);

test('a frame is kept for what is published only, and its link is in the alert, but not in the log', async () => {
  const frame = {
    bucket: 'amzn-s3-demo-bucket',
    key: '1.jpg',
    url: 'https://example.com/1.jpg',
    urlExpiresAt: '2026-11-24T22:00:00.000Z',
  };
  const keepFrame = jest.fn(async () => frame);
  const see = (id: string) =>
    raiseAlert(
      { detection: detection({ id }), arrivedAt: target.now, isFaint: false, rule: RULE, keepFrame },
      target.ports,
    );
  expect([await see('first'), await see('second')]).toEqual(['raise', 'suppress']);
  expect(keepFrame).toHaveBeenCalledTimes(1);
  expect(target.events).toMatchObject([{ id: 'first', frame }]);
  expect(written().logs).toEqual([
    expect.objectContaining({
      message: 'Alert raised',
      detection: { ...detection({ id: 'first' }), frame: { bucket: frame.bucket, key: frame.key } },
    }),
  ]);
});

describe('when the topic does not answer', () => {
  beforeEach(async () => {
    target.failure = new Error('The topic did not answer.');
    await expect(raise({ id: 'first' })).rejects.toThrow('The topic did not answer.');
    target.failure = undefined;
  });

  test('the same detection is published when it is tried again, in its own window', async () => {
    target.now += 30_000;
    expect(await raise({ id: 'first' })).toBe('raise');
    expect(ids()).toEqual(['first']);
  });

  test('another detection is not', async () => {
    expect(await raise({ id: 'second' })).toBe('suppress');
    expect(target.published).toEqual([]);
  });
});

test('nothing is published, and nothing taken for suppressed, when the table does not answer', async () => {
  const encounters = new Encounters({ table: new VersionedTable(dynamodb.client, 'Missing'), now: () => target.now });
  const ports = { ...target.ports, encounters };
  await expect(
    raiseAlert({ detection: detection(), arrivedAt: target.now, isFaint: false, rule: RULE }, ports),
  ).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  expect(target.published).toEqual([]);
});

describe('the message', () => {
  const FULL = detection({
    id: '5d41402abc4b2a76b9719d911017c592',
    camera: 'front',
    source: 'IMAGE',
    boundingBox: { left: 0.25, top: 0, width: 0.5, height: 1 },
    frame: { bucket: 'amzn-s3-demo-bucket', key: 'frames/drone-1.front/1.jpg' },
  });

  test.each([
    ['with everything', FULL],
    ['with the least', detection()],
  ])('is the event itself for subscribers that read JSON: %s', async (_what, event) => {
    await raise(event);
    const [{ Message, MessageStructure, TopicArn }] = target.published;
    expect(TopicArn).toBe(AlertTarget.TOPIC_ARN);
    expect(MessageStructure).toBe('json');
    const text = JSON.parse(Message!).default;
    expect(typeof text).toBe('string');
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(event)));
    expect(detectionEvent.parse(JSON.parse(text))).toEqual(event);
  });

  test('is a text for subscribers by e-mail', async () => {
    await raise(FULL);
    expect(JSON.parse(target.published[0].Message!).email).toBe(
      [
        'CRITICAL: person at drone-1',
        '',
        'Seen:       Pedestrian, 97.5 % sure',
        'Device:     drone-1, camera front (fleet delivery)',
        'Captured:   2026-11-24T10:00:00.000Z',
        'Detected:   2026-11-24T10:00:02.000Z (IMAGE)',
        'Frame:      s3://amzn-s3-demo-bucket/frames/drone-1.front/1.jpg',
        'Detection:  5d41402abc4b2a76b9719d911017c592',
      ].join('\n'),
    );
  });

  test('says nothing of a camera and a frame that there are not', async () => {
    await raise();
    expect(JSON.parse(target.published[0].Message!).email).toBe(
      [
        'CRITICAL: person at drone-1',
        '',
        'Seen:       Pedestrian, 97.5 % sure',
        'Device:     drone-1 (fleet delivery)',
        'Captured:   2026-11-24T10:00:00.000Z',
        'Detected:   2026-11-24T10:00:02.000Z (ON_DEVICE)',
        'Detection:  drone-1:1:person',
      ].join('\n'),
    );
  });

  test.each([
    [{ count: 1 }, 'Pedestrian'],
    [{ count: 7 }, '7 × Pedestrian'],
    [{ label: 'hotspot', count: 2, value: 91.5 }, '2 × hotspot (91.5)'],
  ])('says how many and how much there is: %j', async (more, seen) => {
    await raise(more);
    expect(JSON.parse(target.published[0].Message!).email).toContain(`Seen:       ${seen}, 97.5 % sure`);
  });

  test('is the subject for subscribers by SMS, and has no other forms', async () => {
    await raise();
    const forms = JSON.parse(target.published[0].Message!);
    expect(forms.sms).toBe('CRITICAL: person at drone-1');
    expect(Object.keys(forms).sort()).toEqual(['default', 'email', 'sms']);
  });

  // https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
  test.each([
    [{}, 'CRITICAL: person at drone-1'],
    [{ severity: 'INFO', obstacle: 'power-line' } as const, 'INFO: power-line at drone-1'],
    [{ obstacle: 'o'.repeat(64), device: 'd'.repeat(128) }, `CRITICAL: ${'o'.repeat(64)} at ${'d'.repeat(22)}`],
  ])('has a subject that SNS takes: %j', async (more, subject) => {
    await raise(more);
    expect(target.published[0].Subject).toBe(subject);
    expect(subject).toMatch(/^[A-Za-z0-9][\x20-\x7e]{0,99}$/);
  });

  test('says by e-mail of an incident where it is, how much was seen of it, how late it is, and where its picture is', () => {
    const event = detection({
      area: 'north',
      position: { latitude: -2.3333333, longitude: 34.8, uncertaintyMeters: 12.2 },
      incident: { id: 'i', sightings: 3, firstAt: '2026-11-24T09:00:00.000Z' },
      ageSeconds: 5400,
      frame: {
        bucket: 'amzn-s3-demo-bucket',
        key: '1.jpg',
        url: 'https://example.com/1.jpg',
        urlExpiresAt: '2026-11-24T22:00:00.000Z',
      },
    });
    expect(alertMessage(event).forms.email.split('\n').slice(4)).toEqual([
      'Area:       north',
      'Position:   geo:-2.33333,34.8;u=13',
      'Incident:   3 seen since 2026-11-24T09:00:00.000Z',
      'Captured:   2026-11-24T10:00:00.000Z',
      'LATE:       by 90min',
      'Detected:   2026-11-24T10:00:02.000Z (ON_DEVICE)',
      'Frame:      s3://amzn-s3-demo-bucket/1.jpg',
      'Picture:    https://example.com/1.jpg',
      '            until 2026-11-24T22:00:00.000Z',
      'Detection:  drone-1:1:person',
    ]);
  });

  describe('by SMS, of what has a place or is an incident,', () => {
    const position = { latitude: -2.3333333, longitude: 34.8 };
    const incident = { id: 'i', sightings: 1, firstAt: '2026-11-24T09:00:00.000Z' };

    test.each<[Partial<DetectionEvent>, string]>([
      [{ position }, 'person drone-1 11-24T10:00Z geo:-2.33333,34.8'],
      [{ incident }, 'person drone-1 11-24T10:00Z'],
      [{ incident: { ...incident, sightings: 2 }, area: 'north' }, 'person north x2 11-24T10:00Z'],
      [{ position, ageSeconds: 0 }, 'person drone-1 11-24T10:00Z LATE 0min geo:-2.33333,34.8'],
      [{ area: 'north' }, 'CRITICAL: person at drone-1'],
    ])('says of %j: %s', (more, sms) => {
      expect(alertMessage(detection(more)).forms.sms).toBe(sms);
    });

    test('leaves out the end of a name, so that the rest is whole', () => {
      const sms = alertMessage(detection({ position, obstacle: 'o'.repeat(64), area: 'a'.repeat(128) })).forms.sms;
      expect(sms).toBe(`${'o'.repeat(64)} ${'a'.repeat(44)} 11-24T10:00Z geo:-2.33333,34.8`);
      expect(sms).toHaveLength(140);
    });
  });

  test.each([
    [0, '0min'],
    [29, '0min'],
    [60, '1min'],
    [7140, '119min'],
    [7200, '2h'],
    [86_400, '24h'],
  ])('says of one that came %d s late: by %s', (ageSeconds, late) => {
    expect(alertMessage(detection({ ageSeconds })).forms.email).toContain(`\nLATE:       by ${late}\n`);
  });

  test('has attributes to filter on', async () => {
    await raise(FULL);
    const text = (StringValue: string) => ({ DataType: 'String', StringValue });
    expect(target.published[0].MessageAttributes).toEqual({
      device: text('drone-1'),
      label: text('Pedestrian'),
      obstacle: text('person'),
      severity: text('CRITICAL'),
      source: text('IMAGE'),
      quiet: text('false'),
    });
  });

  // It is 11:00 in Berlin, and 02:00 of the same Tuesday in Los Angeles.
  test.each([
    ['Europe/Berlin', 'WARNING', 'false'],
    ['America/Los_Angeles', 'WARNING', 'true'],
    ['America/Los_Angeles', 'CRITICAL', 'false'],
  ] as const)('in a quiet window of the night in %s, says of one that is %s: %s', async (timeZone, severity, quiet) => {
    const night = { start: '22:00', end: '06:00', timeZone, days: [1], severities: ['WARNING' as const] };
    const settings = { ...target.ports.settings, quietWindows: [night] };
    // What counts is when somebody would be woken.
    const late = detection({ severity, capturedAt: '2026-11-23T18:00:00.000Z' });
    const ports = { ...target.ports, settings };
    expect(await raiseAlert({ detection: late, arrivedAt: target.now, isFaint: false, rule: RULE }, ports)).toBe(
      'raise',
    );
    expect(target.published[0].MessageAttributes!.quiet.StringValue).toBe(quiet);
  });
});

test.each([
  [{ latitude: 1.234567, longitude: -0.000004 }, 'geo:1.23457,0'],
  [{ latitude: 0.1, longitude: 180, uncertaintyMeters: 0 }, 'geo:0.1,180;u=0'],
  [{ latitude: 0.1, longitude: 180, uncertaintyMeters: 10.1 }, 'geo:0.1,180;u=11'],
])('a place is a link for phones: %j', (position, uri) => {
  expect(geoUri(position)).toBe(uri);
});

describe('what is written', () => {
  function seen() {
    metrics.publishStoredMetrics();
    return written();
  }

  test('of an alert: how long it took since the frame was captured', async () => {
    await raise();
    const { logs, metrics: values, units } = seen();
    expect(values).toEqual({ Detected: [1], AlertRaised: [1], AlertLatency: [2000] });
    expect(units).toEqual({ Detected: 'Count', AlertRaised: 'Count', AlertLatency: 'Milliseconds' });
    expect(logs).toEqual([expect.objectContaining({ level: 'INFO', message: 'Alert raised', detection: detection() })]);
  });

  test('of a device whose clock is ahead: no negative time', async () => {
    await raise({ capturedAt: '2026-11-24T10:00:03.000Z' });
    expect(seen().metrics.AlertLatency).toEqual([0]);
  });

  test('of a suppressed alert: that it was', async () => {
    await raise({ id: 'first' });
    seen();
    await raise({ id: 'second' });
    expect(seen().metrics).toEqual({ Detected: [1], AlertSuppressed: [1] });
  });

  test('of what waits for more sightings: that it does', async () => {
    const rule = { ...RULE, confirmation: { sightings: 2, within: 10_000 } };
    expect(
      await raiseAlert({ detection: detection(), arrivedAt: target.now, isFaint: false, rule }, target.ports),
    ).toBe('unconfirmed');
    expect(seen().metrics).toEqual({ Detected: [1], AlertUnconfirmed: [1] });
    expect(target.published).toEqual([]);
  });

  test('of what is too faint to be an alert: nothing', async () => {
    expect(
      await raiseAlert({ detection: detection(), arrivedAt: target.now, isFaint: true, rule: RULE }, target.ports),
    ).toBe('ignore');
    expect(seen().metrics).toEqual({});
    expect(target.published).toEqual([]);
  });

  test('of one that could not be published: not that it was raised', async () => {
    target.failure = new Error('The topic did not answer.');
    await expect(raise()).rejects.toThrow();
    const { logs, metrics: values } = seen();
    expect(values).toEqual({ Detected: [1] });
    expect(logs).toEqual([]);
  });
});

test.each([
  ['topicArn', 7],
  ['tableName', undefined],
  ['repeatAfterSeconds', '60'],
  ['quietWindows', '22:00'],
])('settings with %s %j are refused', (field, value) => {
  const settings = { topicArn: AlertTarget.TOPIC_ARN, tableName: 'History', repeatAfterSeconds: 60 };
  expect(alertSettings.parse(settings)).toEqual(settings);
  const issues = alertSettings.safeParse({ ...settings, [field]: value }).error?.issues;
  expect(issues?.map(({ path }) => path)).toEqual([[field]]);
});
