import { Duration, Names } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { CfnFleetMetric } from 'aws-cdk-lib/aws-iot';
import { Construct } from 'constructs';
import type { DeviceIdentity } from '../device/device-identity';
import { ApiSetting } from '../private/api-setting';
import { iotArn } from '../private/topic-rule';
import { checkPattern, lit } from '../private/validation';

/**
 * Properties of `DeviceConnectivity`.
 */
export interface DeviceConnectivityProps {
  /**
   * What the devices are. Things of its type are counted.
   */
  readonly identity: DeviceIdentity;

  /**
   * The name of the fleet metric: 1 to 128 of `a-z A-Z 0-9 _ . -`.
   * @default - generated
   */
  readonly metricName?: string;
}

/**
 * How many devices are connected to AWS IoT, as one metric, whatever their number.
 *
 * It has the registry and connectivity of all things of the account indexed, which is a setting of the account and is paid
 * for by its updates. What else is indexed stays as it is, and nothing is switched off when this leaves the stack, because
 * others may rely on it. If there are many things, building the index may take longer than a deployment waits: deploy again.
 *
 * @see https://docs.aws.amazon.com/iot/latest/developerguide/iot-fleet-metrics.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const identity = new DeviceIdentity(stack, 'Identity');
 * new FleetMonitoring(stack, 'Monitoring', {
 *   fleetName: 'delivery',
 *   devices: 10_000,
 *   connectivity: new DeviceConnectivity(stack, 'Connectivity', { identity }),
 * });
 */
export class DeviceConnectivity extends Construct {
  /** The name of the fleet metric. */
  public readonly metricName: string;

  /** The query of AWS IoT's index that finds the devices that are connected. */
  public readonly query: string;

  /**
   * @throws ValidationError `ConnectivityMetricName`
   */
  constructor(scope: Construct, id: string, props: DeviceConnectivityProps) {
    super(scope, id);
    const { metricName = Names.uniqueResourceName(this, { maxLength: 128, separator: '-' }) } = props;
    const rule = '1 to 128 of a-z A-Z 0-9 _ . -';
    checkPattern(this, lit`ConnectivityMetricName`, 'metricName', metricName, /^[a-zA-Z0-9_.-]{1,128}$/, rule);
    this.metricName = metricName;
    this.query = `thingTypeName:"${props.identity.thingTypeName}" AND connectivity.connected:true`;

    const indexing = new ApiSetting(this, 'Indexing', {
      handler: 'iot-settings',
      resourceType: 'Custom::IotFleetIndexing',
      properties: {},
      permissions: [
        // These calls have no resource to name: it is a setting of the account.
        { actions: ['iot:GetIndexingConfiguration', 'iot:UpdateIndexingConfiguration'], resources: ['*'] },
        { actions: ['iot:DescribeIndex'], resources: [iotArn(this, 'index', 'AWS_Things')] },
      ],
    });
    const metric = new CfnFleetMetric(this, 'Metric', {
      metricName,
      description: 'Devices that are connected',
      indexName: 'AWS_Things',
      queryString: this.query,
      // Every thing has it, so that each is counted once.
      aggregationField: 'registry.version',
      aggregationType: { name: 'Statistics', values: ['count'] },
      period: 60,
    });
    metric.node.addDependency(indexing);
  }

  /**
   * How many devices are connected.
   * @default - maximum over 5 minutes
   */
  public metricConnectedDevices(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/IoTFleetMetrics',
      metricName: this.metricName,
      dimensionsMap: { AggregationType: 'count' },
      statistic: cloudwatch.Stats.MAXIMUM,
      period: Duration.minutes(5),
      label: 'Devices that are connected',
      ...props,
    }).attachTo(this);
  }
}
