import { captureOutput } from '../../support/handler-output';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Sha256 } from '@aws-crypto/sha256-js';
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { GetDataEndpointCommand, KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import {
  GetHLSStreamingSessionURLCommand,
  KinesisVideoArchivedMediaClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-kinesis-video-archived-media';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SignatureV4 } from '@smithy/signature-v4';
import { mockClient } from 'aws-sdk-client-mock';
import { handle, type Ports } from '../../../lambda/canary/handler';
import { PATTERN } from '../../../lambda/canary/make-pattern';
import { deviceMessage } from '../../../lambda/common/device-message';
import { metrics } from '../../../lambda/common/observability';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const TOPIC = 'devices/canary/detections';

// In the format of https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_dataplane_PutMedia.html
const acknowledge = (...types: string[]) =>
  types.map((EventType, index) => `${JSON.stringify({ EventType, FragmentTimecode: 2000 * index })}\r\n`).join('');
const MASTER = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=60000\ngetHLSMediaPlaylist.m3u8?SessionToken=secret\n';
const MEDIA =
  '#EXTM3U\n#EXT-X-MAP:URI="getMP4InitFragment.mp4?SessionToken=secret"\n#EXTINF:2.0,\ngetMP4MediaFragment.mp4?n=1\n';

const kinesisVideo = mockClient(KinesisVideoClient);
const media = mockClient(KinesisVideoArchivedMediaClient);
const s3 = mockClient(S3Client);
const sqs = mockClient(SQSClient);
const iot = mockClient(IoTDataPlaneClient);
const written = captureOutput();

let server: Server;
let url: string;
let received: { request: IncomingMessage; body: Buffer }[];
let answers: Record<string, string>;
let status: number;
let ports: Ports;
let time: number;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ request, body: Buffer.concat(chunks) });
      const { pathname } = new URL(request.url!, url);
      // A connection that is kept may be closed just when the next request comes.
      response.writeHead(status, { connection: 'close', 'x-amzn-ErrorType': 'ConnectionLimitExceededException' });
      response.end(answers[pathname]);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
afterEach(() => metrics.clearMetrics());

beforeEach(() => {
  for (const mock of [kinesisVideo, media, s3, sqs, iot]) mock.reset();
  received = [];
  status = 200;
  time = NOW;
  answers = {
    '/putMedia': acknowledge('BUFFERING', 'RECEIVED', 'PERSISTED', 'PERSISTED', 'PERSISTED'),
    '/hls': MASTER,
    '/getHLSMediaPlaylist.m3u8': MEDIA,
    '/getMP4InitFragment.mp4': '....ftyp....moov',
    '/getMP4MediaFragment.mp4': '....moof....mdat',
  };
  kinesisVideo.on(GetDataEndpointCommand).resolves({ DataEndpoint: url });
  media.on(GetHLSStreamingSessionURLCommand).resolves({ HLSStreamingSessionURL: `${url}/hls?SessionToken=secret` });
  s3.on(ListObjectsV2Command).resolves({ Contents: [image(NOW)] });
  iot.on(PublishCommand).resolves({});
  sqs.on(DeleteMessageBatchCommand).resolves({});
  sqs
    .on(ReceiveMessageCommand)
    .callsFake(() => ({ Messages: [{ Body: alertOf(`canary:${NOW}:canary`), ReceiptHandle: 'r' }] }));
  ports = {
    device: 'canary',
    pattern: readFileSync(PATTERN),
    kinesisVideo: new KinesisVideoClient(),
    signer: new SignatureV4({
      service: 'kinesisvideo',
      region: 'eu-west-1',
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'x', sessionToken: 'token' },
      sha256: Sha256,
    }),
    media: () => Promise.resolve(new KinesisVideoArchivedMediaClient()),
    images: { s3: new S3Client(), bucket: 'frames', prefix: 'frames/canary/' },
    alerts: {
      iot: new IoTDataPlaneClient(),
      sqs: new SQSClient(),
      topic: TOPIC,
      label: 'Canary',
      queueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/canary',
    },
    fetch,
    now: () => time,
    sleep: (milliseconds) => {
      time += milliseconds;
      return Promise.resolve();
    },
  };
});

/** As image generation names it; when it appears is another matter. */
function image(time: number): { Key: string; LastModified: Date } {
  return { Key: `frames/canary/canary_111122223333_canary_${time}_7b4bd9c8.jpg`, LastModified: new Date(NOW) };
}

function alertOf(id: string): string {
  return JSON.stringify({ id, device: 'canary', severity: 'INFO' });
}

/** The names of the steps that failed, by result and by metric. */
async function failures(): Promise<{ result: Record<string, unknown>; failed: string[] }> {
  const result = await handle(ports);
  metrics.publishStoredMetrics();
  const { metrics: values } = written();
  const failed = Object.keys(values).filter((name) => name.endsWith('Failed') && values[name].some((v) => v === 1));
  return { result, failed: failed.sort() };
}

test('media is sent as producers do, signed, and all comes of it that should', async () => {
  const { result, failed } = await failures();
  expect(failed).toEqual([]);
  expect(Object.keys(result).sort()).toEqual(['Alert', 'Image', 'Media', 'Playback']);
  const [{ request, body }] = received.filter((candidate) => candidate.request.url === '/putMedia');
  expect(request.method).toBe('POST');
  expect(body.equals(readFileSync(PATTERN))).toBe(true);
  expect(request.headers).toMatchObject({
    'x-amzn-stream-name': 'canary',
    'x-amzn-fragment-timecode-type': 'RELATIVE',
    'x-amzn-fragment-acknowledgment-required': '1',
    // It ends now, so that none of it is in the future.
    'x-amzn-producer-start-timestamp': ((NOW - 6000) / 1000).toFixed(3),
    'x-amz-security-token': 'token',
  });
  expect(request.headers.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/kinesisvideo\/aws4_request, SignedHeaders=host;.*x-amzn-stream-name, Signature=[0-9a-f]{64}$/,
  );
});

