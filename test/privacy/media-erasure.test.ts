import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as sns from 'aws-cdk-lib/aws-sns';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import {
  AlertAcknowledgements,
  AlertFeed,
  AlertTopic,
  ClipArchive,
  DeviceIdentity,
  FaceCollection,
  FrameStore,
  MediaErasure,
  MediaProvisioner,
  Takeover,
  WriteOnceMode,
  type MediaErasureProps,
} from '../../lib';
import { erasurePlaces } from '../../lambda/media-erasure/places';
import { codedError, environments } from '../support/fleet';
import { Match, Template, testStack, warningIds } from '../support/template';

function erasureIn(stack = testStack(), props: Partial<MediaErasureProps> = {}) {
  const identity = new DeviceIdentity(stack, 'Identity');
  const provisioner = new MediaProvisioner(stack, 'Media', { fleetName: 'delivery', identity });
  const bucket = new s3.Bucket(stack, 'Frames');
  const folders = [{ bucket, prefix: 'frames' }];
  return { stack, identity, erasure: new MediaErasure(stack, 'Erasure', { provisioner, folders, ...props }) };
}

const { stack } = erasureIn();
const template = Template.fromStack(stack);

test('there is nothing to warn of', () => {
  expect(warningIds(stack)).toEqual([]);
});

describe('proofs', () => {
  test('are kept for six years, with versions, in a private bucket that outlives the stack', () => {
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BucketEncryption: Match.anyValue(),
        VersioningConfiguration: { Status: 'Enabled' },
        PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
        ObjectLockEnabled: Match.absent(),
        LifecycleConfiguration: {
          Rules: [Match.objectLike({ ExpirationInDays: 2192, NoncurrentVersionExpiration: { NoncurrentDays: 90 } })],
        },
      },
    });
  });

  test.each([
    [undefined, 'GOVERNANCE'],
    [WriteOnceMode.COMPLIANCE, 'COMPLIANCE'],
  ])('can be written once only, in the mode %s', (mode, expected) => {
    const locked = erasureIn(testStack(), {
      writeOnce: { retention: Duration.days(365), mode },
      proofRetention: Duration.days(400),
    });
    Template.fromStack(locked.stack).hasResourceProperties('AWS::S3::Bucket', {
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Days: 365, Mode: expected } } },
      LifecycleConfiguration: { Rules: [Match.objectLike({ ExpirationInDays: 400 })] },
    });
  });

  test('are encrypted with a key, and leave with the stack, if that is asked', () => {
    const keyed = testStack();
    erasureIn(keyed, { encryptionKey: new kms.Key(keyed, 'Key'), removalPolicy: RemovalPolicy.DESTROY });
    Template.fromStack(keyed).hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Delete',
      Properties: {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            Match.objectLike({ ServerSideEncryptionByDefault: Match.objectLike({ SSEAlgorithm: 'aws:kms' }) }),
          ],
        },
      },
    });
  });
});

test('who is erased by whom is logged for a year, and stays', () => {
  template.hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Retain', Properties: { RetentionInDays: 365 } });
});

test('the history of executions logs no requests, which may name a person', () => {
  template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
    LoggingConfiguration: { IncludeExecutionData: false, Level: 'ALL' },
  });
});

test('the function is told of every place', () => {
  const full = testStack();
  const identity = new DeviceIdentity(full, 'Id');
  const frames = new FrameStore(full, 'Store');
  const alerts = new AlertFeed(full, 'Feed', { identity, alerts: new AlertTopic(full, 'Alerts') });
  erasureIn(full, {
    folders: [frames.prefix, frames.evidencePrefix].map((prefix) => ({ bucket: frames.bucket, prefix })),
    archive: new ClipArchive(full, 'Archive', { fleetName: 'delivery', identity }),
    alerts,
    acknowledgements: new AlertAcknowledgements(full, 'Acknowledgements'),
    takeover: new Takeover(full, 'Takeover', { fleetName: 'delivery', identity }),
    faces: new FaceCollection(full, 'Known', { faceCollectionId: 'known' }),
  });
  const { PLACES } = environments(full)['media-erasure'];
  const places = JSON.parse(PLACES);
  expect(erasurePlaces.strict().safeParse(places).error).toBeUndefined();
  expect(places).toMatchObject({
    fleetName: 'delivery',
    folders: [
      { prefix: 'frames' },
      { prefix: 'evidence' },
      { bucket: expect.stringMatching(/Archive/i), prefix: 'clips' },
    ],
    incidentTable: expect.stringMatching(/Index/i),
    alertTable: expect.stringMatching(/Feed/i),
    acknowledgementTable: expect.stringMatching(/Acknowledgements/i),
    commandTable: expect.stringMatching(/Commands/i),
    collectionId: expect.stringMatching(/Known/i),
  });
});

