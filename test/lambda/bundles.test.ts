import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { App, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import cdkJson from '../../cdk.json';
import {
  AlertEscalation,
  AlertFeed,
  AlertTopic,
  Canary,
  ClipArchive,
  Consultations,
  ContinuousArchive,
  DroneFleetCell,
  ClosedArea,
  FaceDetections,
  FrameStore,
  FieldWatch,
  HeatMonitor,
  LabelDetections,
  MediaErasure,
  ModelEndpoint,
  MotionGate,
  ObstacleClass,
  ProducerTelemetry,
  QualityInspector,
  QueueMonitor,
  ShotDetector,
  SignedWebhook,
  StreamNotifications,
  Takeover,
  VideoStream,
  ViewerMessages,
  ViewingApi,
} from '../../lib';
import { kinesisEvent } from '../events/kinesis';
import { urlEvent } from '../events/function-url';
import { httpApiEvent } from '../../local/console/http-api';
import { authorizerEvent } from '../events/iot-authorizer';
import { CERTIFICATE_ID, hookInput } from '../events/provisioning-hook';
import { sqsEvent } from '../events/sqs';
import { DeployedStack } from '../support/cloudformation-resolver';
import { LocalDynamoDB } from '../support/dynamodb';

const FOLDER = join(__dirname, '..', '..', 'build', 'lambda');

/** Undefined for a variable that is not there. */
type Environment = Record<string, string | undefined>;

/** What the constructs give to each function, by the name of its bundle. */
function environments(): Record<string, Environment> {
  const app = new App({ context: cdkJson.context });
  const what = { fleetName: 'delivery', obstacles: [new ObstacleClass({ name: 'person', labels: ['Person'] })] };
  const { state, fleet } = new DroneFleetCell(app, 'Cell', {
    env: { account: '111122223333', region: 'eu-west-1' },
    ...what,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  // What a cell has no use for: the settings of single streams, the results of stream processors, gates, and pilots.
  new MotionGate(fleet, 'MotionGate', {
    fleetName: 'delivery',
    identity: state.identity,
    fleetLimitPerDay: Duration.hours(100),
  });
  const takeover = new Takeover(fleet, 'Takeover', { fleetName: 'delivery', identity: state.identity });
  new StreamNotifications(fleet, 'Notifications', {
    stream: new VideoStream(fleet, 'Camera'),
    topic: new sns.Topic(fleet, 'Topic'),
  });
  const alerts = new AlertTopic(fleet, 'Alerts');
  new LabelDetections(fleet, 'Labels', { ...what, alerts });
  new FaceDetections(fleet, 'Faces', { ...what, alerts });
  const { acknowledgements } = new AlertEscalation(fleet, 'Escalation', {
    alerts,
    tiers: [{ name: 'pilots', acknowledgeWithin: Duration.minutes(5) }],
  });
  const feed = new AlertFeed(fleet, 'Feed', { alerts, identity: state.identity });
  new ClipArchive(fleet, 'Clips', { fleetName: 'delivery', identity: state.identity, alerts, feed });
  new ContinuousArchive(fleet, 'Continuous', { fleetName: 'delivery', identity: state.identity });
  const viewing = new ViewingApi(fleet, 'Viewing', {
    fleetName: 'delivery',
    identity: state.identity,
    issuer: { issuerUrl: 'https://login.example.com', audience: ['viewing'] },
    takeover,
    alerts: feed,
    acknowledgements,
  });
  new ViewerMessages(fleet, 'Messages', { viewing });
  new Canary(fleet, 'Canary', {
    frames: state.frames,
    alerts: { topic: alerts, identity: state.identity, label: 'Person' },
  });
  new MediaErasure(fleet, 'Erasure', {
    provisioner: fleet.fleet.mediaProvisioner,
    folders: [{ bucket: state.frames!.bucket, prefix: state.frames!.prefix }],
    alerts: feed,
    acknowledgements,
    takeover,
  });
  new QueueMonitor(fleet, 'Lines', {
    fleetName: 'delivery',
    registers: [{ name: 'till-1' }],
    identity: state.identity,
  });
  new QualityInspector(fleet, 'Inspector', {
    fleetName: 'delivery',
    identity: state.identity,
    lines: ['line-1'],
    frames: new FrameStore(fleet, 'Pieces'),
    endpoint: ModelEndpoint.fromEndpointName(fleet, 'Model', 'quality'),
    defects: what.obstacles,
    rejectWithin: Duration.seconds(20),
  });
  new FieldWatch(fleet, 'Watch', {
    ...{ ...what, alerts, identity: state.identity },
    areas: [
      new ClosedArea('north', [
        { latitude: 0, longitude: 0 },
        { latitude: 0, longitude: 1 },
        { latitude: 1, longitude: 0 },
      ]),
    ],
  });
  new Consultations(fleet, 'Consultations', {
    fleetName: 'clinic',
    issuer: { issuerUrl: 'https://login.example.com', audience: ['consultations'] },
  });
  new HeatMonitor(fleet, 'Heat', { fleetName: 'delivery', assets: [{ name: 'pump' }], identity: state.identity });
  new ShotDetector(fleet, 'Shots', {
    fleetName: 'delivery',
    identity: state.identity,
    alerts,
    dispatch: new SignedWebhook(fleet, 'Dispatch', {
      url: 'https://dispatch.example.com',
      secret: new Secret(fleet, 'DispatchSecret'),
    }),
    confirmation: { within: Duration.minutes(1), acknowledgements },
  });
  new ProducerTelemetry(fleet, 'Telemetry', { identity: state.identity });
  const stacks: DeployedStack[] = [];
  for (const stack of [state, fleet]) stacks.push(new DeployedStack(stack, stacks, {}));
  const found = stacks
    .flatMap(({ resources }) => resources)
    .filter(({ type }) => type === 'AWS::Lambda::Function')
    .map((resource) => resource.get<{ Variables: Environment }>('Environment')?.Variables ?? {});
  return Object.fromEntries(
    found.flatMap((variables) =>
      variables.POWERTOOLS_SERVICE_NAME ? [[variables.POWERTOOLS_SERVICE_NAME, variables]] : [],
    ),
  );
}

const ENVIRONMENTS = environments();

/** What Lambda adds. */
const RUNTIME: Environment = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'key',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_LAMBDA_FUNCTION_NAME: 'Function',
};

/** Loads the bundle in each of the environments, and says what it exports or why it can't be loaded. Parses it once. */
const LOAD = `
  const { readFileSync } = require('node:fs');
  const { createRequire } = require('node:module');
  const { compileFunction } = require('node:vm');
  const [file, environments] = process.argv.slice(1);
  const load = compileFunction(readFileSync(file, 'utf8'), ['module', 'exports', 'require']);
  const results = JSON.parse(environments).map((environment) => {
    process.env = environment;
    const module = { exports: {} };
    try {
      load(module, module.exports, createRequire(file));
      return typeof module.exports.handler;
    } catch (error) {
      return error.message;
    }
  });
  console.log(JSON.stringify(results));
`;

const INVOKE = `
  const [file, event] = process.argv.slice(1);
  require(file).handler(JSON.parse(event), { awsRequestId: '1' }).then((result) => console.log(JSON.stringify({ result })));
`;

/** Says the name of the error, which is what others learn of it. */
const INVOKE_FAILING = `
  const [file, event] = process.argv.slice(1);
  const context = { awsRequestId: '1', getRemainingTimeInMillis: () => 900000 };
  require(file).handler(JSON.parse(event), context).catch(({ name }) => console.log(JSON.stringify(name)));
`;

/** What the script says last, in a process of its own, which no other module can have prepared. */
async function inProcess(script: string, bundle: string, argument: unknown, env: Environment = {}): Promise<unknown> {
  const file = join(FOLDER, bundle, 'index.js');
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script, file, JSON.stringify(argument)], {
    env,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

test('each bundle has its function', () => {
  expect(readdirSync(FOLDER).sort()).toEqual(Object.keys(ENVIRONMENTS).sort());
});

const DEAD_LETTER_QUEUE_URL = [undefined, '', 'dead-letters'];
const WORKER = { QUEUE_URL: [undefined, '', 'work'], DEAD_LETTER_QUEUE_URL };
const REPORT = {
  FLEET_NAME: [undefined, ''],
  OBSTACLES: [undefined, '', '[]', '{}', '[{"name":"person"}]'],
  ALERTS: [undefined, '', '{}', '{"topicArn":"arn","tableName":"History"}'],
};
const DETECTOR = { ...REPORT, ...WORKER };

/** Values of variables that a bundle refuses, by its name. */
const WRONG: Record<string, Record<string, (string | undefined)[]>> = {
  'fleet-provisioning': {
    ALLOW_LIST_TABLE: [undefined],
    TEMPLATE_NAME: [undefined],
    THING_NAME_PREFIX: [undefined],
    REGISTRATION: [undefined, '', 'once'],
    CELL: [undefined, '', '{'],
  },

  'media-provisioner': { MEDIA: [undefined, '', '{', '{}', 'null'], PACER: [undefined, '{}'], ...WORKER },
  'image-detector': { ...DETECTOR, FRAMES: [undefined, '', '{}', '{"analyser":{"kind":"guess"},"maxConcurrency":5}'] },

  'motion-gate': { GATE: [undefined, '', '{}', '{"tableName":"Gates"}'], ...WORKER },
  'heat-monitor': { HEAT: [undefined, '', '{}', '{"fleet":"plant-1"}'], EVENT_BUS: [undefined, ''], ...WORKER },
  'shot-detector': { SHOTS: [undefined, '', '{}', '{"fleet":"city-1"}'], ...WORKER },
  'shot-decision': { SHOTS: [undefined, '', '{'], QUEUE_URL: [undefined, 'work'], ACKNOWLEDGEMENTS: ['', '{}'] },
  'signed-webhook': { WEBHOOK_URL: [undefined, '', 'http://example.com'], SECRET_ARN: [undefined, ''], ...WORKER },
  'heat-monitor-command': { HEAT: [undefined, '', '{', '{}'] },
  'on-device-detections': { ...DETECTOR, MESSAGES_PER_SECOND: [undefined, '', '0', 'many'] },
  'field-watch': { ...DETECTOR, WATCH: [undefined, '', '{}', '{"tableName":"Sightings"}'] },
  'label-events': DETECTOR,
  'face-matches': { ...REPORT, DEAD_LETTER_QUEUE_URL },
  'producer-telemetry': { INTERVAL_SECONDS: [undefined, '', '0', 'often'], DEAD_LETTER_QUEUE_URL },
  takeover: { TAKEOVER: [undefined, '', '{', '{}', '{"leaseTable":"Leases","commandTable":"Commands"}'] },
  'command-acknowledgement': { COMMAND_TABLE: [undefined, ''], ...WORKER },
  'alert-escalation': { STATE_MACHINE_ARN: [undefined, ''], ...WORKER },
  'alert-feed': {
    ALERT_TABLE: [undefined, ''],
    RETENTION_DAYS: [undefined, '', 'ninety', '0', '1.5'],
    TOPIC_PREFIX: [undefined, ''],
    ...WORKER,
  },

  'clip-archive': {
    CLIP_BUCKET: [undefined, ''],
    INCIDENT_TABLE: [undefined, ''],
    CLIPS: [undefined, '', '{}', '{"beforeSeconds":-1}'],
    ALERT_TABLE: [''],
    PACER: [undefined, '{}'],
    ...WORKER,
  },

  'continuous-archive': {
    CLIP_BUCKET: [undefined, ''],
    WATERMARK_TABLE: [undefined, ''],
    CAMERAS: [undefined, '', '{}'],
    SETTLE_SECONDS: [undefined, '', '0', 'two'],
    PACER: [undefined, '{}'],
  },

  'fleet-lister': { THING_TYPE: [undefined], PAGE_SIZE: ['0', '1001', 'many'], COUNT_AS: [''] },
  'clip-archive-hold': { CLIP_BUCKET: [undefined, ''], INCIDENT_TABLE: [undefined, ''] },
  'viewer-messages': {
    THING_TYPE: [undefined, ''],
    CLAIMS: [undefined, '{}', '{"roles":"roles"}'],
    AUTHORIZER: [''],
    ISSUER: [
      undefined,
      '{}',
      '{"issuerUrl":"http://login.example.com","audience":["viewing"]}',
      '{"issuerUrl":"https://login.example.com","audience":[]}',
    ],
    TOPIC_PREFIX: [undefined, ''],
    IOT_ARN: [undefined, ''],
    SESSION_SECONDS: [undefined, '', '299', '86401', '600.5'],
  },

  'media-erasure': {
    PLACES: [undefined, '', '{}', '{"fleetName":"delivery","folders":[{"bucket":"frames"}]}'],
    PROOF_BUCKET: [undefined, ''],
    PROVISIONING_QUEUE_URL: [undefined, ''],
    PACER: [undefined, '{}'],
  },

  'alert-acknowledgement': {
    ACKNOWLEDGEMENT_TABLE: [undefined, ''],
    RETENTION_DAYS: [undefined, '', 'ninety', '0', '1.5'],
  },

  consultations: {
    APPOINTMENT_TABLE: [undefined, ''],
    RECORD_DAYS: [undefined, '0', 'six years'],
    ROOMS: [undefined, '', '{}', '{"fleetName":"clinic","recordingHours":0,"keyArn":"arn"}'],
    PATIENT_ROLE: [undefined, ''],
    CLINICIAN_ROLE: [undefined, ''],
    ROLES_CLAIM: [undefined, ''],
    SCHEDULER_ROLE: [undefined, ''],
    EARLY_SECONDS: [undefined, '-1', 'soon'],
  },

  'consultation-rooms': { APPOINTMENT_TABLE: [undefined, ''], RECORD_DAYS: [undefined, '0'], ROOMS: [undefined, '{}'] },

  'viewing-api': {
    THING_TYPE: [undefined, ''],
    CAMERAS: [undefined, '', '{}'],
    SESSION_SECONDS: [undefined, '', '299', '1801', '600.5'],
    CLIP_BUCKET: [undefined, ''],
    CLAIMS: [undefined, '{}', '{"roles":"roles"}'],
    VIEWER_ROLE: [''],
    AUTHORIZER: [''],
    TAKEOVER_FUNCTION: [''],
    ALERT_TABLE: [''],
    ACKNOWLEDGEMENTS: ['', '{}', '{"tableName":"Acknowledgements"}', '{"tableName":"A","retentionDays":1.5}'],
  },
};

function casesOf(wrong: Record<string, (string | undefined)[]>) {
  return Object.entries(wrong).flatMap(([name, values]) => values.map((value) => ({ name, value })));
}

/** What loading says with what the construct gives, and with each of those that are wrong. */
const loaded: Record<string, Promise<unknown[]>> = {};

function load(bundle: string): Promise<unknown[]> {
  const wrong = casesOf(WRONG[bundle] ?? {}).map(({ name, value }) => ({ [name]: value }));
  const environments = [{}, ...wrong].map((other) => ({ ...RUNTIME, ...ENVIRONMENTS[bundle], ...other }));
  return (loaded[bundle] ??= inProcess(LOAD, bundle, environments) as Promise<unknown[]>);
}

test.each(Object.keys(ENVIRONMENTS))('%s loads with what its construct gives it', async (bundle) => {
  expect((await load(bundle))[0]).toBe('function');
});

test.each(Object.entries(WRONG))('%s does not load, and says which variable is wrong', async (bundle, wrong) => {
  expect((await load(bundle)).slice(1)).toEqual(
    casesOf(wrong).map(({ name }) =>
      expect.stringMatching(new RegExp(`^The environment of this function is wrong: ${name}\\b[^;]*`)),
    ),
  );
});

describe('invoked', () => {
  let dynamodb: LocalDynamoDB;
  let server: Server;
  let requests: Record<string, unknown>[];

  beforeAll(async () => {
    dynamodb = await LocalDynamoDB.start();
    server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => {
        const content = JSON.parse(Buffer.concat(parts).toString());
        requests.push({ target: request.headers['x-amz-target'], ...content });
        // What isn't for SQS is for AWS IoT, which answers nothing.
        const MD5OfMessageBody = createHash('md5')
          .update(content.MessageBody ?? '')
          .digest('hex');
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
        response.end(JSON.stringify({ MessageId: '1', MD5OfMessageBody }));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  beforeEach(() => {
    requests = [];
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    await dynamodb.stop();
  });

  test('fleet-provisioning decides by the allow list', async () => {
    const ALLOW_LIST_TABLE = await dynamodb.createTable('serialNumber');
    await dynamodb.client.send(new PutCommand({ TableName: ALLOW_LIST_TABLE, Item: { serialNumber: 'drone-1' } }));
    const environment: Environment = {
      ...RUNTIME,
      ...ENVIRONMENTS['fleet-provisioning'],
      ALLOW_LIST_TABLE,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
    };
    const ask = (serialNumber: string) => {
      const templateArn = `arn:aws:iot:eu-west-1:111122223333:provisioningtemplate/${environment.TEMPLATE_NAME}`;
      return inProcess(INVOKE, 'fleet-provisioning', { ...hookInput(serialNumber), templateArn }, environment);
    };
    expect(await ask('drone-1')).toEqual({ result: { allowProvisioning: true } });
    expect(await ask('drone-2')).toEqual({ result: { allowProvisioning: false } });
    expect(await dynamodb.items(ALLOW_LIST_TABLE)).toEqual([
      { serialNumber: 'drone-1', certificateId: CERTIFICATE_ID, registeredAt: expect.any(String) },
    ]);
  });

  test.each([
    ['media-provisioner', sqsEvent('no JSON')],
    ['image-detector', sqsEvent('no JSON')],
    ['motion-gate', sqsEvent('no JSON')],
    ['on-device-detections', sqsEvent('no JSON')],
    ['quality-inspector', sqsEvent('no JSON')],
    ['field-watch', sqsEvent('no JSON')],
    ['queue-monitor', sqsEvent('no JSON')],
    ['heat-monitor', sqsEvent('no JSON')],
    ['shot-detector', sqsEvent('no JSON')],
    ['signed-webhook', sqsEvent('no JSON')],
    ['command-acknowledgement', sqsEvent('no JSON')],
    ['alert-escalation', sqsEvent('no JSON')],
    ['alert-feed', sqsEvent('no JSON')],
    ['label-events', sqsEvent('no JSON')],
    ['face-matches', kinesisEvent('no JSON')],
    ['producer-telemetry', kinesisEvent('no JSON')],
  ])('%s sends what it can not use to its dead-letter queue', async (bundle, event) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/111122223333/dead-letters`;
    const environment = { ...RUNTIME, ...ENVIRONMENTS[bundle], DEAD_LETTER_QUEUE_URL: url };
    const response = await inProcess(INVOKE, bundle, event, environment);
    expect(response).toEqual({ result: { batchItemFailures: [] } });
    expect(requests).toEqual([
      {
        target: 'AmazonSQS.SendMessage',
        QueueUrl: url,
        MessageBody: 'no JSON',
        MessageAttributes: { reason: { DataType: 'String', StringValue: expect.stringContaining('not JSON') } },
      },
    ]);
  });

  test('media-erasure says by name that a request is wrong, as the state machine has to know', async () => {
    const execution = { id: 'arn:aws:states:eu-west-1:111122223333:execution:Erasure:r-1', name: 'r-1' };
    const event = { request: {}, execution: { ...execution, startedAt: '2026-03-01T12:00:00.000Z' }, progress: null };
    const failed = inProcess(INVOKE_FAILING, 'media-erasure', event, { ...RUNTIME, ...ENVIRONMENTS['media-erasure'] });
    expect(await failed).toBe('InvalidErasureRequest');
  });

  test('viewing-api lets nobody in who has no role', async () => {
    const environment = { ...RUNTIME, ...ENVIRONMENTS['viewing-api'] };
    const event = httpApiEvent('POST', '/v1/devices/drone-1/hls', { body: { mode: 'LIVE' } });
    expect(await inProcess(INVOKE, 'viewing-api', event, environment)).toMatchObject({
      result: { statusCode: 403, headers: { 'content-type': 'application/problem+json' } },
    });
  });

  test('consultations lets nobody book who does not schedule', async () => {
    const environment = { ...RUNTIME, ...ENVIRONMENTS.consultations };
    const event = httpApiEvent('DELETE', '/v1/appointments/a-1');
    expect(await inProcess(INVOKE, 'consultations', event, environment)).toMatchObject({
      result: { statusCode: 403, headers: { 'content-type': 'application/problem+json' } },
    });
  });

  test('viewer-messages lets nobody in who is no viewer', async () => {
    const environment = { ...RUNTIME, ...ENVIRONMENTS['viewer-messages'] };
    const event = authorizerEvent({ clientId: 'drone-1', username: 'viewer?devices=drone-1', password: 'secret' });
    expect(await inProcess(INVOKE, 'viewer-messages', event, environment)).toEqual({
      result: {
        isAuthenticated: false,
        principalId: 'refused',
        policyDocuments: [],
        disconnectAfterInSeconds: 300,
        refreshAfterInSeconds: 300,
      },
    });
  });

  test('alert-acknowledgement keeps what it is told', async () => {
    const ACKNOWLEDGEMENT_TABLE = await dynamodb.createTable('detectionId');
    const environment: Environment = {
      ...RUNTIME,
      ...ENVIRONMENTS['alert-acknowledgement'],
      ACKNOWLEDGEMENT_TABLE,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
    };
    const request = urlEvent('POST', { body: JSON.stringify({ detectionId: 'drone-1:1:person' }) });
    expect(await inProcess(INVOKE, 'alert-acknowledgement', request, environment)).toMatchObject({
      result: { statusCode: 200 },
    });
    expect(await dynamodb.items(ACKNOWLEDGEMENT_TABLE)).toEqual([
      expect.objectContaining({ detectionId: 'drone-1:1:person' }),
    ]);
  });

  test('takeover gives control, and says what is wrong', async () => {
    const settings = {
      ...JSON.parse(ENVIRONMENTS.takeover.TAKEOVER!),
      leaseTable: await dynamodb.createTable('device'),
      commandTable: await dynamodb.createTable('device', 'id'),
    };
    const environment: Environment = {
      ...RUNTIME,
      TAKEOVER: JSON.stringify(settings),
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
      AWS_ENDPOINT_URL_IOT_DATA_PLANE: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    };
    const request = { action: 'take', device: 'drone-1', pilot: 'pilot-1' };
    expect(await inProcess(INVOKE, 'takeover', request, environment)).toMatchObject({
      result: { ok: true, control: { device: 'drone-1', holder: 'pilot-1' } },
    });
    expect(requests).toEqual([expect.objectContaining({ command: { name: 'TAKE_CONTROL' } })]);
    expect(await inProcess(INVOKE, 'takeover', { ...request, pilot: 'pilot-2' }, environment)).toMatchObject({
      result: { ok: false, error: { code: 'LEASE_HELD', by: 'pilot-1' } },
    });
  });
});
