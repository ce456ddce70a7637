import * as kms from 'aws-cdk-lib/aws-kms';
import {
  CertificateRetirement,
  CertificateRotation,
  DeviceAllowList,
  DeviceIdentity,
  FleetProvisioning,
  type CertificateRotationProps,
} from '../../lib';
import { CloudModel } from '../support/policy-simulator';
import { testStack } from '../support/template';

const iotArn = (resource: string) => `arn:aws:iot:eu-west-1:111122223333:${resource}`;
const CERTIFICATE = iotArn('cert/0123456789abcdef');
const CREATE = '$aws/certificates/create-from-csr/json';
const ROTATE = '$aws/provisioning-templates/rotation/provision/json';
const REGISTER = '$aws/provisioning-templates/registration/provision/json';

function cloudWith(options: Partial<CertificateRotationProps> = {}, encrypted = false): CloudModel {
  const stack = testStack();
  const encryptionKey = encrypted ? new kms.Key(stack, 'Key') : undefined;
  const identity = new DeviceIdentity(stack, 'Identity');
  const allowList = new DeviceAllowList(stack, 'AllowList', { encryptionKey });
  new FleetProvisioning(stack, 'Registration', { identity, allowList, templateName: 'registration' });
  new CertificateRotation(stack, 'Rotation', { identity, allowList, templateName: 'rotation', ...options });
  return CloudModel.of(stack);
}

const cloud = cloudWith();

describe('a device', () => {
  const device = {
    principal: 'IdentityPolicy',
    context: { 'iot:Connection.Thing.ThingName': 'drone-1', 'iot:Connection.Thing.IsAttached': 'true' },
  };

  test.each([CREATE, ROTATE])('asks at %s, and hears the answer', async (topic) => {
    await cloud.expectAllowed({ ...device, action: 'iot:Publish', resource: iotArn(`topic/${topic}`) });
    for (const answer of ['accepted', 'rejected']) {
      await cloud.expectAllowed({
        ...device,
        action: 'iot:Subscribe',
        resource: iotArn(`topicfilter/${topic}/${answer}`),
      });
      await cloud.expectAllowed({ ...device, action: 'iot:Receive', resource: iotArn(`topic/${topic}/${answer}`) });
    }
  });

  test('registers nothing: the template that does so is for claim certificates, and the other one is not', async () => {
    for (const [principal, own, other] of [
      ['IdentityPolicy', ROTATE, REGISTER],
      ['RegistrationClaimPolicy', REGISTER, ROTATE],
    ]) {
      const publish = { ...device, principal, action: 'iot:Publish' };
      await cloud.expectAllowed({ ...publish, resource: iotArn(`topic/${own}`) });
      await cloud.expectDenied({ ...publish, resource: iotArn(`topic/${other}`) });
    }
  });

  test('asks with a key of its own only', async () => {
    const publish = { ...device, action: 'iot:Publish' };
    await cloud.expectAllowed({ ...publish, resource: iotArn(`topic/${CREATE}`) });
    await cloud.expectDenied({ ...publish, resource: iotArn('topic/$aws/certificates/create/json') });
  });

  test('rotates its own certificate only: it connects and confirms by its own name', async () => {
    const connect = { ...device, action: 'iot:Connect' };
    await cloud.expectAllowed({ ...connect, resource: iotArn('client/drone-1') });
    await cloud.expectDenied({ ...connect, resource: iotArn('client/drone-10') });
    await cloud.expectDenied({
      ...connect,
      resource: iotArn('client/drone-1'),
      context: { ...device.context, 'iot:Connection.Thing.IsAttached': 'false' },
    });
    const confirm = { ...device, action: 'iot:Publish' };
    await cloud.expectAllowed({ ...confirm, resource: iotArn('topic/devices/drone-1/certificate-rotated') });
    await cloud.expectDenied({ ...confirm, resource: iotArn('topic/devices/drone-10/certificate-rotated') });
    await cloud.expectDenied({
      ...confirm,
      principal: 'RegistrationClaimPolicy',
      resource: iotArn('topic/devices/drone-1/certificate-rotated'),
    });
  });
});

