import { App, CfnParameter, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { FrameStore } from '../../lib';
import { codedError, deployed } from '../support/fleet';
import { Match, Template, testStack } from '../support/template';

// Who may reach bucket and queue is the subject of test/policies.

const BUCKET = 'AWS::S3::Bucket';

describe('defaults', () => {
  const stack = testStack();
  const frames = new FrameStore(stack, 'Frames');
  const template = Template.fromStack(stack);

  test('frames are kept for a week and evidence for 90 days, encrypted by S3, open to nobody, and survive the stack', () => {
    template.hasResource(BUCKET, {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        LifecycleConfiguration: {
          Rules: [
            { Prefix: 'frames/', ExpirationInDays: 7, Status: 'Enabled' },
            { Prefix: 'evidence/', ExpirationInDays: 90, Status: 'Enabled' },
            { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: 'Enabled' },
          ],
        },
      },
    });
  });

  test('the bucket itself tells the queue of each frame, and of nothing else', () => {
    template.hasResourceProperties(BUCKET, {
      NotificationConfiguration: {
        QueueConfigurations: [
          {
            Event: 's3:ObjectCreated:*',
            Queue: stack.resolve(frames.queue.queueArn),
            Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'frames/' }] } },
          },
        ],
      },
    });
    for (const type of ['AWS::Lambda::Function', 'AWS::Events::Rule', 'Custom::S3BucketNotifications']) {
      template.resourceCountIs(type, 0);
    }
  });

  test('the bucket is made after the policy by which the queue lets it in, or S3 would refuse the notification', () => {
    const [policy] = Object.keys(
      template.findResources('AWS::SQS::QueuePolicy', {
        Properties: { Queues: [stack.resolve(frames.queue.queueUrl)] },
      }),
    );
    template.hasResource(BUCKET, { DependsOn: [policy] });
  });

  test('a frame that can not be processed seven times goes to the dead-letter queue, and stays for two weeks', () => {
    template.hasResource('AWS::SQS::Queue', {
      DeletionPolicy: 'Delete',
      Properties: {
        SqsManagedSseEnabled: true,
        VisibilityTimeout: 180,
        MessageRetentionPeriod: 1_209_600,
        RedrivePolicy: { deadLetterTargetArn: stack.resolve(frames.deadLetterQueue.queueArn), maxReceiveCount: 7 },
      },
    });
    const [deadLetterQueue] = deployed('AWS::SQS::Queue', stack).filter(({ logicalId }) => /Dead/.test(logicalId));
    expect(deadLetterQueue.properties).toEqual({ MessageRetentionPeriod: 1_209_600, SqsManagedSseEnabled: true });
  });

  test('an alarm goes off as soon as one is there', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmDescription: 'Dead-letter queue: notifications of frames that could not be processed',
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Statistic: 'Maximum',
      Dimensions: [{ Name: 'QueueName', Value: stack.resolve(frames.deadLetterQueue.queueName) }],
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: Match.absent(),
    });
    expect(stack.resolve(frames.deadLetterAlarm.alarmArn)).toEqual({
      'Fn::GetAtt': [Object.keys(template.findResources('AWS::CloudWatch::Alarm'))[0], 'Arn'],
    });
  });
});

test('passes all properties on', () => {
  const stack = testStack();
  const encryptionKey = new kms.Key(stack, 'Key');
  const frames = new FrameStore(stack, 'Frames', {
    encryptionKey,
    retention: Duration.days(1),
    prefix: 'images',
    evidenceRetention: Duration.days(365),
    evidencePrefix: 'alerts',
    removalPolicy: RemovalPolicy.DESTROY,
  });
  expect([frames.prefix, frames.evidencePrefix]).toEqual(['images', 'alerts']);
  const KMSMasterKeyID = stack.resolve(encryptionKey.keyArn);
  const template = Template.fromStack(stack);
  template.hasResource(BUCKET, {
    DeletionPolicy: 'Delete',
    Properties: {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          // A bucket key, because without it each frame would be a call to KMS.
          { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID } },
        ],
      },
      LifecycleConfiguration: {
        Rules: Match.arrayWith([
          Match.objectLike({ Prefix: 'images/', ExpirationInDays: 1 }),
          Match.objectLike({ Prefix: 'alerts/', ExpirationInDays: 365 }),
        ]),
      },
      NotificationConfiguration: {
        QueueConfigurations: [
          Match.objectLike({ Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'images/' }] } } }),
        ],
      },
    },
  });
  template.allResourcesProperties('AWS::SQS::Queue', { KmsMasterKeyId: KMSMasterKeyID });
});

