import * as iam from 'aws-cdk-lib/aws-iam';
import type { aws_rekognition as refs } from 'aws-cdk-lib/interfaces';
import type { Construct } from 'constructs';
import type { AlertAcknowledgements } from '../alert/alert-acknowledgements';
import type { AlertFeed } from '../alert/alert-feed';
import type { ClipArchive } from '../archive/clip-archive';
import { FaceCollectionGrants } from '../detection/face-collection-grants';
import type { ErasableFolder } from '../privacy/media-erasure';
import type { Takeover } from '../viewing/takeover';
import { mediaArn, ofFleet } from './fleet-tag';

/** To find the streams of a fleet, and to delete them. */
export function allowErasingStreams(scope: Construct, grantee: iam.IGrantable, fleetName: string): void {
  const streams = mediaArn(scope, 'stream');
  // What is listed has no resource to name.
  iam.Grant.addToPrincipal({ grantee, actions: ['kinesisvideo:ListStreams'], resourceArns: ['*'] });
  iam.Grant.addToPrincipal({
    grantee,
    actions: ['kinesisvideo:DescribeStream', 'kinesisvideo:ListTagsForStream'],
    resourceArns: [streams],
  });
  iam.Grant.addToPrincipal({
    grantee,
    actions: ['kinesisvideo:DeleteStream'],
    resourceArns: [streams],
    conditions: ofFleet(fleetName),
  });
}

/** To delete all versions of the objects of a folder, unless they are held. Nothing of it can be read. */
export function allowErasingObjects(grantee: iam.IGrantable, { bucket, prefix }: ErasableFolder): void {
  iam.Grant.addToPrincipal({
    grantee,
    actions: ['s3:ListBucketVersions'],
    resourceArns: [bucket.bucketArn],
    conditions: { StringLike: { 's3:prefix': `${prefix}/*` } },
  });
  iam.Grant.addToPrincipal({
    grantee,
    actions: ['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:GetObjectLegalHold', 's3:GetObjectRetention'],
    resourceArns: [bucket.arnForObjects(`${prefix}/*`)],
  });
}

export interface ErasableRecords {
  readonly archive?: ClipArchive;
  readonly alerts?: AlertFeed;
  readonly acknowledgements?: AlertAcknowledgements;
  readonly takeover?: Takeover;
  readonly faces?: refs.ICollectionRef;
}

/** To delete what is on record of devices and people. Alerts of a person are of any device, so that all are looked through. */
export function allowErasingRecords(grantee: iam.IGrantable, records: ErasableRecords): void {
  const { archive, alerts, acknowledgements, takeover, faces } = records;
  alerts?.table.grant(grantee, 'dynamodb:DeleteItem', 'dynamodb:Query', ...(faces ? ['dynamodb:Scan'] : []));
  acknowledgements?.table.grant(grantee, 'dynamodb:DeleteItem');
  takeover?.commandTable.grant(grantee, 'dynamodb:DeleteItem', 'dynamodb:Query');
  archive?.index.grant(grantee, 'dynamodb:DeleteItem', 'dynamodb:Query');
  for (const table of [archive?.index, alerts?.table, acknowledgements?.table, takeover?.commandTable]) {
    table?.encryptionKey?.grantEncryptDecrypt(grantee);
  }
  if (!faces) return;
  FaceCollectionGrants.fromFaceCollection(faces).actions(grantee, 'rekognition:DeleteFaces', 'rekognition:ListFaces');
}
