import type { Duration } from 'aws-cdk-lib';
import type { AlertFeed } from '../alert/alert-feed';
import type { AlertFilter, AlertTopic } from '../alert/alert-topic';
import type { ArchiveStorage } from './archive-storage';

/**
 * What of a stream is kept of an incident.
 */
export interface ClipOptions {
  /**
   * The alerts that are incidents.
   * @default - none: clips are made of what is requested
   */
  readonly alerts?: AlertTopic;

  /**
   * Which of the alerts are.
   * @default - all
   */
  readonly alertFilter?: AlertFilter;

  /**
   * Where alerts are found that a manifest lists besides the incident's own.
   * @default - only the alert that the clip is of is listed
   */
  readonly feed?: AlertFeed;

  /**
   * How much is kept of the time before: 0 to 60 minutes.
   * @default Duration.seconds(30)
   */
  readonly before?: Duration;

  /**
   * How much is kept of the time after: 0 to 60 minutes.
   * @default Duration.seconds(60)
   */
  readonly after?: Duration;

  /**
   * How long after that the media is taken for received: 10 seconds to 15 minutes. A fragment is received when it is over,
   * and a device may lag behind.
   * @default Duration.minutes(1)
   */
  readonly settleAfter?: Duration;

  /**
   * How long a clip with gaps waits for media that comes late, from the end of its window: as long as `settleAfter`, or
   * longer, up to 6 hours, and well within the retention of the streams.
   * @default Duration.minutes(15)
   */
  readonly patience?: Duration;

  /**
   * How clips are kept.
   * @default - in Glacier Instant Retrieval after 30 days, and for ever
   */
  readonly storage?: ArchiveStorage;

  /**
   * Whether incidents can be put under a legal hold. It can't be changed later without another bucket.
   * @default true
   */
  readonly legalHolds?: boolean;

  /**
   * How many clips are made at once: at least 2. Each is of one stream, whose players share its quotas.
   * @default 20
   */
  readonly maxConcurrency?: number;
}
