import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** The tag by which the media of a fleet is known, and to which functions are limited. */
export const FLEET_TAG = 'cdk-kinesis-video:fleet';

/** The condition that a resource carries the tag of the fleet. */
export function ofFleet(fleetName: string): Record<string, Record<string, string>> {
  return { StringEquals: { [`aws:ResourceTag/${FLEET_TAG}`]: fleetName } };
}

/** All streams or channels of the account in the region. */
export function mediaArn(scope: IConstruct, resource: 'stream' | 'channel'): string {
  return Stack.of(scope).formatArn({ service: 'kinesisvideo', resource, resourceName: '*' });
}
