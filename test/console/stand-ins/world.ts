// Before any handler, as it sets what Powertools reads once.
import { CONTEXT } from '../../support/handler-output';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { BUILT_IN } from '../../../lambda/common/access/authorizer';
import { handle as feedAlert } from '../../../lambda/alert-feed/handler';
import { viewerMessages } from '../../../lambda/viewer-messages/handler';
import { handle as takeOver } from '../../../lambda/takeover/handler';
import { viewingApi } from '../../../lambda/viewing-api/handler';
import { customAdmission } from '../../../local/cloud/iot/admission';
import { startBroker } from '../../../local/cloud/iot/broker';
import { sign, startSignaling, type Validity } from '../../../local/cloud/kinesis-video/signaling';
import { LocalDynamoDB } from '../../support/dynamodb';
import { ACCOUNT, CREDENTIALS, REGION, SIGNALING_HOST, THING_TYPE, answerForAws, channelArn, type Device } from './aws';
import { FLEET, TOPIC_PREFIX, startCloud } from './cloud';
import { startDrone } from './drone';
import { CLIENT_ID, startIssuer, subOf, type User } from '../../../local/console/issuer';
import { startRecordings } from './recordings';
import { startWeb } from '../../../local/console/web';

export const USERS = [
  { name: 'pilot', roles: ['pilot'], groups: 'north' },
  { name: 'other-pilot', roles: ['pilot'], groups: 'north' },
  { name: 'reviewer', roles: ['reviewer'], groups: 'south' },
  { name: 'admin', roles: ['admin'] },
] as const satisfies readonly User[];

export type UserName = (typeof USERS)[number]['name'];

export const DEVICES = [
  { name: 'drone-1', groups: ['north'] },
  { name: 'drone-2', groups: ['north'], isSilent: true },
  { name: 'drone-3', groups: ['south'] },
  // More than there are topics in one request to subscribe.
  { name: 'drone-4', groups: ['west'], isSilent: true },
  { name: 'drone-5', groups: ['west'], isSilent: true },
] as const satisfies readonly Device[];

export type DeviceName = (typeof DEVICES)[number]['name'];

const COMMANDS = ['HOVER', 'RETURN_HOME', 'LAND'];
const AUTHORIZER = 'viewers';
const CLAIMS = { roles: 'cognito:groups', groups: 'custom:device_groups' };
const ARN = `arn:aws:iot:${REGION}:${ACCOUNT}`;

export interface WorldProps {
  /** Where the film is that `makeFilm` made. */
  readonly film: string;
  /** @default - what `console/build.ts` has built */
  readonly console?: string;
  readonly sessionSeconds?: number;
  readonly leaseSeconds?: number;
  /** Until a detection of a device has become an alert, in milliseconds. @default 300 */
  readonly alertDelay?: number;
  readonly port?: number;
}

