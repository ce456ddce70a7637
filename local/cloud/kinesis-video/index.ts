import * as archivedMediaClient from '@aws-sdk/client-kinesis-video-archived-media';
import * as controlClient from '@aws-sdk/client-kinesis-video';
import * as signalingClient from '@aws-sdk/client-kinesis-video-signaling';
import { checkAccess, type Resource } from '../access';
import archivedMediaBounds from '../bounds/kinesis-video-archived-media.json';
import controlBounds from '../bounds/kinesis-video.json';
import signalingBounds from '../bounds/kinesis-video-signaling.json';
import type { Bounds } from '../bounds';
import type { IssuedCredentials, Principals } from '../principals';
import { modelled, ServiceError, type Call } from '../service';
import { scopeOf } from '../signature';
import { archivedMedia } from './archived-media';
import { Deliveries } from './deliveries';
import { Decoder } from './frames';
import { HlsSessions } from './hls';
import { tagsOf, type Input, type Medium } from './medium';
import { KinesisVideoModel, type Account } from './model';
import { ingest, putMediaInput } from './put-media';
import { Quotas, type Rates } from './quotas';
import { BYTES_PER_STREAM, Recordings, type Fragment } from './recordings';
import { startSignaling } from './signaling';
import { DATA_EVENTS, trailRecord, type TrailRecord } from './trail';

export interface KinesisVideoProps {
  readonly principals: Principals;
  /** Where the service itself is, and S3 and SNS too. */
  readonly gatewayUrl: () => string;
  readonly region: string;
  readonly account: string;
  /** How often it answers, other than AWS. */
  readonly rates?: Rates;
  /** How many of what there can be, other than at AWS. */
  readonly limits?: Partial<Pick<Account, 'streams' | 'channels' | 'storedChannels'>>;
  /** Until a stream that is made or changed is active, in milliseconds. @default 100 */
  readonly settleAfter?: number;
  /** @default 24 MB */
  readonly bytesPerStream?: number;
  /** @default 10,000 */
  readonly idleAfter?: number;
  /** Is told of data events, as a trail of CloudTrail is. */
  readonly onEvent?: (record: TrailRecord) => void;
  /** Is told of each fragment that comes. */
  readonly onFragment?: (streamName: string, fragment: Fragment) => void;
}

export type KinesisVideo = Awaited<ReturnType<typeof startKinesisVideo>>;

/** What the control plane answers that the model knows by itself. */
const CONTROL = [
  ...['CreateStream', 'DescribeStream', 'ListStreams', 'UpdateStream', 'UpdateDataRetention', 'DeleteStream'],
  ...['TagStream', 'UntagStream', 'ListTagsForStream'],
  ...['UpdateImageGenerationConfiguration', 'DescribeImageGenerationConfiguration'],
  ...['UpdateNotificationConfiguration', 'DescribeNotificationConfiguration'],
  ...['UpdateStreamStorageConfiguration', 'DescribeStreamStorageConfiguration'],
  ...['CreateSignalingChannel', 'DescribeSignalingChannel', 'ListSignalingChannels', 'UpdateSignalingChannel'],
  ...['DeleteSignalingChannel', 'TagResource', 'UntagResource', 'ListTagsForResource'],
  ...['UpdateMediaStorageConfiguration', 'DescribeMediaStorageConfiguration'],
];

/**
 * Kinesis Video Streams on this machine: streams and channels, what producers put into them, and what can be had of it.
 *
 * Media is in memory, and a stream's in full only as long as there is room. Policies of callers are looked at, and the
 * rates of calls that AWS has.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_Reference.html
 */
