import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { Router } from '@aws-lambda-powertools/event-handler/http';
import type * as z from 'zod';
import { callerOf, type Caller } from '../common/access/caller';
import { Appointments, type Appointment, type AppointmentPorts } from '../common/consultation/appointments';
import { openRoom, record, roomOf, stopRecording, stopRecordingIn, type RoomPorts } from '../common/consultation/rooms';
import { answer, httpApi, type Api } from '../common/http-api';
import { logger, metrics } from '../common/observability';
import { Problem, answerOf } from '../common/problem';
import { partOf, roleOf, stayUntil, type Part } from './admission';
import {
  appointmentAnswer,
  appointmentParameters,
  bookingRequest,
  consentRequest,
  recordingRequest,
  type sessionAnswer,
} from './requests';
import { enter, enterRecording, type SessionPorts, type Stay } from './sessions';

export interface Ports extends AppointmentPorts, RoomPorts, Omit<SessionPorts, 'keyArn' | 'roleArn'> {
  readonly roleArns: Readonly<Record<Part, string>>;
  readonly rolesClaim: string;
  /** Whoever has it books and cancels. */
  readonly schedulerRole: string;
  readonly earlySeconds: number;
  readonly newId: () => string;
}

interface Attendance {
  readonly caller: Caller;
  readonly appointment: Appointment;
  readonly part: Part;
}

