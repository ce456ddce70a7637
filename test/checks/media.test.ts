import { findingsBy, found, type Resources } from '../support/rules';
import { allow, documentOf, role } from '../support/written-policies';

const STREAM = { Type: 'AWS::KinesisVideo::Stream', Properties: { DataRetentionInHours: 24 } };
const KEPT = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };
const KEY = { 'Fn::GetAtt': ['Key', 'Arn'] };

const encryptedWith = (SSEAlgorithm?: unknown) => ({
  BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm } }] },
});

describe('the bucket of images of a stream that has a key', () => {
  const images = (bucket: object, stream: object = { KmsKeyId: KEY }): Resources => ({
    Stream: { ...STREAM, Properties: stream as Record<string, unknown> },
    Media: { Type: 'AWS::S3::Bucket', Properties: bucket as Record<string, unknown> },
    Images: {
      Type: 'Custom::KinesisVideoImageGeneration',
      Properties: { Stream: { Ref: 'Stream' }, Bucket: { Ref: 'Media' } },
    },
  });

  test.each<[what: string, bucket: object, isFound: boolean]>([
    ['says nothing', {}, true],
    ['has a list of nothing', { BucketEncryption: { ServerSideEncryptionConfiguration: [] } }, true],
    ['has no default', { BucketEncryption: { ServerSideEncryptionConfiguration: [{}] } }, true],
    ['has what is no list', { BucketEncryption: {} }, true],
    ['has a key of S3', encryptedWith('AES256'), true],
    ['has a key of the account', encryptedWith('aws:kms'), false],
    ['has a key of the account, twice', encryptedWith('aws:kms:dsse'), false],
    ['says so at deployment', encryptedWith({ Ref: 'Algorithm' }), false],
  ])('%s', (_what, bucket, isFound) => {
    expect(found('MediaBucketKey', images(bucket))).toEqual(isFound ? ['Media: '] : []);
    expect(found('MediaBucketKey', images(bucket, {}))).toEqual([]);
  });

  test('is in no template with the stream', () => {
    const { Stream, ...others } = images({});
    expect(Stream).toBeDefined();
    expect(found('MediaBucketKey', others)).toEqual([]);
  });
});

describe('labels of a stream that has a key', () => {
  const labels = (more: object, bucket?: object): Resources => ({
    Stream: { ...STREAM, Properties: { KmsKeyId: KEY } },
    ...(bucket && { Media: { Type: 'AWS::S3::Bucket', Properties: bucket as Record<string, unknown> } }),
    Processor: {
      Type: 'AWS::Rekognition::StreamProcessor',
      Properties: {
        KinesisVideoStream: { Arn: { 'Fn::GetAtt': ['Stream', 'Arn'] } },
        S3Destination: { BucketName: bucket ? { Ref: 'Media' } : 'elsewhere' },
        ...more,
      },
    },
  });

  test.each<[what: string, resources: Resources, isFound: boolean]>([
    ['in a bucket without', labels({}, {}), true],
    ['in a bucket that is elsewhere', labels({}), true],
    ['in a bucket with one', labels({}, encryptedWith('aws:kms')), false],
    ['with one of the processor', labels({ KmsKeyId: KEY }, {}), false],
    ['nowhere', labels({ S3Destination: undefined }, {}), false],
  ])('%s', (_what, resources, isFound) => {
    expect(found('LabelResultsKey', resources)).toEqual(isFound ? ['Processor: '] : []);
  });

  test('in no template with the stream', () => {
    const { Stream, ...others } = labels({}, {});
    expect(Stream).toBeDefined();
    expect(found('LabelResultsKey', others)).toEqual([]);
  });
});

