import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { AlertAcknowledgements } from '../../lib';
import { codedError, environments } from '../support/fleet';
import { Match, Template, testStack } from '../support/template';

// Who may acknowledge is the subject of test/policies.

const TABLE = 'AWS::DynamoDB::Table';

test('what is acknowledged survives the stack and mistakes, and is forgotten after 90 days', () => {
  const stack = testStack();
  new AlertAcknowledgements(stack, 'Acknowledgements');
  Template.fromStack(stack).hasResource(TABLE, {
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      KeySchema: [{ AttributeName: 'detectionId', KeyType: 'HASH' }],
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      SSESpecification: Match.absent(),
    },
  });
  expect(environments(stack)['alert-acknowledgement'].RETENTION_DAYS).toBe('90');
});

test('the URL is for those only whom IAM knows', () => {
  const stack = testStack();
  const { url, handler } = new AlertAcknowledgements(stack, 'Acknowledgements');
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Lambda::Url', {
    AuthType: 'AWS_IAM',
    Cors: Match.absent(),
    TargetFunctionArn: stack.resolve(handler.functionArn),
  });
  template.resourceCountIs('AWS::Lambda::Permission', 0);
  const [id] = Object.keys(template.findResources('AWS::Lambda::Url'));
  expect(stack.resolve(url)).toEqual({ 'Fn::GetAtt': [id, 'FunctionUrl'] });
});

test('passes all properties on', () => {
  const stack = testStack();
  const encryptionKey = new kms.Key(stack, 'Key');
  const acknowledgements = new AlertAcknowledgements(stack, 'Acknowledgements', {
    encryptionKey,
    retention: Duration.days(3650),
    removalPolicy: RemovalPolicy.DESTROY,
  });
  expect(acknowledgements.encryptionKey).toBe(encryptionKey);
  expect(acknowledgements.retention.toDays()).toBe(3650);
  Template.fromStack(stack).hasResource(TABLE, {
    DeletionPolicy: 'Delete',
    Properties: {
      DeletionProtectionEnabled: false,
      SSESpecification: { SSEEnabled: true, KMSMasterKeyId: stack.resolve(encryptionKey.keyArn) },
    },
  });
  expect(environments(stack)['alert-acknowledgement'].RETENTION_DAYS).toBe('3650');
});

test.each([
  [Duration.days(6), /`retention` is 6 days; it must be a whole number between 7 and 3650 days/],
  [Duration.days(3651), /`retention` is 3651 days/],
  [Duration.hours(180), /`retention` is 7.5 days/],
])('%s are refused', (retention, message) => {
  expect(() => new AlertAcknowledgements(testStack(), 'Acknowledgements', { retention })).toThrow(
    codedError('AcknowledgementRetention', message, 'Test/Acknowledgements'),
  );
});