test('the bucket is open to nobody under any flags', () => {
  const stack = new Stack(new App(), 'Test');
  new FrameStore(stack, 'Frames');
  Template.fromStack(stack).hasResourceProperties(BUCKET, {
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
  });
});

describe('bad input', () => {
  const prefix = /`prefix` is '.*'; it must be 1 to 24 of a-z A-Z 0-9 _ -/;
  test.each([
    ['no prefix', { prefix: '' }, 'FramePrefix', prefix],
    ['a prefix of two folders', { prefix: 'a/b' }, 'FramePrefix', prefix],
    ['a prefix of 25 characters', { prefix: 'p'.repeat(25) }, 'FramePrefix', prefix],
    ['no day', { retention: Duration.days(0) }, 'FrameRetention', /`retention` is 0 days.*between 1 and 36500 days/],
    ['a day and a half', { retention: Duration.hours(36) }, 'FrameRetention', /`retention` is 1.5 days/],
    [
      'a folder of evidence that is that of frames',
      { prefix: 'images', evidencePrefix: 'images' },
      'EvidencePrefix',
      /`evidencePrefix` is 'images' like `prefix`; it must be another one/,
    ],
    [
      'a folder of evidence in another one',
      { evidencePrefix: 'frames/alerts' },
      'EvidencePrefix',
      /`evidencePrefix` is 'frames\/alerts'; it must be 1 to 24 of/,
    ],
    [
      'evidence for no day',
      { evidenceRetention: Duration.days(0) },
      'EvidenceRetention',
      /`evidenceRetention` is 0 days/,
    ],
    ['over a century', { retention: Duration.days(36_501) }, 'FrameRetention', /`retention` is 36501 days/],
  ])('%s names path, value and range', (_what, props, code, message) => {
    expect(() => new FrameStore(testStack(), 'Frames', props)).toThrow(codedError(code, message, 'Test/Frames'));
  });

  test('the longest prefix and the longest retention pass', () => {
    const stack = testStack();
    const [retention, evidenceRetention] = [Duration.days(36_500), Duration.days(36_500)];
    new FrameStore(stack, 'Frames', { prefix: 'p'.repeat(24), retention, evidenceRetention });
    Template.fromStack(stack).hasResourceProperties(BUCKET, {
      LifecycleConfiguration: {
        Rules: Match.arrayWith([
          Match.objectLike({ Prefix: `${'p'.repeat(24)}/`, ExpirationInDays: 36_500 }),
          Match.objectLike({ Prefix: 'evidence/', ExpirationInDays: 36_500 }),
        ]),
      },
    });
  });

  test('tokens pass', () => {
    const stack = testStack();
    new FrameStore(stack, 'Frames', {
      prefix: new CfnParameter(stack, 'Prefix').valueAsString,
      retention: Duration.days(new CfnParameter(stack, 'Days', { type: 'Number' }).valueAsNumber),
    });
    Template.fromStack(stack).hasResourceProperties(BUCKET, {
      LifecycleConfiguration: { Rules: Match.arrayWith([Match.objectLike({ ExpirationInDays: { Ref: 'Days' } })]) },
    });
    expect(JSON.stringify(Template.fromStack(stack).findResources(BUCKET))).toContain(
      '{"Fn::Join":["",[{"Ref":"Prefix"},"/"]]}',
    );
  });
});
