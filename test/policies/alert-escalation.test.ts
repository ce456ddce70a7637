import { Duration, type Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import { AlertEscalation, AlertTopic, QuietWindow } from '../../lib';
import { CloudModel } from '../support/policy-simulator';
import { testStack } from '../support/template';

const MACHINE = 'EscalationFlowStateMachineRole';
const STARTER = 'EscalationHandlerServiceRole';
const ACKNOWLEDGER = 'EscalationAcknowledgementsHandlerServiceRole';
const TABLE = 'EscalationAcknowledgementsTable';
const URL_FUNCTION = /\/EscalationAcknowledgementsHandler[0-9A-F]{8}$/;
const START_FUNCTION = /\/EscalationHandler[0-9A-F]{8}$/;

function escalationIn(stack: Stack, encryptionKey?: kms.IKey): AlertEscalation {
  const quietWindows = [new QuietWindow({ start: '22:00', end: '06:00', timeZone: 'UTC' })];
  const alerts = new AlertTopic(stack, 'Alerts', { encryptionKey, quietWindows });
  const tier = (name: string) => ({ name, acknowledgeWithin: Duration.minutes(5) });
  const escalation = new AlertEscalation(stack, 'Escalation', {
    alerts,
    tiers: [tier('pilots'), tier('chief')],
    encryptionKey,
  });
  new AlertEscalation(stack, 'Other', { alerts, tiers: [tier('pilots')] });
  escalation.tiers[0].subscribe(new subscriptions.EmailSubscription('pilots@example.com'));
  return escalation;
}

const stack = testStack();
const escalation = escalationIn(stack);
const pilot = new iam.Role(stack, 'Pilot', { assumedBy: new iam.AccountRootPrincipal() });
escalation.grantAcknowledge(pilot);
const cloud = CloudModel.of(stack);

describe('the state machine', () => {
  test('publishes to its tiers, and to no other topic', async () => {
    const publish = { principal: MACHINE, action: 'sns:Publish' };
    for (const resource of ['EscalationTierpilotsTopic', 'EscalationTierchiefTopic']) {
      await cloud.expectAllowed({ ...publish, resource });
    }
    for (const resource of ['AlertsTopic', 'OtherTierpilotsTopic']) await cloud.expectDenied({ ...publish, resource });
  });

  test('subscribes nobody', async () => {
    const request = { principal: MACHINE, resource: 'EscalationTierpilotsTopic' };
    await cloud.expectAllowed({ ...request, action: 'sns:Publish' });
    await cloud.expectDenied({ ...request, action: 'sns:Subscribe' });
  });

  test('reads from its own table, and changes nothing', async () => {
    await cloud.expectAllowed({ principal: MACHINE, action: 'dynamodb:GetItem', resource: TABLE });
    for (const action of ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:Scan']) {
      await cloud.expectDenied({ principal: MACHINE, action, resource: TABLE });
    }
    for (const resource of ['OtherAcknowledgementsTable', 'AlertsHistory']) {
      await cloud.expectDenied({ principal: MACHINE, action: 'dynamodb:GetItem', resource });
    }
  });
});

describe('the function that starts escalations', () => {
  test('starts executions of its own state machine, and of no other', async () => {
    const start = { principal: STARTER, action: 'states:StartExecution' };
    await cloud.expectAllowed({ ...start, resource: 'EscalationFlowStateMachine' });
    await cloud.expectDenied({ ...start, resource: 'OtherFlowStateMachine' });
    await cloud.expectDenied({ ...start, action: 'states:StopExecution', resource: 'EscalationFlowStateMachine' });
  });

  test('tells nobody itself, and sees no acknowledgements', async () => {
    const publish = { action: 'sns:Publish', resource: 'EscalationTierpilotsTopic' };
    const read = { action: 'dynamodb:GetItem', resource: TABLE };
    for (const request of [publish, read]) {
      await cloud.expectAllowed({ ...request, principal: MACHINE });
      await cloud.expectDenied({ ...request, principal: STARTER });
    }
  });

  test('works its queue off', async () => {
    for (const [action, resource] of [
      ['sqs:ReceiveMessage', 'EscalationWorkQueue'],
      ['sqs:SendMessage', 'EscalationWorkDeadLetterQueue'],
    ]) {
      await cloud.expectAllowed({ principal: STARTER, action, resource });
      await cloud.expectDenied({ principal: STARTER, action, resource: resource.replace('Escalation', 'Other') });
    }
  });
});

describe('the queue', () => {
  const send = { principal: 'sns.amazonaws.com', action: 'sqs:SendMessage', resource: 'EscalationWorkQueue' };

  test('gets alerts from its topic only', async () => {
    const from = (topic: string) => ({ ...send, context: { 'aws:SourceArn': cloud.arn(topic) } });
    await cloud.expectAllowed(from('AlertsTopic'));
    await cloud.expectDenied(from('EscalationTierpilotsTopic'));
    await cloud.expectDenied(send);
    await cloud.expectDenied({ ...from('AlertsTopic'), principal: 'events.amazonaws.com' });
  });

  test('what a tier does not get is put into its dead-letter queue by SNS for that tier', async () => {
    const bury = { ...send, resource: 'EscalationDeadLetterQueue' };
    const from = (topic: string) => ({ ...bury, context: { 'aws:SourceArn': cloud.arn(topic) } });
    await cloud.expectAllowed(from('EscalationTierpilotsTopic'));
    await cloud.expectDenied(from('OtherTierpilotsTopic'));
  });

  test.each(['EscalationTierpilotsTopic', 'EscalationTierchiefTopic'])(
    '%s is reached by TLS only',
    async (resource) => {
      const publish = { principal: MACHINE, action: 'sns:Publish', resource };
      await cloud.expectAllowed(publish);
      await cloud.expectDenied({ ...publish, context: { 'aws:SecureTransport': 'false' } });
    },
  );
});

describe('who acknowledges', () => {
  const url = { action: 'lambda:InvokeFunctionUrl', context: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } };
  const invoke = { action: 'lambda:InvokeFunction', context: { 'lambda:InvokedViaFunctionUrl': 'true' } };

  test('calls the URL of that function, which needs both permissions, and of no other', async () => {
    for (const request of [url, invoke]) {
      await cloud.expectAllowed({ ...request, principal: 'Pilot', resource: URL_FUNCTION });
      await cloud.expectDenied({ ...request, principal: 'Pilot', resource: START_FUNCTION });
      await cloud.expectDenied({
        ...request,
        principal: 'Pilot',
        resource: /\/OtherAcknowledgementsHandler[0-9A-F]{8}$/,
      });
    }
  });

  test('does not invoke the function itself, where an event could name any principal', async () => {
    const directly = { principal: 'Pilot', action: 'lambda:InvokeFunction', resource: URL_FUNCTION };
    await cloud.expectAllowed({ ...directly, context: invoke.context });
    await cloud.expectDenied({ ...directly, context: { 'lambda:InvokedViaFunctionUrl': 'false' } });
    await cloud.expectDenied(directly);
  });

  test('has no way to the table', async () => {
    for (const action of ['dynamodb:GetItem', 'dynamodb:UpdateItem']) {
      await cloud.expectAllowed({ principal: ACKNOWLEDGER, action, resource: TABLE });
      await cloud.expectDenied({ principal: 'Pilot', action, resource: TABLE });
    }
  });

  test('is somebody to whom it is granted', async () => {
    for (const request of [url, invoke]) {
      await cloud.expectAllowed({ ...request, principal: 'Pilot', resource: URL_FUNCTION });
      for (const principal of [STARTER, MACHINE]) {
        await cloud.expectDenied({ ...request, principal, resource: URL_FUNCTION });
      }
    }
  });
});

