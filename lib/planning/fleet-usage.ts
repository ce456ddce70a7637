import type { Duration, Size } from 'aws-cdk-lib';
import type { StorageTier } from '../stream/video-stream';
import type { Bitrate } from './bitrate';

/**
 * What looks at the video in the cloud.
 */
export enum VideoAnalysis {
  /** Nothing: at most the models on the devices. */
  NONE = 'NONE',

  /** Images of the streams, by DetectLabels. */
  IMAGES = 'IMAGES',

  /** A stream processor of Rekognition for each stream, for accounts that have them. */
  STREAM_PROCESSORS = 'STREAM_PROCESSORS',
}

/**
 * How a fleet is used: what only its operators know. Each default is an assumption, to be replaced by what you measure.
 */
export interface FleetUsage {
  /**
   * How long a device streams on a day, on average: up to 24 hours.
   * @default Duration.hours(8)
   */
  readonly streamingPerDay?: Duration;

  /**
   * Which share of the devices streams at the busiest time: above 0, up to 1.
   * @default 1
   */
  readonly busiestShare?: number;

  /**
   * What a camera sends.
   * @default Bitrate.megabitsPerSecond(2)
   */
  readonly bitrate?: Bitrate;

  /**
   * How long a fragment is, which the camera decides by its key frames: 1 to 20 seconds. The WARM tier is billed by
   * fragments.
   * @default Duration.seconds(2)
   */
  readonly fragmentDuration?: Duration;

  /**
   * How often a device starts to stream on a day: 0 to 86,400 times.
   * @default 4
   */
  readonly startsPerDay?: number;

  /**
   * Within which time all devices are back after an outage, as their retries are spread: 1 second to 24 hours.
   * @default Duration.minutes(5)
   */
  readonly reconnectWithin?: Duration;

  /**
   * How large an image is: 1 KiB or more.
   * @default Size.kibibytes(100)
   */
  readonly imageSize?: Size;

  /**
   * Which share of the images or of the streamed time is analysed, from 0 to 1: 1 without a motion gate.
   * @default 1
   */
  readonly analysedShare?: number;

  /**
   * How many messages a device publishes in an hour of streaming: detections and motion.
   * @default 10
   */
  readonly messagesPerHour?: number;

  /**
   * Whether the messages go past the broker, by Basic Ingest. Nobody can be subscribed to those.
   * @default false
   * @see https://docs.aws.amazon.com/iot/latest/developerguide/iot-basic-ingest.html
   */
  readonly basicIngest?: boolean;

  /**
   * How many alerts a device raises on a day.
   * @default 1
   */
  readonly alertsPerDay?: number;

  /**
   * How many people are mailed each alert.
   * @default 1
   */
  readonly alertEmails?: number;

  /**
   * How many people watch.
   * @default 0
   */
  readonly viewers?: number;

  /**
   * How long each of them watches recordings or streams by HLS, on a day: 0 to 24 hours.
   * @default Duration.hours(1)
   */
  readonly playbackPerDay?: Duration;

  /**
   * How long each of them watches live by WebRTC, on a day: 0 to 24 hours.
   * @default Duration.hours(1)
   */
  readonly livePerDay?: Duration;

  /**
   * Which share of the live video can't go from peer to peer and is relayed by TURN, from 0 to 1.
   * @default 0.2
   */
  readonly relayedShare?: number;

  /**
   * How many people watch one device live at once.
   * @default 1
   */
  readonly viewersPerDevice?: number;

  /**
   * How many devices are added in a month.
   * @default 0
   */
  readonly newDevicesPerMonth?: number;

  /**
   * Quotas that were raised, by the id of the quota.
   * @default - AWS's defaults
   */
  readonly quotas?: { [id: string]: number };
}

/**
 * A fleet, as a plan needs to know it: how it is used, and how it is configured.
 */
export interface FleetWorkload extends FleetUsage {
  /**
   * How many devices there are. At least 1.
   */
  readonly devices: number;

  /**
   * How many cameras a device has, each with a stream, and a channel if there is signaling.
   * @default 1
   */
  readonly camerasPerDevice?: number;

  /**
   * In how many cells they are. Quotas are those of a cell.
   * @default 1
   */
  readonly cells?: number;

  /**
   * The region whose prices and quotas apply.
   * @default 'us-east-1'
   */
  readonly region?: string;

  /**
   * How long media is kept: 0 to 87,600 hours.
   * @default Duration.days(1)
   */
  readonly retention?: Duration;

  /**
   * Where media is kept.
   * @default StorageTier.HOT
   */
  readonly storageTier?: StorageTier;

  /**
   * Whether devices are WebRTC masters.
   * @default true
   */
  readonly signaling?: boolean;

  /**
   * How many channels have their sessions stored, which are no longer peer to peer then.
   * @default 0
   */
  readonly storedChannels?: number;

  /**
   * What looks at the video in the cloud.
   * @default VideoAnalysis.IMAGES
   */
  readonly analysis?: VideoAnalysis;

  /**
   * The time between two images of a stream: 200 ms at least.
   * @default Duration.seconds(3)
   */
  readonly imageInterval?: Duration;

  /**
   * How long images are kept: 1 to 36,500 days.
   * @default Duration.days(7)
   */
  readonly imageRetention?: Duration;

  /**
   * How many images a second are analysed at most in a cell; others are dropped.
   * @default - as many as there are
   */
  readonly imagesPerSecond?: number;

  /**
   * Whether models on the devices look at the video too, and publish what they see.
   * @default true
   */
  readonly onDeviceDetection?: boolean;

  /**
   * Whether people have the viewing API and the console: API Gateway, CloudFront.
   * @default false
   */
  readonly console?: boolean;

  /**
   * Whether CloudTrail records who used the media.
   * @default false
   */
  readonly audit?: boolean;
}
