import * as lambda from 'aws-cdk-lib/aws-lambda';
import { AlertFeed, AlertTopic, DeviceIdentity, FleetKey, Takeover, ViewerMessages, ViewingApi } from '../../lib';
import { CloudModel } from '../support/policy-simulator';
import { testStack } from '../support/template';

const IOT = 'arn:aws:iot:eu-west-1:111122223333';

const stack = testStack();
const identity = new DeviceIdentity(stack, 'Identity');
identity.allowPublish('detections');
new Takeover(stack, 'Takeover', { fleetName: 'delivery', identity });
const encryptionKey = new FleetKey(stack, 'Key');
const alerts = new AlertTopic(stack, 'Alerts', { encryptionKey });
new AlertFeed(stack, 'Feed', { alerts, identity, encryptionKey });
new AlertFeed(stack, 'OtherFeed', { alerts: new AlertTopic(stack, 'OtherAlerts'), identity });
const viewing = new ViewingApi(stack, 'Viewing', {
  fleetName: 'delivery',
  identity,
  issuer: { issuerUrl: 'https://login.example.com', audience: ['viewing'] },
  authorizer: new lambda.Function(stack, 'Decider', {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = () => undefined'),
  }),
});
new ViewerMessages(stack, 'Messages', { viewing });
const cloud = CloudModel.of(stack);

describe('what lets viewers in', () => {
  const principal = 'MessagesHandlerServiceRole';

  test.each(['DescribeThing', 'ListThingGroupsForThing'])('may %s, and nothing else of a thing', async (name) => {
    const resource = `${IOT}:thing/drone-1`;
    await cloud.expectAllowed({ principal, action: `iot:${name}`, resource });
    await cloud.expectDenied({
      principal,
      action: `iot:${name}`,
      resource: resource.replace('111122223333', '444455556666'),
    });
    for (const other of ['UpdateThing', 'DeleteThing', 'ListThingPrincipals']) {
      await cloud.expectDenied({ principal, action: `iot:${other}`, resource });
    }
  });

  test('asks the function that decides, and no other', async () => {
    await cloud.expectAllowed({ principal, action: 'lambda:InvokeFunction', resource: 'Decider' });
    await cloud.expectDenied({ principal, action: 'lambda:InvokeFunction', resource: 'ViewingHandler' });
  });

  test('itself hears and says nothing', async () => {
    const topic = `${IOT}:topic/devices/drone-1/alerts`;
    await cloud.expectAllowed({ principal: 'FeedHandlerServiceRole', action: 'iot:Publish', resource: topic });
    await cloud.expectDenied({ principal, action: 'iot:Publish', resource: topic });
    await cloud.expectDenied({ principal, action: 'iot:Receive', resource: topic });
  });

  test('is asked by AWS IoT for its authorizer, and by nobody else', async () => {
    const request = { principal: 'iot.amazonaws.com', action: 'lambda:InvokeFunction', resource: 'MessagesHandler' };
    const context = (account: string, arn: string) => ({ 'aws:SourceAccount': account, 'aws:SourceArn': arn });
    const own = cloud.arn('MessagesAuthorizer');
    await cloud.expectAllowed({ ...request, context: context('111122223333', own) });
    await cloud.expectDenied({ ...request, context: context('444455556666', own) });
    await cloud.expectDenied({ ...request, context: context('111122223333', `${IOT}:authorizer/other`) });
    await cloud.expectDenied({
      ...request,
      principal: 'apigateway.amazonaws.com',
      context: context('111122223333', own),
    });
  });
});

describe('what tells viewers of alerts', () => {
  const principal = 'FeedHandlerServiceRole';

  test('publishes alerts, and nothing else', async () => {
    const publish = { principal, action: 'iot:Publish' };
    for (const thing of ['drone-1', 'drone-10']) {
      await cloud.expectAllowed({ ...publish, resource: `${IOT}:topic/devices/${thing}/alerts` });
    }
    for (const other of [
      'others/drone-1/alerts',
      'devices/drone-1/detections',
      'devices/drone-1/commands',
      'devices/alerts',
      '$aws/things/drone-1/shadow/update',
    ]) {
      await cloud.expectDenied({ ...publish, resource: `${IOT}:topic/${other}` });
    }
    await cloud.expectDenied({
      principal,
      action: 'iot:RetainPublish',
      resource: `${IOT}:topic/devices/drone-1/alerts`,
    });
  });

  test('writes to its table, and reads nothing', async () => {
    await cloud.expectAllowed({ principal, action: 'dynamodb:UpdateItem', resource: 'FeedTable' });
    await cloud.expectDenied({ principal, action: 'dynamodb:UpdateItem', resource: 'OtherFeedTable' });
    for (const name of ['GetItem', 'Query', 'Scan', 'DeleteItem', 'PutItem', 'DeleteTable']) {
      await cloud.expectDenied({ principal, action: `dynamodb:${name}`, resource: 'FeedTable' });
    }
  });

  test('uses the key without managing it', async () => {
    for (const name of ['Decrypt', 'GenerateDataKey']) {
      await cloud.expectAllowed({ principal, action: `kms:${name}`, resource: 'Key' });
    }
    await cloud.expectDenied({ principal, action: 'kms:ScheduleKeyDeletion', resource: 'Key' });
    const other = { principal: 'OtherFeedHandlerServiceRole', action: 'kms:Decrypt', resource: 'Key' };
    await cloud.expectDenied(other);
  });

  test('gets alerts of its topic only', async () => {
    const request = { principal: 'sns.amazonaws.com', action: 'sqs:SendMessage', resource: 'FeedWorkQueue' };
    await cloud.expectAllowed({ ...request, context: { 'aws:SourceArn': cloud.arn('AlertsTopic') } });
    await cloud.expectDenied({ ...request, context: { 'aws:SourceArn': cloud.arn('OtherAlertsTopic') } });
  });
});

describe('a device', () => {
  const principal = 'IdentityPolicy';
  const context = { 'iot:Connection.Thing.ThingName': 'drone-1', 'iot:Connection.Thing.IsAttached': 'true' };

  test('raises no alerts by itself, and hears none', async () => {
    const publish = { principal, action: 'iot:Publish', context };
    await cloud.expectAllowed({ ...publish, resource: `${IOT}:topic/devices/drone-1/detections` });
    for (const thing of ['drone-1', 'drone-2']) {
      await cloud.expectDenied({ ...publish, resource: `${IOT}:topic/devices/${thing}/alerts` });
      await cloud.expectDenied({
        principal,
        action: 'iot:Subscribe',
        resource: `${IOT}:topicfilter/devices/${thing}/alerts`,
        context,
      });
      await cloud.expectDenied({
        principal,
        action: 'iot:Receive',
        resource: `${IOT}:topic/devices/${thing}/alerts`,
        context,
      });
    }
    const commands = `${IOT}:topicfilter/devices/drone-1/commands`;
    await cloud.expectAllowed({ principal, action: 'iot:Subscribe', resource: commands, context });
  });

  test('connects as no viewer', async () => {
    await cloud.expectAllowed({ principal, action: 'iot:Connect', resource: `${IOT}:client/drone-1`, context });
    const viewer = `${IOT}:client/viewer:${'0'.repeat(32)}:tab-1`;
    await cloud.expectDenied({ principal, action: 'iot:Connect', resource: viewer, context });
  });
});
