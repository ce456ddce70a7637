import type { Duration } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { AlertEscalation } from '../alert/alert-escalation';
import type { AlertFeed } from '../alert/alert-feed';
import type { AlertTopic } from '../alert/alert-topic';
import type { ClipArchive } from '../archive/clip-archive';
import type { ContinuousArchive } from '../archive/continuous-archive';
import type { FrameStore } from '../detection/frame-store';
import type { ImageDetector } from '../detection/image-detector';
import type { MotionGate } from '../detection/motion-gate';
import type { OnDeviceDetections } from '../detection/on-device-detections';
import type { BulkOnboarding } from '../device/bulk-onboarding';
import type { CertificateRotation } from '../device/certificate-rotation';
import type { FleetProvisioning } from '../device/fleet-provisioning';
import type { FleetReconciler } from '../device/fleet-reconciler';
import type { MediaProvisioner } from '../device/media-provisioner';
import type { Takeover } from '../viewing/takeover';
import type { ViewerMessages } from '../viewing/viewer-messages';
import type { ViewingApi } from '../viewing/viewing-api';
import type { Canary } from './canary';
import type { DeviceConnectivity } from './device-connectivity';
import type { ProducerTelemetry } from './producer-telemetry';

/**
 * What is too much, where it depends on the fleet.
 */
export interface MonitoringThresholds {
  /**
   * How many percent of the devices that are connected may not report: 0.1 to 100.
   * @default 5
   */
  readonly silentPercent?: number;

  /**
   * Of how many percent of the streams that are started nothing may be sent: 0.1 to 100.
   * @default 5
   */
  readonly stalledPercent?: number;

  /**
   * How many percent of its buffer a device may use, nine of ten of them: 0.1 to 100.
   * @default 80
   */
  readonly bufferPercent?: number;

  /**
   * How much media may wait on a device to be sent, on nine of ten of them: 1 second to 1 day.
   * @default Duration.seconds(10)
   */
  readonly sendBacklog?: Duration;

  /**
   * How long it may take from an image to its alert, with nine of ten of them: 1 second to 1 day.
   * @default Duration.minutes(1)
   */
  readonly alertLatency?: Duration;
}

/**
 * What a month may cost.
 */
export interface MonthlyBudget {
  /**
   * The limit for the whole account, in US dollars: 1 or more.
   */
  readonly limitInDollars: number;

  /**
   * Who is told when 80 % of it are spent, or more than all is to be expected: 1 to 10 addresses.
   */
  readonly emails: string[];
}

/**
 * Properties of `FleetMonitoring`. What isn't given isn't watched.
 */
export interface FleetMonitoringProps {
  /**
   * The name of the fleet. 1 to 64 of `a-z A-Z 0-9 _ -`.
   */
  readonly fleetName: string;

  /**
   * How many devices the fleet is to have, from 1: what is many depends on it.
   */
  readonly devices: number;

  /**
   * What devices say of their producers.
   * @default - not watched
   */
  readonly telemetry?: ProducerTelemetry;

  /**
   * How many devices are connected. Together with `telemetry`, it tells how many are silent.
   * @default - not watched
   */
  readonly connectivity?: DeviceConnectivity;

  /**
   * How devices register.
   * @default - not watched
   */
  readonly provisioning?: FleetProvisioning;

  /**
   * What gives devices their streams and channels.
   * @default - not watched
   */
  readonly mediaProvisioner?: MediaProvisioner;

  /**
   * What brings the media of all devices to where it should be.
   * @default - not watched
   */
  readonly reconciler?: FleetReconciler;

  /**
   * What puts lists of devices on the allow list.
   * @default - not watched
   */
  readonly onboarding?: BulkOnboarding;

  /**
   * What replaces the certificates of devices.
   * @default - not watched
   */
  readonly certificates?: CertificateRotation;

  /**
   * Where frames go.
   * @default - not watched
   */
  readonly frames?: FrameStore;

  /**
   * What looks for obstacles in frames.
   * @default - not watched
   */
  readonly imageDetector?: ImageDetector;

  /**
   * What raises alerts for what devices have seen.
   * @default - not watched
   */
  readonly onDeviceDetections?: OnDeviceDetections;

  /**
   * What says when images are analysed.
   * @default - not watched
   */
  readonly motionGate?: MotionGate;

  /**
   * Where alerts go.
   * @default - not watched
   */
  readonly alerts?: AlertTopic;

  /**
   * What escalates alerts.
   * @default - not watched
   */
  readonly escalation?: AlertEscalation;

  /**
   * By which people watch.
   * @default - not watched
   */
  readonly viewing?: ViewingApi;

  /**
   * By which alerts reach browsers.
   * @default - not watched
   */
  readonly viewerMessages?: ViewerMessages;

  /**
   * Who controls which device.
   * @default - not watched
   */
  readonly takeover?: Takeover;

  /**
   * The alerts of the past, and as they happen.
   * @default - not watched
   */
  readonly alertFeed?: AlertFeed;

  /**
   * The archive of incidents.
   * @default - not watched
   */
  readonly clips?: ClipArchive;

  /**
   * The archive of everything.
   * @default - not watched
   */
  readonly recordings?: ContinuousArchive;

  /**
   * A camera that isn't there, which tries the whole path.
   * @default - none
   */
  readonly canary?: Canary;

  /**
   * Whether there are alarms of the metrics that AWS has for each stream and channel, which need nothing of devices. AWS
   * bills such an alarm by the metrics that it looks at: three alarms are about 0.30 US dollars a month for each device.
   * @default false
   * @see https://aws.amazon.com/cloudwatch/pricing/
   */
  readonly alarmOnStreams?: boolean;

  /**
   * The account's quota of streams in the region: 1 or more.
   * @default 10000
   * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/limits.html
   */
  readonly streamQuota?: number;

  /**
   * What is too much, where it depends on the fleet.
   * @default - as each says
   */
  readonly thresholds?: MonitoringThresholds;

  /**
   * What a month may cost.
   * @default - no budget
   */
  readonly monthlyBudget?: MonthlyBudget;

  /**
   * Where the runbook is that the descriptions of alarms refer to, with the headings of this package's. An https URL of at
   * most 512 characters, without `#`.
   * @default - that of this package
   */
  readonly runbookUrl?: string;

  /**
   * The name of the dashboard.
   * @default - generated
   */
  readonly dashboardName?: string;

  /**
   * What happens when `fleetAlarm` goes off.
   * @default - nothing beyond its state
   */
  readonly alarmActions?: cloudwatch.IAlarmAction[];
}
