import { KinesisVideoSignalingClient } from '@aws-sdk/client-kinesis-video-signaling';
import { MAX_ATTEMPTS } from './archived-media';
import { isNamed, retryAlso } from './errors';
import { kinesisVideoClient } from './kinesis-video';
import type { MeetingPorts } from './meeting';

/** Of clients whose answer somebody waits for, so that nothing is tried for long. */
export const patience = { maxAttempts: MAX_ATTEMPTS, retryMode: 'standard' };

/** The clients that have the credentials of a participant. */
export const participantClients: Pick<MeetingPorts, 'kinesisVideoFor' | 'signalingFor'> = {
  kinesisVideoFor: (credentials) => kinesisVideoClient({ ...patience, credentials }),
  signalingFor: (endpoint, credentials) =>
    retryAlso(new KinesisVideoSignalingClient({ ...patience, endpoint, credentials }), (error) =>
      isNamed(error, 'ClientLimitExceededException') ? 'throttled' : undefined,
    ),
};
