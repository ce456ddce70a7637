import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Duration, RemovalPolicy, Stack, Stage, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import cdkJson from '../../cdk.json';
import {
  Bitrate,
  DroneFleetCell,
  MediaRemoval,
  PriceId,
  PriceList,
  StorageTier,
  type DroneFleetCellProps,
  type FleetUsage,
} from '../../lib';
import { BIRDS, codedError, environments } from '../support/fleet';
import { Match, Template, warningIds as warningIdsOf } from '../support/template';

function cellIn(app: Construct, props: Partial<DroneFleetCellProps> = {}, id = 'Cell'): DroneFleetCell {
  return new DroneFleetCell(app, id, { fleetName: 'delivery', obstacles: BIRDS, ...props });
}

function testApp(): App {
  return new App({ context: cdkJson.context });
}

test('is two stacks, of which the first is protected, and the second refers to it', () => {
  const app = testApp();
  const { state, fleet } = cellIn(app);
  app.synth();
  expect([state.stackName, fleet.stackName]).toEqual(['Cell-State', 'Cell-Fleet']);
  expect([state.terminationProtection, fleet.terminationProtection]).toEqual([true, false]);
  expect(state.dependencies.map(({ stackName }) => stackName)).toEqual([]);
  expect(fleet.dependencies.map(({ stackName }) => stackName)).toEqual(['Cell-State']);
});

test('may be in any account and region', () => {
  const { state, fleet } = cellIn(testApp());
  for (const { account, region } of [state, fleet]) {
    expect([account, region].every((value) => Token.isUnresolved(value))).toBe(true);
  }
});

test.each([
  ['no flags at all', {}, 'Fn::ImportValue'],
  [
    'strong references',
    { ...cdkJson.context, '@aws-cdk/core:defaultCrossStackReferences': 'strong' },
    'Fn::ImportValue',
  ],
  ['weak references', cdkJson.context, 'Fn::GetStackOutput'],
])('with %s the references go from the second stack to the first only', (_what, context, intrinsic) => {
  const { state, fleet } = cellIn(new App({ context }));
  const [ofState, ofFleet] = [state, fleet].map((stack) => JSON.stringify(Template.fromStack(stack).toJSON()));
  expect(ofState).not.toMatch(/Fn::(ImportValue|GetStackOutput)/);
  expect(ofFleet).toContain(intrinsic);
});

test('all properties reach the stacks', () => {
  const { state, fleet } = cellIn(testApp(), {
    fleetName: 'inspection',
    cameras: ['front'],
    signaling: false,
    frameRetention: Duration.days(1),
    repeatAlertsAfter: Duration.minutes(5),
    alertEmails: ['pilot@example.com'],
    alarmEmails: ['operator@example.com'],
    removalPolicy: RemovalPolicy.DESTROY,
    provisioning: { templateName: 'cameras' },
    media: { retention: Duration.days(2) },
    mediaRemoval: MediaRemoval.DELETE,
    onDeviceDetection: false,
  });
  expect(state.terminationProtection).toBe(false);
  const template = Template.fromStack(state);
  template.allResources('AWS::KMS::Key', { DeletionPolicy: 'Delete' });
  template.hasResourceProperties('AWS::S3::Bucket', {
    LifecycleConfiguration: { Rules: Match.arrayWith([Match.objectLike({ Prefix: 'frames/', ExpirationInDays: 1 })]) },
  });
  for (const Endpoint of ['pilot@example.com', 'operator@example.com']) {
    template.hasResourceProperties('AWS::SNS::Subscription', { Endpoint });
  }
  Template.fromStack(fleet).hasResourceProperties('AWS::IoT::ProvisioningTemplate', { TemplateName: 'cameras' });
  const functions = environments(state, fleet);
  expect(JSON.parse(functions['media-provisioner'].MEDIA)).toMatchObject({
    cameras: ['front'],
    removal: 'DELETE',
    tags: { 'cdk-kinesis-video:fleet': 'inspection' },
    stream: { DataRetentionInHours: 48 },
  });
  expect(JSON.parse(functions['media-provisioner'].MEDIA)).not.toHaveProperty('channel');
  expect(JSON.parse(functions['image-detector'].ALERTS)).toMatchObject({ repeatAfterSeconds: 300 });
  expect(functions).not.toHaveProperty('on-device-detections');
});

