import type { DeviceAnswer } from '../api/types';

export type Health =
  | { readonly state: 'sending' }
  /** `since`: when something came last, if it is known. */
  | { readonly state: 'silent'; readonly since?: number }
  | { readonly state: 'notSetUp' }
  | { readonly state: 'unknown' };

/** Fragments are some seconds long, and take a moment to be stored. */
const SENDING_WITHIN = 30_000;

/**
 * Whether a device sends video, by its streams.
 *
 * @param streams as the API told last, or nothing if it hasn't been asked for this device
 * @param lastReceivedAt the latest that was ever told: the API looks back two minutes only
 */
export function healthOf(
  streams: DeviceAnswer['streams'] | undefined,
  lastReceivedAt: number | undefined,
  now: number,
): Health {
  if (!streams) return { state: 'unknown' };
  if (streams.every(({ status }) => status === 'NONE' || status === 'CREATING')) return { state: 'notSetUp' };
  if (lastReceivedAt !== undefined && now - lastReceivedAt <= SENDING_WITHIN) return { state: 'sending' };
  return { state: 'silent', since: lastReceivedAt };
}

/** When the latest fragment of any of the streams was received, in milliseconds since 1970. */
export function latestOf(streams: DeviceAnswer['streams'], before?: number): number | undefined {
  const times = streams.flatMap(({ receivedAt }) => (receivedAt === undefined ? [] : [Date.parse(receivedAt)]));
  const latest = Math.max(before ?? -Infinity, ...times.filter((time) => !Number.isNaN(time)));
  return latest === -Infinity ? undefined : latest;
}

export const HEALTH_WORDS: Record<Health['state'], string> = {
  sending: 'Sending',
  silent: 'Silent',
  notSetUp: 'Not set up',
  unknown: 'Unknown',
};