test('a folder that is given twice is looked through once', () => {
  const stack = testStack();
  const archive = new ClipArchive(stack, 'Archive', {
    fleetName: 'delivery',
    identity: new DeviceIdentity(stack, 'Id'),
  });
  const { bucket } = archive;
  const folders = ['clips', 'clips', 'continuous'].map((prefix) => ({ bucket, prefix }));
  erasureIn(stack, { folders, archive });
  const { PLACES } = environments(stack)['media-erasure'];
  expect(JSON.parse(PLACES).folders).toEqual([
    expect.objectContaining({ prefix: 'clips' }),
    expect.objectContaining({ prefix: 'continuous' }),
  ]);
});

describe('what ends badly', () => {
  test('sets the alarm off: requests that failed, took too long or were ended', () => {
    const topic = new sns.Topic(testStack(), 'Topic');
    const { stack: alarmed, erasure } = erasureIn(topic.stack as never, { alarmActions: [new SnsAction(topic)] });
    expect(erasure.failureAlarm.node.path).toBe('Test/Erasure/FailureAlarm');
    const found = Template.fromStack(alarmed).findResources('AWS::CloudWatch::Alarm', {
      Properties: { AlarmDescription: Match.stringLikeRegexp('^Erasure') },
    });
    const [alarm] = Object.values(found);
    const metrics = (alarm.Properties.Metrics as { MetricStat?: { Metric: { MetricName: string } } }[]).flatMap(
      ({ MetricStat }) => MetricStat?.Metric.MetricName ?? [],
    );
    expect(metrics.sort()).toEqual(['ExecutionsAborted', 'ExecutionsFailed', 'ExecutionsTimedOut']);
    expect(alarm.Properties.AlarmActions).toHaveLength(1);
  });

  test('and what ends well are told to whom it is of use', () => {
    const { stack: told, erasure } = erasureIn();
    erasure.onEnded('Tell', { target: new SnsTopic(new sns.Topic(told, 'Topic')) });
    Template.fromStack(told).hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: {
          stateMachineArn: [{ Ref: Match.stringLikeRegexp('^ErasureFlowStateMachine') }],
          status: ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'],
        },
      },
      Targets: [Match.anyValue()],
    });
  });
});

test('metrics are those of the function', () => {
  expect(erasureIn().erasure.metric('ErasureIncomplete')).toMatchObject({
    namespace: 'KinesisVideoFleet',
    metricName: 'ErasureIncomplete',
    dimensions: { service: 'media-erasure' },
    statistic: 'Sum',
  });
});

describe('what is wrong is refused', () => {
  const bucket = s3.Bucket.fromBucketName(testStack(), 'Bucket', 'amzn-s3-demo-bucket');
  test.each<[code: string, message: RegExp, props: Partial<MediaErasureProps>]>([
    ['ErasureFolders', /`folders.prefix` is ''/, { folders: [{ bucket, prefix: '' }] }],
    ['ErasureFolders', /`folders.prefix` is '\/frames'/, { folders: [{ bucket, prefix: '/frames' }] }],
    ['ErasureFolders', /`folders.prefix` is 'frames\/'/, { folders: [{ bucket, prefix: 'frames/' }] }],
    ['ErasureFolders', /`folders.prefix` is 'frames\*'/, { folders: [{ bucket, prefix: 'frames*' }] }],
    ['ErasureFolders', /`folders.length` is 21/, { folders: Array(21).fill({ bucket, prefix: 'frames' }) }],
    ['ErasureProofRetention', /`proofRetention` is 90 days/, { proofRetention: Duration.days(90) }],
    ['ErasureProofRetention', /a whole number/, { proofRetention: Duration.hours(2200) }],
    ['ErasureWriteOnce', /between 1 and 2192 days/, { writeOnce: { retention: Duration.days(2193) } }],
    ['ErasureWriteOnce', /a whole number/, { writeOnce: { retention: Duration.hours(12) } }],
    [
      'ErasureAcknowledgements',
      /give `alerts` too/,
      { acknowledgements: new AlertAcknowledgements(testStack(), 'Acknowledgements') },
    ],
  ])('%s: %s', (code, message, props) => {
    expect(() => erasureIn(testStack(), props)).toThrow(codedError(code, message, 'Test/Erasure'));
  });

  test('but not what is just within', () => {
    const prefix = `${'a/'.repeat(99)}b`;
    erasureIn(testStack(), {
      folders: Array(20).fill({ bucket, prefix }),
      proofRetention: Duration.days(91),
      writeOnce: { retention: Duration.days(91) },
    });
  });
});
