import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnCollection, CfnStreamProcessor } from 'aws-cdk-lib/aws-rekognition';
import type { Stack } from 'aws-cdk-lib';
import type { aws_rekognition as refs } from 'aws-cdk-lib/interfaces';
import { FaceCollection, FaceCollectionGrants, StreamProcessor, StreamProcessorGrants } from '../../lib';
import { CloudModel } from '../support/policy-simulator';
import { testStack } from '../support/template';

type Methods<T> = { [K in keyof T]?: string[] };

const OF_COLLECTION: Methods<FaceCollectionGrants> = {
  search: ['SearchFaces', 'SearchFacesByImage'],
  index: ['IndexFaces'],
  list: ['DescribeCollection', 'ListFaces'],
  deleteFaces: ['DeleteFaces'],
};
const OF_PROCESSOR: Methods<StreamProcessorGrants> = {
  startStop: ['DescribeStreamProcessor', 'StartStreamProcessor', 'StopStreamProcessor'],
  describe: ['DescribeStreamProcessor'],
};

const arn = (resource: string) => `arn:aws:rekognition:eu-west-1:111122223333:${resource}`;

/** Gives each of the methods to a role of its name. */
function grantAll(stack: Stack, methods: string[], grants: object): CloudModel {
  for (const method of methods) {
    const role = new iam.Role(stack, method, { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    (grants as Record<string, (grantee: iam.IGrantable) => iam.Grant>)[method](role).assertSuccess();
  }
  return CloudModel.of(stack);
}

async function expectJust(
  cloud: CloudModel,
  principal: string,
  granted: string[],
  known: Iterable<string>,
  [own, other]: [string, string],
): Promise<void> {
  for (const name of known) {
    const request = { principal, action: `rekognition:${name}` };
    await cloud.expectDenied({ ...request, resource: other });
    if (granted.includes(name)) await cloud.expectAllowed({ ...request, resource: own });
    else await cloud.expectDenied({ ...request, resource: own });
  }
}

describe.each<[string, (stack: Stack) => refs.ICollectionRef]>([
  ['a collection', (stack) => new FaceCollection(stack, 'Faces', { faceCollectionId: 'banned' })],
  ['an imported collection', (stack) => FaceCollection.fromFaceCollectionId(stack, 'Faces', 'banned')],
  ['a CfnCollection', (stack) => new CfnCollection(stack, 'Faces', { collectionId: 'banned' })],
])('%s', (_what, collectionIn) => {
  const stack = testStack();
  const cloud = grantAll(
    stack,
    Object.keys(OF_COLLECTION),
    FaceCollectionGrants.fromFaceCollection(collectionIn(stack)),
  );
  const known = new Set([...Object.values(OF_COLLECTION).flat(), 'DeleteCollection', 'CreateUser', 'SearchUsers']);

  test.each(Object.entries(OF_COLLECTION))('%s allows just its calls, and none on another', async (method, granted) => {
    await expectJust(cloud, method, granted, known, [arn('collection/banned'), arn('collection/banned-2')]);
  });
});

describe.each<[string, (stack: Stack) => refs.IStreamProcessorRef]>([
  ['an imported processor', (stack) => StreamProcessor.fromStreamProcessorName(stack, 'Processor', 'porch')],
  [
    'a CfnStreamProcessor',
    (stack) =>
      new CfnStreamProcessor(stack, 'Processor', {
        name: 'porch',
        roleArn: 'arn:aws:iam::111122223333:role/porch',
        kinesisVideoStream: { arn: 'arn:aws:kinesisvideo:eu-west-1:111122223333:stream/porch/1700000000000' },
        faceSearchSettings: { collectionId: 'banned' },
        kinesisDataStream: { arn: 'arn:aws:kinesis:eu-west-1:111122223333:stream/faces' },
      }),
  ],
])('%s', (_what, processorIn) => {
  const stack = testStack();
  const cloud = grantAll(
    stack,
    Object.keys(OF_PROCESSOR),
    StreamProcessorGrants.fromStreamProcessor(processorIn(stack)),
  );
  const known = new Set([...Object.values(OF_PROCESSOR).flat(), 'DeleteStreamProcessor', 'UpdateStreamProcessor']);

  test.each(Object.entries(OF_PROCESSOR))('%s allows just its calls, and none on another', async (method, granted) => {
    await expectJust(cloud, method, granted, known, [arn('streamprocessor/porch'), arn('streamprocessor/porch-2')]);
  });
});

test('no method is forgotten here', () => {
  const methods = (prototype: object) =>
    Object.getOwnPropertyNames(prototype).filter((name) => !['constructor', 'actions'].includes(name));
  expect(Object.keys(OF_COLLECTION).sort()).toEqual(methods(FaceCollectionGrants.prototype).sort());
  expect(Object.keys(OF_PROCESSOR).sort()).toEqual(methods(StreamProcessorGrants.prototype).sort());
});

test('actions grants what it is told', async () => {
  const stack = testStack();
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  FaceCollection.fromFaceCollectionId(stack, 'Faces', 'banned').grants.actions(role, 'rekognition:CreateUser');
  StreamProcessor.fromStreamProcessorName(stack, 'Porch', 'porch').grants.actions(role, 'rekognition:TagResource');
  const cloud = CloudModel.of(stack);
  for (const [action, own, other] of [
    ['rekognition:CreateUser', 'collection/banned', 'collection/other'],
    ['rekognition:TagResource', 'streamprocessor/porch', 'collection/banned'],
  ]) {
    await cloud.expectAllowed({ principal: 'Role', action, resource: arn(own) });
    await cloud.expectDenied({ principal: 'Role', action, resource: arn(other) });
  }
});
