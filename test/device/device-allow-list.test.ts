import { RemovalPolicy } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { DeviceAllowList } from '../../lib';
import { Match, Template, testStack } from '../support/template';

const TYPE = 'AWS::DynamoDB::Table';

test('is by default a table of serial numbers that can be restored, and survives the stack', () => {
  const stack = testStack();
  const list = new DeviceAllowList(stack, 'List');
  Template.fromStack(stack).hasResource(TYPE, {
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      KeySchema: [{ AttributeName: 'serialNumber', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'serialNumber', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      DeletionProtectionEnabled: true,
      SSESpecification: Match.absent(),
    },
  });
  expect(list.table.encryptionKey).toBeUndefined();
});

test('is encrypted with the key that it is given', () => {
  const stack = testStack();
  const encryptionKey = new kms.Key(stack, 'Key');
  const list = new DeviceAllowList(stack, 'List', { encryptionKey });
  const KMSMasterKeyId = stack.resolve(encryptionKey.keyArn);
  Template.fromStack(stack).hasResourceProperties(TYPE, {
    SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId },
  });
  expect(list.table.encryptionKey).toBe(encryptionKey);
});

test.each([
  [RemovalPolicy.RETAIN, 'Retain', true],
  [RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, 'RetainExceptOnCreate', true],
  [RemovalPolicy.DESTROY, 'Delete', false],
])(
  'with the removal policy %s DynamoDB refuses deletion, too, unless it is DESTROY',
  (removalPolicy, policy, refused) => {
    const stack = testStack();
    new DeviceAllowList(stack, 'List', { removalPolicy });
    Template.fromStack(stack).hasResource(TYPE, {
      DeletionPolicy: policy,
      Properties: { DeletionProtectionEnabled: refused },
    });
  },
);
