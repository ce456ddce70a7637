import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { FLEET_TAG, ofFleet } from './fleet-tag';

export interface RoomAccess {
  readonly fleetName: string;
  /** Of the streams that recordings are in. */
  readonly encryptionKey: kms.IKey;
}

/** Channels or streams of appointments, whose names begin with that of the fleet. */
function roomArn(scope: Construct, resource: 'stream' | 'channel', fleetName: string): string {
  return Stack.of(scope).formatArn({ service: 'kinesisvideo', resource, resourceName: `${fleetName}-*/*` });
}

/** To make a room when somebody comes, and to have it recorded or not. What is recorded can't be deleted with it. */
export function allowRooms(scope: Construct, grantee: iam.IGrantable, { fleetName, encryptionKey }: RoomAccess): void {
  const channels = roomArn(scope, 'channel', fleetName);
  const streams = roomArn(scope, 'stream', fleetName);
  const add = (actions: string[], resourceArns: string[], conditions?: Conditions) =>
    iam.Grant.addToPrincipal({ grantee, actions, resourceArns, conditions });
  const requestTag = { [`aws:RequestTag/${FLEET_TAG}`]: fleetName };
  const resourceTag = { [`aws:ResourceTag/${FLEET_TAG}`]: fleetName };
  add(['kinesisvideo:CreateSignalingChannel', 'kinesisvideo:CreateStream'], [channels, streams], {
    StringEquals: requestTag,
  });
  // Tags that are part of a creation; what carries another fleet's tag stays that fleet's.
  add(['kinesisvideo:TagResource', 'kinesisvideo:TagStream'], [channels, streams], {
    StringEquals: requestTag,
    StringEqualsIfExists: resourceTag,
  });
  // What isn't there yet has no tags.
  add(['kinesisvideo:DescribeSignalingChannel', 'kinesisvideo:DescribeStream'], [channels, streams]);
  add(
    ['kinesisvideo:DescribeMediaStorageConfiguration', 'kinesisvideo:UpdateMediaStorageConfiguration'],
    [channels, streams],
    ofFleet(fleetName),
  );
  add(['kms:DescribeKey', 'kms:GenerateDataKey'], [encryptionKey.keyArn]);
}

/** To close rooms, and to stop what is being recorded. */
export function allowClosing(scope: Construct, grantee: iam.IGrantable, { fleetName }: RoomAccess): void {
  const channels = roomArn(scope, 'channel', fleetName);
  const add = (actions: string[], resourceArns: string[], conditions?: Conditions) =>
    iam.Grant.addToPrincipal({ grantee, actions, resourceArns, conditions });
  // The call has no resource to name.
  add(['kinesisvideo:ListSignalingChannels'], ['*']);
  add(['kinesisvideo:ListTagsForResource'], [channels]);
  add(
    [
      'kinesisvideo:DeleteSignalingChannel',
      'kinesisvideo:DescribeMediaStorageConfiguration',
      'kinesisvideo:UpdateMediaStorageConfiguration',
    ],
    [channels],
    ofFleet(fleetName),
  );
}

/** Who comes: the patient, whose video it is, or the clinician. */
export type Part = 'Patient' | 'Clinician';

/** A role that the function assumes for one participant and one room at a time. Nobody is both sides of a channel. */
export function makeRole(
  scope: Construct,
  part: Part,
  handler: iam.IGrantable,
  { fleetName, encryptionKey }: RoomAccess,
): iam.Role {
  // eslint-disable-next-line awscdk/require-passing-this, awscdk/no-variable-construct-id -- it is made for the construct that is given
  const role = new iam.Role(scope, `${part}Role`, {
    description: `Lets a ${part.toLowerCase()} into a room of ${fleetName}, the one that a session is for`,
    assumedBy: handler.grantPrincipal,
  });
  const add = (actions: string[], resourceArns: string[], conditions: Conditions) =>
    iam.Grant.addToPrincipal({ grantee: role, actions, resourceArns, conditions });
  add(
    [
      ...(part === 'Patient'
        ? ['kinesisvideo:ConnectAsMaster', 'kinesisvideo:JoinStorageSession']
        : ['kinesisvideo:ConnectAsViewer', 'kinesisvideo:JoinStorageSessionAsViewer']),
      'kinesisvideo:DescribeMediaStorageConfiguration',
      'kinesisvideo:DescribeSignalingChannel',
      'kinesisvideo:GetIceServerConfig',
      'kinesisvideo:GetSignalingChannelEndpoint',
    ],
    [roomArn(scope, 'channel', fleetName)],
    ofFleet(fleetName),
  );
  // Viewers of what is recorded send too.
  add(
    ['kinesisvideo:DescribeStream', 'kinesisvideo:GetDataEndpoint', 'kinesisvideo:PutMedia'],
    [roomArn(scope, 'stream', fleetName)],
    ofFleet(fleetName),
  );
  const { region, urlSuffix } = Stack.of(scope);
  add(['kms:GenerateDataKey'], [encryptionKey.keyArn], {
    StringEquals: { 'kms:ViaService': `kinesisvideo.${region}.${urlSuffix}` },
  });
  role.grants.assumeRole(handler.grantPrincipal);
  return role;
}

type Conditions = Record<string, Record<string, string>>;
