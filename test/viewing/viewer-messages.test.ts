import { Duration, type Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { AlarmTopic, DeviceIdentity, ViewerMessages, ViewingApi, type ViewingApiProps } from '../../lib';
import { environments } from '../support/fleet';
import { Match, Template, testStack } from '../support/template';

// Who may do what is the subject of test/policies.

const ISSUER = { issuerUrl: 'https://login.example.com', audience: ['viewing', 'console'] };

function messagesIn(stack: Stack, props: Partial<ViewingApiProps> = {}, alarms?: AlarmTopic): ViewerMessages {
  const identity = new DeviceIdentity(stack, 'Identity', { topicPrefix: 'fleet' });
  const viewing = new ViewingApi(stack, 'Viewing', { fleetName: 'delivery', identity, issuer: ISSUER, ...props });
  return new ViewerMessages(stack, 'Messages', { viewing, alarmActions: alarms && [alarms.action] });
}

test('AWS IoT asks the function, which verifies the token itself', () => {
  const stack = testStack();
  const { handler, authorizerName } = messagesIn(stack);
  const template = Template.fromStack(stack);
  const [id] = Object.keys(template.findResources('AWS::IoT::Authorizer'));
  template.hasResourceProperties('AWS::IoT::Authorizer', {
    AuthorizerFunctionArn: stack.resolve(handler.functionArn),
    SigningDisabled: true,
    Status: 'ACTIVE',
    TokenKeyName: Match.absent(),
  });
  expect(stack.resolve(authorizerName)).toEqual({ Ref: id });
});

test('viewers connect to the endpoint of the account', () => {
  const stack = testStack();
  expect(stack.resolve(messagesIn(stack).url)).toEqual({
    'Fn::Join': ['', ['wss://', { 'Fn::GetAtt': [expect.stringContaining('IotEndpoints'), 'DataEndpoint'] }, '/mqtt']],
  });
});

test('the function decides as the API does', () => {
  const stack = testStack();
  messagesIn(stack, {
    rolesClaim: 'roles',
    deviceGroupsClaim: 'sites',
    sessionLength: Duration.minutes(30),
    authorizer: lambda.Function.fromFunctionArn(
      stack,
      'Decider',
      'arn:aws:lambda:eu-west-1:111122223333:function:decide',
    ),
  });
  const { 'viewer-messages': variables, 'viewing-api': api } = environments(stack);
  for (const name of ['THING_TYPE', 'CLAIMS', 'AUTHORIZER', 'SESSION_SECONDS']) {
    expect({ name, value: variables[name] }).toEqual({ name, value: api[name] });
  }
  expect(variables).toMatchObject({
    ISSUER: JSON.stringify(ISSUER),
    TOPIC_PREFIX: 'fleet',
    IOT_ARN: 'arn:aws:iot:eu-west-1:111122223333',
    SESSION_SECONDS: '1800',
  });
});

test('tokens may be those of a user pool', () => {
  const stack = testStack();
  messagesIn(stack, { issuer: undefined, signIn: { callbackUrls: ['https://console.example.com/signed-in'] } });
  const { issuerUrl, audience } = JSON.parse(environments(stack)['viewer-messages'].ISSUER);
  expect(issuerUrl).toMatch(/^https:\/\/cognito-idp\./);
  expect(audience).toEqual([expect.any(String)]);
});

test('the alarm goes off when several connections could not be decided', () => {
  const stack = testStack();
  const alarms = new AlarmTopic(stack, 'Alarms');
  const { handler } = messagesIn(stack, {}, alarms);
  Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
    Namespace: 'AWS/Lambda',
    MetricName: 'Errors',
    Dimensions: [{ Name: 'FunctionName', Value: stack.resolve(handler.functionName) }],
    Statistic: 'Sum',
    Period: 300,
    Threshold: 5,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'notBreaching',
    AlarmActions: [stack.resolve(alarms.topic.topicArn)],
  });
});

test('metrics are those of the handler', () => {
  expect(messagesIn(testStack()).metric('ConnectionRefused')).toMatchObject({
    metricName: 'ConnectionRefused',
    namespace: 'KinesisVideoFleet',
    dimensions: { service: 'viewer-messages' },
    statistic: 'Sum',
  });
});
