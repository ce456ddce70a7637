import { App, Duration, RemovalPolicy } from 'aws-cdk-lib';
import cdkJson from '../../cdk.json';
import { DroneFleetStateStack, type DroneFleetStateStackProps } from '../../lib';
import { Match, Template } from '../support/template';

function stateOf(props?: DroneFleetStateStackProps): DroneFleetStateStack {
  return new DroneFleetStateStack(new App({ context: cdkJson.context }), 'State', props);
}

/** The deletion policies in the template, by type; those of types that are told apart by name, by logical id. */
function deletionPolicies(template: Template): Record<string, string | undefined> {
  const resources = Object.entries<{ DeletionPolicy?: string }>(template.toJSON().Resources);
  return Object.fromEntries(
    resources.map(([id, { DeletionPolicy }]) => [id.replace(/[0-9A-F]{8}$/, ''), DeletionPolicy]),
  );
}

describe('defaults', () => {
  const state = stateOf();
  const template = Template.fromStack(state);

  test('it is protected from deletion, and says what it is', () => {
    expect(state.terminationProtection).toBe(true);
    expect(template.toJSON().Description).toBe('Video fleet: what devices, people and recordings hold on to');
  });

  test('key, allow list, frames and alerts survive it', () => {
    expect(deletionPolicies(template)).toMatchObject({
      Key: 'Retain',
      AllowListTable: 'Retain',
      FramesBucket: 'Retain',
      AlertsTopic: 'Retain',
      AlarmsTopic: 'Retain',
    });
  });

  test('one key encrypts all of it', () => {
    template.resourceCountIs('AWS::KMS::Key', 1);
    const keyArn = state.resolve(state.encryptionKey.keyArn);
    template.allResourcesProperties('AWS::SQS::Queue', { KmsMasterKeyId: keyArn });
    template.allResourcesProperties('AWS::SNS::Topic', { KmsMasterKeyId: keyArn });
    template.allResourcesProperties('AWS::DynamoDB::Table', { SSESpecification: { KMSMasterKeyId: keyArn } });
    template.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          Match.objectLike({ ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keyArn } }),
        ],
      },
    });
    expect(state.identity.encryptionKey).toBe(state.encryptionKey);
  });

  test('nobody gets e-mails, and nothing runs', () => {
    for (const type of ['AWS::SNS::Subscription', 'AWS::Lambda::Function']) template.resourceCountIs(type, 0);
  });

  test('frames are kept for a week, and are where images go', () => {
    expect(state.identity.images).toBe(state.frames);
    template.hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: {
        Rules: Match.arrayWith([Match.objectLike({ Prefix: 'frames/', ExpirationInDays: 7 })]),
      },
    });
  });

  test('one camera, and signaling', () => {
    expect(state.identity).toMatchObject({ cameras: [], signaling: true });
  });

  test('it tells where serial numbers are put, and where alerts are subscribed to', () => {
    template.hasOutput('AllowListTable', { Value: state.resolve(state.allowList.table.tableName) });
    template.hasOutput('AlertTopic', { Value: state.resolve(state.alerts.topic.topicArn) });
  });
});

test('passes all properties on', () => {
  const state = stateOf({
    cameras: ['front', 'down'],
    signaling: false,
    frameRetention: Duration.days(30),
    repeatAlertsAfter: Duration.hours(1),
    alertEmails: ['pilot@example.com', 'dispatch@example.com'],
    alarmEmails: ['operator@example.com'],
    stackName: 'cameras',
    env: { account: '111122223333', region: 'eu-west-1' },
  });
  expect(state).toMatchObject({ stackName: 'cameras', account: '111122223333', region: 'eu-west-1' });
  expect(state.identity).toMatchObject({ cameras: ['front', 'down'], signaling: false });
  const template = Template.fromStack(state);
  template.hasResourceProperties('AWS::S3::Bucket', {
    LifecycleConfiguration: { Rules: Match.arrayWith([Match.objectLike({ Prefix: 'frames/', ExpirationInDays: 30 })]) },
  });
  template.resourceCountIs('AWS::SNS::Subscription', 3);
  for (const [Endpoint, topic, RedrivePolicy] of [
    ['pilot@example.com', state.alerts.topic, Match.anyValue()],
    ['dispatch@example.com', state.alerts.topic, Match.anyValue()],
    ['operator@example.com', state.alarms.topic, Match.absent()],
  ] as const) {
    const TopicArn = state.resolve(topic.topicArn);
    template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint, TopicArn, RedrivePolicy });
  }
});

test('with DESTROY nothing is left of it, and nothing is in its way', () => {
  const state = stateOf({ removalPolicy: RemovalPolicy.DESTROY });
  expect(state.terminationProtection).toBe(false);
  const template = Template.fromStack(state);
  for (const policy of Object.values(deletionPolicies(template))) expect([undefined, 'Delete']).toContain(policy);
  expect(deletionPolicies(template)).toMatchObject({ Key: 'Delete', AllowListTable: 'Delete', FramesBucket: 'Delete' });
  template.hasResourceProperties('AWS::DynamoDB::Table', { DeletionProtectionEnabled: false });
});

test.each([true, false])('termination protection can be chosen: %s', (terminationProtection) => {
  expect(stateOf({ terminationProtection })).toMatchObject({ terminationProtection });
});

test('without image detection there are no frames, and no device writes any', () => {
  const state = stateOf({ imageDetection: false });
  expect([state.frames, state.identity.images]).toEqual([undefined, undefined]);
  const template = Template.fromStack(state);
  template.resourceCountIs('AWS::S3::Bucket', 0);
  expect(JSON.stringify(template.toJSON())).not.toContain('s3:PutObject');
});
