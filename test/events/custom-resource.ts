import type { CdkCustomResourceEvent } from 'aws-lambda';

/**
 * What CloudFormation sends about a custom resource, and the provider framework hands on. The fields are those of
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes.html
 */
export type Properties = Record<string, unknown>;

const SERVICE_TOKEN = 'arn:aws:lambda:eu-west-1:111122223333:function:Test-Provider-framework-onEvent';

function common(resourceType: string, properties: Properties) {
  return {
    ServiceToken: SERVICE_TOKEN,
    ResponseURL: 'https://cloudformation-custom-resource-response-euwest1.s3-eu-west-1.amazonaws.com/presigned',
    StackId: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/Test/51af3dc0-da77-11e4-872e-1234567db123',
    RequestId: '5478764a-0c36-4a8a-8d1c-7b1d0a2f4b5e',
    LogicalResourceId: 'Setting',
    ResourceType: resourceType,
    ResourceProperties: asSent(properties),
  };
}

/** CloudFormation sends each number and boolean as a string, whatever it is in the template. */
function asSent(properties: Properties): Properties & { ServiceToken: string } {
  const text = JSON.stringify({ ServiceToken: SERVICE_TOKEN, ...properties });
  return JSON.parse(text, (_key, value) => (['number', 'boolean'].includes(typeof value) ? String(value) : value));
}

export function createEvent(resourceType: string, properties: Properties): CdkCustomResourceEvent {
  return { RequestType: 'Create', ...common(resourceType, properties) };
}

/** A rollback is an update too: then `before` is what failed, and `properties` what was there first. */
export function updateEvent(
  resourceType: string,
  physicalId: string,
  before: Properties,
  properties: Properties,
): CdkCustomResourceEvent {
  return {
    RequestType: 'Update',
    ...common(resourceType, properties),
    PhysicalResourceId: physicalId,
    OldResourceProperties: asSent(before),
  };
}

/** Also sent for the old resource, with its own properties, after an update that changed the physical id. */
export function deleteEvent(resourceType: string, physicalId: string, properties: Properties): CdkCustomResourceEvent {
  return { RequestType: 'Delete', ...common(resourceType, properties), PhysicalResourceId: physicalId };
}
