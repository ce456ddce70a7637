import * as kinesis from 'aws-cdk-lib/aws-kinesis';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { ConnectedHomeLabel, FaceCollection, FaceSearch, LabelDetector, VideoStream } from '../../lib';
import { CloudModel } from '../support/policy-simulator';
import { testStack } from '../support/template';

const stack = testStack();
const key = (id: string) => new kms.Key(stack, id);
const streams = ['drone-1', 'drone-10', 'drone-1.front'].map(
  (streamName, index) => new VideoStream(stack, `Camera${index}`, { streamName, encryptionKey: key(`Video${index}`) }),
);
const bucket = new s3.Bucket(stack, 'Bucket', { encryptionKey: key('BucketKey') });
const topic = new sns.Topic(stack, 'Topic', { masterKey: key('TopicKey') });
const dataStream = new kinesis.Stream(stack, 'Records', { encryptionKey: key('RecordsKey') });
new sns.Topic(stack, 'Others', { masterKey: key('OthersKey') });
new kinesis.Stream(stack, 'Elsewhere', { encryptionKey: key('ElsewhereKey') });
const collection = new FaceCollection(stack, 'Faces');
new LabelDetector(stack, 'Labels', {
  stream: streams[0],
  labels: [ConnectedHomeLabel.PERSON],
  bucket,
  prefix: 'labels',
  topic,
  encryptionKey: key('ResultsKey'),
});
new FaceSearch(stack, 'Search', { stream: streams[1], collection, dataStream });
const cloud = CloudModel.of(stack);

const LABELS = 'LabelsRole';
const SEARCH = 'SearchRole';

describe.each([
  ['the label detector', LABELS, 'Camera0', 'Video0', ['Camera1', 'Camera2'], 'Video1'],
  ['the face search', SEARCH, 'Camera1', 'Video1', ['Camera0', 'Camera2'], 'Video0'],
])('the role of %s', (_what, principal, own, ownKey, others, otherKey) => {
  test('reads its stream, and none with a similar name', async () => {
    for (const name of ['DescribeStream', 'GetDataEndpoint', 'GetMedia']) {
      const read = { principal, action: `kinesisvideo:${name}` };
      await cloud.expectAllowed({ ...read, resource: own });
      for (const resource of others) await cloud.expectDenied({ ...read, resource });
    }
    for (const name of ['DeleteStream', 'GetClip', 'ListFragments', 'PutMedia', 'TagStream']) {
      await cloud.expectDenied({ principal, action: `kinesisvideo:${name}`, resource: own });
    }
  });

  test('decrypts the media of its stream, and of no other', async () => {
    const decrypt = { principal, action: 'kms:Decrypt' };
    await cloud.expectAllowed({ ...decrypt, resource: ownKey });
    await cloud.expectDenied({ ...decrypt, resource: otherKey });
    for (const action of ['kms:GenerateDataKey', 'kms:CreateGrant', 'kms:ScheduleKeyDeletion']) {
      await cloud.expectDenied({ principal, action, resource: ownKey });
    }
  });

  test('does nothing by itself with Rekognition, which searches the collection', async () => {
    for (const name of ['SearchFaces', 'SearchFacesByImage', 'IndexFaces', 'ListFaces', 'DeleteFaces']) {
      const request = { action: `rekognition:${name}`, resource: 'Faces' };
      await cloud.expectDenied({ ...request, principal });
      await cloud.expectAllowed({ ...request, principal: '111122223333' });
    }
  });

  describe('trusts Rekognition', () => {
    const trust = {
      principal: 'rekognition.amazonaws.com',
      action: 'sts:AssumeRole',
      resource: principal,
      context: {
        'aws:SourceAccount': '111122223333',
        'aws:SourceArn': 'arn:aws:rekognition:eu-west-1:111122223333:streamprocessor/any',
      },
    };

    test('for a stream processor of this account', async () => {
      await cloud.expectAllowed(trust);
    });

    test.each([
      ['another account', { 'aws:SourceAccount': '444455556666' }],
      [
        'a processor of another account',
        { 'aws:SourceArn': 'arn:aws:rekognition:eu-west-1:444455556666:streamprocessor/any' },
      ],
      [
        'a processor of another region',
        { 'aws:SourceArn': 'arn:aws:rekognition:us-east-1:111122223333:streamprocessor/any' },
      ],
      [
        'something that is no processor',
        { 'aws:SourceArn': 'arn:aws:rekognition:eu-west-1:111122223333:collection/any' },
      ],
      ['nobody', { 'aws:SourceAccount': '', 'aws:SourceArn': '' }],
    ])('but not for %s', async (_what, context) => {
      await cloud.expectDenied({ ...trust, context: { ...trust.context, ...context } });
    });

    test.each(['lambda.amazonaws.com', 'kinesisvideo.amazonaws.com', '444455556666'])('and not %s', async (other) => {
      await cloud.expectDenied({ ...trust, principal: other });
    });
  });
});

