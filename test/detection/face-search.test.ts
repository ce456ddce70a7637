import type { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kinesis from 'aws-cdk-lib/aws-kinesis';
import { CfnCollection } from 'aws-cdk-lib/aws-rekognition';
import { FaceCollection, FaceSearch, VideoStream, type FaceSearchProps } from '../../lib';
import { codedError } from '../support/fleet';
import { Match, Template, testStack, warningIds } from '../support/template';

// Who may do what is the subject of test/policies.

const TYPE = 'AWS::Rekognition::StreamProcessor';

function searchIn(stack: Stack, props: Partial<FaceSearchProps> = {}): FaceSearch {
  return new FaceSearch(stack, 'Search', {
    stream: props.stream ?? new VideoStream(stack, 'Camera'),
    collection: props.collection ?? new FaceCollection(stack, 'Faces'),
    dataStream: props.dataStream ?? new kinesis.Stream(stack, 'Records'),
    ...props,
  });
}

describe('defaults', () => {
  const stack = testStack();
  const search = searchIn(stack);
  const template = Template.fromStack(stack);

  test('the processor compares the stream with the collection, and shares nothing', () => {
    const [properties] = Object.values(template.findResources(TYPE)).map((resource) => resource.Properties);
    expect(properties).toEqual({
      DataSharingPreference: { OptIn: false },
      FaceSearchSettings: { CollectionId: { Ref: expect.stringMatching(/^Faces/) } },
      KinesisDataStream: { Arn: { 'Fn::GetAtt': [expect.stringMatching(/^Records/), 'Arn'] } },
      KinesisVideoStream: { Arn: { 'Fn::GetAtt': [expect.stringMatching(/^Camera/), 'Arn'] } },
      RoleArn: { 'Fn::GetAtt': [expect.stringMatching(/^SearchRole/), 'Arn'] },
    });
  });

  test('its role has its permissions before it is there', () => {
    const [policy] = Object.keys(template.findResources('AWS::IAM::Policy'));
    template.hasResource(TYPE, { DependsOn: Match.arrayWith([policy]) });
  });

  test('its attributes are those of the resource', () => {
    const [id] = Object.keys(template.findResources(TYPE));
    expect(stack.resolve(search.streamProcessorName)).toEqual({ Ref: id });
    expect(stack.resolve(search.streamProcessorArn)).toEqual({ 'Fn::GetAtt': [id, 'Arn'] });
    expect(stack.resolve(search.streamProcessorStatus)).toEqual({ 'Fn::GetAtt': [id, 'Status'] });
  });

  test('warns that AWS takes no new customers', () => {
    expect(warningIds(stack)).toEqual(['cdk-kinesis-video:streamProcessorAvailability']);
  });
});

test('passes all properties on', () => {
  const stack = testStack();
  const role = new iam.Role(stack, 'Own', { assumedBy: new iam.ServicePrincipal('rekognition.amazonaws.com') });
  searchIn(stack, {
    collection: new CfnCollection(stack, 'Raw', { collectionId: 'banned' }),
    matchThreshold: 92.5,
    shareDataWithAws: true,
    role,
    tags: { fleet: 'delivery' },
  });
  Template.fromStack(stack).hasResourceProperties(TYPE, {
    FaceSearchSettings: { CollectionId: { Ref: 'Raw' }, FaceMatchThreshold: 92.5 },
    DataSharingPreference: { OptIn: true },
    RoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Own'), 'Arn'] },
    Tags: [{ Key: 'fleet', Value: 'delivery' }],
  });
});

const FAR = 'arn:aws:kinesis:us-east-1:111122223333:stream/far';
test.each<[string, (stack: Stack) => Partial<FaceSearchProps>, string, RegExp]>([
  [
    'a threshold that is taken for 80',
    () => ({ matchThreshold: 79.9 }),
    'FaceMatchThreshold',
    /takes less than 80 for/,
  ],
  ['a threshold over 100', () => ({ matchThreshold: 101 }), 'FaceMatchThreshold', /between 80 and 100 percent/],
  [
    'a data stream of another region',
    (stack) => ({ dataStream: kinesis.Stream.fromStreamArn(stack, 'Far', FAR) }),
    'OtherRegion',
    /The data stream is in us-east-1/,
  ],
  [
    'a collection of another region',
    (stack) => ({
      collection: FaceCollection.fromFaceCollectionArn(
        stack,
        'Far',
        'arn:aws:rekognition:us-east-1:111122223333:collection/far',
      ),
    }),
    'OtherRegion',
    /The collection is in us-east-1/,
  ],
  [
    'a stream without its whole ARN',
    (stack) => ({ stream: VideoStream.fromStreamAttributes(stack, 'Known', { streamName: 'drone-1' }) }),
    'StreamProcessorStream',
    /import the stream by its ARN/,
  ],
])('%s names path, value and remedy', (_what, props, code, message) => {
  const stack = testStack();
  expect(() => searchIn(stack, props(stack))).toThrow(codedError(code, message, 'Test/Search'));
});

test('a region without stream processors is refused', () => {
  const stack = testStack({ env: { account: '111122223333', region: 'sa-east-1' } });
  expect(() => searchIn(stack)).toThrow(codedError('StreamProcessorRegion', /in sa-east-1/, 'Test/Search'));
});
