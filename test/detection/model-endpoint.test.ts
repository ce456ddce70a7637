import { App, CfnParameter, CfnResource, Size, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as kms from 'aws-cdk-lib/aws-kms';
import { EndpointCapacity, ModelEndpoint, type ModelEndpointProps } from '../../lib';
import { codedError } from '../support/fleet';
import { Match, Template, testStack } from '../support/template';

// Who may do what is the subject of test/policies.

function endpointIn(stack: Stack, props: Partial<ModelEndpointProps> = {}): ModelEndpoint {
  const repository = ecr.Repository.fromRepositoryName(stack, 'Images', 'quality');
  return new ModelEndpoint(stack, 'Model', { repository, imageTag: '1.2.0', ...props });
}

function configOf(props: Partial<ModelEndpointProps>, stack = testStack()): Record<string, unknown> {
  endpointIn(stack, props);
  const [config] = Object.values(Template.fromStack(stack).findResources('AWS::SageMaker::EndpointConfig'));
  return config.Properties;
}

const onInstances = (instanceType: string) => EndpointCapacity.instances({ instanceType });

test('unless told, the model is serverless, and answers under the version that its image has', () => {
  const config = configOf({});
  expect(config).toEqual({
    ProductionVariants: [
      {
        VariantName: '1-2-0',
        ModelName: { 'Fn::GetAtt': [expect.stringMatching(/^Model[0-9A-F]{8}$/), 'ModelName'] },
        InitialVariantWeight: 1,
        ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 10 },
      },
    ],
  });
});

test('the image is that of the tag', () => {
  const stack = testStack();
  endpointIn(stack);
  Template.fromStack(stack).hasResourceProperties('AWS::SageMaker::Model', {
    PrimaryContainer: {
      Image: Match.objectLike({ 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp(':1.2.0$')])] }),
    },
  });
});

test('only on instances the container is without a network, and its disks have the key', () => {
  const isolated = (props: Partial<ModelEndpointProps>) => {
    const stack = testStack();
    endpointIn(stack, { encryptionKey: new kms.Key(stack, 'Key'), ...props });
    const template = Template.fromStack(stack);
    const [model] = Object.values(template.findResources('AWS::SageMaker::Model'));
    const [config] = Object.values(template.findResources('AWS::SageMaker::EndpointConfig'));
    return [model.Properties.EnableNetworkIsolation, config.Properties.KmsKeyId !== undefined];
  };
  expect(isolated({})).toEqual([false, false]);
  expect(isolated({ capacity: onInstances('ml.c7i.large') })).toEqual([true, true]);
});

test.each([
  ['ml.m5.large', true],
  ['ml.r5.xlarge', true],
  ['ml.m5d.large', false],
  ['ml.g4dn.xlarge', false],
  ['ml.p4d.24xlarge', false],
  ['ml.g5.xlarge', false],
  ['ml.g6e.xlarge', false],
])('SageMaker takes a key for the disks of %s: %s', (instanceType, takesKey) => {
  const stack = testStack();
  const config = configOf({ capacity: onInstances(instanceType), encryptionKey: new kms.Key(stack, 'Key') }, stack);
  expect('KmsKeyId' in config).toBe(takesKey);
});

test('what can not be made of what there is, is another resource', () => {
  const idOf = (capacity?: EndpointCapacity) => {
    const stack = testStack();
    endpointIn(stack, { capacity });
    return Object.keys(Template.fromStack(stack).findResources('AWS::SageMaker::Endpoint'));
  };
  expect(idOf()).not.toEqual(idOf(onInstances('ml.c7i.large')));
  expect(idOf()).toEqual(idOf(EndpointCapacity.serverless({ memorySize: Size.gibibytes(6) })));
});

test('instances, and how many are kept warm, are as they are told', () => {
  const [first] = configOf({
    capacity: EndpointCapacity.instances({ instanceType: 'ml.c7i.large', instanceCount: 3 }),
  }).ProductionVariants as object[];
  expect(first).toMatchObject({ InstanceType: 'ml.c7i.large', InitialInstanceCount: 3 });
  expect(first).not.toHaveProperty('ServerlessConfig');
  const [second] = configOf({
    capacity: EndpointCapacity.serverless({ maxConcurrency: 20, provisionedConcurrency: 5 }),
  }).ProductionVariants as object[];
  expect(second).toMatchObject({ ServerlessConfig: { MaxConcurrency: 20, ProvisionedConcurrency: 5 } });
});

