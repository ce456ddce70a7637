import { Duration, Stack, type RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { AlertAcknowledgements } from '../alert/alert-acknowledgements';
import type { AlertFeed } from '../alert/alert-feed';
import type { DeviceIdentity } from '../device/device-identity';
import type { Takeover } from '../viewing/takeover';
import type { HandlerFunctionProps } from './handler-function';
import { mediaArn, ofFleet } from './fleet-tag';
import { privateBucket } from './private-bucket';
import { iotArn } from './topic-rule';

/** A bucket whose clips are copies, which nobody needs for longer than a link to them works. */
export function makeClipBucket(
  scope: Construct,
  { encryptionKey, removalPolicy }: { encryptionKey?: kms.IKey; removalPolicy: RemovalPolicy },
): s3.Bucket {
  return privateBucket(scope, 'Clips', {
    encryptionKey,
    lifecycleRules: [{ expiration: Duration.days(1), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    removalPolicy,
  });
}

/** What a function needs to decide who may do what with a device. */
export interface ViewerAccess {
  readonly environment: Record<string, string>;
  /** A function of the user's own that decides. */
  readonly authorizer?: lambda.IFunction;
  /** How its log, which says who was let do what, is kept. */
  readonly logs: NonNullable<HandlerFunctionProps['logs']>;
}

export interface ViewingAccess {
  readonly fleetName: string;
  readonly identity: DeviceIdentity;
  readonly clipBucket: s3.IBucket;
}

/** To decide about a device, it must be known what it is and in which groups. */
export function allowDescribingDevices(grantee: iam.IGrantable, identity: DeviceIdentity): void {
  iam.Grant.addToPrincipal({
    grantee,
    actions: ['iot:DescribeThing', 'iot:ListThingGroupsForThing'],
    resourceArns: [iotArn(identity, 'thing', '*')],
  });
}

/** What the function of the API calls itself: the names of things aren't known, so it is the fleet's tag that limits it. */
export function allowViewing(grantee: iam.IGrantable, { fleetName, identity, clipBucket }: ViewingAccess): void {
  const { encryptionKey, signaling } = identity;
  const add = (actions: string[], resourceArns: string[], conditions?: Conditions) =>
    iam.Grant.addToPrincipal({ grantee, actions, resourceArns, conditions });

  // The call has no resource to name.
  add(['iot:ListThings'], ['*']);
  allowDescribingDevices(grantee, identity);
  add(['iot:ListThingsInThingGroup'], [iotArn(identity, 'thinggroup', '*')]);
  add(
    [
      'kinesisvideo:DescribeStream',
      'kinesisvideo:GetClip',
      'kinesisvideo:GetDASHStreamingSessionURL',
      'kinesisvideo:GetDataEndpoint',
      'kinesisvideo:GetHLSStreamingSessionURL',
      'kinesisvideo:GetImages',
      'kinesisvideo:ListFragments',
    ],
    [mediaArn(identity, 'stream')],
    ofFleet(fleetName),
  );
  if (signaling) add(['kinesisvideo:DescribeSignalingChannel'], [mediaArn(identity, 'channel')], ofFleet(fleetName));
  if (encryptionKey) {
    const { region, urlSuffix } = Stack.of(identity);
    add(['kms:Decrypt'], [encryptionKey.keyRef.keyArn], {
      StringEquals: { 'kms:ViaService': `kinesisvideo.${region}.${urlSuffix}` },
    });
  }
  // A link works with the permissions of who made it.
  add(['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'], [clipBucket.arnForObjects('clips/*')]);
  clipBucket.encryptionKey?.grant(grantee, 'kms:Decrypt', 'kms:GenerateDataKey');
}

export interface ViewingExtras {
  readonly takeover?: Takeover;
  readonly alerts?: AlertFeed;
  readonly acknowledgements?: AlertAcknowledgements;
}

/**
 * Lets the function of the API ask for control, show alerts and acknowledge them.
 * @returns what it has to know for that
 */
export function allowExtras(
  grantee: iam.IGrantable,
  { takeover, alerts, acknowledgements }: ViewingExtras,
): Record<string, string> {
  takeover?.grants.invoke(grantee);
  alerts?.table.grant(grantee, 'dynamodb:Query');
  alerts?.encryptionKey?.grantDecrypt(grantee);
  if (acknowledgements) {
    alerts?.table.grant(grantee, 'dynamodb:GetItem');
    acknowledgements.table.grant(grantee, 'dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    acknowledgements.encryptionKey?.grantEncryptDecrypt(grantee);
  }
  return {
    ...(takeover && { TAKEOVER_FUNCTION: takeover.handler.functionArn }),
    ...(alerts && { ALERT_TABLE: alerts.table.tableName }),
    ...(acknowledgements && {
      ACKNOWLEDGEMENTS: Stack.of(acknowledgements).toJsonString({
        tableName: acknowledgements.table.tableName,
        retentionDays: acknowledgements.retention.toDays(),
      }),
    }),
  };
}

/** A role that the function assumes for one viewer and one channel at a time. */
export function makeViewerRole(scope: Construct, handler: iam.IGrantable, fleetName: string): iam.Role {
  // eslint-disable-next-line awscdk/require-passing-this -- it is made for the construct that is given
  const role = new iam.Role(scope, 'ViewerRole', {
    description: `Lets a viewer meet a device of ${fleetName}, in the one channel that a session is for`,
    assumedBy: handler.grantPrincipal,
  });
  iam.Grant.addToPrincipal({
    grantee: role,
    actions: [
      'kinesisvideo:ConnectAsViewer',
      'kinesisvideo:GetIceServerConfig',
      'kinesisvideo:GetSignalingChannelEndpoint',
    ],
    resourceArns: [mediaArn(scope, 'channel')],
    conditions: ofFleet(fleetName),
  });
  role.grants.assumeRole(handler.grantPrincipal);
  return role;
}

type Conditions = Record<string, Record<string, string>>;
