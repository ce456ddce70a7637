import { captureOutput } from '../../support/handler-output';
import { handle, tellOf } from '../../../lambda/producer-telemetry/handler';
import { RollCall } from '../../../lambda/producer-telemetry/roll-call';
import { TestStream } from '../../support/data-stream';

const written = captureOutput();
const START = Date.parse('2026-11-24T10:00:00Z');

let ports: { rollCall: RollCall };
let stream: TestStream;
beforeEach(() => {
  ports = { rollCall: new RollCall(60_000) };
  stream = new TestStream((data) => handle(data, ports));
});

const STREAM = { currentViewDuration: 1200.4, currentFrameRate: 29.97, currentTransferRate: 250_000 };
const REPORT = {
  schemaVersion: '1.0',
  contentStoreSize: 128 * 1024 * 1024,
  contentStoreAvailableSize: 96 * 1024 * 1024,
  streams: [STREAM],
};

/** What the rule makes of a message of a device, so many seconds after the start. */
function record(content: unknown, { device = 'drone-1', after = 0 } = {}): object {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return { device, receivedAt: START + 1000 * after, content: Buffer.from(text).toString('base64') };
}

/** The report with its stream so changed. */
function withStream(change: object): object {
  return { ...REPORT, streams: [{ ...STREAM, ...change }] };
}

describe('a report', () => {
  test('becomes values of the metrics of the whole fleet', async () => {
    expect(await stream.process(record(REPORT))).toBe('done');
    const { metrics, units } = written();
    expect(metrics).toEqual({
      DeviceReported: [1],
      BufferUsage: [25],
      SendBacklog: [1200],
      FrameRate: [30],
      TransferRate: [250_000],
      StreamStalled: [0],
      StreamDropping: [0],
      MessageProcessed: [1],
    });
    expect(units).toMatchObject({ BufferUsage: 'Percent', SendBacklog: 'Milliseconds', TransferRate: 'Bytes/Second' });
  });

  test('of several streams has values of each', async () => {
    const streams = [STREAM, { ...STREAM, currentViewDuration: 0 }, { ...STREAM, currentTransferRate: 0 }];
    expect(await stream.process(record({ ...REPORT, streams }))).toBe('done');
    expect(written().metrics).toMatchObject({
      DeviceReported: [1],
      SendBacklog: [1200, 0, 1200],
      StreamStalled: [0, 0, 1],
    });
  });

  test('without streams says that the device is there', async () => {
    expect(await stream.process(record({ ...REPORT, streams: [] }))).toBe('done');
    const { metrics } = written();
    expect(metrics).toMatchObject({ DeviceReported: [1], BufferUsage: [25] });
    expect(metrics).not.toHaveProperty('StreamStalled');
  });

  test('of what went wrong counts it', async () => {
    await stream.process(record(withStream({ droppedFrames: 40, putFrameErrors: 3, errorAcks: 2 })));
    expect(written().metrics).toMatchObject({
      StreamDropping: [1],
      FramesDropped: [40],
      PutFrameErrors: [3],
      ErrorAcks: [2],
    });
  });

  test('of a stream of which nothing is sent names the device in the log', async () => {
    await stream.process(record(withStream({ currentTransferRate: 0 })));
    expect(written().logs).toEqual([
      expect.objectContaining({ level: 'WARN', message: 'Nothing is sent of a stream', device: 'drone-1' }),
    ]);
    await stream.process(record(withStream({ currentTransferRate: 1 }), { device: 'drone-2' }));
    expect(written().logs).toEqual([]);
  });

  test('may have fields that are not known yet', async () => {
    expect(await stream.process(record({ ...withStream({ staleEvents: 2 }), schemaVersion: '1.7', load: 0.4 }))).toBe(
      'done',
    );
  });
});

describe('what can not be used', () => {
  test.each<[string, unknown, RegExp]>([
    ['no JSON', 'buffer full', /not JSON/],
    ['a list', [REPORT], /expected object/],
    ['another version', { ...REPORT, schemaVersion: '2.0' }, /schemaVersion/],
    ['no buffer', { ...REPORT, contentStoreSize: 0 }, /contentStoreSize/],
    ['more free than there is', { ...REPORT, contentStoreAvailableSize: 2 ** 30 }, /More is free than there is/],
    ['more than is possible', withStream({ currentTransferRate: 1e300 }), /currentTransferRate/],
    ['less than nothing', withStream({ currentViewDuration: -1 }), /currentViewDuration/],
    ['a rate that is none', withStream({ currentFrameRate: 'NaN' }), /currentFrameRate/],
    ['half a frame', withStream({ droppedFrames: 0.5 }), /droppedFrames/],
    ['too many streams', { ...REPORT, streams: Array(17).fill(STREAM) }, /streams/],
  ])('as %s is in the dead-letter queue, with the reason', async (_what, content, reason) => {
    expect(await stream.process(record(content))).toBe('unusable');
    expect(stream.reason).toMatch(reason);
    expect(Object.keys(written().metrics)).toEqual(['MessageUnusable']);
  });

  test.each([
    ['no time of arrival', { ...record(REPORT), receivedAt: undefined }],
    ['a device that is none', record(REPORT, { device: 'drone/1' })],
    ['nothing of the rule', REPORT],
  ])('as it has %s is in the dead-letter queue', async (_what, whole) => {
    expect(await stream.process(whole)).toBe('unusable');
  });
});

describe('a device', () => {
  test('that reports too often does not stand in for others', async () => {
    for (const after of [0, 1, 29, 30, 59, 60]) await stream.process(record(REPORT, { after }));
    expect(written().metrics).toMatchObject({ DeviceReported: [1, 1, 1], MessageLimited: [1, 1, 1] });
  });

  test('that reports too often does not fill the dead-letter queue', async () => {
    for (const after of [0, 1, 2, 3]) await stream.process(record('flood', { after }));
    expect(stream.deadLetters).toHaveLength(1);
  });

  test('counts once if its record comes again', async () => {
    await stream.process(record(REPORT, { after: 60 }));
    await stream.process(record(REPORT, { after: 60 }));
    await stream.process(record(REPORT, { after: 0 }));
    expect(written().metrics.DeviceReported).toEqual([1]);
  });

  test('does not hold others back', async () => {
    for (const device of ['drone-1', 'drone-2', 'drone-3']) await stream.process(record(REPORT, { device }));
    expect(written().metrics.DeviceReported).toEqual([1, 1, 1]);
  });
});

describe('who reports', () => {
  const named = () => {
    tellOf(ports);
    return written().logs.map(({ message, devices }) => ({ message, devices }));
  };

  test('is told once in ten minutes', async () => {
    for (const device of ['drone-1', 'drone-2']) await stream.process(record(REPORT, { device }));
    expect(named()).toEqual([{ message: 'Devices report', devices: ['drone-1', 'drone-2'] }]);
    await stream.process(record(REPORT, { after: 540 }));
    expect(named()).toEqual([]);
    await stream.process(record(REPORT, { after: 600 }));
    expect(named()).toEqual([{ message: 'Devices report', devices: ['drone-1'] }]);
  });

  test('is told of, also if what it says can not be used', async () => {
    await stream.process(record('no JSON'));
    expect(named().at(-1)).toEqual({ message: 'Devices report', devices: ['drone-1'] });
  });
});
