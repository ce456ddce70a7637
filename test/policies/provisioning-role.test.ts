import { cloudOfCell } from '../support/fleet';

const principal = 'FleetProvisioningRole';
const cloud = cloudOfCell({ provisioning: { templateName: 'cameras' } });

function arn(resource: string): string {
  return `arn:aws:iot:eu-west-1:111122223333:${resource}`;
}

test.each([
  ['a thing', 'thing/drone-1', ['CreateThing', 'DescribeThing', 'ListThingPrincipals', 'UpdateThing'], ['DeleteThing']],
  [
    'a certificate',
    'cert/0123456789abcdef',
    [
      'AttachPolicy',
      'AttachThingPrincipal',
      'DescribeCertificate',
      'DetachPolicy',
      'DetachThingPrincipal',
      'ListPrincipalThings',
      'UpdateCertificate',
    ],
    ['DeleteCertificate', 'TransferCertificate'],
  ],
  ['the thing type', 'IdentityThingType', ['DescribeThingType'], ['DeleteThingType', 'DeprecateThingType']],
  ['another thing type', arn('thingtype/other'), [], ['DescribeThingType']],
  ['the policy', 'IdentityPolicy', ['GetPolicy', 'ListTargetsForPolicy'], ['CreatePolicyVersion', 'DeletePolicy']],
  ['the policy of claims', 'FleetProvisioningClaimPolicy', [], ['GetPolicy', 'ListTargetsForPolicy']],
  ['another policy', arn('policy/other'), [], ['CreatePolicy', 'GetPolicy']],
  ['a thing group', 'thinggroup/admins', [], ['AddThingToThingGroup', 'AttachPolicy']],
  ['what has no resource', '*', ['ListAttachedPolicies', 'RegisterCertificate'], ['CreateKeysAndCertificate']],
])('may do to %s what a registration takes, and nothing else', async (_what, target, allowed, denied) => {
  const resource = /^\w+\//.test(target) ? arn(target) : target;
  for (const name of allowed) await cloud.expectAllowed({ principal, action: `iot:${name}`, resource });
  for (const name of denied) await cloud.expectDenied({ principal, action: `iot:${name}`, resource });
});

test('reaches nothing in another account or region', async () => {
  const create = { principal, action: 'iot:CreateThing' };
  await cloud.expectAllowed({ ...create, resource: arn('thing/drone-1') });
  await cloud.expectDenied({ ...create, resource: arn('thing/drone-1').replace('111122223333', '444455556666') });
  await cloud.expectDenied({ ...create, resource: arn('thing/drone-1').replace('eu-west-1', 'us-east-1') });
});

describe('trust', () => {
  const trust = {
    principal: 'iot.amazonaws.com',
    action: 'sts:AssumeRole',
    resource: principal,
    context: { 'aws:SourceAccount': '111122223333', 'aws:SourceArn': arn('provisioningtemplate/cameras') },
  };

  test('AWS IoT takes the role for this template', async () => {
    await cloud.expectAllowed(trust);
  });

  test.each([
    ['another account', { 'aws:SourceAccount': '444455556666' }],
    [
      'the template of that name in another account',
      { 'aws:SourceArn': arn('provisioningtemplate/cameras').replace('111122223333', '444455556666') },
    ],
    ['another template', { 'aws:SourceArn': arn('provisioningtemplate/other') }],
    ['a template whose name begins like it', { 'aws:SourceArn': arn('provisioningtemplate/cameras-2') }],
    ['a rule', { 'aws:SourceArn': arn('rule/cameras') }],
    ['nobody', { 'aws:SourceAccount': '', 'aws:SourceArn': '' }],
  ])('but not for %s', async (_what, context) => {
    await cloud.expectDenied({ ...trust, context: { ...trust.context, ...context } });
  });

  test.each(['credentials.iot.amazonaws.com', 'lambda.amazonaws.com', '444455556666'])('nor for %s', async (other) => {
    await cloud.expectDenied({ ...trust, principal: other });
  });
});