export async function startKinesisVideo(props: KinesisVideoProps) {
  const { principals, gatewayUrl, region, account, settleAfter = 100, idleAfter = 10_000 } = props;
  const timers = new Set<NodeJS.Timeout>();
  const connected = new Set<string>();
  const model = new KinesisVideoModel((medium) => settleLater(medium), Date.now, { region, account, ...props.limits });
  const quotas = new Quotas(props.rates);
  const recordings = new Recordings(props.bytesPerStream ?? BYTES_PER_STREAM);
  const decoder = new Decoder(2, 100);
  const deliveries = new Deliveries({ decoder, endpoint: gatewayUrl, region });
  const sessions = new HlsSessions(recordings);

  const settleLater = (medium: Medium) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      model.settle(medium);
      if (medium.status !== 'DELETING') return;
      recordings.forget(medium.arn);
      if (medium.kind === 'channel') signaling.close(medium.arn);
    }, settleAfter);
    timers.add(timer);
  };

  /** What a call is about, also if there is no such thing. */
  const resourceOf = (operation: string, input: Input): Resource => {
    if (operation === 'ListStreams' || operation === 'ListSignalingChannels') return { arn: '*' };
    const [kind, all, name, arn] = OF_CHANNELS.test(operation)
      ? (['channel', model.channels, input.ChannelName, input.ChannelARN ?? input.ResourceARN] as const)
      : (['stream', model.streams, input.StreamName, input.StreamARN] as const);
    const found = all.get(name ?? arn?.split('/')[1] ?? '');
    return {
      tags: found?.tags,
      requestTags: tagsOf(input),
      arn: arn ?? found?.arn ?? `arn:aws:kinesisvideo:${region}:${account}:${kind}/${name}/0`,
    };
  };

  const tell = (name: string, arn: string, { principal, request }: Asker, parameters: object, error?: unknown) => {
    if (!(name in DATA_EVENTS)) return;
    const accessKeyId = scopeOf(request)?.accessKeyId ?? '';
    const event = { name, arn, principal, accessKeyId, request, parameters };
    props.onEvent?.(trailRecord({ ...event, error: error instanceof ServiceError ? error : undefined }));
  };

  /** Does what may be done, often enough, and has it on record. */
  const guarded = async <T>(operation: string, input: Input, asker: Asker, work: () => T | Promise<T>): Promise<T> => {
    const resource = resourceOf(operation, input);
    try {
      checkAccess(asker.principal, `kinesisvideo:${operation}`, resource);
      quotas.take(operation, resource.arn);
      const result = await work();
      tell(operation, resource.arn, asker, input);
      return result;
    } catch (error) {
      tell(operation, resource.arn, asker, input, error);
      throw error;
    }
  };

  const signaling = await startSignaling({
    region,
    secretOf: (accessKeyId) => principals.find(accessKeyId),
    admit: ({ channelArn: ChannelARN, clientId: ClientId, accessKeyId, request }) => {
      const { principal } = principals.find(accessKeyId)!;
      const input = { ChannelARN, ...(ClientId && { ClientId }) };
      return guarded(ClientId ? 'ConnectAsViewer' : 'ConnectAsMaster', input, { principal, request }, () => {
        model.active(model.channel(input));
      });
    },
  });

  const putMedia = async (call: Call) => {
    const { startedAt, ...input } = putMediaInput(call.request.headers);
    const stream = await guarded('PutMedia', input, call, () => {
      const found = model.active(model.stream(input));
      if (!connected.has(found.arn)) return found;
      throw new ServiceError('ConnectionLimitExceededException', 'A producer is connected to the stream already.');
    });
    const credentials: IssuedCredentials = principals.find(scopeOf(call.request)!.accessKeyId)!;
    const onFragment = (fragment: Fragment) => {
      deliveries.receive({ stream, fragment, credentials });
      props.onFragment?.(stream.name, fragment);
    };
    connected.add(stream.arn);
    try {
      await ingest(stream, startedAt, call, { recordings, onFragment, idleAfter });
    } finally {
      connected.delete(stream.arn);
    }
  };

  const endpointOf = (protocol: string) => (protocol === 'WSS' ? signaling.origin : gatewayUrl());
  const answerPlayer = ({ request, response }: Call) => sessions.answer(new URL(request.url!, gatewayUrl()), response);
  const archive = Object.entries(archivedMedia({ recordings, sessions, decoder, endpoint: gatewayUrl })) as [
    string,
    (stream: Medium, input: Input) => unknown,
  ][];

  const service = modelled({
    name: 'kinesisvideo',
    protocol: 'rest-json',
    schemas: [controlClient, archivedMediaClient, signalingClient],
    bounds: { ...controlBounds, ...archivedMediaBounds, ...signalingBounds } as unknown as Bounds,
    invalid: 'InvalidArgumentException',
    unsigned: [HlsSessions.FOLDER],
    raw: {
      '/putMedia': putMedia,
      ...Object.fromEntries(HlsSessions.PATHS.map((path) => [path, answerPlayer])),
    },
    operations: {
      ...Object.fromEntries(
        CONTROL.map((operation) => [
          operation,
          (input: Input, call: Call) => guarded(operation, input, call, () => model.call(operation, input)),
        ]),
      ),
      ...Object.fromEntries(
        archive.map(([operation, work]) => [
          operation,
          (input: Input, call: Call) => guarded(operation, input, call, () => work(model.stream(input), input)),
        ]),
      ),
      GetDataEndpoint: (input: Input, call) =>
        guarded('GetDataEndpoint', input, call, () => {
          model.stream(input);
          return { DataEndpoint: gatewayUrl() };
        }),
      GetSignalingChannelEndpoint: (input: controlClient.GetSignalingChannelEndpointInput, call) =>
        guarded('GetSignalingChannelEndpoint', input, call, () => {
          model.channel(input);
          const { Protocols = ['WSS', 'HTTPS'] } = input.SingleMasterChannelEndpointConfiguration ?? {};
          return {
            ResourceEndpointList: Protocols.map((Protocol) => ({ Protocol, ResourceEndpoint: endpointOf(Protocol) })),
          };
        }),
      // Who is on the same machine needs no relay.
      GetIceServerConfig: (input: Input, call) =>
        guarded('GetIceServerConfig', input, call, () => {
          model.active(model.channel(input));
          return { IceServerList: [] };
        }),
    },
  });

  return {
    service,
    model,
    recordings,
    signaling,
    /** What became of images and notifications, of which nobody else is told. */
    deliveries,
    stop: async () => {
      for (const timer of timers) clearTimeout(timer);
      await signaling.stop();
      await deliveries.end();
    },
  };
}

/** Who calls. */
type Asker = Pick<Call, 'principal' | 'request'>;

const OF_CHANNELS = /Channel|Resource$|MediaStorage|IceServer|ConnectAs/;
