import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as kms from 'aws-cdk-lib/aws-kms';
import { EndpointCapacity, ModelEndpoint, ModelEndpointGrants } from '../../lib';
import { CloudModel } from '../support/policy-simulator';
import { testStack } from '../support/template';

const principal = 'ModelRole';
const stack = testStack();
const encryptionKey = new kms.Key(stack, 'Key');
new ecr.Repository(stack, 'Other');
const [repository, imageTag] = [new ecr.Repository(stack, 'Images'), 'v1'];
const capacity = EndpointCapacity.instances({ instanceType: 'ml.c7i.large' });
const own = new ModelEndpoint(stack, 'Model', { repository, imageTag, encryptionKey, capacity });
const asking = new Role(stack, 'Asking', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
ModelEndpointGrants.fromEndpoint(ModelEndpoint.fromEndpointName(stack, 'There', 'Wires')).invoke(asking);
own.grants.invoke(asking);
const cloud = CloudModel.of(stack);

const HERE = 'eu-west-1:111122223333';
const logs = (name: string) => `arn:aws:logs:${HERE}:log-group:${name}`;

test('the model pulls its own image, and pushes none', async () => {
  for (const name of ['BatchGetImage', 'GetDownloadUrlForLayer', 'BatchCheckLayerAvailability']) {
    await cloud.expectAllowed({ principal, action: `ecr:${name}`, resource: 'Images' });
    await cloud.expectDenied({ principal, action: `ecr:${name}`, resource: 'Other' });
  }
  await cloud.expectAllowed({ principal, action: 'ecr:GetAuthorizationToken', resource: '*' });
  await cloud.expectDenied({ principal, action: 'ecr:PutImage', resource: 'Images' });
});

test('it writes logs of endpoints, and no others', async () => {
  const stream = '/aws/sagemaker/Endpoints/model:log-stream:v1/i-1';
  await cloud.expectAllowed({ principal, action: 'logs:PutLogEvents', resource: logs(stream) });
  await cloud.expectDenied({ principal, action: 'logs:PutLogEvents', resource: logs('/aws/lambda/x:log-stream:y') });
  await cloud.expectAllowed({
    principal,
    action: 'logs:CreateLogGroup',
    resource: logs('/aws/sagemaker/Endpoints/model'),
  });
  await cloud.expectDenied({ principal, action: 'logs:CreateLogGroup', resource: logs('/aws/lambda/x') });
  await cloud.expectDenied({ principal, action: 'logs:GetLogEvents', resource: logs(stream) });
});

test('it lets its disks be encrypted, and encrypts nothing itself', async () => {
  const grant = { principal, action: 'kms:CreateGrant', resource: 'Key' };
  await cloud.expectAllowed({ ...grant, context: { 'kms:GrantIsForAWSResource': 'true' } });
  await cloud.expectDenied({ ...grant, context: { 'kms:GrantIsForAWSResource': 'false' } });
  await cloud.expectDenied({ principal, action: 'kms:Decrypt', resource: 'Key' });
});

test('it reads nothing else', async () => {
  for (const action of ['s3:GetObject', 'sagemaker:InvokeEndpoint', 'kinesisvideo:GetMedia']) {
    await cloud.expectDenied({ principal, action, resource: '*' });
  }
});

test('who may ask, asks these two', async () => {
  const ask = { principal: 'Asking', action: 'sagemaker:InvokeEndpoint' };
  await cloud.expectAllowed({ ...ask, resource: /\/Model0301700E$/ });
  await cloud.expectAllowed({ ...ask, resource: `arn:aws:sagemaker:${HERE}:endpoint/wires` });
  await cloud.expectDenied({ ...ask, resource: `arn:aws:sagemaker:${HERE}:endpoint/wires-2` });
  await cloud.expectDenied({
    ...ask,
    action: 'sagemaker:UpdateEndpoint',
    resource: `arn:aws:sagemaker:${HERE}:endpoint/wires`,
  });
});
