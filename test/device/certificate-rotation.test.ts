import { CfnParameter, Duration, type Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { CertificateRetirement, CertificateRotation, DeviceAllowList, DeviceIdentity } from '../../lib';
import type { CertificateRotationProps } from '../../lib';
import { DeployedStack } from '../support/cloudformation-resolver';
import { codedError, environments } from '../support/fleet';
import { Match, Template, testStack } from '../support/template';

const TYPE = 'AWS::IoT::ProvisioningTemplate';

function rotationIn(stack: Stack, options: Partial<CertificateRotationProps> = {}): CertificateRotation {
  const identity = options.identity ?? new DeviceIdentity(stack, 'Identity');
  const allowList = new DeviceAllowList(stack, 'AllowList');
  return new CertificateRotation(stack, 'Rotation', { allowList, ...options, identity });
}

/** The body of the template, as AWS IoT gets it. */
function bodyIn(stack: Stack) {
  const { resources } = new DeployedStack(stack, [], {});
  return JSON.parse(resources.find(({ type }) => type === TYPE)!.get<string>('TemplateBody')!);
}

describe('the template', () => {
  test('attaches a new certificate and the policy to a thing, which it leaves as it is', () => {
    const stack = testStack();
    rotationIn(stack);
    expect(bodyIn(stack)).toEqual({
      Parameters: { SerialNumber: { Type: 'String' }, 'AWS::IoT::Certificate::Id': { Type: 'String' } },
      Resources: {
        thing: {
          Type: 'AWS::IoT::Thing',
          Properties: { ThingName: { Ref: 'SerialNumber' } },
          OverrideSettings: {
            AttributePayload: 'DO_NOTHING',
            ThingTypeName: 'DO_NOTHING',
            ThingGroups: 'DO_NOTHING',
          },
        },
        certificate: {
          Type: 'AWS::IoT::Certificate',
          Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'Active' },
        },
        policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: expect.stringMatching(/identitypolicy/) } },
      },
    });
  });

  test('names the thing as the registration does', () => {
    const stack = testStack();
    rotationIn(stack, { thingNamePrefix: 'fleet-' });
    expect(bodyIn(stack).Resources.thing.Properties).toEqual({
      ThingName: { 'Fn::Join': ['', ['fleet-', { Ref: 'SerialNumber' }]] },
    });
    for (const handler of ['certificate-rotation', 'certificate-retirement']) {
      expect(environments(stack)[handler]).toMatchObject({ THING_NAME_PREFIX: 'fleet-' });
    }
  });

  test('asks the hook, which may answer as soon as there is the template', () => {
    const stack = testStack();
    const { templateName } = rotationIn(stack);
    const template = Template.fromStack(stack);
    const [permission] = Object.keys(
      template.findResources('AWS::Lambda::Permission', { Properties: { Principal: 'iot.amazonaws.com' } }),
    );
    template.hasResource(TYPE, {
      DependsOn: Match.arrayWith([permission]),
      Properties: {
        TemplateName: templateName,
        TemplateType: 'FLEET_PROVISIONING',
        Enabled: true,
        PreProvisioningHook: { PayloadVersion: '2020-04-01' },
      },
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Timeout: 5,
      Environment: {
        Variables: Match.objectLike({
          POWERTOOLS_SERVICE_NAME: 'certificate-rotation',
          TEMPLATE_NAME: templateName,
          MINIMUM_INTERVAL_HOURS: '24',
        }),
      },
    });
  });
});

test('a confirmation comes with what AWS IoT knows, not with what the device says', () => {
  const stack = testStack();
  rotationIn(stack, { identity: new DeviceIdentity(stack, 'Cameras', { topicPrefix: 'cameras' }) });
  Template.fromStack(stack).hasResourceProperties('AWS::IoT::TopicRule', {
    TopicRulePayload: {
      Sql: "SELECT topic(2) AS thingName, principal() AS certificateId FROM 'cameras/+/certificate-rotated'",
      Actions: [{ Sqs: Match.objectLike({}) }],
      ErrorAction: { Sqs: Match.objectLike({}) },
    },
  });
});

test('the policy of the device is small enough for AWS IoT, with the longest names', () => {
  const stack = testStack({ env: { account: '111122223333', region: 'ap-northeast-1' } });
  const identity = new DeviceIdentity(stack, 'Identity', { topicPrefix: 't'.repeat(64) });
  identity.allowPublish('detections');
  rotationIn(stack, { identity, templateName: 'n'.repeat(36) });
  const { resources } = new DeployedStack(stack, [], {});
  const policies = resources.filter(({ type }) => type === 'AWS::IoT::Policy');
  for (const policy of policies) expect(JSON.stringify(policy.get('PolicyDocument')).length).toBeLessThan(2048);
  expect(policies).toHaveLength(1);
});

test.each([
  [undefined, 'DEACTIVATE'],
  [CertificateRetirement.DEACTIVATE, 'DEACTIVATE'],
  [CertificateRetirement.DELETE, 'DELETE'],
])('retirement %s', (retirement, expected) => {
  const stack = testStack();
  rotationIn(stack, { retirement });
  expect(environments(stack)['certificate-retirement']).toMatchObject({
    RETIREMENT: expected,
    CERTIFICATES: 'arn:aws:iot:eu-west-1:111122223333:cert/',
    DEVICE_POLICY: expect.stringMatching(/identitypolicy/),
  });
});

