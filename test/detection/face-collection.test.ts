import { RemovalPolicy, Stack, App, Token } from 'aws-cdk-lib';
import { FaceCollection } from '../../lib';
import { codedError } from '../support/fleet';
import { Template, testStack } from '../support/template';

const TYPE = 'AWS::Rekognition::Collection';

describe('defaults', () => {
  const stack = testStack();
  const collection = new FaceCollection(stack, 'Faces');
  const template = Template.fromStack(stack);

  test('is kept, whatever becomes of the stack, unless it could not be made', () => {
    template.hasResource(TYPE, { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  });

  test('has an id, which CloudFormation makes for none', () => {
    const [{ Properties }] = Object.values(template.findResources(TYPE));
    expect(Properties.CollectionId).toMatch(/^TestFaces[0-9A-F]{8}$|^Test-Faces-?[0-9A-F]{8}$/);
  });

  test('its attributes are those of the resource', () => {
    const [id] = Object.keys(template.findResources(TYPE));
    const [ref, arn] = [{ Ref: id }, { 'Fn::GetAtt': [id, 'Arn'] }];
    expect(stack.resolve(collection.faceCollectionId)).toEqual(ref);
    expect(stack.resolve(collection.faceCollectionArn)).toEqual(arn);
    expect(stack.resolve(collection.collectionRef)).toEqual({ collectionId: ref, collectionArn: arn });
  });
});

test('the id is the same at each synth, another for each construct, and never too long', () => {
  const ids = () => {
    const stack = new Stack(new App(), 'a'.repeat(128));
    for (const id of ['b', 'c']) new FaceCollection(stack, id.repeat(200));
    return Object.values(Template.fromStack(stack).findResources(TYPE)).map(
      ({ Properties }) => Properties.CollectionId,
    );
  };
  expect(ids()).toEqual(ids());
  expect(new Set(ids()).size).toBe(2);
  for (const id of ids()) expect(id).toMatch(/^[a-zA-Z0-9_.-]{1,255}$/);
});

test('passes all properties on', () => {
  const stack = testStack();
  new FaceCollection(stack, 'Faces', {
    faceCollectionId: 'banned',
    tags: { fleet: 'delivery' },
    removalPolicy: RemovalPolicy.DESTROY,
  });
  Template.fromStack(stack).hasResource(TYPE, {
    DeletionPolicy: 'Delete',
    Properties: { CollectionId: 'banned', Tags: [{ Key: 'fleet', Value: 'delivery' }] },
  });
});

describe('imports', () => {
  const arn = 'arn:aws:rekognition:us-west-2:444455556666:collection/banned';

  test('by ARN: id and environment are those of the ARN', () => {
    const collection = FaceCollection.fromFaceCollectionArn(testStack(), 'Faces', arn);
    expect(collection.faceCollectionId).toBe('banned');
    expect(collection.env).toMatchObject({ account: '444455556666', region: 'us-west-2' });
    expect(collection.collectionRef).toEqual({ collectionArn: arn, collectionId: 'banned' });
  });

  test('by id', () => {
    const stack = testStack();
    const collection = FaceCollection.fromFaceCollectionId(stack, 'Faces', 'banned');
    expect(stack.resolve(collection.faceCollectionArn)).toBe(
      'arn:aws:rekognition:eu-west-1:111122223333:collection/banned',
    );
    expect(collection.faceCollectionId).toBe('banned');
  });

  test('by a token', () => {
    const stack = testStack();
    const collection = FaceCollection.fromFaceCollectionId(stack, 'Faces', Token.asString({ Ref: 'Id' }));
    expect(JSON.stringify(stack.resolve(collection.faceCollectionArn))).toContain('"Ref":"Id"');
  });
});

test.each(['', 'a/b', 'a b', 'a'.repeat(256)])('the id can not be %j', (id) => {
  const stack = testStack();
  const code = 'FaceCollectionId';
  const props = { faceCollectionId: id };
  expect(() => FaceCollection.fromFaceCollectionId(stack, 'Import', id)).toThrow(codedError(code, /1 to 255/, 'Test'));
  expect(() => new FaceCollection(stack, 'Faces', props)).toThrow(codedError(code, /1 to 255/, 'Test/Faces'));
});
