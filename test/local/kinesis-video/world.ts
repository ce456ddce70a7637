import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Sha256 } from '@aws-crypto/sha256-js';
import { CreateStreamCommand, DescribeStreamCommand, KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { KinesisVideoArchivedMediaClient } from '@aws-sdk/client-kinesis-video-archived-media';
import { KinesisVideoSignalingClient } from '@aws-sdk/client-kinesis-video-signaling';
import { SignatureV4 } from '@smithy/signature-v4';
import { startGateway } from '../../../local/cloud/gateway';
import { startKinesisVideo, type KinesisVideoProps } from '../../../local/cloud/kinesis-video';
import type { TrailRecord } from '../../../local/cloud/kinesis-video/trail';
import { Principals, type IssuedCredentials, type PolicyDocument } from '../../../local/cloud/principals';
import { bodyOf, ServiceError, type Service } from '../../../local/cloud/service';

export const REGION = 'eu-west-1';
export const ACCOUNT = '111122223333';

const VERSION = '2012-10-17';
const STREAM = `arn:aws:kinesisvideo:${REGION}:${ACCOUNT}:stream`;

/** What a device may do with the stream of its name. */
const DEVICE: PolicyDocument = {
  Version: VERSION,
  Statement: {
    Effect: 'Allow',
    Action: ['kinesisvideo:DescribeStream', 'kinesisvideo:GetDataEndpoint', 'kinesisvideo:PutMedia'],
    Resource: `${STREAM}/\${credentials-iot:ThingName}/*`,
  },
};

const EVERYTHING: PolicyDocument = { Version: VERSION, Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };

/** Kinesis Video Streams behind a gateway, with a bucket and a topic that take what they are given. */
export async function startWorld(props: Partial<KinesisVideoProps> = {}) {
  const principals = new Principals();
  principals.role(`arn:aws:iam::${ACCOUNT}:role/Admin`, [EVERYTHING]);
  principals.role(`arn:aws:iam::${ACCOUNT}:role/Device`, [DEVICE]);
  const admin = principals.issue(`arn:aws:iam::${ACCOUNT}:role/Admin`, { sessionName: 'admin' });
  const records: TrailRecord[] = [];
  const bucket = standIn('s3');
  const topic = standIn('sns');
  const video = await startKinesisVideo({
    principals,
    gatewayUrl: () => gateway.url,
    region: REGION,
    account: ACCOUNT,
    settleAfter: 20,
    onEvent: (record) => void records.push(record),
    ...props,
  });
  const gateway = await startGateway({ principals, services: [video.service, bucket.service, topic.service] });
  const clients = (credentials: IssuedCredentials) => {
    const config = { region: REGION, endpoint: gateway.url, credentials, maxAttempts: 1 };
    return {
      control: new KinesisVideoClient(config),
      archive: new KinesisVideoArchivedMediaClient(config),
      signaling: new KinesisVideoSignalingClient(config),
    };
  };
  const { control, archive, signaling } = clients(admin);

  return {
    video,
    gateway,
    principals,
    records,
    bucket,
    topic,
    admin,
    clients,
    control,
    archive,
    signaling,
    device: (thingName: string) =>
      principals.issue(`arn:aws:iam::${ACCOUNT}:role/Device`, { sessionName: thingName, thingName }),
    /** @returns the ARN of the stream, when it is active */
    stream: async (StreamName: string, DataRetentionInHours = 1): Promise<string> => {
      const { StreamARN } = await control.send(
        new CreateStreamCommand({ StreamName, DataRetentionInHours, MediaType: 'video/h264' }),
      );
      await settled(video.model.streams.get(StreamName)!);
      return StreamARN!;
    },
    settled: (name: string) => settled(video.model.streams.get(name) ?? video.model.channels.get(name)!),
    describe: async (StreamName: string) => (await control.send(new DescribeStreamCommand({ StreamName }))).StreamInfo!,
    producer: (streamName: string, options: ProducerOptions = {}) =>
      connect(gateway.url, streamName, { credentials: admin, ...options }),
    stop: async () => {
      await gateway.stop();
      await video.stop();
    },
  };
}

export type World = Awaited<ReturnType<typeof startWorld>>;

async function settled(medium: { status: string }): Promise<void> {
  while (medium.status !== 'ACTIVE') await sleep(5);
}

/** A service that takes everything, and keeps what it was sent. */
function standIn(name: string) {
  const taken: { url: string; headers: Record<string, unknown>; body: Buffer; principal: string }[] = [];
  const state = { refuses: false };
  const service: Service = {
    name,
    operationOf: ({ url }) => url!,
    handle: async ({ request: { url, headers }, request: asked, response, principal }) => {
      const body = await bodyOf(asked);
      if (state.refuses) throw new ServiceError('AccessDenied', 'Access Denied', 403);
      taken.push({ url: url!, headers, body, principal: principal.arn });
      response.end('<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>');
    },
    refuse: ({ response }, error) =>
      void response.writeHead(error.status).end(`<Error><Code>${error.name}</Code></Error>`),
  };
  return { service, taken, state };
}

export interface ProducerOptions {
  readonly credentials?: IssuedCredentials;
  readonly headers?: Record<string, string>;
  /** In milliseconds since 1970. */
  readonly startedAt?: number;
}

export interface Acknowledgement {
  readonly EventType: string;
  readonly FragmentTimecode?: number;
  readonly FragmentNumber?: string;
  readonly ErrorId?: number;
  readonly ErrorCode?: string;
}

/** A producer that sends bit by bit, and hears of each fragment meanwhile. */
async function connect(url: string, streamName: string, options: ProducerOptions) {
  const { credentials, startedAt = Date.now(), headers = {} } = options;
  const signer = new SignatureV4({
    service: 'kinesisvideo',
    region: REGION,
    credentials: credentials!,
    sha256: Sha256,
  });
  const { hostname, port, host } = new URL(url);
  const signed = await signer.sign({
    method: 'POST',
    protocol: 'http:',
    hostname,
    path: '/putMedia',
    query: {},
    headers: {
      host,
      'x-amzn-stream-name': streamName,
      'x-amzn-fragment-timecode-type': 'RELATIVE',
      'x-amzn-producer-start-timestamp': (startedAt / 1000).toFixed(3),
      'transfer-encoding': 'chunked',
      ...headers,
    },
  });
  const sending: ClientRequest = request({
    hostname,
    port,
    path: '/putMedia',
    method: 'POST',
    headers: signed.headers,
  });
  sending.on('error', () => undefined);
  sending.flushHeaders();
  const acknowledgements: Acknowledgement[] = [];
  const [response] = (await once(sending, 'response')) as [IncomingMessage];
  const ended = (async () => {
    for await (const line of createInterface({ input: response })) {
      if (line.trim()) acknowledgements.push(JSON.parse(line) as Acknowledgement);
    }
  })().catch(() => undefined);
  return {
    status: response.statusCode!,
    errorType: response.headers['x-amzn-errortype'],
    acknowledgements,
    /** Sends it in pieces of that size. */
    send: async (media: Buffer, size = media.length) => {
      for (let at = 0; at < media.length; at += size) {
        if (!sending.write(media.subarray(at, at + size))) await Promise.race([once(sending, 'drain'), ended]);
      }
    },
    /** Says that it was all, and waits for the last word. */
    end: async () => {
      sending.end();
      await ended;
      return acknowledgements;
    },
    ended,
    cut: () => sending.destroy(),
  };
}