test('the list is searched each day, for as long as a list of a million takes', () => {
  const stack = testStack();
  rotationIn(stack, { expiryWarning: Duration.days(60) });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Lambda::Function', {
    Timeout: 900,
    Environment: {
      Variables: Match.objectLike({ POWERTOOLS_SERVICE_NAME: 'certificate-expiry', EXPIRY_WARNING_HOURS: '1440' }),
    },
  });
  const [[expiryCheck]] = Object.entries(
    template.findResources('AWS::Lambda::Function', { Properties: { Timeout: 900 } }),
  );
  template.hasResourceProperties('AWS::Events::Rule', {
    ScheduleExpression: 'rate(1 day)',
    Targets: [{ Arn: { 'Fn::GetAtt': [expiryCheck, 'Arn'] } }],
  });
});

test('alarms go off at the first certificate that expires, and stay where no figure comes', () => {
  const stack = testStack();
  const rotation = rotationIn(stack);
  const template = Template.fromStack(stack);
  const daily = { Period: 86_400, Threshold: 0, ComparisonOperator: 'GreaterThanThreshold', EvaluationPeriods: 1 };
  const ofCheck = { Namespace: 'KinesisVideoFleet', Dimensions: [{ Name: 'service', Value: 'certificate-expiry' }] };
  for (const expected of [
    { MetricName: 'CertificatesExpiring', Statistic: 'Maximum', ...ofCheck },
    { MetricName: 'CertificateRotationsPending', Statistic: 'Maximum', ...ofCheck },
    { MetricName: 'Errors', Statistic: 'Sum', Namespace: 'AWS/Lambda' },
  ]) {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { ...daily, ...expected, TreatMissingData: 'ignore' });
  }
  template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'ApproximateNumberOfMessagesVisible' });
  template.resourceCountIs('AWS::CloudWatch::Alarm', rotation.alarms.length);
  expect(rotation.alarms[0]).toBe(rotation.deadLetterAlarm);
});

test('a metric is that of the check, once a day', () => {
  const rotation = rotationIn(testStack());
  expect(rotation.metric('CertificateDaysLeft')).toMatchObject({
    namespace: 'KinesisVideoFleet',
    dimensions: { service: 'certificate-expiry' },
    statistic: 'Minimum',
    period: Duration.days(1),
  });
  expect(rotation.metric('CertificatesExpiring').statistic).toBe('Maximum');
  expect(rotation.metric('CertificatesExpiring', { statistic: 'Average' }).statistic).toBe('Average');
});

test('queues have the key that they are given', () => {
  const stack = testStack();
  rotationIn(stack, { encryptionKey: new kms.Key(stack, 'Key') });
  const queues = Object.values(Template.fromStack(stack).findResources('AWS::SQS::Queue'));
  expect(queues).toHaveLength(2);
  for (const { Properties } of queues) expect(Properties.KmsMasterKeyId).toBeDefined();
});

describe('a value out of range', () => {
  test.each<[string, Partial<CertificateRotationProps>, string, RegExp]>([
    ['a name with a dot', { templateName: 'a.b' }, 'ProvisioningTemplateName', /`templateName` is 'a\.b'/],
    ['a name of 37 characters', { templateName: 'n'.repeat(37) }, 'ProvisioningTemplateName', /1 to 36/],
    ['a prefix with a dot', { thingNamePrefix: 'a.' }, 'ThingNamePrefix', /`thingNamePrefix` is 'a\.'/],
    ['the prefix of claims', { thingNamePrefix: 'claim-' }, 'ThingNamePrefix', /'claim-'/],
    ['no interval', { minimumInterval: Duration.hours(0) }, 'RotationInterval', /`minimumInterval` is 0 hours/],
    ['half an hour', { minimumInterval: Duration.minutes(30) }, 'RotationInterval', /0\.5 hours/],
    ['more than a year', { minimumInterval: Duration.hours(8761) }, 'RotationInterval', /1 and 8760 hours/],
    ['a short warning', { expiryWarning: Duration.hours(23) }, 'ExpiryWarning', /`expiryWarning` is 23 hours/],
    ['a long warning', { expiryWarning: Duration.hours(87_601) }, 'ExpiryWarning', /24 and 87600 hours/],
  ])('%s names path, value and rule', (_what, options, code, message) => {
    expect(() => rotationIn(testStack(), options)).toThrow(codedError(code, message, 'Test/Rotation'));
  });

  test.each<[Partial<CertificateRotationProps>]>([
    [{ templateName: 'n'.repeat(36), thingNamePrefix: 'p'.repeat(64) }],
    [{ minimumInterval: Duration.hours(1), expiryWarning: Duration.hours(24) }],
    [{ minimumInterval: Duration.hours(8760), expiryWarning: Duration.hours(87_600) }],
  ])('%j is within', (options) => {
    expect(() => rotationIn(testStack(), options)).not.toThrow();
  });

  test('tokens pass', () => {
    const stack = testStack();
    const hours = new CfnParameter(stack, 'Hours', { type: 'Number' }).valueAsNumber;
    const name = new CfnParameter(stack, 'Name').valueAsString;
    rotationIn(stack, {
      templateName: name,
      minimumInterval: Duration.hours(hours),
      expiryWarning: Duration.hours(hours),
    });
    const template = Template.fromStack(stack);
    template.hasResourceProperties(TYPE, { TemplateName: { Ref: 'Name' } });
    for (const variable of ['MINIMUM_INTERVAL_HOURS', 'EXPIRY_WARNING_HOURS']) {
      template.hasResourceProperties('AWS::Lambda::Function', {
        Environment: { Variables: Match.objectLike({ [variable]: { Ref: 'Hours' } }) },
      });
    }
  });
});
