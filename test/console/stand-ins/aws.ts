import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import {
  DescribeThingCommand,
  IoTClient,
  ListThingGroupsForThingCommand,
  ListThingsCommand,
  ListThingsInThingGroupCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-iot';
import { IoTDataPlaneClient, PublishCommand as PublishMessageCommand } from '@aws-sdk/client-iot-data-plane';
import {
  DescribeSignalingChannelCommand,
  DescribeStreamCommand,
  GetDataEndpointCommand,
  GetSignalingChannelEndpointCommand,
  KinesisVideoClient,
} from '@aws-sdk/client-kinesis-video';
import {
  GetClipCommand,
  GetHLSStreamingSessionURLCommand,
  KinesisVideoArchivedMediaClient,
  ListFragmentsCommand,
  ResourceNotFoundException as NothingRecorded,
} from '@aws-sdk/client-kinesis-video-archived-media';
import { GetIceServerConfigCommand, KinesisVideoSignalingClient } from '@aws-sdk/client-kinesis-video-signaling';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand as PublishAlertCommand, SNSClient } from '@aws-sdk/client-sns';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { sdkStreamMixin } from '@smithy/core/serde';
import { mockClient } from 'aws-sdk-client-mock';
import { Readable } from 'node:stream';
import { numbersOf, type Recordings } from './recordings';

export const REGION = 'eu-west-1';
export const ACCOUNT = '111122223333';
export const THING_TYPE = 'drone';

/** Whose URLs are signed for signaling. */
export const SIGNALING_HOST = `v-1a2b3c4d.kinesisvideo.${REGION}.amazonaws.com`;

/** Those of the documentation. */
export const CREDENTIALS = {
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  sessionToken: 'IQoJb3JpZ2luX2VjEXAMPLE+token/==',
};

export interface Device {
  readonly name: string;
  readonly groups: readonly string[];
  /** Sends nothing, and has recorded nothing. */
  readonly isSilent?: boolean;
}

export interface AwsProps {
  readonly devices: readonly Device[];
  readonly recordings: Recordings;
  /** Since when there are recordings, in milliseconds since 1970. */
  readonly recordedSince: number;
  /** A message of the data plane. */
  readonly onMessage: (topic: string, payload: Uint8Array) => Promise<void>;
  /** What the function that gives control answers. */
  readonly invoke: (request: unknown) => Promise<object>;
  /** A message of the topic for alerts. */
  readonly onAlert: (message: string, attributes: PublishAlertCommand['input']['MessageAttributes']) => Promise<void>;
}

