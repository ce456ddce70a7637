import * as z from 'zod';
import { appointment, appointmentId, moment, person } from '../common/consultation/appointments';

const HOUR = 3_600_000;

export const appointmentParameters = z.object({
  id: appointmentId.describe('Whoever books makes it. Nothing that says who the patient is.'),
});

export const bookingRequest = z
  .strictObject({
    clinician: person.describe('`sub` of the token.'),
    patient: person.describe('`sub` of the token.'),
    start: moment,
    end: moment.describe('After the beginning, by 8 hours at most.'),
  })
  .refine(({ clinician, patient }) => clinician !== patient, { error: 'is also the clinician', path: ['patient'] })
  .refine(({ start, end }) => Date.parse(end) > Date.parse(start), { error: 'must be after `start`', path: ['end'] })
  .refine(({ start, end }) => Date.parse(end) - Date.parse(start) <= 8 * HOUR, {
    error: 'is more than 8 hours after `start`',
    path: ['end'],
  });

export const consentRequest = z.strictObject({
  consent: z.enum(['given', 'withdrawn']).describe('To recording. Without any, nothing is recorded.'),
});

/** API Gateway hands on nothing where the body was left out. */
export const recordingRequest = z.preprocess(
  (body) => (body === '' ? {} : body),
  z.strictObject({
    clientId: z
      .string()
      .regex(/^(?!AWS_)[a-zA-Z0-9_.-]{1,256}$/)
      .optional()
      .describe('That of the session, which the clinician has.'),
  }),
);

export const appointmentAnswer = appointment.omit({ consents: true });

const url = z.url();

export const sessionAnswer = z.object({
  region: z.string(),
  channelArn: z.string(),
  role: z.enum(['MASTER', 'VIEWER']).describe('The patient is the master, whose camera is seen.'),
  clientId: z.string().optional().describe('Of the clinician, new for each answer.'),
  recorded: z
    .boolean()
    .describe('Whether it is to be joined by way of `recording`: then nothing goes from peer to peer.'),
  endpoints: z.object({ wss: url, https: url }),
  signedUrl: url.describe('Of the WebSocket, to be opened at once, and once.'),
  signedUrlExpiresAt: z.iso.datetime(),
  iceServers: z.array(
    z.object({ urls: z.array(z.string()), username: z.string().optional(), credential: z.string().optional() }),
  ),
  expiresAt: z.iso.datetime().describe('When the session is over: the end of the appointment, or an hour from now.'),
});
