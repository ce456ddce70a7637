import { cloudOfCell } from '../support/fleet';

const cloud = cloudOfCell({ provisioning: { templateName: 'cameras' } });

describe('the hook may be called', () => {
  const template = 'arn:aws:iot:eu-west-1:111122223333:provisioningtemplate/cameras';
  const call = {
    principal: 'iot.amazonaws.com',
    action: 'lambda:InvokeFunction',
    resource: 'FleetProvisioningHook',
    context: { 'aws:SourceAccount': '111122223333', 'aws:SourceArn': template },
  };

  test('by AWS IoT for this template', async () => {
    await cloud.expectAllowed(call);
  });

  test.each([
    ['another account', { 'aws:SourceAccount': '444455556666' }],
    ['the template of another account', { 'aws:SourceArn': template.replace('111122223333', '444455556666') }],
    ['the template of another region', { 'aws:SourceArn': template.replace('eu-west-1', 'us-east-1') }],
    ['another template', { 'aws:SourceArn': template.replace('cameras', 'other') }],
    ['a template whose name begins like it', { 'aws:SourceArn': `${template}-2` }],
    ['nobody', { 'aws:SourceAccount': '', 'aws:SourceArn': '' }],
  ])('but not for %s', async (_what, context) => {
    await cloud.expectDenied({ ...call, context: { ...call.context, ...context } });
  });

  test.each(['credentials.iot.amazonaws.com', 's3.amazonaws.com', '444455556666'])('nor by %s', async (other) => {
    await cloud.expectDenied({ ...call, principal: other });
  });

  test('and not changed', async () => {
    await cloud.expectDenied({ ...call, action: 'lambda:UpdateFunctionCode' });
  });
});

describe('the hook itself', () => {
  const principal = 'FleetProvisioningHookServiceRole';

  test('notes a registration on the allow list, and does nothing else to it', async () => {
    await cloud.expectAllowed({ principal, action: 'dynamodb:UpdateItem', resource: 'AllowListTable' });
    for (const name of ['DeleteItem', 'DeleteTable', 'PutItem', 'Query', 'Scan', 'UpdateTable']) {
      await cloud.expectDenied({ principal, action: `dynamodb:${name}`, resource: 'AllowListTable' });
    }
    await cloud.expectDenied({ principal, action: 'dynamodb:UpdateItem', resource: 'AlertsHistory' });
  });

  test('uses the key of the list', async () => {
    for (const action of ['kms:Decrypt', 'kms:GenerateDataKey']) {
      await cloud.expectAllowed({ principal, action, resource: 'Key' });
    }
    await cloud.expectDenied({ principal, action: 'kms:ScheduleKeyDeletion', resource: 'Key' });
  });

  test('registers nothing itself', async () => {
    const create = { action: 'iot:CreateThing', resource: 'arn:aws:iot:eu-west-1:111122223333:thing/drone-1' };
    await cloud.expectDenied({ principal, ...create });
    await cloud.expectAllowed({ principal: 'FleetProvisioningRole', ...create });
  });
});