describe('what AWS IoT does for the rotation', () => {
  const principal = 'RotationRole';

  test('is that of the template of this account', async () => {
    const assume = { principal: 'iot.amazonaws.com', action: 'sts:AssumeRole', resource: 'RotationRole' };
    const context = {
      'aws:SourceAccount': '111122223333',
      'aws:SourceArn': iotArn('provisioningtemplate/rotation'),
    };
    await cloud.expectAllowed({ ...assume, context });
    await cloud.expectDenied({ ...assume, context: { ...context, 'aws:SourceAccount': '444455556666' } });
    const registration = iotArn('provisioningtemplate/registration');
    await cloud.expectDenied({ ...assume, context: { ...context, 'aws:SourceArn': registration } });
  });

  test('is to activate and attach certificates', async () => {
    for (const action of ['iot:AttachPolicy', 'iot:AttachThingPrincipal', 'iot:UpdateCertificate']) {
      await cloud.expectAllowed({ principal, action, resource: CERTIFICATE });
    }
    await cloud.expectDenied({ principal, action: 'iot:DeleteCertificate', resource: CERTIFICATE });
  });

  test('registers and changes no thing, as the registration does', async () => {
    const resource = iotArn('thing/drone-2');
    await cloud.expectAllowed({ principal, action: 'iot:DescribeThing', resource });
    for (const action of ['iot:CreateThing', 'iot:UpdateThing']) {
      await cloud.expectAllowed({ principal: 'RegistrationRole', action, resource });
      await cloud.expectDenied({ principal, action, resource });
    }
  });

  test('is asked of the hook by that template only', async () => {
    const invoke = { principal: 'iot.amazonaws.com', action: 'lambda:InvokeFunction', resource: 'RotationHook' };
    const context = {
      'aws:SourceAccount': '111122223333',
      'aws:SourceArn': iotArn('provisioningtemplate/rotation'),
    };
    await cloud.expectAllowed({ ...invoke, context });
    await cloud.expectDenied({
      ...invoke,
      context: { ...context, 'aws:SourceArn': iotArn('provisioningtemplate/registration') },
    });
    await cloud.expectDenied({ ...invoke, context: { ...context, 'aws:SourceAccount': '444455556666' } });
  });
});

describe('the list', () => {
  const OF_THE_LIST = ['GetItem', 'UpdateItem', 'Scan', 'Query', 'PutItem', 'DeleteItem', 'BatchWriteItem'];

  test.each([
    ['RotationHookServiceRole', ['UpdateItem']],
    ['RotationHandlerServiceRole', ['GetItem', 'UpdateItem']],
    ['RotationExpiryHandlerServiceRole', ['Scan']],
  ])('is open to %s for %j', async (principal, allowed) => {
    for (const name of OF_THE_LIST) {
      const request = { principal, action: `dynamodb:${name}`, resource: 'AllowListTable' };
      if (allowed.includes(name)) await cloud.expectAllowed(request);
      else await cloud.expectDenied(request);
    }
  });

  test.each([
    ['RotationHookServiceRole', ['Decrypt', 'GenerateDataKey']],
    ['RotationHandlerServiceRole', ['Decrypt', 'GenerateDataKey']],
    ['RotationExpiryHandlerServiceRole', ['Decrypt']],
  ])('is decrypted, if it is encrypted, by %s with %j', async (principal, allowed) => {
    const encrypted = cloudWith({}, true);
    for (const name of ['Decrypt', 'GenerateDataKey', 'ScheduleKeyDeletion']) {
      const request = { principal, action: `kms:${name}`, resource: 'Key' };
      if (allowed.includes(name)) await encrypted.expectAllowed(request);
      else await encrypted.expectDenied(request);
    }
  });
});

describe('old certificates', () => {
  const principal = 'RotationHandlerServiceRole';

  test.each([
    [CertificateRetirement.DEACTIVATE, false],
    [CertificateRetirement.DELETE, true],
  ])('are retired with %s', async (retirement, deletes) => {
    const given = cloudWith({ retirement });
    for (const action of ['iot:UpdateCertificate', 'iot:DetachPolicy', 'iot:DetachThingPrincipal']) {
      await given.expectAllowed({ principal, action, resource: CERTIFICATE });
    }
    const deletion = { principal, action: 'iot:DeleteCertificate', resource: CERTIFICATE };
    if (deletes) await given.expectAllowed(deletion);
    else await given.expectDenied(deletion);
  });

  test('are retired by that function alone, which gives nobody a new one', async () => {
    await cloud.expectAllowed({ principal, action: 'iot:UpdateCertificate', resource: CERTIFICATE });
    for (const other of ['RotationHookServiceRole', 'RotationExpiryHandlerServiceRole', 'IdentityRole']) {
      await cloud.expectDenied({ principal: other, action: 'iot:UpdateCertificate', resource: CERTIFICATE });
    }
    for (const action of ['iot:AttachPolicy', 'iot:AttachThingPrincipal']) {
      await cloud.expectDenied({ principal, action, resource: CERTIFICATE });
    }
  });
});
