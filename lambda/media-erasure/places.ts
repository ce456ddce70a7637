import type { KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import type { RekognitionClient } from '@aws-sdk/client-rekognition';
import type { S3Client } from '@aws-sdk/client-s3';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { FaceSource } from './faces';
import { ObjectSource } from './objects';
import { DeviceRecords, NamedAlerts, type RecordTable } from './records';
import type { ErasureRequest } from './request';
import type { Source } from './source';
import { StreamSource } from './streams';

/** Where there is something to erase, as `MediaErasure` puts it into the environment. */
export const erasurePlaces = z.object({
  fleetName: z.string(),
  /** Folders in which each stream has its own. */
  folders: z.array(z.object({ bucket: z.string(), prefix: z.string() })),
  incidentTable: z.string().optional(),
  alertTable: z.string().optional(),
  acknowledgementTable: z.string().optional(),
  commandTable: z.string().optional(),
  collectionId: z.string().optional(),
});

export interface PlacePorts {
  readonly kinesisVideo: KinesisVideoClient;
  readonly s3: S3Client;
  readonly dynamodb: DynamoDBDocumentClient;
  readonly rekognition: RekognitionClient;
  readonly places: z.infer<typeof erasurePlaces>;
  readonly now: () => number;
}

/** Where to look for what a request is about, always in the same order. */
export function placesOf(request: ErasureRequest, startedAt: number, ports: PlacePorts): Source[] {
  const { dynamodb, places } = ports;
  const { incidentTable, alertTable, acknowledgementTable, commandTable, collectionId } = places;
  const { device, subject } = request;
  if (subject) {
    const { externalImageId } = subject;
    return [
      ...(collectionId ? [new FaceSource(subject, collectionId, ports.rekognition)] : []),
      ...(alertTable && externalImageId
        ? [new NamedAlerts(externalImageId, alertTable, dynamodb, acknowledgementTable)]
        : []),
    ];
  }
  const records = (name: string, table: RecordTable, acknowledgements?: string) =>
    new DeviceRecords(name, device!, request, startedAt, table, dynamodb, acknowledgements);
  return [
    // First, so that nothing is made of them any more.
    new StreamSource(device!, request, startedAt, { ...ports, fleetName: places.fleetName }),
    ...places.folders.flatMap(({ bucket, prefix }) =>
      // The stream of its name, and those of its cameras.
      [`${prefix}/${device}/`, `${prefix}/${device}.`].map(
        (folder) => new ObjectSource({ bucket, prefix: folder }, request, startedAt, ports.s3),
      ),
    ),
    ...(incidentTable ? [records('incidents', { name: incidentTable, sortKey: 'at', isByDay: true })] : []),
    ...(alertTable ? [records('alerts', { name: alertTable, sortKey: 'at' }, acknowledgementTable)] : []),
    ...(commandTable ? [records('commands', { name: commandTable, sortKey: 'id' })] : []),
  ];
}
