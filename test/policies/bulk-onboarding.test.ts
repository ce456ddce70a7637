import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { BulkOnboarding, DeviceAllowList, DeviceIdentity, type BulkOnboardingProps } from '../../lib';
import { CloudModel, type AccessRequest } from '../support/policy-simulator';
import { testStack } from '../support/template';

const HANDLER = 'OnboardingHandlerServiceRole';
const MACHINE = 'OnboardingFlowStateMachineRole';
const BUCKET = 'arn:aws:s3:::amzn-s3-demo-bucket';
const MACHINE_ARN = 'arn:aws:states:eu-west-1:111122223333:stateMachine:onboarding';

function cloudWith(props: Partial<BulkOnboardingProps> = {}, keyOfBucket = false): CloudModel {
  const stack = testStack();
  const bucketKey = keyOfBucket ? new kms.Key(stack, 'BucketKey') : undefined;
  const listKey = new kms.Key(stack, 'ListKey');
  new kms.Key(stack, 'OtherKey');
  new DeviceAllowList(stack, 'OtherList');
  const { stateMachine } = new BulkOnboarding(stack, 'Onboarding', {
    allowList: new DeviceAllowList(stack, 'AllowList', { encryptionKey: listKey }),
    identity: new DeviceIdentity(stack, 'Identity'),
    bucket: new s3.Bucket(stack, 'Bucket', { bucketName: 'amzn-s3-demo-bucket', encryptionKey: bucketKey }),
    ...props,
  });
  return CloudModel.of(stack).given({ [stack.resolve(stateMachine.stateMachineArn).Ref]: MACHINE_ARN });
}

type Table = [action: string, resource: string | RegExp, allowed: boolean][];

async function expectAll(cloud: CloudModel, principal: AccessRequest['principal'], table: Table): Promise<void> {
  for (const [action, resource, allowed] of table) {
    const request = { principal, action, resource };
    await (allowed ? cloud.expectAllowed(request) : cloud.expectDenied(request));
  }
}

const PLAIN = cloudWith();
const WITH_THINGS = cloudWith({ things: true });

const thing = (name: string, account = '111122223333') => `arn:aws:iot:eu-west-1:${account}:thing/${name}`;

describe('the function', () => {
  test('updates entries of its list, and nothing else of any', async () => {
    await expectAll(PLAIN, HANDLER, [
      ['dynamodb:UpdateItem', 'AllowListTable', true],
      ['dynamodb:UpdateItem', 'OtherListTable', false],
      ['dynamodb:PutItem', 'AllowListTable', false],
      ['dynamodb:DeleteItem', 'AllowListTable', false],
      ['dynamodb:BatchWriteItem', 'AllowListTable', false],
      ['dynamodb:GetItem', 'AllowListTable', false],
      ['dynamodb:Scan', 'AllowListTable', false],
      ['kms:Decrypt', 'ListKey', true],
      ['kms:Decrypt', 'OtherKey', false],
    ]);
  });

  test('has nothing to do with things by default', async () => {
    const request = { principal: HANDLER, action: 'iot:CreateThing', resource: thing('drone-1') };
    await PLAIN.expectDenied(request);
    await WITH_THINGS.expectAllowed(request);
  });

  test('makes and looks at things of its account, if so wished, and changes none', async () => {
    const actions = ['CreateThing', 'DescribeThing', 'UpdateThing', 'DeleteThing', 'AttachThingPrincipal'];
    await expectAll(
      WITH_THINGS,
      HANDLER,
      actions.flatMap<Table[number]>((action, index) => [
        [`iot:${action}`, thing('drone-1'), index < 2],
        [`iot:${action}`, thing('drone-1', '444455556666'), false],
      ]),
    );
    await expectAll(WITH_THINGS, HANDLER, [
      ['dynamodb:UpdateItem', 'OnboardingPacerTable', true],
      ['dynamodb:GetItem', 'OnboardingPacerTable', false],
      ['iot:CreateThingType', 'arn:aws:iot:eu-west-1:111122223333:thingtype/camera', false],
    ]);
  });

  test('makes things with its prefix only', async () => {
    await expectAll(cloudWith({ things: true, thingNamePrefix: 'cam-' }), HANDLER, [
      ['iot:CreateThing', thing('cam-drone-1'), true],
      ['iot:CreateThing', thing('drone-1'), false],
    ]);
  });

  test('has no way to lists and reports, which the state machine reads and writes', async () => {
    await expectAll(PLAIN, HANDLER, [
      ['s3:GetObject', `${BUCKET}/lists/2026-01.csv`, false],
      ['s3:PutObject', `${BUCKET}/reports/1/2.json`, false],
    ]);
    await expectAll(PLAIN, MACHINE, [
      ['s3:GetObject', `${BUCKET}/lists/2026-01.csv`, true],
      ['s3:PutObject', `${BUCKET}/reports/1/2.json`, true],
    ]);
  });
});

