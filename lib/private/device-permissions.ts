import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { DeviceIdentity, DeviceImages } from '../device/device-identity';
import { IMAGE_KEY_ACTIONS } from '../stream/image-generation';

/** The tag of streams and channels whose device is shut out: see `DeviceQuarantine`. */
export const QUARANTINE_TAG = 'cdk-kinesis-video:quarantine';

/** The variable of IAM policies that stands for the thing whose certificate asked for the credentials. */
const THING = '${credentials-iot:ThingName}';

/** What a device may do with the credentials that it gets for its certificate. */
export function devicePermissions(identity: DeviceIdentity): iam.PolicyStatement[] {
  const { signaling, images } = identity;
  return [
    ...denialsInQuarantine(),
    ...streaming(identity),
    ...(signaling ? [signalingAsMaster(identity)] : []),
    ...(images ? imageGeneration(identity, images) : []),
  ];
}

/** A device that is shut out has credentials for up to their duration, and may tag its own streams. */
function denialsInQuarantine(): iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({
      effect: iam.Effect.DENY,
      actions: ['kinesisvideo:*'],
      resources: ['*'],
      conditions: { StringEquals: { [`aws:ResourceTag/${QUARANTINE_TAG}`]: 'true' } },
    }),
    new iam.PolicyStatement({
      effect: iam.Effect.DENY,
      actions: ['kinesisvideo:TagStream'],
      resources: ['*'],
      conditions: { 'ForAnyValue:StringLike': { 'aws:TagKeys': ['cdk-kinesis-video:*'] } },
    }),
  ];
}

/** What the producer SDK calls. */
function streaming(identity: DeviceIdentity): iam.PolicyStatement[] {
  const { encryptionKey } = identity;
  return [
    new iam.PolicyStatement({
      actions: [
        'kinesisvideo:DescribeStream',
        'kinesisvideo:GetDataEndpoint',
        'kinesisvideo:PutMedia',
        'kinesisvideo:TagStream',
      ],
      resources: mediaArns(identity, 'stream'),
    }),
    ...(encryptionKey ? [useOfKey(identity, encryptionKey, ['kms:GenerateDataKey'], 'kinesisvideo')] : []),
  ];
}

/** What the master of the WebRTC SDK calls. */
function signalingAsMaster(identity: DeviceIdentity): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: [
      'kinesisvideo:ConnectAsMaster',
      'kinesisvideo:DescribeSignalingChannel',
      'kinesisvideo:GetIceServerConfig',
      'kinesisvideo:GetSignalingChannelEndpoint',
    ],
    resources: mediaArns(identity, 'channel'),
  });
}

/** Images are made and put into the bucket in the name of the device; the folders keep devices apart. */
function imageGeneration(identity: DeviceIdentity, { bucket, prefix = 'frames' }: DeviceImages): iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({
      actions: ['s3:PutObject'],
      resources: identity.mediaNames(THING).map((name) => bucket.arnForObjects(`${prefix}/${name}/*`)),
    }),
    ...[identity.encryptionKey, bucket.encryptionKey].flatMap((key) =>
      key ? [useOfKey(identity, key, IMAGE_KEY_ACTIONS, 'kinesisvideo', 's3')] : [],
    ),
  ];
}

/** A key is used through the services only: the device itself can't encrypt or decrypt anything with it. */
function useOfKey(
  identity: DeviceIdentity,
  key: kms.IKeyRef,
  actions: string[],
  ...services: string[]
): iam.PolicyStatement {
  const { region, urlSuffix } = Stack.of(identity);
  return new iam.PolicyStatement({
    actions,
    resources: [key.keyRef.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': services.map((service) => `${service}.${region}.${urlSuffix}`) } },
  });
}

function mediaArns(identity: DeviceIdentity, resource: 'stream' | 'channel'): string[] {
  return identity.mediaNames(THING).map((name) =>
    // The ARN ends in the time of creation.
    Stack.of(identity).formatArn({ service: 'kinesisvideo', resource, resourceName: `${name}/*` }),
  );
}
