import { App, Stack } from 'aws-cdk-lib';
import cdkJson from '../../cdk.json';
import { DeviceConnectivity, DeviceIdentity } from '../../lib';
import { codedError } from '../support/fleet';
import { CloudModel } from '../support/policy-simulator';
import { Match, Template, testStack } from '../support/template';

function connectivity(metricName?: string) {
  const stack = testStack();
  const identity = new DeviceIdentity(stack, 'Identity');
  return { stack, identity, connectivity: new DeviceConnectivity(stack, 'Connectivity', { identity, metricName }) };
}

test('devices of the type that are connected are counted each minute, once the index is there', () => {
  const { stack, identity, connectivity: made } = connectivity();
  const template = Template.fromStack(stack);
  const [indexing] = Object.keys(template.findResources('Custom::IotFleetIndexing'));
  template.hasResource('AWS::IoT::FleetMetric', {
    Properties: {
      MetricName: made.metricName,
      IndexName: 'AWS_Things',
      QueryString: stack.resolve(`thingTypeName:"${identity.thingTypeName}" AND connectivity.connected:true`),
      AggregationField: 'registry.version',
      AggregationType: { Name: 'Statistics', Values: ['count'] },
      Period: 60,
    },
    DependsOn: Match.arrayWith([indexing]),
  });
  expect(made.metricConnectedDevices()).toMatchObject({
    namespace: 'AWS/IoTFleetMetrics',
    metricName: made.metricName,
    dimensions: { AggregationType: 'count' },
    statistic: 'Maximum',
  });
});

test('cells of one account have metrics of their own', () => {
  const app = new App({ context: cdkJson.context });
  const names = ['One', 'Two'].map((id) => {
    const stack = new Stack(app, id);
    return new DeviceConnectivity(stack, 'It', { identity: new DeviceIdentity(stack, 'Identity') }).metricName;
  });
  expect(new Set(names).size).toBe(2);
});

test.each(['', 'a b', 'a/b', 'a'.repeat(129)])('the metric can not be named %p', (metricName) => {
  expect(() => connectivity(metricName)).toThrow(codedError('ConnectivityMetricName', /1 to 128/, 'Test/Connectivity'));
});

test('the function may change the index, and search nothing', async () => {
  const cloud = CloudModel.of(connectivity().stack);
  const principal = 'CdkKinesisVideoiotsettingsHandlerServiceRole';
  const index = 'arn:aws:iot:eu-west-1:111122223333:index/AWS_Things';
  for (const name of ['GetIndexingConfiguration', 'UpdateIndexingConfiguration']) {
    await cloud.expectAllowed({ principal, action: `iot:${name}`, resource: '*' });
  }
  await cloud.expectAllowed({ principal, action: 'iot:DescribeIndex', resource: index });
  await cloud.expectDenied({ principal, action: 'iot:SearchIndex', resource: index });
  await cloud.expectDenied({ principal, action: 'iot:DescribeIndex', resource: `${index}Groups` });
});