describe('what goes with its stack', () => {
  const BOTH = ['DeletionPolicy', 'UpdateReplacePolicy'];
  const locations = (resources: Resources) =>
    findingsBy('MediaRemoval', resources).map(({ resource, location }) => `${resource.logicalId} ${location}`);
  const gone = (...ids: string[]) => ids.flatMap((id) => BOTH.map((attribute) => `${id} ${attribute}`));

  test('a stream, by either attribute', () => {
    expect(locations({ Stream: STREAM })).toEqual(gone('Stream'));
    expect(locations({ Stream: { ...STREAM, ...KEPT } })).toEqual([]);
    expect(locations({ Stream: { ...STREAM, ...KEPT, DeletionPolicy: 'RetainExceptOnCreate' } })).toEqual([]);
    expect(locations({ Stream: { ...STREAM, ...KEPT, DeletionPolicy: 'Delete' } })).toEqual(['Stream DeletionPolicy']);
    expect(locations({ Stream: { ...STREAM, Properties: { DataRetentionInHours: 0 } } })).toEqual([]);
    expect(locations({ Stream: { ...STREAM, Properties: {} } })).toEqual([]);
  });

  test('the key of a stream and that of the bucket of its images, and no other', () => {
    const key = { Type: 'AWS::KMS::Key' };
    const resources = {
      Stream: { ...STREAM, ...KEPT, Properties: { DataRetentionInHours: 24, KmsKeyId: KEY } },
      Key: key,
      BucketKey: key,
      Other: key,
      Media: {
        Type: 'AWS::S3::Bucket',
        Properties: { BucketEncryption: { KMSMasterKeyID: { 'Fn::GetAtt': ['BucketKey', 'Arn'] } } },
      },
      Images: { Type: 'Custom::KinesisVideoImageGeneration', Properties: { Bucket: { Ref: 'Media' } } },
    };
    expect(locations(resources)).toEqual(gone('Key', 'BucketKey'));
  });

  test('a bucket of images that is emptied, and no other bucket that is', () => {
    const emptied = (id: string) => ({ Type: 'Custom::S3AutoDeleteObjects', Properties: { BucketName: { Ref: id } } });
    const bucket = { Type: 'AWS::S3::Bucket' };
    const resources = {
      Media: bucket,
      Kept: bucket,
      Other: bucket,
      EmptiesMedia: emptied('Media'),
      EmptiesOther: emptied('Other'),
      Images: { Type: 'Custom::KinesisVideoImageGeneration', Properties: { Bucket: { Ref: 'Media' } } },
      MoreImages: { Type: 'Custom::KinesisVideoImageGeneration', Properties: { Bucket: { Ref: 'Kept' } } },
    };
    expect(locations(resources)).toEqual(gone('Media'));
  });
});

test.each<[actions: string[][], isFound: boolean]>([
  [
    [
      ['ConnectAsMaster', 'DescribeSignalingChannel'],
      ['GetIceServerConfig', 'ConnectAsViewer'],
    ],
    true,
  ],
  [[['ConnectAsMaster', 'ConnectAsViewer']], true],
  [[['connectasmaster'], ['CONNECTASVIEWER']], true],
  [[['ConnectAsMaster', 'DescribeSignalingChannel']], false],
  [[['ConnectAsViewer']], false],
])('who may %j is both sides of a channel: %j', (statements, isFound) => {
  const actions = statements.map((names) => names.map((name) => `kinesisvideo:${name}`));
  const Who = role('lambda.amazonaws.com', ...actions.map((names) => allow(names, 'a')));
  expect(found('ViewerIsMaster', { Who })).toEqual(isFound ? ['Who: '] : []);
});

describe('names that only contain what is looked for', () => {
  const policy = (actions: string[], resource: string) => ({
    One: { Type: 'AWS::IAM::ManagedPolicy', Properties: documentOf(allow(actions, resource)) },
  });

  test('are other actions, and other resources', () => {
    expect(found('WildcardActions', policy(['other-kinesisvideo:Get*'], 'a'))).toEqual([]);
    expect(found('AllResources', policy(['other-kinesisvideo:GetMedia'], '*'))).toEqual([]);
    expect(found('AllResources', policy(['kinesisvideo:GetMedia'], '*:a'))).toEqual([]);
  });

  test('are other keys', () => {
    const stream = (KmsKeyId: string) => ({ One: { ...STREAM, Properties: { KmsKeyId } } });
    expect(found('StreamKey', stream('alias/aws/kinesisvideo'))).toEqual(['One: ']);
    expect(found('StreamKey', stream('alias/aws/kinesisvideo-of-ours'))).toEqual([]);
  });
});
