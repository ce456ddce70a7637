import type { Appointment } from '../common/consultation/appointments';
import { LONGEST_CREDENTIALS } from '../common/meeting';
import { Problem } from '../common/problem';

/** The patient's camera is what is looked at, and the only video that can be recorded. */
export type Part = 'patient' | 'clinician';

/** What somebody is in an appointment, if anything. */
export function partOf(sub: string, { patient, clinician }: Appointment): Part | undefined {
  if (sub === patient) return 'patient';
  return sub === clinician ? 'clinician' : undefined;
}

export function roleOf(part: Part): 'MASTER' | 'VIEWER' {
  return part === 'patient' ? 'MASTER' : 'VIEWER';
}

/**
 * Until when somebody who comes now may stay: the end, or as long as a role is given to a function.
 *
 * @param earlySeconds how long before the beginning one may come
 * @throws Problem 409 before that, after the end, and if it is cancelled
 */
export function stayUntil({ start, end, cancelled }: Appointment, earlySeconds: number, now: number): Date {
  if (cancelled) throw new Problem(409, 'Cancelled', 'The appointment is cancelled.');
  const opens = Date.parse(start) - 1000 * earlySeconds;
  if (now < opens) {
    throw new Problem(409, 'Too early', `The room is open from ${new Date(opens).toISOString()}.`);
  }
  const ends = Date.parse(end);
  if (now >= ends) throw new Problem(409, 'Over', 'The appointment is over.');
  return new Date(Math.min(ends, now + 1000 * LONGEST_CREDENTIALS));
}
