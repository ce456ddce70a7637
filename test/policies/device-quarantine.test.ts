import * as iam from 'aws-cdk-lib/aws-iam';
import { DeviceAllowList, DeviceIdentity, DeviceQuarantine } from '../../lib';
import { CloudModel } from '../support/policy-simulator';
import { Template, testStack } from '../support/template';

const STREAM = 'arn:aws:kinesisvideo:eu-west-1:111122223333:stream/drone-1/1700000000000';
const CHANNEL = STREAM.replace('stream', 'channel');
const CERTIFICATE = 'arn:aws:iot:eu-west-1:111122223333:cert/0123456789abcdef';
const TAG = 'cdk-kinesis-video:quarantine';

const stack = testStack();
const identity = new DeviceIdentity(stack, 'Identity');
const allowList = new DeviceAllowList(stack, 'AllowList');
const operator = new iam.Role(stack, 'Operator', { assumedBy: new iam.AccountRootPrincipal() });
const quarantine = new DeviceQuarantine(stack, 'Quarantine', { identity, allowList });
quarantine.grantOrder(operator);
const cloud = CloudModel.of(stack);

describe('a device', () => {
  const device = { principal: 'IdentityRole', context: { 'credentials-iot:ThingName': 'drone-1' } };

  test.each([
    ['kinesisvideo:PutMedia', STREAM],
    ['kinesisvideo:GetDataEndpoint', STREAM],
    ['kinesisvideo:ConnectAsMaster', CHANNEL],
  ])('that is shut out can no longer call %s, with the credentials that it has', async (action, resource) => {
    await cloud.expectAllowed({ ...device, action, resource });
    const context = { ...device.context, [`aws:ResourceTag/${TAG}`]: 'true' };
    await cloud.expectDenied({ ...device, action, resource, context });
  });

  test('can tag its stream, but not take the fleet or the quarantine off it', async () => {
    const tag = { ...device, action: 'kinesisvideo:TagStream', resource: STREAM };
    await cloud.expectAllowed({ ...tag, context: { ...device.context, 'aws:TagKeys': ['firmware'] } });
    for (const key of [TAG, 'cdk-kinesis-video:fleet']) {
      await cloud.expectDenied({ ...tag, context: { ...device.context, 'aws:TagKeys': ['firmware', key] } });
    }
  });

  test('whose certificate has the quarantine policy may do nothing', () => {
    Template.fromStack(stack).hasResourceProperties('AWS::IoT::Policy', {
      PolicyDocument: { Statement: [{ Effect: 'Deny', Action: 'iot:*', Resource: '*' }] },
    });
  });
});

describe('the function', () => {
  const principal = 'QuarantineHandlerServiceRole';

  test('sets its own tag, and no other', async () => {
    for (const action of ['kinesisvideo:TagResource', 'kinesisvideo:UntagResource']) {
      for (const resource of [STREAM, CHANNEL]) {
        await cloud.expectAllowed({ principal, action, resource, context: { 'aws:TagKeys': [TAG] } });
        await cloud.expectDenied({ principal, action, resource, context: { 'aws:TagKeys': [TAG, 'fleet'] } });
        await cloud.expectDenied({ principal, action, resource });
      }
    }
  });

  test('shuts certificates out, and deletes none', async () => {
    for (const action of ['iot:AttachPolicy', 'iot:DetachPolicy', 'iot:UpdateCertificate']) {
      await cloud.expectAllowed({ principal, action, resource: CERTIFICATE });
    }
    await cloud.expectDenied({ principal, action: 'iot:DeleteCertificate', resource: CERTIFICATE });
  });

  test('touches no media', async () => {
    await cloud.expectAllowed({ principal, action: 'kinesisvideo:DescribeStream', resource: STREAM });
    for (const action of ['kinesisvideo:DeleteStream', 'kinesisvideo:GetMedia', 'kinesisvideo:UpdateDataRetention']) {
      await cloud.expectDenied({ principal, action, resource: STREAM });
    }
  });

  test('changes entries of the list, and adds or reads none', async () => {
    await cloud.expectAllowed({ principal, action: 'dynamodb:UpdateItem', resource: 'AllowListTable' });
    for (const action of ['dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:Scan']) {
      await cloud.expectDenied({ principal, action, resource: 'AllowListTable' });
    }
  });

  test('takes orders from whom they are granted to', async () => {
    const order = { action: 'lambda:InvokeFunction', resource: 'QuarantineHandler' };
    await cloud.expectAllowed({ ...order, principal: 'Operator' });
    await cloud.expectDenied({ ...order, principal: 'IdentityRole' });
  });
});
