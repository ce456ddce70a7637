import type { Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { DeviceIdentity, FleetReconciler, MediaProvisioner } from '../../lib';
import { CloudModel } from '../support/policy-simulator';
import { Template, testStack } from '../support/template';

const STATES = 'arn:aws:states:eu-west-1:111122223333';
const STREAM = 'arn:aws:kinesisvideo:eu-west-1:111122223333:stream/drone-1/1700000000000';
const CHANNEL = 'arn:aws:kinesisvideo:eu-west-1:111122223333:channel/drone-1/1700000000000';
const THING = 'arn:aws:iot:eu-west-1:111122223333:thing/drone-1';

const LISTER = 'ReconcilerListerServiceRole';
const RECONCILER = 'ReconcilerHandlerServiceRole';
const MACHINE = 'ReconcilerFlowStateMachineRole';
const SCHEDULER = /\/SchedulerRole/;

function reconcilerIn(stack: Stack, { signaling = true, keyed = false } = {}): void {
  const images = { bucket: new s3.Bucket(stack, 'Images') };
  const identity = new DeviceIdentity(stack, 'Identity', { signaling, images });
  const provisioner = new MediaProvisioner(stack, 'Media', { fleetName: 'delivery', identity });
  const encryptionKey = keyed ? new kms.Key(stack, 'Key') : undefined;
  new FleetReconciler(stack, 'Reconciler', { provisioner, encryptionKey });
}

/** The name of the state machine, which is its own and known before it is deployed. */
function machineIn(stack: Stack): { id: string; name: string } {
  const [[id, { Properties }]] = Object.entries(
    Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine'),
  );
  return { id, name: Properties.StateMachineName };
}

function cloudOf(stack: Stack): CloudModel {
  const { id, name } = machineIn(stack);
  return CloudModel.of(stack).given({ [`${id}.Ref`]: `${STATES}:stateMachine:${name}` });
}

const stack = testStack();
reconcilerIn(stack);
const { name: machine } = machineIn(stack);
const cloud = cloudOf(stack);
const bucket = cloud.arn('ReconcilerBucket');

describe('the lister', () => {
  test.each(['iot:ListThings', 'kinesisvideo:ListStreams', 'kinesisvideo:ListSignalingChannels'])(
    'may %s',
    async (action) => {
      await cloud.expectAllowed({ principal: LISTER, action, resource: '*' });
      await cloud.expectDenied({ principal: RECONCILER, action, resource: '*' });
    },
  );

  test('lists no channels if there are none', async () => {
    const silent = testStack();
    reconcilerIn(silent, { signaling: false });
    const request = { principal: LISTER, resource: '*' };
    await cloudOf(silent).expectAllowed({ ...request, action: 'kinesisvideo:ListStreams' });
    await cloudOf(silent).expectDenied({ ...request, action: 'kinesisvideo:ListSignalingChannels' });
  });

  test.each([
    ['iot:DescribeThing', THING],
    ['kinesisvideo:DescribeStream', STREAM],
    ['kinesisvideo:DescribeSignalingChannel', CHANNEL],
  ])('looks at nothing closer: no %s', async (action, resource) => {
    await cloud.expectAllowed({ principal: RECONCILER, action, resource });
    await cloud.expectDenied({ principal: LISTER, action, resource });
  });
});

describe('the reconciler', () => {
  test.each([
    ['CreateStream', STREAM, 'RequestTag'],
    ['CreateSignalingChannel', CHANNEL, 'RequestTag'],
    ['UpdateDataRetention', STREAM, 'ResourceTag'],
    ['UpdateStream', STREAM, 'ResourceTag'],
    ['UpdateStreamStorageConfiguration', STREAM, 'ResourceTag'],
    ['UpdateImageGenerationConfiguration', STREAM, 'ResourceTag'],
    ['UpdateSignalingChannel', CHANNEL, 'ResourceTag'],
  ])('may %s, of its fleet only', async (name, resource, tag) => {
    const request = { principal: RECONCILER, action: `kinesisvideo:${name}`, resource };
    const carrying = (fleet: string) => ({ [`aws:${tag}/cdk-kinesis-video:fleet`]: fleet });
    await cloud.expectAllowed({ ...request, context: carrying('delivery') });
    await cloud.expectDenied({ ...request, context: carrying('inspection') });
    await cloud.expectDenied(request);
  });

  test('takes its turn with the others', async () => {
    const request = { action: 'dynamodb:UpdateItem', resource: 'MediaPacerTable' };
    await cloud.expectAllowed({ ...request, principal: RECONCILER });
    await cloud.expectDenied({ ...request, principal: LISTER });
  });
});

describe('pages and reports', () => {
  test.each([
    ['s3:PutObject', 'runs/1/things-0.json'],
    ['s3:GetObject', 'runs/1/things-0.json'],
    ['s3:PutObject', 'reports/1/things-0-1.json'],
  ])('the state machine may %s %s, and neither function may', async (action, key) => {
    const request = { action, resource: `${bucket}/${key}` };
    await cloud.expectAllowed({ ...request, principal: MACHINE });
    await cloud.expectDenied({ ...request, principal: LISTER });
    await cloud.expectDenied({ ...request, principal: RECONCILER });
  });

  test.each([
    ['s3:GetObject', 'reports/1/things-0-1.json', 's3:GetObject', 'runs/1/things-0.json'],
    ['s3:PutObject', 'elsewhere/1.json', 's3:PutObject', 'reports/1/things-0-1.json'],
    ['s3:DeleteObject', 'runs/1/things-0.json', 's3:PutObject', 'runs/1/things-0.json'],
  ])('the state machine may not %s %s, though it may %s %s', async (action, key, twin, twinKey) => {
    await cloud.expectDenied({ principal: MACHINE, action, resource: `${bucket}/${key}` });
    await cloud.expectAllowed({ principal: MACHINE, action: twin, resource: `${bucket}/${twinKey}` });
  });

  test('it lists pages only', async () => {
    const request = { principal: MACHINE, action: 's3:ListBucket', resource: bucket };
    await cloud.expectAllowed({ ...request, context: { 's3:prefix': 'runs/1/' } });
    await cloud.expectDenied({ ...request, context: { 's3:prefix': 'reports/1/' } });
    await cloud.expectDenied(request);
  });

  test('nobody comes without TLS', async () => {
    const request = { principal: MACHINE, action: 's3:GetObject', resource: `${bucket}/runs/1/things-0.json` };
    await cloud.expectAllowed(request);
    await cloud.expectDenied({ ...request, context: { 'aws:SecureTransport': 'false' } });
  });

  test.each(['kms:GenerateDataKey', 'kms:Decrypt'])('the state machine may %s for the bucket', async (action) => {
    const keyed = testStack();
    reconcilerIn(keyed, { keyed: true });
    const request = { action, resource: 'Key' };
    await cloudOf(keyed).expectAllowed({ ...request, principal: MACHINE });
    await cloudOf(keyed).expectDenied({ ...request, principal: LISTER });
  });
});

describe('runs', () => {
  test('the state machine calls its functions, and no other', async () => {
    const request = { principal: MACHINE, action: 'lambda:InvokeFunction' };
    await cloud.expectAllowed({ ...request, resource: /\/ReconcilerLister[0-9A-F]{8}$/ });
    await cloud.expectAllowed({ ...request, resource: /\/ReconcilerHandler[0-9A-F]{8}$/ });
    await cloud.expectDenied({ ...request, resource: /\/MediaHandler[0-9A-F]{8}$/ });
  });

  test('it looks for other runs of its own, and starts executions within one', async () => {
    for (const action of ['states:ListExecutions', 'states:StartExecution']) {
      await cloud.expectAllowed({ principal: MACHINE, action, resource: `${STATES}:stateMachine:${machine}` });
      await cloud.expectDenied({ principal: MACHINE, action, resource: `${STATES}:stateMachine:another` });
    }
  });

  test('the schedule starts them, and does nothing else', async () => {
    const request = { principal: SCHEDULER, resource: `${STATES}:stateMachine:${machine}` };
    await cloud.expectAllowed({ ...request, action: 'states:StartExecution' });
    await cloud.expectDenied({ ...request, action: 'states:ListExecutions' });
    await cloud.expectDenied({
      ...request,
      action: 'states:StartExecution',
      resource: `${STATES}:stateMachine:another`,
    });
  });
});
