import { Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import {
  AlarmTopic,
  AlertTopic,
  DeviceAllowList,
  DeviceIdentity,
  DroneFleet,
  FleetKey,
  FrameStore,
  MediaRemoval,
  MotionGate,
  ProvisioningMethod,
  Registration,
  type DeviceImages,
  type DroneFleetProps,
} from '../../lib';
import { BIRDS, codedError, deployed, environments } from '../support/fleet';
import { Match, Template, testStack } from '../support/template';

const KEY = 'AWS::KMS::Key';
const BUCKET = 'AWS::S3::Bucket';
const TABLE = 'AWS::DynamoDB::Table';
const TOPIC = 'AWS::SNS::Topic';
const QUEUE = 'AWS::SQS::Queue';
const ALARM = 'AWS::CloudWatch::Alarm';
const TEMPLATE = 'AWS::IoT::ProvisioningTemplate';

function fleetIn(stack: Stack, props: Partial<DroneFleetProps> = {}): DroneFleet {
  return new DroneFleet(stack, 'Fleet', { fleetName: 'delivery', obstacles: BIRDS, ...props });
}

describe('alone in a stack', () => {
  const stack = testStack();
  const fleet = fleetIn(stack);
  // It would fail if resources depended on each other in a circle.
  const template = Template.fromStack(stack);

  test('has all parts', () => {
    expect(fleet.frames).toBeInstanceOf(FrameStore);
    expect(fleet.identity.images).toBe(fleet.frames);
    expect(fleet.identity.encryptionKey).toBe(fleet.encryptionKey);
    expect(fleet.provisioning.allowList).toBeInstanceOf(DeviceAllowList);
    expect(Object.keys(environments(stack))).toEqual([
      'fleet-provisioning',
      'media-provisioner',
      'fleet-reconciler',
      'fleet-lister',
      'certificate-rotation',
      'certificate-retirement',
      'certificate-expiry',
      'device-quarantine',
      'bulk-onboarding',
      'image-detector',
      'on-device-detections',
      'iot-settings',
    ]);
  });

  test('keeps everything under one key', () => {
    template.resourceCountIs(KEY, 1);
    const keyArn = stack.resolve(fleet.encryptionKey.keyArn);
    template.allResourcesProperties(QUEUE, { KmsMasterKeyId: keyArn });
    template.allResourcesProperties(TOPIC, { KmsMasterKeyId: keyArn });
    template.allResourcesProperties(TABLE, { SSESpecification: { SSEEnabled: true, KMSMasterKeyId: keyArn } });
    template.hasResourceProperties(BUCKET, {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          Match.objectLike({ ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keyArn } }),
        ],
      },
    });
    const [key] = deployed(KEY, stack);
    expect(JSON.parse(environments(stack)['media-provisioner'].MEDIA)).toMatchObject({
      stream: { KmsKeyId: key.arn },
    });
  });

  test('things tell whose they are', () => {
    expect(JSON.parse(deployed(TEMPLATE, stack)[0].get('TemplateBody')!)).toMatchObject({
      Resources: { thing: { Properties: { AttributePayload: { fleet: 'delivery' } } } },
    });
  });

  test('has an alarm for each place where something can get stuck, without actions', () => {
    template.resourceCountIs(ALARM, 15);
    template.allResourcesProperties(ALARM, { AlarmActions: Match.absent() });
    const ids = fleet.alarms.map(({ alarmArn }) => stack.resolve(alarmArn)['Fn::GetAtt'][0]);
    expect(ids.sort()).toEqual(Object.keys(template.findResources(ALARM)).sort());
  });
});

test('the alarm actions are those of all alarms', () => {
  const stack = testStack();
  const alarms = new AlarmTopic(stack, 'Alarms');
  fleetIn(stack, { alarmActions: [alarms.action] });
  Template.fromStack(stack).allResourcesProperties(ALARM, { AlarmActions: [stack.resolve(alarms.topic.topicArn)] });
});

