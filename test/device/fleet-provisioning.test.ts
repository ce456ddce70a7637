import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import {
  DeviceAllowList,
  DeviceIdentity,
  FleetProvisioning,
  ProvisioningMethod,
  Registration,
  type DeviceIdentityProps,
  type FleetProvisioningOptions,
} from '../../lib';
import { codedError, deployed, environments } from '../support/fleet';
import { Match, Template, testStack } from '../support/template';

const TYPE = 'AWS::IoT::ProvisioningTemplate';

function provisioningIn(
  stack: Stack,
  options: FleetProvisioningOptions = {},
  identity: DeviceIdentityProps = {},
): FleetProvisioning {
  return new FleetProvisioning(stack, 'Provisioning', {
    identity: new DeviceIdentity(stack, 'Identity', identity),
    ...options,
  });
}

/** The body as it is deployed. */
function bodyIn(stack: Stack): string {
  const [template] = deployed(TYPE, stack);
  return template.get<string>('TemplateBody')!;
}

describe('defaults', () => {
  const stack = testStack();
  const provisioning = provisioningIn(stack);
  const template = Template.fromStack(stack);

  test('a template for claims, whose hook is asked by the newest payload', () => {
    template.hasResourceProperties(TYPE, {
      TemplateName: provisioning.templateName,
      TemplateType: 'FLEET_PROVISIONING',
      Enabled: true,
      PreProvisioningHook: { PayloadVersion: '2020-04-01', TargetArn: stack.resolve(provisioning.hook!.functionArn) },
    });
  });

  test('a device gets a thing of the type, an active certificate, the policy, and its configuration', () => {
    expect(JSON.parse(bodyIn(stack))).toEqual({
      Parameters: { SerialNumber: { Type: 'String' }, 'AWS::IoT::Certificate::Id': { Type: 'String' } },
      Resources: {
        thing: {
          Type: 'AWS::IoT::Thing',
          Properties: {
            ThingName: { Ref: 'SerialNumber' },
            ThingTypeName: 'test-identitythingtype224409a5',
            AttributePayload: { serialNumber: { Ref: 'SerialNumber' } },
          },
          OverrideSettings: { AttributePayload: 'MERGE', ThingTypeName: 'REPLACE', ThingGroups: 'DO_NOTHING' },
        },
        certificate: {
          Type: 'AWS::IoT::Certificate',
          Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'Active' },
        },
        policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: 'test-identitypolicy0a0c8574' } },
      },
      DeviceConfiguration: {
        region: 'eu-west-1',
        credentialEndpoint: 'c0123456789abc.credentials.iot.eu-west-1.amazonaws.com',
        dataEndpoint: 'a0123456789abc-ats.iot.eu-west-1.amazonaws.com',
        roleAlias: 'test-identityrolealias7142d9cf',
        streams: '{thing}',
        channels: '{thing}',
        detectionsTopic: 'devices/{thing}/detections',
      },
    });
  });

  test('a new allow list, on which a serial number registers once', () => {
    template.resourceCountIs('AWS::DynamoDB::Table', 1);
    const [table] = deployed('AWS::DynamoDB::Table', stack);
    expect(environments(stack)['fleet-provisioning']).toMatchObject({
      ALLOW_LIST_TABLE: table.attribute('Ref'),
      REGISTRATION: 'ONCE',
      TEMPLATE_NAME: provisioning.templateName,
      THING_NAME_PREFIX: '',
    });
  });

  test('the hook answers within the five seconds that AWS IoT waits', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: Match.absent(),
      Timeout: 5,
      Environment: { Variables: Match.objectLike({ POWERTOOLS_SERVICE_NAME: 'fleet-provisioning' }) },
    });
  });

  test('AWS IoT may call the hook, and do its work, before there is a template', () => {
    const [permission] = Object.keys(template.findResources('AWS::Lambda::Permission'));
    const role = stack.getLogicalId(provisioning.node.findChild('Role').node.defaultChild as never);
    const [{ DependsOn }] = Object.values(template.findResources(TYPE));
    expect(DependsOn).toEqual(expect.arrayContaining([permission, role]));
  });

  test('the claim policy is there for the claim certificate', () => {
    const ids = Object.keys(template.findResources('AWS::IoT::Policy'));
    expect(ids).toContain(stack.resolve(provisioning.claimPolicyName).Ref);
  });
});