test('the role can do what it may before there is a model', () => {
  const stack = testStack();
  endpointIn(stack);
  for (const type of ['AWS::SageMaker::Model', 'AWS::SageMaker::EndpointConfig']) {
    const [{ DependsOn }] = Object.values(Template.fromStack(stack).findResources(type));
    expect(DependsOn).toContainEqual(expect.stringMatching(/^ModelRoleDefaultPolicy/));
  }
});

test('metrics are of this version', () => {
  const stack = testStack();
  const endpoint = endpointIn(stack);
  for (const metric of [endpoint.metricInvocations(), endpoint.metricFailures(), endpoint.metricModelLatency()]) {
    expect(metric.namespace).toBe('AWS/SageMaker');
    expect(stack.resolve(metric.dimensions)).toEqual({
      EndpointName: { 'Fn::GetAtt': [expect.stringMatching(/^ModelServerless/), 'EndpointName'] },
      VariantName: '1-2-0',
    });
  }
  expect(endpoint.metricModelLatency().statistic).toBe('p90');
});

test('one that is there already is known by its name, and in lower case by its ARN', () => {
  const stack = testStack();
  const endpoint = ModelEndpoint.fromEndpointName(stack, 'There', 'Quality-7');
  expect(endpoint.endpointName).toBe('Quality-7');
  expect(endpoint.endpointArn).toBe('arn:aws:sagemaker:eu-west-1:111122223333:endpoint/quality-7');
  expect(stack.node.findAll().filter((each) => CfnResource.isCfnResource(each))).toEqual([]);
});

test('tokens pass', () => {
  const stack = new Stack(new App(), 'Test');
  const value = (id: string) => new CfnParameter(stack, id).valueAsString;
  expect(ModelEndpoint.fromEndpointName(stack, 'There', value('Name')).endpointName).toMatch(/^\$\{Token/);
  expect(endpointIn(stack, { imageTag: value('Tag') }).variantName).toBe('model');
});

describe('bad input', () => {
  const from = (name: string) => () => ModelEndpoint.fromEndpointName(testStack(), 'There', name);
  const tag = (imageTag: string) => () => endpointIn(testStack(), { imageTag });
  const serverless = (options: Parameters<typeof EndpointCapacity.serverless>[0]) => () =>
    EndpointCapacity.serverless(options);
  test.each<[string, () => unknown, string, RegExp]>([
    ['no name', from(''), 'EndpointName', /`endpointName` is ''; it must be 1 to 63 of a-z A-Z 0-9 -/],
    ['any name', from('wires*'), 'EndpointName', /`endpointName` is 'wires\*'/],
    ['a long name', from('e'.repeat(64)), 'EndpointName', /`endpointName` is 'e+'/],
    ['no tag', tag(''), 'EndpointTag', /`imageTag` is ''; it must be 1 to 63/],
    ['a tag that ends in a dot', tag('v1.'), 'EndpointTag', /`imageTag` is 'v1\.'/],
    ['a digest', tag('sha256:abc'), 'EndpointTag', /`imageTag` is 'sha256:abc'/],
    ['half a gibibyte', serverless({ memorySize: Size.mebibytes(512) }), 'EndpointCapacity', /`memorySize` is 0.5 GiB/],
    [
      '2.5 GiB',
      serverless({ memorySize: Size.mebibytes(2560) }),
      'EndpointCapacity',
      /whole number between 1 and 6 GiB/,
    ],
    ['7 GiB', serverless({ memorySize: Size.gibibytes(7) }), 'EndpointCapacity', /`memorySize` is 7 GiB/],
    ['no concurrency', serverless({ maxConcurrency: 0 }), 'EndpointCapacity', /`maxConcurrency` is 0; .* 1 and 200/],
    ['too much of it', serverless({ maxConcurrency: 201 }), 'EndpointCapacity', /`maxConcurrency` is 201/],
    [
      'more that are warm than there are',
      serverless({ maxConcurrency: 3, provisionedConcurrency: 4 }),
      'EndpointCapacity',
      /`provisionedConcurrency` is 4; it must be a whole number between 1 and 3/,
    ],
    ['a type of EC2', () => onInstances('c7i.large'), 'EndpointCapacity', /`instanceType` is 'c7i.large'; .* like ml/],
    [
      'no instance',
      () => EndpointCapacity.instances({ instanceType: 'ml.c7i.large', instanceCount: 0 }),
      'EndpointCapacity',
      /`instanceCount` is 0/,
    ],
  ])('%s is refused', (_what, make, code, message) => {
    expect(make).toThrow(codedError(code, message));
  });
});
