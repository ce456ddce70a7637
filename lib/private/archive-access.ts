import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { DeviceIdentity } from '../device/device-identity';
import { mediaArn, ofFleet } from './fleet-tag';

/** To list what the streams of a fleet have, and to read it. The names of things aren't known: it is the tag that limits. */
export function allowReadingStreams(grantee: iam.IGrantable, fleetName: string, identity: DeviceIdentity): void {
  iam.Grant.addToPrincipal({
    grantee,
    actions: [
      'kinesisvideo:GetClip',
      'kinesisvideo:GetDataEndpoint',
      'kinesisvideo:GetMediaForFragmentList',
      'kinesisvideo:ListFragments',
    ],
    resourceArns: [mediaArn(identity, 'stream')],
    conditions: ofFleet(fleetName),
  });
  const { encryptionKey } = identity;
  if (!encryptionKey) return;
  const { region, urlSuffix } = Stack.of(identity);
  iam.Grant.addToPrincipal({
    grantee,
    actions: ['kms:Decrypt'],
    resourceArns: [encryptionKey.keyRef.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `kinesisvideo.${region}.${urlSuffix}` } },
  });
}

/** To see since when a stream is there, and how long it keeps what it receives; and that it isn't there, which has no tag. */
export function allowDescribingStreams(grantee: iam.IGrantable, identity: DeviceIdentity): void {
  iam.Grant.addToPrincipal({
    grantee,
    actions: ['kinesisvideo:DescribeStream'],
    resourceArns: [mediaArn(identity, 'stream')],
  });
}

/** To write objects of a folder, to see which there are, and to read them again. */
export function allowStoring(grantee: iam.IGrantable, bucket: s3.IBucket, folder: string): void {
  iam.Grant.addToPrincipal({
    grantee,
    actions: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'],
    resourceArns: [bucket.arnForObjects(`${folder}*`)],
  });
  listIn('s3:ListBucket', grantee, bucket, folder);
}

/** To put versions of objects of a folder under a legal hold, and to take it away. */
export function allowHolding(grantee: iam.IGrantable, bucket: s3.IBucket, folder: string): void {
  iam.Grant.addToPrincipal({
    grantee,
    actions: ['s3:PutObjectLegalHold'],
    resourceArns: [bucket.arnForObjects(`${folder}*`)],
  });
  listIn('s3:ListBucketVersions', grantee, bucket, folder);
}

function listIn(action: string, grantee: iam.IGrantable, bucket: s3.IBucket, folder: string): void {
  iam.Grant.addToPrincipal({
    grantee,
    actions: [action],
    resourceArns: [bucket.bucketArn],
    conditions: { StringLike: { 's3:prefix': `${folder}*` } },
  });
}
