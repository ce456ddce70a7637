import {
  CreateSignalingChannelCommand,
  CreateStreamCommand,
  DeleteSignalingChannelCommand,
  DescribeMediaStorageConfigurationCommand,
  DescribeSignalingChannelCommand,
  DescribeStreamCommand,
  GetSignalingChannelEndpointCommand,
  KinesisVideoClient,
  ListSignalingChannelsCommand,
  ListTagsForResourceCommand,
  UpdateMediaStorageConfigurationCommand,
} from '@aws-sdk/client-kinesis-video';
import { GetIceServerConfigCommand, KinesisVideoSignalingClient } from '@aws-sdk/client-kinesis-video-signaling';
import {
  JoinStorageSessionAsViewerCommand,
  JoinStorageSessionCommand,
  KinesisVideoWebRTCStorageClient,
} from '@aws-sdk/client-kinesis-video-webrtc-storage';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { Appointments } from '../../lambda/common/consultation/appointments';
import type { Api } from '../../lambda/common/http-api';
import { metrics } from '../../lambda/common/observability';
import { closeRooms } from '../../lambda/consultation-rooms/handler';
import { consultationsApi, type Ports } from '../../lambda/consultations/handler';
import { httpApiEvent } from '../../local/console/http-api';
import { LocalDynamoDB } from './dynamodb';
import { CONTEXT } from './handler-output';
import type { Input } from '../../local/cloud/kinesis-video/medium';
import { KinesisVideoModel } from '../../local/cloud/kinesis-video/model';
import { CREDENTIALS, NOW } from './viewing';

export const ROOMS = {
  fleetName: 'clinic',
  recordingHours: 720,
  keyArn: 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
};

export const SCHEDULER = { sub: 'scheduler-1', 'cognito:groups': '[scheduler]' };
export const CLINICIAN = { sub: 'clinician-1' };
export const PATIENT = { sub: 'patient-1' };
export const STRANGER = { sub: 'patient-2', 'cognito:groups': '[clinicians]' };

const MINUTE = 60_000;
const at = (minutes: number) => new Date(NOW + minutes * MINUTE).toISOString();

/** It begins in five minutes, and takes half an hour. */
export const BOOKING = { clinician: CLINICIAN.sub, patient: PATIENT.sub, start: at(5), end: at(35) };

const COMMANDS = [
  CreateSignalingChannelCommand,
  CreateStreamCommand,
  DeleteSignalingChannelCommand,
  DescribeMediaStorageConfigurationCommand,
  DescribeSignalingChannelCommand,
  DescribeStreamCommand,
  ListSignalingChannelsCommand,
  ListTagsForResourceCommand,
  UpdateMediaStorageConfigurationCommand,
];

