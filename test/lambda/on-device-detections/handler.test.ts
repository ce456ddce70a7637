import { captureOutput } from '../../support/handler-output';
import { DeviceRate } from '../../../lambda/common/device-rate';
import type { ObstacleClass } from '../../../lambda/common/obstacles';
import { handle } from '../../../lambda/on-device-detections/handler';
import { ruleOutput } from '../../events/iot-rule';
import { AlertTarget } from '../../support/alert-target';
import { LocalDynamoDB } from '../../support/dynamodb';
import { TestQueue } from '../../support/work-queue';

const OBSTACLES: ObstacleClass[] = [
  { name: 'person', labels: ['Pedestrian', 'Fußgänger'], minimumConfidence: 80, severity: 'CRITICAL' },
  { name: 'power-line', labels: ['wire', 'cable'], minimumConfidence: 50, severity: 'WARNING' },
];
const BOX = { left: 0.25, top: 0, width: 0.5, height: 0.75 };

const written = captureOutput();
let dynamodb: LocalDynamoDB;
let target: AlertTarget;
let queue: TestQueue;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  target = await AlertTarget.in(dynamodb);
  const rate = new DeviceRate(30);
  const ports = { alerts: target.ports, fleet: 'delivery', obstacles: OBSTACLES, rate };
  queue = new TestQueue((body, delivery) => handle(body, ports, delivery), target.ports.now);
});

function message(change: object = {}) {
  return {
    schemaVersion: '1.0',
    id: 'message-1',
    capturedAt: '2026-11-24T10:00:00.000Z',
    detections: [{ label: 'pedestrian', confidence: 97.5, boundingBox: BOX }],
    ...change,
  };
}

const published = (change: object = {}, device = 'drone-1') => ruleOutput(device, JSON.stringify(message(change)));

describe('a detection', () => {
  test('raises an alert', async () => {
    expect(await queue.process(published())).toBe('done');
    expect(target.events).toEqual([
      {
        schemaVersion: '1.1',
        id: 'drone-1:message-1:person',
        fleet: 'delivery',
        device: 'drone-1',
        source: 'ON_DEVICE',
        obstacle: 'person',
        severity: 'CRITICAL',
        label: 'pedestrian',
        count: 1,
        confidence: 97.5,
        boundingBox: BOX,
        capturedAt: '2026-11-24T10:00:00.000Z',
        detectedAt: '2026-11-24T10:00:02.000Z',
      },
    ]);
    expect(written().metrics).toEqual({
      Detected: [1],
      AlertRaised: [1],
      AlertLatency: [2000],
      MessageProcessed: [1],
    });
  });

  test('may come from one of several cameras, by local time, in another language and without a box', async () => {
    const detections = [
      { label: 'FUSSGÄNGER', confidence: 99 },
      { label: 'fußgänger', confidence: 80 },
    ];
    const capturedAt = '2026-11-24T11:00:00.5+01:00';
    expect(await queue.process(published({ camera: 'front', capturedAt, detections }))).toBe('done');
    expect(target.events).toMatchObject([
      { camera: 'front', capturedAt: '2026-11-24T10:00:00.500Z', label: 'fußgänger', confidence: 80 },
    ]);
    expect(target.events[0]).not.toHaveProperty('boundingBox');
  });

  test('is one of its class: the most confident of all, for each class', async () => {
    const detections = [
      { label: 'cable', confidence: 60 },
      { label: 'pedestrian', confidence: 81 },
      { label: 'wire', confidence: 55 },
      { label: 'pedestrian', confidence: 83 },
      { label: 'tree', confidence: 100 },
    ];
    expect(await queue.process(published({ detections }))).toBe('done');
    expect(target.events.map(({ id, severity, confidence }) => [id, severity, confidence])).toEqual([
      ['drone-1:message-1:person', 'CRITICAL', 83],
      ['drone-1:message-1:power-line', 'WARNING', 60],
    ]);
  });

  test.each([
    ['that is not sure enough', { label: 'pedestrian', confidence: 79.9 }],
    ['of something else', { label: 'tree', confidence: 100 }],
  ])('%s raises none', async (_what, found) => {
    expect(await queue.process(published({ detections: [found] }))).toBe('done');
    expect(target.published).toEqual([]);
    expect(written().metrics).toEqual({ MessageProcessed: [1] });
  });

  test('carries on nothing that is not known', async () => {
    const detections = [{ label: 'pedestrian', confidence: 90, obstacle: 'none', severity: 'INFO', device: 'drone-2' }];
    expect(await queue.process(published({ detections, fleet: 'other', device: 'drone-2' }))).toBe('done');
    expect(target.events).toMatchObject([
      { device: 'drone-1', fleet: 'delivery', obstacle: 'person', severity: 'CRITICAL' },
    ]);
  });

  test('has the same id whenever it is delivered, and a later one in its window raises no alert', async () => {
    await queue.process(published());
    await queue.process(published({ id: 'message-2' }));
    await queue.process(published());
    await queue.process(published({}, 'drone-2'));
    expect(target.events.map(({ id }) => id)).toEqual([
      'drone-1:message-1:person',
      'drone-1:message-1:person',
      'drone-2:message-1:person',
    ]);
  });

  test('that failed for longer than a window is no second alert beside the one of its window', async () => {
    const sentAt = target.now;
    target.now += 1000;
    await queue.process(published({ id: 'message-2' }));
    target.now += 300_000;
    expect(await queue.process(published(), 4, sentAt)).toBe('done');
    expect(target.events).toHaveLength(1);
  });

  test('that could not be told of is told of when its message comes again', async () => {
    target.failure = new Error('The topic did not answer.');
    expect(await queue.process(published())).toBe('failed');
    target.failure = undefined;
    expect(await queue.process(published({ id: 'message-2' }))).toBe('done');
    expect(await queue.process(published())).toBe('done');
    expect(target.events.map(({ id }) => id)).toEqual(['drone-1:message-1:person']);
  });
});