test('image detection can be off', () => {
  const { state, fleet } = cellIn(testApp(), { imageDetection: false });
  Template.fromStack(state).resourceCountIs('AWS::S3::Bucket', 0);
  expect(environments(state, fleet)).not.toHaveProperty('image-detector');
});

describe('several cells', () => {
  const app = testApp();
  const places = [
    { account: '111122223333', region: 'us-east-1' },
    { account: '111122223333', region: 'eu-west-1' },
    { account: '444455556666', region: 'eu-west-1' },
  ];
  const cells = places.map((env, i) => cellIn(app, { env }, `Cell-${i + 1}`));

  test('are where they should be', () => {
    for (const [i, { state, fleet }] of cells.entries()) {
      for (const { account, region } of [state, fleet]) expect({ account, region }).toEqual(places[i]);
    }
  });

  test('know nothing of each other', () => {
    for (const [i, { state, fleet }] of cells.entries()) {
      const templates = JSON.stringify([state, fleet].map((stack) => Template.fromStack(stack).toJSON()));
      for (const other of [1, 2, 3].filter((number) => number !== i + 1)) {
        expect(templates).not.toContain(`Cell-${other}`);
      }
    }
  });

  test('have the same template, but for names and place', () => {
    const [one, ...others] = cells.map(({ state, fleet }, i) => {
      const { account, region } = places[i];
      const text = JSON.stringify([state, fleet].map((stack) => Template.fromStack(stack).toJSON()))
        .replaceAll(account, '<account>')
        .replaceAll(region, '<region>')
        .replace(new RegExp(`Cell-?${i + 1}`, 'g'), '<cell>')
        // What the CDK derives from a path.
        .replace(/[0-9A-F]{8}/g, '<hash>');
      return JSON.parse(text);
    });
    for (const other of others) expect(other).toEqual(one);
  });

  test('have templates for registration of different names, because devices know them', () => {
    const names = cells.map(({ fleet }) => fleet.fleet.provisioning.templateName);
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,36}$/);
  });
});

/** The ids of all warnings of the app. */
function warningIds(app: App): string[] {
  const stacks = app.node.findAll().filter((node) => Stack.isStack(node));
  return stacks.flatMap((stack) => warningIdsOf(stack)).sort();
}

