import { CfnParameter, Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { alertSettings } from '../../lambda/common/alerts';
import {
  AlertSeverity,
  AlertTopic,
  DayOfWeek,
  DetectionSource,
  FrameStore,
  ImageDetector,
  QuietWindow,
  type AlertFilter,
  type AlertTopicProps,
} from '../../lib';
import { BIRDS, codedError, deployed, environments } from '../support/fleet';
import { Match, Template, testStack } from '../support/template';

// Who may publish is the subject of test/policies.

const TOPIC = 'AWS::SNS::Topic';
const QUEUE = 'AWS::SQS::Queue';
const TABLE = 'AWS::DynamoDB::Table';
const ALARM = 'AWS::CloudWatch::Alarm';
const SUBSCRIPTION = 'AWS::SNS::Subscription';

const TWO_SEVERITIES = [AlertSeverity.CRITICAL, AlertSeverity.WARNING];

const names = (count: number) => Array.from({ length: count }, (_, index) => `drone-${index}`);

function everyCriterion(): AlertFilter {
  return {
    devices: ['drone-1'],
    obstacles: ['bird'],
    labels: ['Bird'],
    severities: [AlertSeverity.INFO],
    sources: [DetectionSource.IMAGE],
  };
}

/** With somebody who raises alerts, for that is where the settings arrive. */
function alertsOfDetector(stack: Stack, props: AlertTopicProps = {}): AlertTopic {
  const alerts = new AlertTopic(stack, 'Alerts', props);
  const frames = new FrameStore(stack, 'Frames');
  new ImageDetector(stack, 'Detector', { fleetName: 'delivery', frames, obstacles: BIRDS, alerts });
  return alerts;
}

describe('defaults', () => {
  const stack = testStack();
  const alerts = alertsOfDetector(stack);
  const template = Template.fromStack(stack);

  test('the topic is encrypted with the key of AWS, and survives the stack with its subscriptions', () => {
    template.hasResource(TOPIC, {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: { KmsMasterKeyId: 'alias/aws/sns', DisplayName: Match.absent() },
    });
  });

  test('what remembers alerts forgets them by itself, and goes with the stack', () => {
    template.hasResource(TABLE, {
      DeletionPolicy: 'Delete',
      Properties: {
        KeySchema: [
          { AttributeName: 'device', KeyType: 'HASH' },
          { AttributeName: 'obstacle', KeyType: 'RANGE' },
        ],
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
        BillingMode: 'PAY_PER_REQUEST',
        SSESpecification: Match.absent(),
      },
    });
  });

  test('undelivered alerts are kept for two weeks, encrypted by SQS', () => {
    const [queue] = deployed(QUEUE, stack).filter(({ logicalId }) => logicalId.startsWith('Alerts'));
    expect(queue.properties).toEqual({ MessageRetentionPeriod: 1_209_600, SqsManagedSseEnabled: true });
  });

  test.each([
    ['deadLetterAlarm', 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'Maximum', 'QueueName', 'DeadLetterQueue'],
    ['deliveryAlarm', 'AWS/SNS', 'NumberOfNotificationsFailed', 'Sum', 'TopicName', 'Topic'],
  ] as const)('%s goes off at once', (alarm, Namespace, MetricName, Statistic, dimension, of) => {
    const [id] = Object.keys(
      template.findResources(ALARM, {
        Properties: {
          Namespace,
          MetricName,
          Statistic,
          Dimensions: [
            { Name: dimension, Value: { 'Fn::GetAtt': [Match.stringLikeRegexp(`^Alerts${of}`), dimension] } },
          ],
          Period: 60,
          EvaluationPeriods: 1,
          Threshold: 0,
          ComparisonOperator: 'GreaterThanThreshold',
          TreatMissingData: 'notBreaching',
        },
      }),
    );
    expect(stack.resolve(alerts[alarm].alarmArn)).toEqual({ 'Fn::GetAtt': [id, 'Arn'] });
  });

  test('the same class of one device raises one alert a minute', () => {
    const settings = JSON.parse(environments(stack)['image-detector'].ALERTS);
    expect(settings).toEqual({
      topicArn: deployed(TOPIC, stack)[0].arn,
      tableName: deployed(TABLE, stack)[0].attribute('Ref'),
      repeatAfterSeconds: 60,
    });
    expect(alertSettings.parse(settings)).toEqual(settings);
  });
});

test('passes all properties on', () => {
  const stack = testStack();
  const encryptionKey = new kms.Key(stack, 'Key');
  alertsOfDetector(stack, {
    encryptionKey,
    repeatAfter: Duration.minutes(10),
    displayName: 'Obstacles',
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const template = Template.fromStack(stack);
  const keyArn = stack.resolve(encryptionKey.keyArn);
  template.hasResource(TOPIC, {
    DeletionPolicy: 'Delete',
    UpdateReplacePolicy: 'Delete',
    Properties: { KmsMasterKeyId: keyArn, DisplayName: 'Obstacles' },
  });
  template.hasResourceProperties(TABLE, { SSESpecification: { SSEEnabled: true, KMSMasterKeyId: keyArn } });
  template.hasResourceProperties(QUEUE, { KmsMasterKeyId: keyArn });
  expect(JSON.parse(environments(stack)['image-detector'].ALERTS)).toMatchObject({ repeatAfterSeconds: 600 });
});

test('quiet windows arrive where alerts are raised', () => {
  const stack = testStack();
  const night = { start: '22:00', end: '06:00', timeZone: 'Europe/Berlin' };
  alertsOfDetector(stack, { quietWindows: [new QuietWindow({ ...night, days: [DayOfWeek.MONDAY] })] });
  const { quietWindows } = alertSettings.parse(JSON.parse(environments(stack)['image-detector'].ALERTS));
  expect(quietWindows).toEqual([{ ...night, days: [1], severities: ['WARNING', 'INFO'] }]);
});

describe('a subscription', () => {
  test('gets all alerts unless told, and undeliverable ones are kept', () => {
    const stack = testStack();
    const alerts = new AlertTopic(stack, 'Alerts');
    const subscription = alerts.subscribe(new subscriptions.EmailSubscription('pilot@example.com'));
    Template.fromStack(stack).hasResourceProperties(SUBSCRIPTION, {
      Protocol: 'email',
      Endpoint: 'pilot@example.com',
      TopicArn: stack.resolve(alerts.topic.topicArn),
      FilterPolicy: Match.absent(),
      RedrivePolicy: { deadLetterTargetArn: stack.resolve(alerts.deadLetterQueue.queueArn) },
    });
    expect(subscription).toBeInstanceOf(sns.Subscription);
  });

  test.each<[string, AlertFilter, object]>([
    ['devices', { devices: ['drone-1', 'drone-2'] }, { device: ['drone-1', 'drone-2'] }],
    ['obstacles', { obstacles: ['power-line'] }, { obstacle: ['power-line'] }],
    ['labels', { labels: ['Wire'] }, { label: ['Wire'] }],
    ['severities', { severities: [AlertSeverity.CRITICAL] }, { severity: ['CRITICAL'] }],
    ['sources', { sources: [DetectionSource.ON_DEVICE, DetectionSource.IMAGE] }, { source: ['ON_DEVICE', 'IMAGE'] }],
    ['what is not quiet', { duringQuietWindows: false }, { quiet: ['false'] }],
    ['what is quiet or not', { duringQuietWindows: true, labels: ['Wire'] }, { label: ['Wire'] }],
    [
      'all of it',
      {
        devices: ['drone-1'],
        obstacles: ['bird'],
        labels: ['Bird'],
        severities: [AlertSeverity.INFO, AlertSeverity.WARNING],
        sources: [DetectionSource.STREAM_PROCESSOR],
      },
      {
        device: ['drone-1'],
        obstacle: ['bird'],
        label: ['Bird'],
        severity: ['INFO', 'WARNING'],
        source: ['STREAM_PROCESSOR'],
      },
    ],
  ])('can be limited to %s, by the attributes of the message', (_what, filter, FilterPolicy) => {
    const stack = testStack();
    new AlertTopic(stack, 'Alerts').subscribe(new subscriptions.SmsSubscription('+15555550100'), filter);
    Template.fromStack(stack).hasResourceProperties(SUBSCRIPTION, {
      FilterPolicy,
      FilterPolicyScope: Match.absent(),
      RedrivePolicy: { deadLetterTargetArn: Match.anyValue() },
    });
  });

  test.each([
    ['devices', { devices: [] }],
    ['obstacles', { obstacles: [] }],
    ['labels', { labels: [] }],
    ['severities', { severities: [] }],
    ['sources', { sources: [], devices: ['drone-1'] }],
  ])('to no %s at all is refused rather than taken for all', (prop, filter) => {
    const alerts = new AlertTopic(testStack(), 'Alerts');
    expect(() => alerts.subscribe(new subscriptions.EmailSubscription('pilot@example.com'), filter)).toThrow(
      codedError('AlertFilter', new RegExp(`\`${prop}\` is empty, so that no alert would pass`), 'Test/Alerts'),
    );
  });

  // https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
  test.each<[string, AlertFilter, RegExp | undefined]>([
    ['of 5 criteria', { ...everyCriterion(), duringQuietWindows: true }, undefined],
    ['of 6 criteria', { ...everyCriterion(), duringQuietWindows: false }, /has 6 criteria and 1 combinations/],
    ['of 150 combinations', { devices: names(75), severities: TWO_SEVERITIES }, undefined],
    ['of 152 combinations', { devices: names(76), severities: TWO_SEVERITIES }, /has 2 criteria and 152 combinations/],
  ])('with a filter %s is what SNS takes, or refused', (_what, filter, message) => {
    const alerts = new AlertTopic(testStack(), 'Alerts');
    const subscribe = () => alerts.subscribe(new subscriptions.EmailSubscription('pilot@example.com'), filter);
    if (message) expect(subscribe).toThrow(codedError('AlertFilter', message, 'Test/Alerts'));
    else expect(subscribe).not.toThrow();
  });

  test.each<[string, (stack: Stack) => sns.ITopicSubscription]>([
    [
      'a filter',
      () =>
        new subscriptions.EmailSubscription('pilot@example.com', {
          filterPolicy: { device: sns.SubscriptionFilter.existsFilter() },
        }),
    ],
    [
      'a filter of the body',
      () =>
        new subscriptions.EmailSubscription('pilot@example.com', {
          filterPolicyWithMessageBody: { device: sns.FilterOrPolicy.filter(sns.SubscriptionFilter.existsFilter()) },
        }),
    ],
    [
      'a dead-letter queue',
      (stack) =>
        new subscriptions.EmailSubscription('pilot@example.com', { deadLetterQueue: new sqs.Queue(stack, 'Own') }),
    ],
  ])('with %s of its own is refused rather than overwritten', (_what, subscription) => {
    const stack = testStack();
    const alerts = new AlertTopic(stack, 'Alerts');
    expect(() => alerts.subscribe(subscription(stack))).toThrow(
      codedError('AlertSubscription', /of its own; give the filter as second argument of `subscribe`/, 'Test/Alerts'),
    );
  });
});

describe('bad input', () => {
  test.each([
    ['no time', Duration.seconds(0), /`repeatAfter` is 0 seconds; .*between 1 and 86400 seconds/],
    ['over a day', Duration.hours(25), /`repeatAfter` is 90000 seconds/],
    ['half a second', Duration.millis(1500), /`repeatAfter` is 1.5 seconds/],
  ])('%s names path, value and range', (_what, repeatAfter, message) => {
    expect(() => new AlertTopic(testStack(), 'Alerts', { repeatAfter })).toThrow(
      codedError('AlertRepeatAfter', message, 'Test/Alerts'),
    );
  });

  test.each([1, 86_400])('the bound of %i seconds passes', (seconds) => {
    const stack = testStack();
    alertsOfDetector(stack, { repeatAfter: Duration.seconds(seconds) });
    expect(environments(stack)['image-detector'].ALERTS).toContain(`"repeatAfterSeconds":${seconds}}`);
  });

  test('a token passes, and remains a number', () => {
    const stack = testStack();
    const seconds = new CfnParameter(stack, 'Seconds', { type: 'Number' }).valueAsNumber;
    alertsOfDetector(stack, { repeatAfter: Duration.seconds(seconds) });
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).toContain(
      'repeatAfterSeconds\\":",{"Ref":"Seconds"},"}"',
    );
  });
});
