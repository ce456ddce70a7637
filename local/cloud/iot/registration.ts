import {
  AddThingToThingGroupCommand,
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateThingCommand,
  DescribeThingCommand,
  ResourceNotFoundException,
  UpdateCertificateCommand,
  UpdateThingCommand,
  type CertificateStatus,
  type IoTClient,
} from '@aws-sdk/client-iot';
import type { Resolved } from './template-body';

type Thing = Resolved['things'][number];

/**
 * Does what a provisioning template says, by the API, so that what the role of the template may not do isn't done.
 *
 * @returns the name of the thing
 */
export async function register(
  client: IoTClient,
  { things, certificates, policies }: Resolved,
  certificateArn: string,
): Promise<string | undefined> {
  for (const thing of things) await bringThing(client, thing);
  for (const { certificateId, status } of certificates) {
    await client.send(new UpdateCertificateCommand({ certificateId, newStatus: status as CertificateStatus }));
  }
  for (const policyName of policies) await client.send(new AttachPolicyCommand({ policyName, target: certificateArn }));
  for (const { thingName } of things) {
    await client.send(new AttachThingPrincipalCommand({ thingName, principal: certificateArn }));
  }
  return things[0]?.thingName;
}

async function bringThing(client: IoTClient, thing: Thing): Promise<void> {
  const { thingName, thingTypeName, attributes, groups, override } = thing;
  const present = await client.send(new DescribeThingCommand({ thingName })).catch((error: unknown) => {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  });
  if (!present) {
    await client.send(new CreateThingCommand({ thingName, thingTypeName, attributePayload: { attributes } }));
  } else {
    if (Object.values(override).includes('FAIL')) throw new Error(`There is a thing ${thingName} already`);
    const attributePayload = changesAttributes(thing)
      ? { attributes, merge: override.AttributePayload === 'MERGE' }
      : undefined;
    const type = override.ThingTypeName === 'REPLACE' ? thingTypeName : undefined;
    if (attributePayload || type) {
      await client.send(new UpdateThingCommand({ thingName, attributePayload, thingTypeName: type }));
    }
    if (!['REPLACE', 'MERGE'].includes(override.ThingGroups ?? 'DO_NOTHING')) return;
  }
  for (const thingGroupName of groups) {
    await client.send(new AddThingToThingGroupCommand({ thingGroupName, thingName }));
  }
}

function changesAttributes({ attributes, override }: Thing): boolean {
  return attributes !== undefined && ['REPLACE', 'MERGE'].includes(override.AttributePayload ?? 'DO_NOTHING');
}
