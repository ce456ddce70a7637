import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { AUDIT_LOGS, HandlerFunction, handlerMetric } from '../../lib/private/handler-function';
import { codedError, environments } from '../support/fleet';
import { Match, Template, testStack } from '../support/template';

const TYPE = 'AWS::Lambda::Function';

test('is by default small, on arm64 and the newest Node.js, traced, with logs as JSON for three months', () => {
  const stack = testStack();
  new HandlerFunction(stack, 'Handler', { handler: 'iot-settings', description: 'Settings' });
  const template = Template.fromStack(stack);
  template.hasResourceProperties(TYPE, {
    Description: 'Settings',
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    Timeout: 30,
    MemorySize: 256,
    TracingConfig: { Mode: 'Active' },
    LoggingConfig: { LogFormat: 'JSON', LogGroup: { Ref: Match.stringLikeRegexp('^HandlerLogs') } },
  });
  template.hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Delete', Properties: { RetentionInDays: 90 } });
  expect(environments(stack)['iot-settings']).toEqual({
    NODE_OPTIONS: '--enable-source-maps',
    POWERTOOLS_SERVICE_NAME: 'iot-settings',
    POWERTOOLS_METRICS_NAMESPACE: 'KinesisVideoFleet',
  });
});

test('passes all properties on', () => {
  const stack = testStack();
  new HandlerFunction(stack, 'Handler', {
    handler: 'iot-settings',
    description: 'Settings',
    environment: { REGISTRATION: 'ONCE' },
    timeout: Duration.minutes(5),
    memorySize: 512,
  });
  Template.fromStack(stack).hasResourceProperties(TYPE, { Timeout: 300, MemorySize: 512 });
  expect(environments(stack)['iot-settings']).toMatchObject({
    REGISTRATION: 'ONCE',
    NODE_OPTIONS: '--enable-source-maps',
  });
});

test('a log that somebody may have to answer for is kept for a year, and outlives the stack', () => {
  const stack = testStack();
  new HandlerFunction(stack, 'Handler', { handler: 'iot-settings', description: 'Settings', logs: AUDIT_LOGS });
  Template.fromStack(stack).hasResource('AWS::Logs::LogGroup', {
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: { RetentionInDays: 365 },
  });
});

test('its metrics are found by its name', () => {
  expect(handlerMetric(testStack(), 'image-detector', 'Detected')).toMatchObject({
    namespace: 'KinesisVideoFleet',
    metricName: 'Detected',
    dimensions: { service: 'image-detector' },
  });
});

test('the code is what was bundled of each folder, and nothing else', () => {
  const folders = readdirSync(join(__dirname, '../../lambda'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'common')
    .map(({ name }) => name);
  expect(folders).toContain('image-detector');
  const stack = testStack();
  for (const handler of folders) new HandlerFunction(stack, handler, { handler, description: handler });
  const keys = Object.values(Template.fromStack(stack).findResources(TYPE)).map(
    ({ Properties }) => Properties.Code.S3Key,
  );
  expect(new Set(keys).size).toBe(folders.length);
});

test('a folder that is not bundled says what to do', () => {
  const props = { handler: 'nowhere', description: 'Nothing' };
  expect(() => new HandlerFunction(testStack(), 'Handler', props)).toThrow(
    codedError('NotBundled', /'lambda\/nowhere' is not bundled; run 'npm run bundle' first/, 'Test'),
  );
});

test('it writes its own log and no other, and what is added to its role is added', () => {
  const stack = testStack();
  const fn = new HandlerFunction(stack, 'Handler', { handler: 'iot-settings', description: 'Settings' });

  fn.role!.addManagedPolicy(ManagedPolicy.fromAwsManagedPolicyName('ReadOnlyAccess'));
  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role'));
  expect(JSON.stringify(Properties.ManagedPolicyArns)).toMatch(
    /^\[[^[]*\["",\["arn:",[^\]]*":iam::aws:policy\/ReadOnlyAccess"\]\]\}\]$/,
  );
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        {
          Effect: 'Allow',
          Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^HandlerLogs'), 'Arn'] },
        },
      ]),
    },
  });
});
