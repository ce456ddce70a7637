import { RemovalPolicy } from 'aws-cdk-lib';
import { FleetKey } from '../../lib';
import { Template, testStack } from '../support/template';

test.each([
  [undefined, 'Retain'],
  [RemovalPolicy.DESTROY, 'Delete'],
])('is rotated; with the removal policy %s it is subject to %s', (removalPolicy, policy) => {
  const stack = testStack();
  new FleetKey(stack, 'Key', { removalPolicy });
  Template.fromStack(stack).hasResource('AWS::KMS::Key', {
    DeletionPolicy: policy,
    UpdateReplacePolicy: policy,
    Properties: { EnableKeyRotation: true },
  });
});