test('the function that takes acknowledgements deletes none, and sees no other table', async () => {
  const request = { principal: ACKNOWLEDGER, resource: TABLE };
  await cloud.expectAllowed({ ...request, action: 'dynamodb:UpdateItem' });
  for (const action of ['dynamodb:DeleteItem', 'dynamodb:Scan', 'dynamodb:PutItem']) {
    await cloud.expectDenied({ ...request, action });
  }
  await cloud.expectDenied({ ...request, action: 'dynamodb:UpdateItem', resource: 'AlertsHistory' });
});

describe('with a key', () => {
  const keyed = testStack();
  const key = new kms.Key(keyed, 'Key');
  const others = new iam.Role(keyed, 'Pilot', { assumedBy: new iam.AccountRootPrincipal() });
  escalationIn(keyed, key).grantAcknowledge(others);
  const keyedCloud = CloudModel.of(keyed);
  const OWN = { 'aws:SourceAccount': '111122223333' };

  test.each([MACHINE, STARTER, ACKNOWLEDGER])('%s reads and writes what it encrypts', async (principal) => {
    for (const action of ['kms:Decrypt', 'kms:GenerateDataKey']) {
      await keyedCloud.expectAllowed({ principal, action, resource: 'Key' });
      await keyedCloud.expectDenied({ principal: 'Pilot', action, resource: 'Key' });
    }
    await keyedCloud.expectDenied({ principal, action: 'kms:ScheduleKeyDeletion', resource: 'Key' });
  });

  test('SNS brings alerts to the queues, for this account', async () => {
    const request = { principal: 'sns.amazonaws.com', action: 'kms:GenerateDataKey', resource: 'Key' };
    await keyedCloud.expectAllowed({ ...request, context: OWN });
    await keyedCloud.expectDenied({ ...request, context: { 'aws:SourceAccount': '444455556666' } });
  });

  test('the log of the state machine is encrypted, and no other one', async () => {
    const encrypt = { principal: 'logs.eu-west-1.amazonaws.com', action: 'kms:GenerateDataKey', resource: 'Key' };
    const group = (name: string) => ({
      'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:eu-west-1:111122223333:log-group:${name}`,
    });
    await keyedCloud.expectAllowed({ ...encrypt, context: group('/aws/vendedlogs/states/TestEscalationFlow7165F781') });
    await keyedCloud.expectDenied({ ...encrypt, context: group('/aws/vendedlogs/states/TestAnother7165F781') });
  });

  test('deliveries of logs decrypt what Step Functions has logged in this account, and nothing else', async () => {
    const decrypt = { principal: 'delivery.logs.amazonaws.com', action: 'kms:Decrypt', resource: 'Key' };
    const of = (account: string) => ({ 'kms:EncryptionContext:SourceArn': `arn:aws:logs:eu-west-1:${account}:*` });
    await keyedCloud.expectAllowed({ ...decrypt, context: of('111122223333') });
    await keyedCloud.expectDenied({ ...decrypt, context: of('444455556666') });
    await keyedCloud.expectDenied(decrypt);
  });
});