test('passes all properties on', () => {
  const stack = testStack();
  const allowList = new DeviceAllowList(stack, 'Mine');
  const provisioning = provisioningIn(stack, {
    method: ProvisioningMethod.CLAIM,
    allowList,
    registration: Registration.REUSABLE,
    templateName: 'cameras',
    thingNamePrefix: 'drone-',
    attributes: { fleet: 'delivery', cell: 'cell-1' },
  });
  expect(provisioning.templateName).toBe('cameras');
  expect(provisioning.allowList).toBe(allowList);
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::DynamoDB::Table', 1);
  template.hasResourceProperties(TYPE, { TemplateName: 'cameras' });
  expect(environments(stack)['fleet-provisioning']).toMatchObject({
    REGISTRATION: 'REUSABLE',
    TEMPLATE_NAME: 'cameras',
    THING_NAME_PREFIX: 'drone-',
  });
  expect(JSON.parse(bodyIn(stack)).Resources.thing.Properties).toMatchObject({
    ThingName: { 'Fn::Join': ['', ['drone-', { Ref: 'SerialNumber' }]] },
    AttributePayload: { fleet: 'delivery', cell: 'cell-1', serialNumber: { Ref: 'SerialNumber' } },
  });
});

test('an attribute can not hide the serial number', () => {
  const stack = testStack();
  provisioningIn(stack, { attributes: { serialNumber: '0' } });
  expect(JSON.parse(bodyIn(stack)).Resources.thing.Properties.AttributePayload).toEqual({
    serialNumber: { Ref: 'SerialNumber' },
  });
});

describe('just-in-time provisioning', () => {
  const stack = testStack();
  const provisioning = provisioningIn(stack, {
    method: ProvisioningMethod.JITP,
    thingNamePrefix: 'drone-',
    attributes: { fleet: 'delivery' },
  });
  const template = Template.fromStack(stack);

  test('has nothing that AWS IoT would not ask: no hook, no allow list, no claims', () => {
    template.hasResourceProperties(TYPE, { TemplateType: 'JITP', PreProvisioningHook: Match.absent() });
    for (const type of ['AWS::Lambda::Function', 'AWS::DynamoDB::Table', 'Custom::IotEndpoints']) {
      template.resourceCountIs(type, 0);
    }
    template.resourceCountIs('AWS::IoT::Policy', 1);
    expect(provisioning.hook).toBeUndefined();
    expect(provisioning.allowList).toBeUndefined();
    expect(provisioning.claimPolicyName).toBeUndefined();
  });

  test('takes the serial number from the certificate, and has no answer for a configuration', () => {
    const commonName = 'AWS::IoT::Certificate::CommonName';
    const body = JSON.parse(bodyIn(stack));
    expect(Object.keys(body).sort()).toEqual(['Parameters', 'Resources']);
    expect(Object.keys(body.Parameters).sort()).toEqual([commonName, 'AWS::IoT::Certificate::Id']);
    expect(body.Resources.thing.Properties).toMatchObject({
      ThingName: { 'Fn::Join': ['', ['drone-', { Ref: commonName }]] },
      AttributePayload: { fleet: 'delivery', serialNumber: { Ref: commonName } },
    });
    expect(body.Resources.certificate.Properties.Status).toBe('ACTIVE');
  });

  test.each([
    ['a registration', () => ({ registration: Registration.REUSABLE })],
    ['an allow list', (stack: Stack) => ({ allowList: new DeviceAllowList(stack, 'List') })],
  ])('%s is refused, because nobody would look at it', (_what, options) => {
    const other = testStack();
    const message =
      /`allowList`, `registration` and `cell` need the hook.*leave them out, or use ProvisioningMethod.CLAIM/;
    expect(() => provisioningIn(other, { method: ProvisioningMethod.JITP, ...options(other) })).toThrow(
      codedError('JitpHasNoHook', message, 'Test/Provisioning'),
    );
  });
});

describe('the generated name of the template', () => {
  const ids = ['Fleet', 'AnotherFleetWithALongName', 'AnotherFleetWithALongNameToo', 'x-1', 'x.1'];
  const app = new App();
  const names = ids.map((id) => {
    const stack = new Stack(app, id.replace('.', ''), { stackName: 'Same' });
    const folder = new Construct(stack, id);
    const identity = new DeviceIdentity(folder, 'Identity');
    return new FleetProvisioning(folder, 'ProvisioningWhosePathIsLong', { identity }).templateName;
  });

  test('is one that AWS IoT takes', () => {
    for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,36}$/);
  });

  test('differs by path, so that fleets and cells can share an account', () => {
    expect(new Set(names).size).toBe(ids.length);
  });
});

