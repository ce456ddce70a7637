import type { Duration } from 'aws-cdk-lib';
import type { ImageSettings } from '../stream/image-generation';
import type { StorageTier } from '../stream/video-stream';

/**
 * What becomes of a device's streams and channels when its thing is deleted.
 */
export enum MediaRemoval {
  /** They stay: recordings end with their retention, not with the device. */
  KEEP = 'KEEP',

  /** They are deleted, with everything recorded. */
  DELETE = 'DELETE',
}

/**
 * What each device of a fleet gets.
 */
export interface FleetMedia {
  /**
   * How long media is kept: whole hours, from 1 hour to 87,600 hours (10 years).
   * @default Duration.hours(24)
   */
  readonly retention?: Duration;

  /**
   * Where the media is kept.
   * @default StorageTier.HOT
   */
  readonly storageTier?: StorageTier;

  /**
   * The type of the media.
   * @default 'video/h264'
   */
  readonly mediaType?: string;

  /**
   * How long a message waits in a signaling channel: 5 to 120 whole seconds.
   * @default Duration.seconds(60)
   */
  readonly messageTtl?: Duration;

  /**
   * How images are made, if the identity has a place for them: where they go is a property of `DeviceIdentity`.
   * @default - every 3 seconds, as JPEG
   */
  readonly imageGeneration?: ImageSettings;

  /**
   * Tags of each stream and channel.
   * @default - only the one that names the fleet
   */
  readonly tags?: { [key: string]: string };
}