describe('quotas', () => {
  const stream = 'cdk-kinesis-video:streamQuota';
  const channel = 'cdk-kinesis-video:channelQuota';
  const inRegion = (region: string) => ({ env: { account: '111122223333', region } });

  test.each<[string, Partial<DroneFleetCellProps>, string[]]>([
    ['nothing is compared unless told', {}, []],
    ['as many devices as there are channels', { devices: 5000 }, []],
    ['more devices than channels', { devices: 5001 }, [channel]],
    ['more devices than streams', { devices: 10_001 }, [channel, stream]],
    ['as many cameras as there are channels', { devices: 2500, cameras: ['front', 'down'] }, []],
    ['more cameras than channels', { devices: 2501, cameras: ['front', 'down'] }, [channel]],
    ['without signaling channels do not matter', { devices: 10_000, signaling: false }, []],
    ['without signaling streams do', { devices: 10_001, signaling: false }, [stream]],
    ['a region with more channels', { devices: 10_000, ...inRegion('us-east-1') }, []],
    ['another one', { devices: 10_001, ...inRegion('us-west-2') }, [channel, stream]],
    ['a region with fewer channels', { devices: 5001, ...inRegion('us-east-2') }, [channel]],
    ['raised quotas', { devices: 50_000, streamQuota: 50_000, channelQuota: 50_000 }, []],
    ['quotas not raised enough', { devices: 50_001, streamQuota: 50_000, channelQuota: 50_000 }, [channel, stream]],
  ])('%s', (_what, props, expected) => {
    const app = testApp();
    cellIn(app, props);
    expect(warningIds(app)).toEqual(expected);
  });

  test('the warning, in the report of the synthesis, says how many cells it takes', () => {
    const app = testApp();
    cellIn(app, { devices: 50_000, signaling: false });
    // It is written where rules are applied.
    process.env.CDK_VALIDATION = 'true';
    const { directory } = app.synth();
    process.env.CDK_VALIDATION = 'false';
    const report = readFileSync(join(directory, 'validation-report.json'), 'utf8');
    const { pluginReports } = JSON.parse(report);
    expect(pluginReports.flatMap(({ violations }: { violations: object[] }) => violations)).toEqual([
      expect.objectContaining({ ruleName: 'Annotation::cdk-kinesis-video:streamQuota', severity: 'warning' }),
    ]);
    // Five cells would have 10,000 devices on average, so one of them would have more.
    expect(report).toContain(
      'Streams: a cell needs 50,000 and has 10,000: 5 times what it has. Have the quota raised and say so (`quotas.stream`, or `streamQuota` of a cell). Or use 6 cells.',
    );
  });

  const whole = /must be a whole number between 1 and/;
  test.each([
    ['no devices', { devices: 0 }, 'CellDevices', whole],
    ['half a device', { devices: 1.5 }, 'CellDevices', whole],
    ['monitoring of no devices', { monitoring: {} }, 'CellMonitoring', /without `devices`/],
    ['no streams', { streamQuota: 0 }, 'CellQuota', /`streamQuota` is 0; it must be a whole number between 1 and/],
    ['no channels', { channelQuota: -1 }, 'CellQuota', /`channelQuota` is -1/],
  ])('%s names path, value and range', (_what, props, code, message) => {
    expect(() => cellIn(testApp(), props)).toThrow(codedError(code, message, 'Cell'));
  });

  test('the warnings are those of a stack, so that they are shown under any flags', () => {
    const app = new App();
    const { state } = cellIn(app, { devices: 10_001 });
    expect(warningIdsOf(state)).toEqual(['cdk-kinesis-video:streamQuota', 'cdk-kinesis-video:channelQuota']);
  });

  test('the region may be that of a stage around the cell', () => {
    const app = testApp();
    const env = { account: '111122223333', region: 'us-east-1' };
    cellIn(new Stage(app, 'Production', { env }), { devices: 10_000 });
    expect(warningIds(app)).toEqual([]);
  });

  test('a quota that is a token is not compared', () => {
    const app = testApp();
    const quota = Token.asNumber({ Ref: 'Quota' });
    cellIn(app, { devices: 50_000, streamQuota: quota, channelQuota: quota });
    expect(warningIds(app)).toEqual([]);
  });

  test('a number of devices that is a token is not compared', () => {
    const app = testApp();
    cellIn(app, { devices: Token.asNumber({ Ref: 'Devices' }) });
    expect(warningIds(app)).toEqual([]);
  });
});

