import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { Problem, answerOf } from '../problem';

export const moment = z.iso.datetime({ offset: true });

/** Stands in names of channels and streams and in logs, so that it must say nothing of the patient. */
export const appointmentId = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$/);

/** `sub` of a token. */
export const person = z.string().min(1).max(256);

const consent = z.enum(['none', 'given', 'withdrawn']);

/** As it is in the table. */
export const appointment = z.object({
  id: appointmentId,
  clinician: person,
  patient: person,
  start: moment,
  end: moment,
  consent,
  /** What the patient has said, in the order of it. */
  consents: z.array(z.object({ consent, at: moment, by: person })),
  cancelled: z.boolean().default(false),
});

export type Appointment = z.infer<typeof appointment>;

export type Booking = Pick<Appointment, 'clinician' | 'patient' | 'start' | 'end'>;

export interface AppointmentPorts {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly tableName: string;
  /** For how long after its end an appointment is on record. */
  readonly recordDays: number;
  readonly now: () => number;
}

const DAY = 86_400;

/** Who meets whom and when, and what the patient said to recording. */
export class Appointments {
  constructor(private readonly ports: AppointmentPorts) {}

  /** As it is at this moment. */
  async find(id: string): Promise<Appointment | undefined> {
    const { dynamodb, tableName } = this.ports;
    const { Item } = await answerOf(
      dynamodb.send(new GetCommand({ TableName: tableName, Key: { id }, ConsistentRead: true })),
    );
    return Item === undefined ? undefined : appointment.parse(Item);
  }

  /**
   * Books it, or moves it to another time.
   *
   * @throws Problem 409 if it is of other people, over or cancelled: its recording is theirs
   */
  async book(id: string, booking: Booking): Promise<Appointment> {
    const { dynamodb, tableName } = this.ports;
    const fresh: Appointment = { id, ...booking, consent: 'none', consents: [], cancelled: false };
    const times = { start: booking.start, end: booking.end, expiresAt: this.expiryOf(booking.end) };
    try {
      await answerUnlessRefused(
        dynamodb.send(
          new PutCommand({
            TableName: tableName,
            Item: { ...fresh, ...times },
            ConditionExpression: 'attribute_not_exists(id)',
          }),
        ),
      );
      return fresh;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
    const there = await this.find(id);
    const isTheirs = there?.patient === booking.patient && there.clinician === booking.clinician;
    if (!there || !isTheirs || there.cancelled || Date.parse(there.end) <= this.ports.now()) {
      throw new Problem(409, 'Not free', 'An appointment of this id is of other people, over or cancelled.');
    }
    return this.change(id, {
      UpdateExpression: 'SET #start = :start, #end = :end, expiresAt = :expiresAt',
      ConditionExpression: 'patient = :patient AND clinician = :clinician AND cancelled = :no',
      ExpressionAttributeNames: { '#start': 'start', '#end': 'end' },
      ExpressionAttributeValues: {
        ':start': times.start,
        ':end': times.end,
        ':expiresAt': times.expiresAt,
        ':patient': booking.patient,
        ':clinician': booking.clinician,
        ':no': false,
      },
    });
  }

  /** What is said of it stays on record. */
  async cancel(id: string): Promise<Appointment> {
    return this.change(id, {
      UpdateExpression: 'SET cancelled = :yes',
      ConditionExpression: 'attribute_exists(id)',
      ExpressionAttributeValues: { ':yes': true },
    });
  }

  /** Puts on record what the patient says, once if it is said twice. */
  async say(there: Appointment, consent: Appointment['consent']): Promise<Appointment> {
    if (there.consent === consent) return there;
    return this.change(there.id, {
      UpdateExpression: 'SET consent = :consent, consents = list_append(consents, :said)',
      ConditionExpression: 'patient = :patient',
      ExpressionAttributeValues: {
        ':consent': consent,
        ':said': [{ consent, at: new Date(this.ports.now()).toISOString(), by: there.patient }],
        ':patient': there.patient,
      },
    });
  }

  private async change(
    id: string,
    change: Omit<ConstructorParameters<typeof UpdateCommand>[0], 'TableName' | 'Key' | 'ReturnValues'>,
  ): Promise<Appointment> {
    const { dynamodb, tableName } = this.ports;
    try {
      const { Attributes } = await answerUnlessRefused(
        dynamodb.send(new UpdateCommand({ TableName: tableName, Key: { id }, ReturnValues: 'ALL_NEW', ...change })),
      );
      return appointment.parse(Attributes);
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      throw new Problem(409, 'Changed', 'The appointment was changed meanwhile, or is not there.');
    }
  }

  private expiryOf(end: string): number {
    return Math.ceil(Date.parse(end) / 1000) + this.ports.recordDays * DAY;
  }
}

async function answerUnlessRefused<T>(call: Promise<T>): Promise<T> {
  return call.catch((error: unknown) => {
    if (error instanceof ConditionalCheckFailedException) throw error;
    return answerOf(Promise.reject(error));
  });
}