/** The services of AWS that functions call, over the stand-ins. Clients of the SDK are answered here as long as it isn't stopped. */
export function answerForAws({ devices, recordings, recordedSince, onMessage, invoke, onAlert }: AwsProps) {
  const config = { region: REGION, credentials: CREDENTIALS };
  const device = (name = '') => devices.find((one) => one.name === name);
  const thing = (name?: string) => {
    const found = device(name);
    if (!found) throw new ResourceNotFoundException({ $metadata: {}, message: `Thing ${name} not found` });
    return found;
  };
  const streamOf = (name?: string) => device(name?.split('.')[0]);

  const iot = mockClient(IoTClient);
  iot
    .on(DescribeThingCommand)
    .callsFake(({ thingName }) => ({ thingName: thing(thingName).name, thingTypeName: THING_TYPE }))
    .on(ListThingGroupsForThingCommand)
    .callsFake(({ thingName }) => ({ thingGroups: thing(thingName).groups.map((groupName) => ({ groupName })) }))
    .on(ListThingsCommand)
    .callsFake(({ maxResults, nextToken }) => {
      const { items, next } = page(devices, maxResults, nextToken);
      return { things: items.map(({ name }) => ({ thingName: name })), nextToken: next };
    })
    .on(ListThingsInThingGroupCommand)
    .callsFake(({ thingGroupName, maxResults, nextToken }) => {
      const members = devices.filter(({ groups }) => groups.includes(thingGroupName as string));
      const { items, next } = page(members, maxResults, nextToken);
      return { things: items.map(({ name }) => name), nextToken: next };
    });

  const kinesisVideo = mockClient(KinesisVideoClient);
  kinesisVideo
    .on(GetDataEndpointCommand)
    .resolves({ DataEndpoint: `https://b-1a2b3c4d.kinesisvideo.${REGION}.amazonaws.com` })
    .on(DescribeStreamCommand)
    .resolves({ StreamInfo: { Status: 'ACTIVE' } })
    .on(DescribeSignalingChannelCommand)
    .callsFake(({ ChannelName }) => ({
      ChannelInfo: { ChannelARN: channelArn(ChannelName as string), ChannelStatus: 'ACTIVE' },
    }))
    .on(GetSignalingChannelEndpointCommand)
    .resolves({
      ResourceEndpointList: [
        { Protocol: 'HTTPS', ResourceEndpoint: `https://r-1a2b3c4d.kinesisvideo.${REGION}.amazonaws.com` },
        { Protocol: 'WSS', ResourceEndpoint: `wss://${SIGNALING_HOST}` },
      ],
    });

  const signaling = mockClient(KinesisVideoSignalingClient);
  signaling.on(GetIceServerConfigCommand).resolves({ IceServerList: [] });

  const sts = mockClient(STSClient);
  sts.on(AssumeRoleCommand).callsFake(() => ({
    Credentials: {
      AccessKeyId: CREDENTIALS.accessKeyId,
      SecretAccessKey: CREDENTIALS.secretAccessKey,
      SessionToken: CREDENTIALS.sessionToken,
      Expiration: new Date(Date.now() + 900_000),
    },
  }));

  const recorded = (name: string | undefined, range: { StartTimestamp?: Date; EndTimestamp?: Date } = {}) => {
    if (!streamOf(name) || streamOf(name)?.isSilent) return [];
    const start = Math.max(recordedSince, range.StartTimestamp?.getTime() ?? 0);
    return numbersOf(start, Math.min(Date.now(), range.EndTimestamp?.getTime() ?? Infinity));
  };
  const archivedMedia = mockClient(KinesisVideoArchivedMediaClient);
  archivedMedia
    .on(GetHLSStreamingSessionURLCommand)
    .callsFake(({ StreamName, PlaybackMode, HLSFragmentSelector, Expires }) => {
      const range = HLSFragmentSelector?.TimestampRange ?? {};
      if (recorded(StreamName, range).length === 0) {
        throw new NothingRecorded({ $metadata: {}, Message: 'No fragments', message: 'No fragments' });
      }
      return {
        HLSStreamingSessionURL: recordings.open({
          mode: PlaybackMode,
          start: Math.max(recordedSince, range.StartTimestamp?.getTime() ?? recordedSince),
          end: range.EndTimestamp?.getTime(),
          expiresAt: Date.now() + 1000 * Expires,
        }),
      };
    })
    .on(GetClipCommand)
    .callsFake(({ ClipFragmentSelector }) => {
      const { StartTimestamp, EndTimestamp } = ClipFragmentSelector.TimestampRange;
      const clip = recordings.clip(StartTimestamp.getTime(), EndTimestamp.getTime());
      return { ContentType: 'video/mp4', Payload: sdkStreamMixin(Readable.from([clip])) };
    })
    .on(ListFragmentsCommand)
    .callsFake(({ StreamName, FragmentSelector, MaxResults, NextToken }) => {
      const numbers = recorded(StreamName, FragmentSelector?.TimestampRange);
      const { items, next } = page(numbers, MaxResults ?? 100, NextToken);
      return {
        Fragments: items.map((number) => ({
          FragmentNumber: String(number),
          FragmentSizeInBytes: 100_000,
          ProducerTimestamp: new Date(2000 * number),
          ServerTimestamp: new Date(2000 * number + 300),
          FragmentLengthInMilliseconds: 2000,
        })),
        NextToken: next,
      };
    });

  const s3 = mockClient(S3Client);
  s3.on(PutObjectCommand).callsFake(async ({ Key, Body }) => {
    recordings.keepClip(Key as string, Buffer.isBuffer(Body) ? Body : await buffer(Body as Readable));
    return {};
  });

  const iotData = mockClient(IoTDataPlaneClient);
  iotData.on(PublishMessageCommand).callsFake(async ({ topic, payload }) => {
    await onMessage(topic as string, payload as Uint8Array);
    return {};
  });

  const lambda = mockClient(LambdaClient);
  lambda.on(InvokeCommand).callsFake(async ({ Payload }) => ({
    Payload: Buffer.from(JSON.stringify(await invoke(JSON.parse(String(Payload))))),
  }));

  const sns = mockClient(SNSClient);
  sns.on(PublishAlertCommand).callsFake(async ({ Message, MessageAttributes }) => {
    await onAlert((JSON.parse(Message as string) as { default: string }).default, MessageAttributes as never);
    return { MessageId: randomUUID() };
  });

  return {
    iot: new IoTClient(config),
    kinesisVideo: new KinesisVideoClient(config),
    archivedMedia: () => new KinesisVideoArchivedMediaClient(config),
    signaling: () => new KinesisVideoSignalingClient(config),
    sts: new STSClient(config),
    s3: new S3Client({ ...config, endpoint: recordings.origin, forcePathStyle: true }),
    iotData: new IoTDataPlaneClient(config),
    lambda: new LambdaClient(config),
    sns: new SNSClient(config),
    stop: () => {
      for (const mock of [iot, kinesisVideo, signaling, sts, archivedMedia, s3, iotData, lambda, sns]) mock.restore();
    },
  };
}

export function channelArn(name: string): string {
  return `arn:aws:kinesisvideo:${REGION}:${ACCOUNT}:channel/${name}/1700000000000`;
}

function page<T>(all: readonly T[], limit: number, token: string | undefined): { items: T[]; next?: string } {
  const start = Number(token ?? 0);
  const hasMore = start + limit < all.length;
  return { items: all.slice(start, start + limit), ...(hasMore && { next: String(start + limit) }) };
}