test('a flight is one figure for each step, and one for all', async () => {
  await handle(ports);
  metrics.publishStoredMetrics();
  const { metrics: values, units } = written();
  expect(values).toMatchObject({ CanaryFailed: [0], MediaFailed: [0], AlertFailed: [0] });
  expect(units).toMatchObject({ PlaybackLatency: 'Milliseconds', ImageLatency: 'Milliseconds' });
});

test('what was sent is what is played', async () => {
  await handle(ports);
  const [{ input }] = media.commandCalls(GetHLSStreamingSessionURLCommand).map(({ args }) => args[0]);
  expect(input).toMatchObject({
    StreamName: 'canary',
    PlaybackMode: 'ON_DEMAND',
    HLSFragmentSelector: {
      FragmentSelectorType: 'PRODUCER_TIMESTAMP',
      TimestampRange: { StartTimestamp: new Date(NOW - 6000), EndTimestamp: new Date(NOW) },
    },
    Expires: 300,
  });
});

test('the detection is one that devices publish', async () => {
  await handle(ports);
  const [{ input }] = iot.commandCalls(PublishCommand).map(({ args }) => args[0]);
  expect(input).toMatchObject({ topic: TOPIC, qos: 1 });
  const message = deviceMessage.parse(JSON.parse(Buffer.from(input.payload as Uint8Array).toString()));
  expect(message.detections).toEqual([{ label: 'Canary', confidence: 100 }]);
});

test.each([
  ['a fragment is refused', () => void (answers['/putMedia'] = acknowledge('RECEIVED', 'ERROR')), ['Media']],
  ['nothing is kept', () => void (answers['/putMedia'] = acknowledge('RECEIVED')), ['Media']],
  ['the answer is no acknowledgement', () => void (answers['/putMedia'] = '<html>'), ['Media']],
  ['PutMedia is refused', () => void (status = 400), ['Media']],
  ['there is no endpoint', () => void kinesisVideo.on(GetDataEndpointCommand).resolves({}), ['Media']],
  ['the playlist is none', () => void (answers['/hls'] = '<html>'), ['Playback']],
  ['the playlist is empty', () => void (answers['/hls'] = '#EXTM3U\n'), ['Playback']],
  ['nothing initializes', () => void (answers['/getHLSMediaPlaylist.m3u8'] = '#EXTM3U\na.mp4\n'), ['Playback']],
  ['a segment is empty', () => void (answers['/getMP4MediaFragment.mp4'] = ''), ['Playback']],
  [
    'HLS finds no fragments',
    () =>
      void media
        .on(GetHLSStreamingSessionURLCommand)
        .rejects(new ResourceNotFoundException({ $metadata: {}, message: 'No fragments found' })),
    ['Playback'],
  ],
  ['no image appears', () => void s3.on(ListObjectsV2Command).resolves({}), ['Image']],
  [
    'images are of an earlier flight',
    () => void s3.on(ListObjectsV2Command).resolves({ Contents: [image(NOW - 300_000)] }),
    ['Image'],
  ],
  ['no alert arrives', () => void sqs.on(ReceiveMessageCommand).resolves({}), ['Alert']],
  [
    'the alert is of an earlier flight',
    () =>
      void sqs
        .on(ReceiveMessageCommand)
        .resolves({ Messages: [{ Body: alertOf('canary:1:canary'), ReceiptHandle: 'r' }] }),
    ['Alert'],
  ],
  [
    'what arrives is no alert',
    () => void sqs.on(ReceiveMessageCommand).resolves({ Messages: [{ Body: '{', ReceiptHandle: 'r' }] }),
    ['Alert'],
  ],
  ['nothing can be published', () => void iot.on(PublishCommand).rejects(new Error('refused')), ['Alert']],
])('it says so if %s', async (_what, breakIt, steps) => {
  breakIt();
  const { result, failed } = await failures();
  expect(failed).toEqual([...steps.map((step) => `${step}Failed`), 'CanaryFailed'].sort());
  expect(result[steps[0]]).toEqual(expect.any(String));
});

test('the link by which one could watch is in no log', async () => {
  answers['/getMP4MediaFragment.mp4'] = '';
  await handle(ports);
  expect(JSON.stringify(written().logs)).not.toContain('secret');
});

test('images of many pages are looked through', async () => {
  s3.reset();
  s3.on(ListObjectsV2Command)
    .resolves({ Contents: [image(NOW - 300_000)], NextContinuationToken: 'more' })
    .on(ListObjectsV2Command, { ContinuationToken: 'more' })
    .resolves({ Contents: [image(NOW)] });
  expect(await failures()).toMatchObject({ failed: [] });
});

test('what is late is waited for, and what is left of earlier flights is taken away', async () => {
  let calls = 0;
  sqs.on(ReceiveMessageCommand).callsFake(() => {
    calls += 1;
    const id = calls < 3 ? 'canary:1:canary' : `canary:${NOW}:canary`;
    return { Messages: [{ Body: alertOf(id), ReceiptHandle: `r${calls}` }] };
  });
  expect((await failures()).failed).toEqual([]);
  expect(sqs.commandCalls(DeleteMessageBatchCommand)).toHaveLength(3);
});

test('what it is not given it does not try', async () => {
  ports = { ...ports, images: undefined, alerts: undefined };
  expect(Object.keys(await handle(ports)).sort()).toEqual(['Media', 'Playback']);
});