/** Makes the API by which clinicians and patients meet, each in their own appointments and at the time of those. */
export function consultationsApi(ports: Ports): Api {
  const router = new Router({ prefix: '/v1', logger });
  const appointments = new Appointments(ports);
  const sessionsOf = (part: Part) => ({ ...ports, keyArn: ports.rooms.keyArn, roleArn: ports.roleArns[part] });
  const callerIn = (event: unknown) => callerOf(event, { roles: ports.rolesClaim, groups: ports.rolesClaim });
  const roomIn = ({ id }: Appointment) => roomOf(id, ports.rooms);

  /** @throws Problem 404 for an appointment that isn't there and one of other people, which are not to be told apart */
  async function attend(event: unknown, id: string, action: string): Promise<Attendance> {
    const caller = callerIn(event);
    const found = await appointments.find(id);
    const part = found && partOf(caller.sub, found);
    if (found && part) return { caller, appointment: found, part };
    return deny(caller, id, action, found ? 'is not of the appointment' : 'there is no such appointment', unknown());
  }

  function schedule(event: unknown, id: string, action: string): Caller {
    const caller = callerIn(event);
    if (caller.roles.includes(ports.schedulerRole)) return caller;
    return deny(
      caller,
      id,
      action,
      'does not schedule',
      new Problem(403, 'Not allowed', 'Your role does not allow it.'),
    );
  }

  function deny(caller: Caller, id: string, action: string, reason: string, problem: Problem): never {
    logger.warn('Access denied', { sub: caller.sub, device: roomOf(id, ports.rooms), action, reason });
    metrics.addMetric('AccessDenied', MetricUnit.Count, 1);
    throw problem;
  }

  function granted(caller: Caller, id: string, action: string, details: Record<string, unknown> = {}): void {
    // `device` is what the audit's queries ask for: the name of channel and stream.
    logger.info('Access granted', { sub: caller.sub, device: roomOf(id, ports.rooms), action, ...details });
    metrics.addMetric('AccessGranted', MetricUnit.Count, 1);
  }

  function inTime({ caller, appointment }: Attendance, action: string): Date {
    try {
      return stayUntil(appointment, ports.earlySeconds, ports.now());
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return deny(caller, appointment.id, action, error.title, error);
    }
  }

  /**
   * Has the room as the patient wants it, and says so.
   *
   * What is said meanwhile counts: whoever turns recording on looks again afterwards, and whoever withdraws turns it off
   * afterwards, so that in whatever order the two come it is off in the end.
   */
  async function provide(appointment: Appointment): Promise<Pick<Stay, 'channelArn' | 'streamArn'>> {
    const room = roomIn(appointment);
    const channelArn = await answerOf(openRoom(room, ports));
    if (appointment.consent === 'given') {
      const streamArn = await answerOf(record(room, channelArn, ports));
      if ((await appointments.find(appointment.id))?.consent === 'given') return { channelArn, streamArn };
    }
    await answerOf(stopRecording(channelArn, ports));
    return { channelArn };
  }

  const stayOf = ({ caller, part }: Attendance, until: Date) => ({
    who: `${part}-${caller.sub}`,
    role: roleOf(part),
    until,
  });

  router.put(
    '/appointments/:id',
    async ({ event, valid }) => {
      const { id } = valid.req.path;
      const caller = schedule(event, id, 'book');
      const booked = await appointments.book(id, valid.req.body);
      granted(caller, id, 'book', { start: booked.start, end: booked.end });
      return answer(appointmentAnswer.parse(booked));
    },
    { validation: { req: { path: appointmentParameters, body: bookingRequest } } },
  );

  router.delete(
    '/appointments/:id',
    async ({ event, valid }) => {
      const { id } = valid.req.path;
      const caller = schedule(event, id, 'cancel');
      const cancelled = await appointments.cancel(id);
      granted(caller, id, 'cancel');
      return answer(appointmentAnswer.parse(cancelled));
    },
    { validation: { req: { path: appointmentParameters } } },
  );

  router.get(
    '/appointments/:id',
    async ({ event, valid }) => {
      const { caller, appointment } = await attend(event, valid.req.path.id, 'read');
      granted(caller, appointment.id, 'read');
      return answer(appointmentAnswer.parse(appointment));
    },
    { validation: { req: { path: appointmentParameters } } },
  );

  router.put(
    '/appointments/:id/consent',
    async ({ event, valid }) => {
      const { id } = valid.req.path;
      const { consent } = valid.req.body;
      const attendance = await attend(event, id, 'consent');
      const { caller, appointment, part } = attendance;
      if (part !== 'patient') {
        const problem = new Problem(403, 'Not allowed', 'Only the patient consents.');
        deny(caller, id, 'consent', 'is not the patient', problem);
      }
      const said = await appointments.say(appointment, consent);
      // On record before it is done: if that fails, whoever asks next and the closing of rooms do it.
      granted(caller, id, 'consent', { consent });
      metrics.addMetric(consent === 'given' ? 'ConsentGiven' : 'ConsentWithdrawn', MetricUnit.Count, 1);
      if (consent === 'withdrawn' && (await answerOf(stopRecordingIn(roomIn(appointment), ports)))) {
        logger.info('Recording stopped', { device: roomIn(appointment), reason: 'consent is withdrawn' });
      }
      return answer(appointmentAnswer.parse(said));
    },
    { validation: { req: { path: appointmentParameters, body: consentRequest } } },
  );

  router.post(
    '/appointments/:id/session',
    async ({ event, valid }) => {
      const { id } = valid.req.path;
      const attendance = await attend(event, id, 'session');
      const until = inTime(attendance, 'session');
      const { caller, appointment, part } = attendance;
      const clientId = part === 'clinician' ? ports.newId() : undefined;
      const stay = { ...stayOf(attendance, until), clientId, ...(await provide(appointment)) };
      const invitation = await answerOf(enter(stay, sessionsOf(part)));
      const recorded = stay.streamArn !== undefined;
      granted(caller, id, 'session', { part, clientId, recorded, until: until.toISOString() });
      const { role } = stay;
      const session = { ...invitation, role, clientId, recorded, expiresAt: until.toISOString() };
      return answer(session satisfies z.infer<typeof sessionAnswer>);
    },
    { validation: { req: { path: appointmentParameters } } },
  );

  router.post(
    '/appointments/:id/recording',
    async ({ event, valid }) => {
      const { id } = valid.req.path;
      const attendance = await attend(event, id, 'recording');
      const until = inTime(attendance, 'recording');
      const { caller, appointment, part } = attendance;
      const clientId = part === 'clinician' ? valid.req.body.clientId : undefined;
      if (part === 'clinician' && clientId === undefined) {
        throw new Problem(400, 'Malformed request', 'clientId: that of the session is needed.');
      }
      const room = await provide(appointment);
      if (room.streamArn === undefined) {
        const problem = new Problem(409, 'Not recorded', 'The patient has not consented: meet from peer to peer.');
        deny(caller, id, 'recording', 'there is no consent', problem);
      }
      await answerOf(enterRecording({ ...stayOf(attendance, until), clientId, ...room }, sessionsOf(part)));
      granted(caller, id, 'recording', { part, clientId, until: until.toISOString() });
      return answer({ recorded: true });
    },
    { validation: { req: { path: appointmentParameters, body: recordingRequest } } },
  );

  return httpApi(router, unknown);
}

function unknown(): Problem {
  return new Problem(404, 'Not found', 'There is no such appointment, or it is not yours.');
}
