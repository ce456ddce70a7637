import { DescribeEndpointCommand, UpdateEventConfigurationsCommand } from '@aws-sdk/client-iot';
import type { CdkCustomResourceEvent, CdkCustomResourceResponse } from 'aws-lambda';
import { indexConnectivity, type Ports } from './fleet-indexing';

/** Looks up or switches on what AWS IoT has in its API only. */
export async function handle(event: CdkCustomResourceEvent, ports: Ports): Promise<CdkCustomResourceResponse> {
  // Other parts of the account may rely on registry events and the index, and endpoints are looked up only: nothing to take away.
  if (event.RequestType === 'Delete') return { PhysicalResourceId: event.PhysicalResourceId };

  switch (event.ResourceType) {
    case 'Custom::IotEndpoints': {
      const [credentials, data] = await Promise.all([
        ports.iot.send(new DescribeEndpointCommand({ endpointType: 'iot:CredentialProvider' })),
        ports.iot.send(new DescribeEndpointCommand({ endpointType: 'iot:Data-ATS' })),
      ]);
      return {
        PhysicalResourceId: 'endpoints',
        Data: { CredentialEndpoint: credentials.endpointAddress, DataEndpoint: data.endpointAddress },
      };
    }
    case 'Custom::IotThingEvents':
      await ports.iot.send(new UpdateEventConfigurationsCommand({ eventConfigurations: { THING: { Enabled: true } } }));
      return { PhysicalResourceId: 'thing-events' };
    case 'Custom::IotFleetIndexing':
      await indexConnectivity(ports);
      return { PhysicalResourceId: 'fleet-indexing' };
    default:
      throw new Error(`There is no setting '${event.ResourceType}'.`);
  }
}
