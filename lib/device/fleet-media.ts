import type { Duration } from 'aws-cdk-lib';
import type { ImageFormat, ImageSelector } from '../stream/image-generation';
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
 * How images are made of the streams of a fleet. Where they go is a property of `DeviceIdentity`.
 */
export interface FleetImageGeneration {
  /**
   * The time between two images: 200 ms at least, and whole milliseconds.
   * @default Duration.seconds(3)
   */
  readonly samplingInterval?: Duration;

  /**
   * The format.
   * @default ImageFormat.JPEG
   */
  readonly format?: ImageFormat;

  /**
   * The quality of JPEG images, from 1 to 100.
   * @default 80
   */
  readonly jpegQuality?: number;

  /**
   * The width in pixels, from 1 to 3840.
   * @default - that of the video, or in proportion to the height
   */
  readonly width?: number;

  /**
   * The height in pixels, from 1 to 2160.
   * @default - that of the video, or in proportion to the width
   */
  readonly height?: number;

  /**
   * By which clock moments are chosen.
   * @default ImageSelector.PRODUCER_TIMESTAMP
   */
  readonly selector?: ImageSelector;
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
   * How images are made, if the identity has a place for them.
   * @default - every 3 seconds, as JPEG
   */
  readonly imageGeneration?: FleetImageGeneration;

  /**
   * Tags of each stream and channel.
   * @default - only the one that names the fleet
   */
  readonly tags?: { [key: string]: string };
}