test('other properties reach the parts', () => {
  const stack = testStack();
  fleetIn(stack, {
    fleetName: 'inspection',
    media: { retention: Duration.days(2) },
    mediaRemoval: MediaRemoval.DELETE,
    provisioning: {
      registration: Registration.REUSABLE,
      templateName: 'cameras',
      thingNamePrefix: 'drone-',
      attributes: { cell: 'cell-1' },
    },
  });
  const { 'media-provisioner': media, 'fleet-provisioning': hook, ...others } = environments(stack);
  expect(JSON.parse(media.MEDIA)).toMatchObject({
    removal: 'DELETE',
    stream: { DataRetentionInHours: 48 },
    tags: { 'cdk-kinesis-video:fleet': 'inspection' },
  });
  expect(hook).toMatchObject({ REGISTRATION: 'REUSABLE', TEMPLATE_NAME: 'cameras', THING_NAME_PREFIX: 'drone-' });
  for (const detector of ['image-detector', 'on-device-detections']) {
    expect(others[detector]).toMatchObject({
      FLEET_NAME: 'inspection',
      OBSTACLES: JSON.stringify(BIRDS.map((birds) => birds._render())),
    });
  }
  expect(JSON.parse(deployed(TEMPLATE, stack)[0].get('TemplateBody')!)).toMatchObject({
    Resources: { thing: { Properties: { AttributePayload: { fleet: 'inspection', cell: 'cell-1' } } } },
  });
});