describe('a message that can not be used', () => {
  const detections = [message().detections[0], { label: 'pedestrian', confidence: 101 }];

  test.each<[string, unknown, RegExp]>([
    ['is none of the rule', { topic: 'devices/drone-1/detections' }, /at device.*at content/],
    ['is the message itself', message(), /at device.*at content/],
    ['has no device', { ...published(), device: undefined }, /at device/],
    ['has a device without name', published({}, ''), /at device/],
    ['has a device that can be no thing', published({}, 'дрон 1'), /at device/],
    ['has a device with a line break', published({}, 'drone-1\n'), /at device/],
    ['has no content', { device: 'drone-1' }, /at content/],
    ['has content that is not encoded', { device: 'drone-1', content: JSON.stringify(message()) }, /at content/],
    ['is no JSON', 'drone-1', /not JSON/],
    ['has empty content', ruleOutput('drone-1', ''), /not JSON/],
    ['has content that is no JSON', ruleOutput('drone-1', 'pedestrian'), /not JSON/],
    ['has content that is no text', ruleOutput('drone-1', Uint8Array.of(0x00, 0xff, 0xfe, 0x80)), /not JSON/],
    ['has content that is cut off', ruleOutput('drone-1', JSON.stringify(message()).slice(0, -1)), /not JSON/],
    ['has a list as content', ruleOutput('drone-1', '[]'), /expected object, received array/],
    ['has no id', published({ id: undefined }), /at id/],
    ['has another version', published({ schemaVersion: '2.0' }), /at schemaVersion/],
    ['has no detections', published({ detections: [] }), /at detections/],
    ['has one bad detection', published({ detections }), /at detections\[1\]\.confidence/],
  ])('because it %s goes to the dead-letter queue and raises no alert', async (_what, body, reason) => {
    expect(await queue.process(body)).toBe('unusable');
    expect(queue.reason).toMatch(reason);
    expect(target.published).toEqual([]);
    expect(written().metrics).toEqual({ MessageUnusable: [1] });
  });
});

describe('a device that floods', () => {
  // As fast as AWS IoT takes messages of a connection: 100 a second, each with as many detections as the schema allows.
  const detections = Array.from({ length: 100 }, () => ({ label: 'pedestrian', confidence: 97.5 }));
  const flood = (index: number, change: object = {}) =>
    published({ id: `flood-${index}`, detections, ...change }, 'drone-666');

  test('has its alert like the others, who have theirs, and costs no calls', async () => {
    const send = jest.spyOn(dynamodb.client, 'send');
    for (let index = 0; index < 100; index++) {
      expect(await queue.process(flood(index))).toBe('done');
      if (index % 25 === 0) await queue.process(published({ id: `other-${index}` }, `drone-${index}`));
    }
    expect(target.events.map(({ device }) => device)).toEqual([
      'drone-666',
      'drone-0',
      'drone-25',
      'drone-50',
      'drone-75',
    ]);
    // A read and a write for each alert, and a read by which the flood is known to be settled.
    expect(send).toHaveBeenCalledTimes(2 * 5 + 1);
    send.mockRestore();

    const { logs, metrics } = written();
    expect(metrics.MessageLimited).toHaveLength(40);
    expect(logs.filter(({ level }) => level === 'WARN')).toEqual([
      expect.objectContaining({ message: 'Messages are dropped: the device sends too many', device: 'drone-666' }),
    ]);
  });

  test('with what can not be used does not fill the dead-letter queue', async () => {
    for (let index = 0; index < 100; index++) await queue.process(flood(index, { schemaVersion: '9.0' }));
    expect(queue.deadLetters).toHaveLength(60);
  });

  test('is heard again a second later', async () => {
    for (let index = 0; index < 100; index++) await queue.process(flood(index));
    target.now += 1000;
    await queue.process(flood(101, { detections: [{ label: 'wire', confidence: 90 }] }));
    expect(target.events.map(({ obstacle }) => obstacle)).toEqual(['person', 'power-line']);
  });
});