test('the body is below the 10,240 characters that AWS IoT takes, even with long names', () => {
  const stack = testStack({ stackName: 's'.repeat(80) });
  provisioningIn(
    stack,
    {
      thingNamePrefix: 'p'.repeat(64),
      attributes: Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`${i}`.padEnd(128, 'k'), 'v'.repeat(800)])),
    },
    { cameras: Array.from({ length: 16 }, (_, i) => `${i}`.padEnd(32, 'c')), topicPrefix: 't'.repeat(64) },
  );
  const body = bodyIn(stack);
  expect(body).toContain('p'.repeat(64));
  expect(body.length).toBeLessThanOrEqual(10_240);
});

describe('bad input', () => {
  const name = /`templateName` is '.*'; it must be 1 to 36 of a-z A-Z 0-9 _ -/;
  const prefix = /`thingNamePrefix` is '.*'; it must be up to 64 of a-z A-Z 0-9 _ -, and not start with 'claim-'/;
  test.each([
    ['a name with a dot', { templateName: 'a.b' }, 'ProvisioningTemplateName', name],
    ['no name', { templateName: '' }, 'ProvisioningTemplateName', name],
    ['a name of 37 characters', { templateName: 'n'.repeat(37) }, 'ProvisioningTemplateName', name],
    ['a prefix with a dot, which separates cameras', { thingNamePrefix: 'a.' }, 'ThingNamePrefix', prefix],
    ['a prefix with a colon, which a stream can not have', { thingNamePrefix: 'a:' }, 'ThingNamePrefix', prefix],
    ['a prefix of 65 characters', { thingNamePrefix: 'p'.repeat(65) }, 'ThingNamePrefix', prefix],
    [
      'an attribute with a space',
      { attributes: { 'a b': '1' } },
      'ThingAttributes',
      /`attributes` is 'a b'; it must be/,
    ],
    ['a value with a space', { attributes: { a: '1 2' } }, 'ThingAttributes', /`attributes.a` is '1 2'; it must be/],
    ['a value too long', { attributes: { a: 'x'.repeat(801) } }, 'ThingAttributes', /it must be up to 800 of/],
    [
      'more attributes than fit into the body',
      { attributes: Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`a${i}`, 'x'.repeat(800)])) },
      'ThingAttributes',
      /`attributes` has 64\d\d characters as JSON; 6000 are allowed/,
    ],
    ['the prefix of claims', { thingNamePrefix: 'claim-' }, 'ThingNamePrefix', prefix],
  ])('%s names path, value and rule', (_what, options, code, message) => {
    expect(() => provisioningIn(testStack(), options)).toThrow(codedError(code, message, 'Test/Provisioning'));
  });

  test('the longest names pass', () => {
    const stack = testStack();
    const options = { templateName: 'n'.repeat(36), thingNamePrefix: 'p'.repeat(64) };
    provisioningIn(stack, options);
    expect(environments(stack)['fleet-provisioning']).toMatchObject({
      TEMPLATE_NAME: options.templateName,
      THING_NAME_PREFIX: options.thingNamePrefix,
    });
  });

  test('tokens pass', () => {
    const stack = testStack();
    const text = (id: string) => new CfnParameter(stack, id).valueAsString;
    provisioningIn(stack, {
      templateName: text('Name'),
      thingNamePrefix: text('Prefix'),
      attributes: { fleet: text('Fleet') },
    });
    const template = Template.fromStack(stack);
    template.hasResourceProperties(TYPE, { TemplateName: { Ref: 'Name' } });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({ TEMPLATE_NAME: { Ref: 'Name' }, THING_NAME_PREFIX: { Ref: 'Prefix' } }),
      },
    });
    const [body] = Object.values(template.findResources(TYPE)).map(({ Properties }) => Properties.TemplateBody);
    expect(body['Fn::Join'][1]).toEqual(expect.arrayContaining([{ Ref: 'Prefix' }, { Ref: 'Fleet' }]));
  });
});
