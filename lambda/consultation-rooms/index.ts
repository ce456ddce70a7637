import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { jsonText, parseEnvironment } from '../common/environment';
import { kinesisVideoClient } from '../common/kinesis-video';
import { observed } from '../common/observability';
import { Appointments } from '../common/consultation/appointments';
import { roomConfiguration } from '../common/consultation/rooms';
import { closeRooms } from './handler';

const environment = parseEnvironment(
  z.object({
    APPOINTMENT_TABLE: z.string().min(1),
    RECORD_DAYS: z.coerce.number().int().min(1),
    ROOMS: jsonText(roomConfiguration),
  }),
);

const ports = {
  kinesisVideo: kinesisVideoClient(),
  rooms: environment.ROOMS,
  appointments: new Appointments({
    dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient()),
    tableName: environment.APPOINTMENT_TABLE,
    recordDays: environment.RECORD_DAYS,
    now: Date.now,
  }),
  now: Date.now,
};

/** On a schedule, with nothing of note in the event. */
export const handler = observed(() => closeRooms(ports));
