import {
  DescribeThingCommand,
  IoTClient,
  ListThingGroupsForThingCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-iot';
import {
  DescribeSignalingChannelCommand,
  DescribeStreamCommand,
  GetDataEndpointCommand,
  GetSignalingChannelEndpointCommand,
  KinesisVideoClient,
} from '@aws-sdk/client-kinesis-video';
import {
  GetClipCommand,
  GetDASHStreamingSessionURLCommand,
  GetHLSStreamingSessionURLCommand,
  GetImagesCommand,
  KinesisVideoArchivedMediaClient,
  ListFragmentsCommand,
} from '@aws-sdk/client-kinesis-video-archived-media';
import { GetIceServerConfigCommand, KinesisVideoSignalingClient } from '@aws-sdk/client-kinesis-video-signaling';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import {
  BatchGetCommand,
  DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { Uint8ArrayBlobAdapter, sdkStreamMixin } from '@smithy/core/serde';
import { mockClient } from 'aws-sdk-client-mock';
import { Readable } from 'node:stream';
import { metrics } from '../../lambda/common/observability';
import type { TakeoverResponse, takeoverRequest } from '../../lambda/common/takeover';
import type { DetectionEvent } from '../../lambda/common/detection-event';
import type * as z from 'zod';
import { BUILT_IN } from '../../lambda/common/access/authorizer';
import type { Api } from '../../lambda/common/http-api';
import { viewingApi, type Ports } from '../../lambda/viewing-api/handler';
import { httpApiEvent, type HttpApiRequest } from '../../local/console/http-api';
import { CONTEXT } from './handler-output';

/** Things of the fleet, and one that isn't, with their groups. */
const THINGS: Record<string, { type: string; groups: string[] }> = {
  'drone-1': { type: 'drone', groups: ['north', 'night'] },
  'drone-2': { type: 'drone', groups: ['south'] },
  'drone-3': { type: 'drone', groups: [] },
  'kettle-1': { type: 'kettle', groups: ['north'] },
};

export const NOW = Date.parse('2026-11-24T10:00:00.000Z');

export const CHANNEL_ARN = 'arn:aws:kinesisvideo:eu-west-1:111122223333:channel/drone-1/1700000000000';

/** Those of the documentation. */
export const CREDENTIALS = {
  AccessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  SecretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  SessionToken: 'IQoJb3JpZ2luX2VjEXAMPLE+token/==',
  Expiration: new Date(NOW + 900_000),
};

export const NORTH_PILOT = { 'cognito:groups': '[pilot]', 'custom:device_groups': 'north' };
export const NORTH_REVIEWER = { 'cognito:groups': '[reviewer]', 'custom:device_groups': 'north' };
export const ADMIN = { 'cognito:groups': '[admin]' };

/** Of drone-1. */
export const ALERT: DetectionEvent = {
  schemaVersion: '1.1',
  id: 'drone-1:m-1:person',
  fleet: 'delivery',
  device: 'drone-1',
  source: 'ON_DEVICE',
  obstacle: 'person',
  severity: 'CRITICAL',
  label: 'person',
  confidence: 91.5,
  capturedAt: '2026-11-24T09:59:58.000Z',
  detectedAt: '2026-11-24T09:59:58.300Z',
};

/** As AlertFeed keeps it. */
export const itemOf = (alert: DetectionEvent) => ({
  device: alert.device,
  at: `${alert.capturedAt}#${alert.id}`,
  event: JSON.stringify(alert),
  expiresAt: NOW / 1000 + 86_400,
});

export const invoked = (content: unknown) => ({
  Payload: Uint8ArrayBlobAdapter.fromString(typeof content === 'string' ? content : JSON.stringify(content)),
});

/** Gives everybody what they ask for. */
function yielding({ action, device, ...rest }: z.infer<typeof takeoverRequest>): TakeoverResponse {
  const until = new Date(NOW + 15_000).toISOString();
  const command = {
    id: 'c-1',
    name: 'HOVER',
    pilot: rest.pilot,
    issuedAt: new Date(NOW).toISOString(),
    expiresAt: new Date(NOW + 5000).toISOString(),
  };
  const isAboutCommand = action === 'command' || 'commandId' in rest;
  return {
    ok: true,
    control: { device, holder: rest.pilot, token: 7, until, heartbeatSeconds: 5 },
    ...(isAboutCommand && { command }),
  };
}

export interface Answered {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly content: Record<string, unknown>;
}

/** An API over a fleet of which AWS answers everything, so that what is refused is refused by the API itself. */
export function viewingOf() {
  const iot = mockClient(IoTClient);
  const kinesisVideo = mockClient(KinesisVideoClient);
  const archivedMedia = mockClient(KinesisVideoArchivedMediaClient);
  const signaling = mockClient(KinesisVideoSignalingClient);
  const sts = mockClient(STSClient);
  const s3 = mockClient(S3Client);
  const clients = {
    lambda: new LambdaClient({ region: 'eu-west-1' }),
    dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-west-1' })),
  };
  // Not of the classes: Takeover itself and its tables may be real.
  const lambda = mockClient(clients.lambda);
  const dynamodb = mockClient(clients.dynamodb);
  const state = { now: NOW, ids: 0, endpoints: [] as string[] };
  let api: Api;

  const keys = { accessKeyId: CREDENTIALS.AccessKeyId, secretAccessKey: CREDENTIALS.SecretAccessKey };
  const config = { region: 'eu-west-1', credentials: keys };

  /** A new function, which knows nothing yet. */
  const start = (changes: Partial<Ports> = {}): void => {
    api = viewingApi({
      iot: new IoTClient(config),
      kinesisVideo: new KinesisVideoClient(config),
      archivedMedia: (endpoint) => {
        state.endpoints.push(endpoint);
        return new KinesisVideoArchivedMediaClient(config);
      },
      s3: new S3Client(config),
      authorizer: BUILT_IN,
      claims: { roles: 'cognito:groups', groups: 'custom:device_groups' },
      thingTypeName: 'drone',
      cameras: [],
      clipBucket: 'clip-bucket',
      sessionSeconds: 900,
      live: {
        sts: new STSClient(config),
        viewerRoleArn: 'arn:aws:iam::111122223333:role/Viewer',
        region: 'eu-west-1',
        kinesisVideoFor: (credentials) => new KinesisVideoClient({ ...config, credentials }),
        signalingFor: (endpoint, credentials) => {
          state.endpoints.push(endpoint);
          return new KinesisVideoSignalingClient({ ...config, credentials });
        },
      },
      takeover: { lambda: clients.lambda, functionName: 'arn:takeover' },
      alerts: {
        dynamodb: clients.dynamodb,
        alertTable: 'Alerts',
        acknowledgements: { tableName: 'Acknowledgements', retentionDays: 90 },
      },
      newId: () => `id-${++state.ids}`,
      now: () => state.now,
      ...changes,
    });
  };

  beforeEach(() => {
    for (const mock of [iot, kinesisVideo, archivedMedia, signaling, sts, s3, lambda, dynamodb]) mock.reset();
    metrics.clearMetrics();
    Object.assign(state, { now: NOW, ids: 0, endpoints: [] });
    const thing = (name: string | undefined) => {
      const found = Object.hasOwn(THINGS, name ?? '') ? THINGS[name!] : undefined;
      if (!found) throw new ResourceNotFoundException({ $metadata: {}, message: `Thing ${name} not found` });
      return found;
    };
    iot.on(DescribeThingCommand).callsFake(({ thingName }) => ({ thingName, thingTypeName: thing(thingName).type }));
    iot
      .on(ListThingGroupsForThingCommand)
      .callsFake(({ thingName }) => ({ thingGroups: thing(thingName).groups.map((groupName) => ({ groupName })) }));
    kinesisVideo
      .on(GetDataEndpointCommand)
      .callsFake(({ StreamName, APIName }) => ({ DataEndpoint: `https://${StreamName}.${APIName}.example.com` }))
      .on(DescribeStreamCommand)
      .resolves({ StreamInfo: { Status: 'ACTIVE' } })
      .on(DescribeSignalingChannelCommand)
      .resolves({ ChannelInfo: { ChannelARN: CHANNEL_ARN, ChannelStatus: 'ACTIVE' } })
      .on(GetSignalingChannelEndpointCommand)
      .resolves({
        ResourceEndpointList: [
          { Protocol: 'HTTPS', ResourceEndpoint: 'https://r-1a2b3c4d.kinesisvideo.eu-west-1.amazonaws.com' },
          { Protocol: 'WSS', ResourceEndpoint: 'wss://v-1a2b3c4d.kinesisvideo.eu-west-1.amazonaws.com' },
        ],
      });
    sts.on(AssumeRoleCommand).resolves({ Credentials: CREDENTIALS });
    signaling.on(GetIceServerConfigCommand).resolves({
      IceServerList: [
        { Uris: ['turn:192-0-2-1.t-1.kinesisvideo.eu-west-1.amazonaws.com:443'], Username: 'u', Password: 'p' },
      ],
    });
    let sessions = 0;
    archivedMedia
      .on(GetHLSStreamingSessionURLCommand)
      .callsFake(() => ({ HLSStreamingSessionURL: `https://media.example.com/hls?SessionToken=${++sessions}` }))
      .on(GetDASHStreamingSessionURLCommand)
      .callsFake(() => ({ DASHStreamingSessionURL: `https://media.example.com/dash?SessionToken=${++sessions}` }))
      .on(GetClipCommand)
      .callsFake(() => ({ ContentType: 'video/mp4', Payload: sdkStreamMixin(Readable.from([Buffer.from('clip')])) }))
      .on(GetImagesCommand)
      .resolves({ Images: [] })
      .on(ListFragmentsCommand)
      .resolves({ Fragments: [] });
    s3.on(PutObjectCommand).resolves({});
    lambda.on(InvokeCommand).callsFake(({ Payload }) => invoked(yielding(JSON.parse(String(Payload)))));
    dynamodb
      .on(QueryCommand)
      .resolves({ Items: [itemOf(ALERT)] })
      .on(GetCommand, { TableName: 'Alerts' })
      .resolves({ Item: { device: 'drone-1' } })
      .on(BatchGetCommand)
      .resolves({})
      .on(UpdateCommand)
      .resolves({});
    start();
  });

  const send = async (method: string, path: string, request: HttpApiRequest = {}): Promise<Answered> => {
    const { statusCode, headers = {}, body } = await api(httpApiEvent(method, path, request), CONTEXT);
    return { status: statusCode!, headers, content: JSON.parse(body!) };
  };

  return {
    iot,
    kinesisVideo,
    archivedMedia,
    signaling,
    sts,
    s3,
    lambda,
    dynamodb,
    state,
    start,
    send,
    get: (path: string, claims: Record<string, string>, query?: Record<string, string>) =>
      send('GET', path, { claims, query }),
    post: (path: string, claims: Record<string, string>, body: unknown) => send('POST', path, { claims, body }),
    /** The event as it is, for what no client sends. */
    raw: async (event: unknown) => {
      const { statusCode, body } = await api(event as Parameters<Api>[0], CONTEXT);
      return { status: statusCode!, content: JSON.parse(body!) };
    },
  };
}

/** An error of a service by its name. */
export function awsError(name: string): Error {
  return Object.assign(new Error(`Secret of account 111122223333: ${name}`), { name, $metadata: {} });
}
