import { Duration } from 'aws-cdk-lib';
import { Bitrate, FleetPlan, VideoAnalysis, type FleetWorkload, type QuotaCheck } from '../../lib';
import { codedError } from '../support/fleet';

function quota(id: string, workload: FleetWorkload): QuotaCheck {
  const found = new FleetPlan(workload).quotas.find((check) => check.id === id);
  if (!found) throw new Error(`There is no quota ${id}`);
  return found;
}

/** Ids, with a workload that needs all there is, and one that needs a bit more. */
const AT_THE_BOUND: [id: string, enough: FleetWorkload, more: Partial<FleetWorkload>][] = [
  ['stream', { devices: 10_000 }, { devices: 10_001 }],
  ['stream', { devices: 5_000, camerasPerDevice: 2 }, { devices: 5_001 }],
  ['channel', { devices: 10_000, region: 'us-west-2' }, { devices: 10_001 }],
  ['channel', { devices: 5_000, region: 'eu-west-1' }, { devices: 5_001 }],
  ['storedChannel', { devices: 1000, storedChannels: 100 }, { storedChannels: 101 }],
  // 18,000 streams within a minute are 300 a second
  ['describeStream', { devices: 18_000, reconnectWithin: Duration.minutes(1) }, { devices: 18_001 }],
  // 30,000 connections within a minute are 500 a second
  ['iotConnect', { devices: 30_000, reconnectWithin: Duration.minutes(1) }, { devices: 30_001 }],
  ['iotConnection', { devices: 500_000 }, { devices: 500_001 }],
  // 20,000 devices with 3,600 messages an hour
  ['iotPublish', { devices: 20_000, messagesPerHour: 3600 }, { devices: 20_001 }],
  ['iotPublish', { devices: 2_000, messagesPerHour: 3600, region: 'eu-north-1' }, { devices: 2_001 }],
  ['iotRule', { devices: 20_000, messagesPerHour: 3600 }, { devices: 20_001 }],
  // 150 streams with an image each 3 seconds
  ['detectLabels', { devices: 150 }, { devices: 151 }],
  ['detectLabels', { devices: 15, region: 'eu-north-1' }, { devices: 16 }],
  ['imagePace', { devices: 15, imagesPerSecond: 5 }, { devices: 16 }],
  // An image each 200 ms is five a second; it can't be more, so the quota is lowered instead.
  ['s3Put', { devices: 1, imageInterval: Duration.millis(200), quotas: { s3Put: 5 } }, { quotas: { s3Put: 4.9 } }],
  ['hlsSession', { devices: 1, viewers: 1500 }, { viewers: 1501 }],
  ['viewersPerChannel', { devices: 1, viewersPerDevice: 10 }, { viewersPerDevice: 11 }],
  // 60 calls an hour of each
  ['viewingApi', { devices: 1, console: true, viewers: 3000 }, { viewers: 3001 }],
  ['apiGateway', { devices: 1, console: true, viewers: 600_000 }, { viewers: 600_001 }],
];

test.each(AT_THE_BOUND)('%s is enough to the last one, and exceeded by the next', (id, enough, more) => {
  const last = quota(id, enough);
  expect(last.needed).toBeCloseTo(last.limit, 8);
  expect(last).toMatchObject({ exceeded: false, exceededBy: 0, message: '' });
  expect(last.factor).toBeCloseTo(1, 8);

  const next = quota(id, { ...enough, ...more });
  expect(next).toMatchObject({ exceeded: true, message: expect.stringContaining(next.name) });
  expect(next.exceededBy).toBeCloseTo(next.needed - next.limit, 8);
  expect(next.factor).toBeGreaterThan(1);
});

test('a stream takes 12.5 megabytes a second, which is the highest bitrate there is', () => {
  expect(quota('putMedia', { devices: 1, bitrate: Bitrate.megabitsPerSecond(100) })).toMatchObject({
    needed: 12_500_000,
    exceeded: false,
  });
  expect(() => Bitrate.megabitsPerSecond(100.1)).toThrow(codedError('Bitrate', /`bitrate` is 100100000 bits a second/));
});

test('endpoints are asked for after an outage, and each 45 minutes', () => {
  // 9,000 within 300 s, and 9,000 each 2,700 s
  expect(quota('getDataEndpoint', { devices: 9_000 }).needed).toBeCloseTo(30 + 9_000 / 2_700, 8);
});

test('functions wait for their analyses', () => {
  // 10 images a second for a second each, and one batch a second for a tenth of it
  expect(quota('lambdaConcurrency', { devices: 30 }).needed).toBeCloseTo(10.1, 8);
});

test('how much is exceeded is told, by how much and how many times', () => {
  expect(quota('stream', { devices: 50_000 })).toEqual({
    id: 'stream',
    name: 'Streams',
    needed: 50_000,
    limit: 10_000,
    exceeded: true,
    exceededBy: 40_000,
    factor: 5,
    adjustable: true,
    assumed: false,
    counted: true,
    source: 'https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/limits.html',
    message:
      'Streams: a cell needs 50,000 and has 10,000: 5 times what it has. Have the quota raised and say so (`quotas.stream`, or `streamQuota` of a cell). Or use 6 cells.',
  });
});

test('what is not used needs nothing', () => {
  const idle = new FleetPlan({
    devices: 1000,
    signaling: false,
    analysis: VideoAnalysis.NONE,
    onDeviceDetection: false,
    viewersPerDevice: 5,
  });
  const needed = idle.quotas.filter((check) => check.needed > 0).map(({ id }) => id);
  expect(needed).toEqual(['stream', 'describeStream', 'getDataEndpoint', 'putMedia', 'iotConnection', 'iotConnect']);
});

describe('cells', () => {
  test.each([
    // Five would have 10,000 on average, and one of them some more.
    ['as many as streams and their spread take', { devices: 50_000 }, 6],
    ['one for what one has room for', { devices: 10_000 }, 1],
    ['two for one more', { devices: 10_001 }, 2],
    ['more where there are fewer channels', { devices: 10_000, region: 'eu-west-1' }, 3],
    ['no more for channels that are not there', { devices: 10_000, region: 'eu-west-1', signaling: false }, 1],
    ['one with raised quotas', { devices: 50_000, quotas: { stream: 50_000, channel: 50_000 } }, 1],
  ])('%s', (_what, workload, cells) => {
    expect(new FleetPlan(workload).cells).toBe(cells);
  });

  test('share what is needed', () => {
    // A third of 30,000, and four standard deviations more: 10,000 + 4 × √(10,000 × 2/3) = 10,326.6
    expect(quota('stream', { devices: 30_000, cells: 3 }).needed).toBe(10_327);
  });

  test('a cell must have room for a device', () => {
    expect(() => new FleetPlan({ devices: 1, camerasPerDevice: 2, quotas: { stream: 1 } })).toThrow(
      codedError('FleetWorkload', /`quotas.stream` is 1, less than one device needs\./),
    );
  });
});

test.each([
  // 10 a second register
  ['devices register', { devices: 9_000, signaling: false }, 900],
  // 48 a second are made; 96 × 10 of them
  ['streams are made', { devices: 96, camerasPerDevice: 10 }, 20],
])('onboarding takes as long as %s', (_what, workload, seconds) => {
  expect(new FleetPlan(workload).onboarding.toSeconds()).toBe(seconds);
});

test('a quota that is none is refused, with those there are', () => {
  expect(() => new FleetPlan({ devices: 1, quotas: { streams: 5 } })).toThrow(
    codedError('FleetWorkload', /`quotas` has 'streams', which is none; there are stream, channel, /),
  );
});
