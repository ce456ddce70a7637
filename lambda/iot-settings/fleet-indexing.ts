import {
  DescribeIndexCommand,
  GetIndexingConfigurationCommand,
  UpdateIndexingConfigurationCommand,
  type IoTClient,
  type ThingIndexingConfiguration,
} from '@aws-sdk/client-iot';
import { isNamed } from '../common/errors';

export interface Ports {
  readonly iot: IoTClient;
  readonly pause: (milliseconds: number) => Promise<void>;
}

const INDEX = 'AWS_Things';
const PAUSE = 5000;
/** Four minutes together, of the five that the function has. */
const PAUSES = 48;

/**
 * Has the registry and the connectivity of things indexed, and leaves whatever else is indexed as it is: the configuration
 * is one of the account, and an update replaces all of it.
 *
 * https://docs.aws.amazon.com/iot/latest/developerguide/managing-fleet-index.html
 */
export async function indexConnectivity(ports: Ports): Promise<void> {
  const { iot } = ports;
  const { thingIndexingConfiguration: present } = await iot.send(new GetIndexingConfigurationCommand({}));
  const wanted = withConnectivity(present);
  if (wanted) await iot.send(new UpdateIndexingConfigurationCommand({ thingIndexingConfiguration: wanted }));
  // A fleet metric can't be made before.
  await untilActive(ports);
}

/** Undefined if there is nothing to change. */
function withConnectivity(present?: ThingIndexingConfiguration): ThingIndexingConfiguration | undefined {
  const isIndexed = present !== undefined && present.thingIndexingMode !== 'OFF';
  if (isIndexed && present.thingConnectivityIndexingMode === 'STATUS') return undefined;
  // Managed fields are AWS's, and can't be sent.
  const { managedFields, ...kept } = present ?? {};
  return {
    ...kept,
    thingIndexingMode: isIndexed ? present.thingIndexingMode : 'REGISTRY',
    thingConnectivityIndexingMode: 'STATUS',
  };
}

async function untilActive({ iot, pause }: Ports): Promise<void> {
  for (let tries = 0; tries < PAUSES; tries++) {
    if (await isActive(iot)) return;
    await pause(PAUSE);
  }
  throw new Error(`The index '${INDEX}' is still being built. It goes on without this deployment: try again later.`);
}

async function isActive(iot: IoTClient): Promise<boolean> {
  try {
    const { indexStatus } = await iot.send(new DescribeIndexCommand({ indexName: INDEX }));
    return indexStatus === 'ACTIVE';
  } catch (error) {
    // It isn't there at once.
    if (isNamed(error, 'ResourceNotFoundException')) return false;
    throw error;
  }
}