describe('parts that can be left out', () => {
  test('without image detection there is no bucket, and no device may write images', () => {
    const stack = testStack();
    const fleet = fleetIn(stack, { imageDetection: false });
    expect([fleet.frames, fleet.imageDetector]).toEqual([undefined, undefined]);
    const template = Template.fromStack(stack);
    // Those of lists and reports.
    template.resourceCountIs(BUCKET, 2);
    template.resourceCountIs(ALARM, 14);
    expect(environments(stack)).not.toHaveProperty('image-detector');
    const { FleetIdentityRoleDefaultPolicyA75C7BCF: policyOfDevices, ...others } =
      template.findResources('AWS::IAM::Policy');
    expect(JSON.stringify(policyOfDevices)).not.toContain('s3:');
    expect(JSON.stringify(others)).not.toContain('rekognition:');
  });

  test('images are analysed as one wishes, and only while something moves', () => {
    const stack = testStack();
    const fleet = fleetIn(stack, {
      imageAnalysis: { callsPerSecond: 50, maxConcurrency: 20 },
      motionGate: { fleetLimitPerDay: Duration.hours(100) },
    });
    const { 'image-detector': detector, 'motion-gate': gate } = environments(stack);
    expect(JSON.parse(detector.FRAMES)).toMatchObject({ callsPerSecond: 50, maxConcurrency: 20 });
    expect(detector.GATE).toBe(gate.GATE);
    expect(fleet.alarms).toEqual(expect.arrayContaining(fleet.motionGate!.alarms));
    expect(fleet.motionGate!.alarms).toHaveLength(3);
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).toMatch(/:topic\/devices\/[^"]*\/motion/);
  });

  test('a gate of one’s own is the one', () => {
    const stack = testStack();
    const identity = new DeviceIdentity(stack, 'Own', { images: new FrameStore(stack, 'OwnFrames') });
    const gate = new MotionGate(stack, 'Gate', {
      fleetName: 'other',
      identity,
      fleetLimitPerDay: Duration.hours(7),
    });
    const fleet = fleetIn(stack, { imageAnalysis: { gate } });
    expect(fleet.motionGate).toBeUndefined();
    expect(JSON.parse(environments(stack)['image-detector'].GATE)).toMatchObject({ fleetSecondsPerDay: 25_200 });
  });

  test('without detection on devices there is no rule for it, and no device may publish detections', () => {
    const stack = testStack();
    const fleet = fleetIn(stack, { onDeviceDetection: false });
    expect(fleet.onDeviceDetections).toBeUndefined();
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::IoT::TopicRule', 2);
    template.resourceCountIs(ALARM, 14);
    expect(environments(stack)).not.toHaveProperty('on-device-detections');
    expect(JSON.stringify(template.toJSON())).not.toMatch(/:topic\/devices\/[^"]*\/detections/);
  });

  test('with just-in-time provisioning there is no allow list', () => {
    const stack = testStack();
    const fleet = fleetIn(stack, { provisioning: { method: ProvisioningMethod.JITP } });
    expect(fleet.provisioning.allowList).toBeUndefined();
    const template = Template.fromStack(stack);
    template.hasResourceProperties(TEMPLATE, { TemplateType: 'JITP' });
    // What remembers alerts, and what paces.
    template.resourceCountIs(TABLE, 2);
  });
});

describe('parts that are given', () => {
  test('a key', () => {
    const stack = testStack();
    const encryptionKey = new kms.Key(stack, 'Own');
    const fleet = fleetIn(stack, { encryptionKey });
    expect(fleet.encryptionKey).toBe(encryptionKey);
    const template = Template.fromStack(stack);
    template.resourceCountIs(KEY, 1);
    template.allResourcesProperties(QUEUE, { KmsMasterKeyId: stack.resolve(encryptionKey.keyArn) });
  });

  test('an identity, whose cameras and key are those of the media', () => {
    const stack = testStack();
    const frames = new FrameStore(stack, 'Frames');
    const identity = new DeviceIdentity(stack, 'Identity', { cameras: ['front'], images: frames });
    const fleet = fleetIn(stack, { identity, frames });
    expect(fleet.identity).toBe(identity);
    Template.fromStack(stack).resourceCountIs('AWS::IoT::ThingType', 1);
    const configuration = JSON.parse(environments(stack)['media-provisioner'].MEDIA);
    expect(configuration).toMatchObject({ cameras: ['front'], thingTypeName: 'test-identitythingtype224409a5' });
    expect(configuration.stream).not.toHaveProperty('KmsKeyId');
  });

  test('frames, which are where images go and are looked at', () => {
    const stack = testStack();
    const frames = new FrameStore(stack, 'Frames', { prefix: 'images', removalPolicy: RemovalPolicy.DESTROY });
    const fleet = fleetIn(stack, { frames });
    expect(fleet.frames).toBe(frames);
    expect(fleet.identity.images).toBe(frames);
    expect(fleet.alarms).toContain(frames.deadLetterAlarm);
    const template = Template.fromStack(stack);
    template.resourceCountIs(BUCKET, 3);
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: stack.resolve(frames.queue.queueArn),
    });
    const bucket = deployed(BUCKET, stack).find(({ logicalId }) => logicalId.startsWith('FramesBucket'))!;
    expect(JSON.parse(environments(stack)['media-provisioner'].MEDIA)).toMatchObject({
      imageGeneration: { DestinationConfig: { Uri: `s3://${bucket.attribute('Ref')}/images` } },
    });
  });

  test('alerts, which detectors raise', () => {
    const stack = testStack();
    const alerts = new AlertTopic(stack, 'Alerts', { repeatAfter: Duration.minutes(5) });
    const fleet = fleetIn(stack, { alerts });
    expect(fleet.alerts).toBe(alerts);
    expect(fleet.alarms).toEqual(expect.arrayContaining([alerts.deadLetterAlarm, alerts.deliveryAlarm]));
    Template.fromStack(stack).resourceCountIs(TOPIC, 1);
    const { 'image-detector': images, 'on-device-detections': devices } = environments(stack);
    for (const { ALERTS } of [images, devices]) {
      expect(JSON.parse(ALERTS)).toMatchObject({
        topicArn: deployed(TOPIC, stack)[0].arn,
        repeatAfterSeconds: 300,
      });
    }
  });

  test('an allow list', () => {
    const stack = testStack();
    const allowList = new DeviceAllowList(stack, 'List');
    const fleet = fleetIn(stack, { provisioning: { allowList } });
    expect(fleet.provisioning.allowList).toBe(allowList);
    // The list, what remembers alerts, and what paces.
    Template.fromStack(stack).resourceCountIs(TABLE, 3);
    expect(environments(stack)['fleet-provisioning'].ALLOW_LIST_TABLE).toMatch(/list/);
  });

  test('all of them: nothing is made twice', () => {
    const stack = testStack();
    const encryptionKey = new FleetKey(stack, 'Key');
    const frames = new FrameStore(stack, 'Frames', { encryptionKey });
    fleetIn(stack, {
      encryptionKey,
      frames,
      identity: new DeviceIdentity(stack, 'Identity', { encryptionKey, images: frames }),
      alerts: new AlertTopic(stack, 'Alerts', { encryptionKey }),
      provisioning: { allowList: new DeviceAllowList(stack, 'List', { encryptionKey }) },
    });
    const template = Template.fromStack(stack);
    const alone = testStack();
    fleetIn(alone);
    const types = (which: Template) =>
      Object.values<{ Type: string }>(which.toJSON().Resources)
        .map(({ Type }) => Type)
        .sort();
    expect(types(template)).toEqual(types(Template.fromStack(alone)));
  });
});

test('frames may be kept without being looked at', () => {
  const stack = testStack();
  const frames = new FrameStore(stack, 'Frames');
  const fleet = fleetIn(stack, { frames, imageDetection: false });
  expect([fleet.frames, fleet.imageDetector]).toEqual([frames, undefined]);
  expect(fleet.identity.images).toBe(frames);
  expect(environments(stack)).not.toHaveProperty('image-detector');
});

const ELSEWHERE =
  /`imageDetection` is on, but .* elsewhere or nowhere; give the same store .* or turn `imageDetection` off/;

function identityOf(stack: Stack, images: DeviceImages): DeviceIdentity {
  return new DeviceIdentity(stack, 'Identity', { images });
}

test('an identity without a place for images can not be with image detection', () => {
  const stack = testStack();
  const identity = new DeviceIdentity(stack, 'Identity');
  expect(() => fleetIn(stack, { identity })).toThrow(codedError('FleetImages', ELSEWHERE, 'Test/Fleet'));
});

test.each<[string, (stack: Stack) => Partial<DroneFleetProps>]>([
  ['another bucket', (stack) => ({ identity: identityOf(stack, { bucket: new s3.Bucket(stack, 'Bucket') }) })],
  [
    'a store that is not that of the fleet',
    (stack) => ({ identity: identityOf(stack, new FrameStore(stack, 'Other')) }),
  ],
  [
    'another folder',
    (stack) => {
      const frames = new FrameStore(stack, 'Frames');
      return { frames, identity: identityOf(stack, { bucket: frames.bucket, prefix: 'images' }) };
    },
  ],
])('an identity whose images go to %s would never be looked at', (_what, props) => {
  const stack = testStack();
  expect(() => fleetIn(stack, props(stack))).toThrow(codedError('FleetImages', ELSEWHERE, 'Test/Fleet'));
});

test('an identity without a place for images can be without image detection', () => {
  const stack = testStack();
  fleetIn(stack, { identity: new DeviceIdentity(stack, 'Identity'), imageDetection: false });
  expect(JSON.parse(environments(stack)['media-provisioner'].MEDIA)).not.toHaveProperty('imageGeneration');
});

test('an identity may have its images elsewhere, where nobody looks at them', () => {
  const stack = testStack();
  const bucket = new s3.Bucket(stack, 'Bucket', { bucketName: 'archive-of-images' });
  fleetIn(stack, { identity: new DeviceIdentity(stack, 'Identity', { images: { bucket } }), imageDetection: false });
  Template.fromStack(stack).resourceCountIs(BUCKET, 3);
  expect(JSON.parse(environments(stack)['media-provisioner'].MEDIA)).toMatchObject({
    imageGeneration: { DestinationConfig: { Uri: 's3://archive-of-images/frames' } },
  });
});

test('two fleets in one stack share the settings of the account, and nothing else', () => {
  const stack = testStack();
  for (const fleetName of ['delivery', 'inspection']) {
    new DroneFleet(stack, fleetName, { fleetName, obstacles: BIRDS });
  }
  const template = Template.fromStack(stack);
  template.resourceCountIs('Custom::IotEndpoints', 1);
  for (const type of [KEY, 'AWS::IoT::ThingType']) template.resourceCountIs(type, 2);
  // Of registration and of rotation.
  template.resourceCountIs(TEMPLATE, 4);
  const names = deployed(TEMPLATE, stack).map((resource) => resource.get('TemplateName'));
  expect(new Set(names).size).toBe(4);
});

test.each([
  ['a fleet name with a space', { fleetName: 'a b' }, 'FleetName', /`fleetName` is 'a b'/, 'Test/Fleet'],
  ['no obstacles', { obstacles: [] }, 'Obstacles', /`obstacles` is empty/, 'Test/Fleet/ImageDetector'],
])('%s is an error of the part that needs it', (_what, props, code, message, path) => {
  expect(() => fleetIn(testStack(), props)).toThrow(codedError(code, message, path));
});