describe('the plan of a cell', () => {
  const lines = ({ plan }: DroneFleetCell) => JSON.parse(plan?.toJson() ?? '{}').workload;

  test('is there only if it is said how many devices there are', () => {
    expect(cellIn(testApp()).plan).toBeUndefined();
    expect(cellIn(testApp()).planFor(7)?.devices).toBe(7);
  });

  test('is of what the cell is configured for', () => {
    const cell = cellIn(testApp(), {
      devices: 100,
      env: { account: '111122223333', region: 'us-east-1' },
      cameras: ['front', 'down'],
      media: {
        retention: Duration.days(40),
        storageTier: StorageTier.WARM,
        imageGeneration: { samplingInterval: Duration.seconds(6) },
      },
      frameRetention: Duration.days(3),
      imageAnalysis: { callsPerSecond: 20 },
      alertEmails: ['pilot@example.com', 'dispatch@example.com'],
      usage: { viewers: 4, bitrate: Bitrate.megabitsPerSecond(3) },
    });
    expect(lines(cell)).toMatchObject({
      Devices: '100 with 2 cameras each, in 1 cell',
      Region: 'us-east-1',
      Streaming: '8 h a day at 3 Mbps',
      Kept: '40 days in the WARM tier',
      Images: 'one each 6 s, kept for 3 days',
      'Images analysed': '20 a second in each cell',
      Alerts: '1 a day of each device, mailed to 2',
      Viewers: expect.stringMatching(/^4, /),
    });
  });

  test.each<[string, Partial<DroneFleetCellProps>, object]>([
    ['5 images a second, unless told', {}, { 'Images analysed': '5 a second in each cell' }],
    ['no images', { imageDetection: false }, { 'Analysis in the cloud': 'NONE, 100% of the time' }],
    [
      'a gate, which opens for what moves',
      { motionGate: { fleetLimitPerDay: Duration.hours(8000) } },
      { 'Analysis in the cloud': 'IMAGES, 11% of the time' },
    ],
    // 8 of 100 × 8 hours
    [
      'the limit of a gate',
      { motionGate: { fleetLimitPerDay: Duration.hours(8) } },
      { 'Analysis in the cloud': 'IMAGES, 1% of the time' },
    ],
    // 15 minutes of 8 hours
    [
      'its limit for each stream',
      { motionGate: { fleetLimitPerDay: Duration.hours(800), streamLimitPerDay: Duration.minutes(24) } },
      { 'Analysis in the cloud': 'IMAGES, 5% of the time' },
    ],
  ])('has %s', (_what, props, expected) => {
    expect(lines(cellIn(testApp(), { devices: 100, ...props }))).toMatchObject(expected);
  });

  test('may be of several cells like it, which share what they are used for', () => {
    const cell = cellIn(testApp(), { usage: { viewers: 10 } });
    expect(JSON.parse(cell.planFor(30_000, 3)?.toJson() ?? '{}').workload).toMatchObject({
      Devices: '30,000 with 1 camera each, in 3 cells',
      Viewers: expect.stringMatching(/^30, /),
    });
  });

  test('has the prices that are given', () => {
    const prices = PriceList.forRegion('eu-west-1').withPrice(PriceId.KMS_KEYS, 5);
    const { plan } = cellIn(testApp(), { devices: 1, prices });
    expect(plan?.items.find(({ id }) => id === PriceId.KMS_KEYS)?.cost).toBe(5);
  });

  test('warns of what rests on its use only if that is said', () => {
    const warnings = (usage?: FleetUsage) =>
      warningIdsOf(cellIn(testApp(), { devices: 30_000, streamQuota: 30_000, channelQuota: 30_000, usage }).state);
    expect(warnings()).toEqual([]);
    expect(warnings({})).toEqual(['cdk-kinesis-video:imagePaceQuota']);
    expect(warnings({ reconnectWithin: Duration.minutes(1) })).toEqual([
      'cdk-kinesis-video:describeStreamQuota',
      'cdk-kinesis-video:getDataEndpointQuota',
      'cdk-kinesis-video:imagePaceQuota',
    ]);
  });

  test('may know of other quotas that were raised', () => {
    const { plan } = cellIn(testApp(), {
      devices: 1,
      streamQuota: 7,
      usage: { quotas: { detectLabels: 123, stream: 9 } },
    });
    const limits = Object.fromEntries((plan?.quotas ?? []).map(({ id, limit }) => [id, limit]));
    expect(limits).toMatchObject({ detectLabels: 123, stream: 7 });
  });

  test('is not there if what it rests on is known at deployment only', () => {
    const retention = Duration.hours(Token.asNumber({ Ref: 'Hours' }));
    expect(cellIn(testApp(), { media: { retention } }).planFor(1)).toBeUndefined();
  });

  test('changes no template', () => {
    const template = (props: Partial<DroneFleetCellProps>) =>
      Template.fromStack(cellIn(testApp(), props).state).toJSON();
    expect(template({ devices: 20_000, usage: { viewers: 5 } })).toEqual(template({}));
  });
});

test.each([
  ['a bad camera', { cameras: ['a.b'] }, 'DeviceCamera', 'Cell/State/Identity'],
  ['a bad fleet name', { fleetName: 'a b' }, 'FleetName', 'Cell/Fleet/Fleet'],
])('%s is an error of the part that needs it', (_what, props, code, path) => {
  expect(() => cellIn(testApp(), props)).toThrow(codedError(code, /must be/, path));
});
