import { Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { FaceSearch, LabelDetector, StreamProcessor } from '../../lib';
import { codedError } from '../support/fleet';
import { testStack, warningIds } from '../support/template';

const ARN = 'arn:aws:rekognition:us-west-2:444455556666:streamprocessor/porch';

test('is imported by its ARN: name and environment are those of the ARN', () => {
  const stack = testStack();
  const processor = StreamProcessor.fromStreamProcessorArn(stack, 'Processor', ARN);
  expect(processor.streamProcessorName).toBe('porch');
  expect(processor.env).toMatchObject({ account: '444455556666', region: 'us-west-2' });
  expect(processor.streamProcessorRef).toEqual({ streamProcessorArn: ARN, streamProcessorName: 'porch' });
  // Whoever imports it has it already.
  processor.grants.startStop(new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }));
  expect(warningIds(stack)).toEqual([]);
});

test('is imported by its name', () => {
  const stack = testStack();
  const processor = StreamProcessor.fromStreamProcessorName(stack, 'Processor', 'porch');
  expect(stack.resolve(processor.streamProcessorArn)).toBe(
    'arn:aws:rekognition:eu-west-1:111122223333:streamprocessor/porch',
  );
  expect(processor.streamProcessorName).toBe('porch');
});

test('is imported by a token', () => {
  const stack = testStack();
  const processor = StreamProcessor.fromStreamProcessorArn(stack, 'Processor', Token.asString({ Ref: 'Arn' }));
  expect(stack.resolve(processor.streamProcessorName)).toEqual({
    'Fn::Select': [1, { 'Fn::Split': ['/', { 'Fn::Select': [5, { 'Fn::Split': [':', { Ref: 'Arn' }] }] }] }],
  });
});

test('is imported by whichever class', () => {
  const stack = testStack();
  expect(LabelDetector.fromStreamProcessorArn(stack, 'Labels', ARN).streamProcessorName).toBe('porch');
  expect(FaceSearch.fromStreamProcessorName(stack, 'Faces', 'porch').streamProcessorName).toBe('porch');
});

test.each(['', 'a/b', 'a b', 'a'.repeat(129)])('is not imported by the name %j', (name) => {
  expect(() => StreamProcessor.fromStreamProcessorName(testStack(), 'Processor', name)).toThrow(
    codedError('StreamProcessorName', /1 to 128 of/, 'Test'),
  );
});