/** A clinic over a control plane and a table in memory. Whoever may do what in AWS is for the tests of policies. */
export function consultationWorld() {
  const kinesisVideo = mockClient(KinesisVideoClient);
  const signaling = mockClient(KinesisVideoSignalingClient);
  const storage = mockClient(KinesisVideoWebRTCStorageClient);
  const sts = mockClient(STSClient);
  const config = { region: 'eu-west-1', credentials: { accessKeyId: 'key', secretAccessKey: 'secret' } };
  const world = {
    now: NOW,
    video: undefined as unknown as KinesisVideoModel,
    dynamodb: undefined as unknown as LocalDynamoDB,
    tableName: '',
    /** What happens right before a call; it may throw. */
    before: {} as Record<string, () => unknown>,
  };
  let api: Api;
  let ids = 0;

  beforeAll(async () => {
    world.dynamodb = await LocalDynamoDB.start();
  });
  afterAll(() => world.dynamodb.stop());

  beforeEach(async () => {
    for (const mock of [kinesisVideo, signaling, storage, sts]) mock.reset();
    metrics.clearMetrics();
    ids = 0;
    const video: KinesisVideoModel = new KinesisVideoModel((medium) => video.settle(medium));
    Object.assign(world, { now: NOW, video, before: {}, tableName: await world.dynamodb.createTable('id') });
    for (const command of COMMANDS) {
      const operation = command.name.replace(/Command$/, '');
      kinesisVideo.on(command as never).callsFake(async (input: Input) => {
        await world.before[operation]?.();
        return world.video.call(operation, input);
      });
    }
    kinesisVideo.on(GetSignalingChannelEndpointCommand).callsFake(({ SingleMasterChannelEndpointConfiguration }) => ({
      ResourceEndpointList: SingleMasterChannelEndpointConfiguration.Protocols.map((Protocol: string) => ({
        Protocol,
        ResourceEndpoint: `${Protocol === 'WSS' ? 'wss' : 'https'}://${Protocol.toLowerCase()}.kinesisvideo.eu-west-1.amazonaws.com`,
      })),
    }));
    signaling.on(GetIceServerConfigCommand).resolves({ IceServerList: [{ Uris: ['turn:192.0.2.1:443'] }] });
    storage.on(JoinStorageSessionCommand).resolves({}).on(JoinStorageSessionAsViewerCommand).resolves({});
    sts.on(AssumeRoleCommand).resolves({ Credentials: CREDENTIALS });
    api = consultationsApi(ports());
  });

  const ports = (): Ports => ({
    dynamodb: world.dynamodb.client,
    tableName: world.tableName,
    recordDays: 2192,
    kinesisVideo: new KinesisVideoClient(config),
    rooms: ROOMS,
    sts: new STSClient(config),
    roleArns: {
      patient: 'arn:aws:iam::111122223333:role/Patient',
      clinician: 'arn:aws:iam::111122223333:role/Clinician',
    },
    region: 'eu-west-1',
    kinesisVideoFor: (credentials) => new KinesisVideoClient({ ...config, credentials }),
    signalingFor: (_endpoint, credentials) => new KinesisVideoSignalingClient({ ...config, credentials }),
    storageFor: (_endpoint, credentials) => new KinesisVideoWebRTCStorageClient({ ...config, credentials }),
    rolesClaim: 'cognito:groups',
    schedulerRole: 'scheduler',
    earlySeconds: 600,
    newId: () => `client-${++ids}`,
    now: () => world.now,
  });

  const send = async (method: string, path: string, claims: Record<string, string>, body?: unknown) => {
    const event = httpApiEvent(method, `/v1/appointments/${path}`, { claims, body });
    // As browsers do that send nothing.
    const { 'content-type': contentType, ...headers } = event.headers;
    const sent = body === undefined ? headers : { ...headers, 'content-type': contentType };
    const answer = await api({ ...event, headers: sent }, CONTEXT);
    return { status: answer.statusCode!, content: JSON.parse(answer.body!) as Record<string, unknown> };
  };

  return {
    ...{ kinesisVideo, signaling, storage, sts, world, send },
    /** A new function, which works with the table and the fleet that are there now. */
    restart: () => {
      api = consultationsApi(ports());
    },
    raw: (event: unknown) => api(event as Parameters<Api>[0], CONTEXT),
    /** An appointment, of which the patient has said something. */
    booked: async (id = 'a-1', consent?: 'given' | 'withdrawn', booking: object = BOOKING) => {
      await send('PUT', id, SCHEDULER, booking);
      if (consent) await send('PUT', `${id}/consent`, PATIENT, { consent });
    },
    close: () => closeRooms({ ...ports(), appointments: new Appointments(ports()) }),
    /** Whether what goes through a room is stored. */
    isStored: (id = 'a-1') => world.video.channels.get(`clinic-${id}`)?.settings.storage?.Status === 'ENABLED',
    /** What the last session was given, by AWS's own measure. */
    lastPolicy: () => {
      const input = sts.commandCalls(AssumeRoleCommand).at(-1)!.args[0].input;
      return { ...input, Policy: JSON.parse(input.Policy!) as { Statement: Record<string, unknown>[] } };
    },
  };
}