describe('the state machine', () => {
  test('reads lists and writes reports, and nothing the other way round', async () => {
    await expectAll(PLAIN, MACHINE, [
      ['s3:GetObject', `${BUCKET}/lists/2026-01.csv`, true],
      ['s3:GetObject', `${BUCKET}/reports/1/2.json`, false],
      ['s3:GetObject', `${BUCKET}/2026-01.csv`, false],
      ['s3:GetObject', `${BUCKET}-2/lists/2026-01.csv`, false],
      ['s3:PutObject', `${BUCKET}/reports/1/2.json`, true],
      ['s3:PutObject', `${BUCKET}/lists/2026-01.csv`, false],
      ['s3:PutObject', `${BUCKET}/2.json`, false],
      ['s3:DeleteObject', `${BUCKET}/reports/1/2.json`, false],
      ['s3:ListBucket', BUCKET, false],
    ]);
  });

  test('does so with the key of a bucket that is there', async () => {
    await expectAll(cloudWith({}, true), MACHINE, [
      ['kms:Decrypt', 'BucketKey', true],
      ['kms:GenerateDataKey', 'BucketKey', true],
      ['kms:Encrypt', 'BucketKey', false],
      ['kms:Decrypt', 'ListKey', false],
      ['kms:Decrypt', 'OtherKey', false],
    ]);
  });

  test('does so with the key of its own bucket', async () => {
    const stack = testStack();
    const encryptionKey = new kms.Key(stack, 'Key');
    const { stateMachine } = new BulkOnboarding(stack, 'Onboarding', {
      allowList: new DeviceAllowList(stack, 'AllowList'),
      identity: new DeviceIdentity(stack, 'Identity'),
      things: true,
      encryptionKey,
    });
    const cloud = CloudModel.of(stack).given({ [stack.resolve(stateMachine.stateMachineArn).Ref]: MACHINE_ARN });
    await expectAll(cloud, MACHINE, [
      ['kms:GenerateDataKey', 'Key', true],
      ['kms:Decrypt', 'Key', true],
      ['s3:GetObject', `${cloud.arn('OnboardingBucket')}/lists/2026-01.csv`, true],
      ['s3:GetObject', `${cloud.arn('OnboardingBucket')}/reports/1/2.json`, false],
    ]);
    // That of the pacer.
    await cloud.expectAllowed({ principal: HANDLER, action: 'kms:Decrypt', resource: 'Key' });
  });

  test('calls the function, and no other', async () => {
    await expectAll(PLAIN, MACHINE, [
      ['lambda:InvokeFunction', PLAIN.arn('OnboardingHandler'), true],
      ['lambda:InvokeFunction', `${PLAIN.arn('OnboardingHandler')}-2`, false],
    ]);
  });

  test('starts, stops and redrives its own batches only', async () => {
    const execution = (name: string) => `arn:aws:states:eu-west-1:111122223333:execution:${name}`;
    await expectAll(PLAIN, MACHINE, [
      ['states:StartExecution', MACHINE_ARN, true],
      ['states:StartExecution', `${MACHINE_ARN}-2`, false],
      ['states:StopExecution', execution('onboarding:1'), true],
      ['states:StopExecution', execution('other:1'), false],
      ['states:RedriveExecution', execution('onboarding/Batches:1'), true],
      ['states:RedriveExecution', execution('other/Batches:1'), false],
    ]);
  });
});