/** A fleet and its console on this machine: the functions are the real ones, and what they call are stand-ins. */
export async function startWorld(props: WorldProps) {
  const { sessionSeconds = 900, leaseSeconds = 15 } = props;
  const state = { alertDelay: props.alertDelay ?? 300, sessionSeconds };
  const dynamodb = await LocalDynamoDB.start();
  const tables = {
    leases: await dynamodb.createTable('device'),
    commands: await dynamodb.createTable('device', 'id'),
    alerts: await dynamodb.createTable('device', 'at'),
    acknowledgements: await dynamodb.createTable('detectionId'),
    encounters: await dynamodb.createTable('device', 'obstacle'),
  };
  const issuer = await startIssuer(USERS);
  const recordings = await startRecordings(props.film);
  const signaling = await startSignaling({
    region: REGION,
    hostname: SIGNALING_HOST,
    secretOf: (accessKeyId) => (accessKeyId === CREDENTIALS.accessKeyId ? CREDENTIALS : undefined),
  });
  /** What a viewer opens, or a device to be the master of its channel. */
  const urlOf = async (arn: string, clientId?: string, validity?: Validity) => {
    const query = { 'X-Amz-ChannelARN': arn, ...(clientId && { 'X-Amz-ClientId': clientId }) };
    const signing = { region: REGION, credentials: CREDENTIALS, host: SIGNALING_HOST };
    return `${signaling.origin}/?${new URLSearchParams(await sign(signing, query, validity))}`;
  };
  const broker = await startBroker({
    paths: {
      '/mqtt': customAdmission({
        arn: ARN,
        ask: async (name, event) => (name === AUTHORIZER ? authorize(event) : undefined),
      }),
      // Devices have certificates otherwise, and policies.
      '/device': async ({ clientId }) => ({ principal: clientId, may: () => true }),
    },
  });
  const messagesUrl = `${broker.origin}/mqtt`;
  const aws = answerForAws({
    devices: DEVICES,
    recordings,
    recordedSince: Date.now() - 20 * 60_000,
    onMessage: broker.publish,
    onAlert: (message) =>
      feedAlert(message, {
        dynamodb: dynamodb.client,
        iotData: aws.iotData,
        tableName: tables.alerts,
        retentionDays: 90,
        topicPrefix: TOPIC_PREFIX,
        now: Date.now,
      }),
    invoke: (request) =>
      takeOver(request, {
        dynamodb: dynamodb.client,
        iotData: aws.iotData,
        settings: {
          leaseTable: tables.leases,
          commandTable: tables.commands,
          topicPrefix: TOPIC_PREFIX,
          leaseSeconds,
          commandSeconds: 5,
          onLapse: 'HOVER',
          commands: COMMANDS,
        },
        newId: randomUUID,
        now: Date.now,
      }),
  });
  const access = { authorizer: BUILT_IN, claims: CLAIMS, thingTypeName: THING_TYPE, iot: aws.iot, now: Date.now };
  const authorize = viewerMessages({
    ...access,
    issuerUrl: issuer.url,
    audience: [CLIENT_ID],
    fetchPage: async (url) => (await fetch(url)).arrayBuffer(),
    topicPrefix: TOPIC_PREFIX,
    arnPrefix: ARN,
    sessionSeconds: 900,
  });
  const deviceUrl = `${broker.origin}/device`;
  const cloud = await startCloud({ aws, dynamodb, deviceUrl, tables, delay: () => state.alertDelay });
  const api = viewingApi({
    ...aws,
    ...access,
    cameras: [],
    clipBucket: 'clips-bucket',
    get sessionSeconds() {
      return state.sessionSeconds;
    },
    live: {
      sts: aws.sts,
      viewerRoleArn: `arn:aws:iam::${ACCOUNT}:role/Viewer`,
      region: REGION,
      kinesisVideoFor: () => aws.kinesisVideo,
      signalingFor: aws.signaling,
    },
    takeover: { lambda: aws.lambda, functionName: 'Takeover' },
    alerts: {
      dynamodb: dynamodb.client,
      alertTable: tables.alerts,
      acknowledgements: { tableName: tables.acknowledgements, retentionDays: 90 },
    },
    newId: randomUUID,
  });
  const web = await startWeb({
    folder: props.console ?? join(__dirname, '../../../build/console'),
    issuer,
    api: (event) => api(event, CONTEXT),
    media: [recordings.origin],
    sockets: [signaling.origin, broker.origin],
    replace: () => ({ [`wss://${SIGNALING_HOST}`]: signaling.origin }),
    port: props.port,
    config: () => ({
      fleetName: FLEET,
      apiUrl: '',
      region: REGION,
      issuer: issuer.url,
      clientId: CLIENT_ID,
      scope: 'openid email profile',
      rolesClaim: 'cognito:groups',
      signOutUrl: issuer.signOutUrl,
      cameras: [],
      live: true,
      sessionSeconds: state.sessionSeconds,
      messages: { url: messagesUrl, authorizer: AUTHORIZER, topicPrefix: TOPIC_PREFIX },
      control: { commands: COMMANDS },
      alerts: true,
    }),
  });
  const drones = Object.fromEntries(
    await Promise.all(
      DEVICES.map(async ({ name }) => [name, await startDrone({ name, url: deviceUrl, topicPrefix: TOPIC_PREFIX })]),
    ),
  ) as Record<DeviceName, Awaited<ReturnType<typeof startDrone>>>;

  return {
    url: web.url,
    issuer,
    signaling: { ...signaling, urlOf },
    broker,
    messagesUrl,
    /** The client ids of those who hear of devices. */
    viewers: () => broker.clients().filter((id) => id.startsWith('viewer:')),
    recordings,
    drones,
    tables,
    dynamodb,
    state,
    /** The requests of the API, with what came of them. */
    requests: web.seen,
    subOf: (name: UserName) => subOf({ name }),
    /** What the camera of a device needs. */
    cameraOf: async (name: DeviceName) => ({
      channelArn: channelArn(name),
      region: REGION,
      url: await urlOf(channelArn(name)),
    }),
    channelOf: (name: DeviceName) => channelArn(name),
    stop: async () => {
      // What is under way ends first, and the tables that it works with last.
      await web.stop();
      await Promise.all(Object.values(drones).map((drone) => drone.stop()));
      await cloud.stop();
      await Promise.all([broker, signaling, recordings, issuer].map((standIn) => standIn.stop()));
      await dynamodb.stop();
      aws.stop();
    },
  };
}

export type World = Awaited<ReturnType<typeof startWorld>>;