describe('the role of the label detector', () => {
  const principal = LABELS;

  test('publishes to its topic, and to no other', async () => {
    const publish = { principal, action: 'sns:Publish' };
    await cloud.expectAllowed({ ...publish, resource: 'Topic' });
    await cloud.expectDenied({ ...publish, resource: 'Others' });
    for (const name of ['Subscribe', 'SetTopicAttributes', 'DeleteTopic']) {
      await cloud.expectDenied({ principal, action: `sns:${name}`, resource: 'Topic' });
    }
    await cloud.expectAllowed({ principal, action: 'kms:GenerateDataKey', resource: 'TopicKey' });
    await cloud.expectDenied({ principal, action: 'kms:GenerateDataKey', resource: 'OthersKey' });
  });

  test('writes into its folder, and reads or removes nothing', async () => {
    const put = { principal, action: 's3:PutObject' };
    const object = `${cloud.arn('Bucket')}/labels/processor/session/1.jpg`;
    await cloud.expectAllowed({ ...put, resource: object });
    for (const name of ['frames/1.jpg', 'labels-2/1.jpg', '1.jpg']) {
      await cloud.expectDenied({ ...put, resource: `${cloud.arn('Bucket')}/${name}` });
    }
    for (const action of ['s3:GetObject', 's3:DeleteObject', 's3:PutObjectAcl']) {
      await cloud.expectDenied({ principal, action, resource: object });
    }
    await cloud.expectDenied({ principal, action: 's3:ListBucket', resource: 'Bucket' });
  });

  test.each(['BucketKey', 'ResultsKey'])('encrypts with %s, and does not manage it', async (resource) => {
    for (const action of ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey']) {
      await cloud.expectAllowed({ principal, action, resource });
      await cloud.expectDenied({ principal, action, resource: 'RecordsKey' });
    }
    for (const action of ['kms:CreateGrant', 'kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion']) {
      await cloud.expectDenied({ principal, action, resource });
    }
  });

  test('writes no records', async () => {
    const put = { action: 'kinesis:PutRecord', resource: 'Records' };
    await cloud.expectDenied({ ...put, principal });
    await cloud.expectAllowed({ ...put, principal: SEARCH });
  });
});

describe('the role of the face search', () => {
  const principal = SEARCH;

  test('writes records to its data stream, and to no other', async () => {
    for (const action of ['kinesis:PutRecord', 'kinesis:PutRecords']) {
      await cloud.expectAllowed({ principal, action, resource: 'Records' });
      await cloud.expectDenied({ principal, action, resource: 'Elsewhere' });
    }
    for (const name of ['GetRecords', 'GetShardIterator', 'DeleteStream', 'ListShards']) {
      await cloud.expectDenied({ principal, action: `kinesis:${name}`, resource: 'Records' });
    }
  });

  test('encrypts them, and decrypts none', async () => {
    await cloud.expectAllowed({ principal, action: 'kms:GenerateDataKey', resource: 'RecordsKey' });
    await cloud.expectDenied({ principal, action: 'kms:GenerateDataKey', resource: 'ElsewhereKey' });
    await cloud.expectDenied({ principal, action: 'kms:Decrypt', resource: 'RecordsKey' });
  });

  test('publishes nothing, and stores nothing', async () => {
    const object = `${cloud.arn('Bucket')}/labels/1.jpg`;
    for (const [action, resource] of [
      ['sns:Publish', 'Topic'],
      ['s3:PutObject', object],
    ]) {
      await cloud.expectDenied({ principal, action, resource });
      await cloud.expectAllowed({ principal: LABELS, action, resource });
    }
  });
});

test('without a folder, a label detector writes into the whole bucket, and into no other', async () => {
  const other = testStack();
  new LabelDetector(other, 'Labels', {
    stream: new VideoStream(other, 'Camera'),
    labels: [ConnectedHomeLabel.ALL],
    bucket: new s3.Bucket(other, 'Bucket', { bucketName: 'results' }),
    topic: new sns.Topic(other, 'Topic'),
  });
  const model = CloudModel.of(other);
  const put = { principal: LABELS, action: 's3:PutObject' };
  await model.expectAllowed({ ...put, resource: `${model.arn('Bucket')}/processor/session/1.jpg` });
  await model.expectDenied({ ...put, resource: `${model.arn('Bucket')}-2/processor/session/1.jpg` });
});
