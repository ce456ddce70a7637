import type { RemovalPolicy } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { AlertTopic } from '../alert/alert-topic';
import { FrameStore } from '../detection/frame-store';
import { ImageDetector, type ImageDetectorOptions } from '../detection/image-detector';
import { MotionGate, type MotionGateOptions } from '../detection/motion-gate';
import type { ObstacleClass } from '../detection/obstacle-class';
import { OnDeviceDetections } from '../detection/on-device-detections';
import { BulkOnboarding } from '../device/bulk-onboarding';
import { CertificateRotation } from '../device/certificate-rotation';
import { DeviceAllowList } from '../device/device-allow-list';
import { DeviceIdentity } from '../device/device-identity';
import { DeviceQuarantine } from '../device/device-quarantine';
import { FleetReconciler } from '../device/fleet-reconciler';
import { FleetProvisioning, ProvisioningMethod, type FleetProvisioningOptions } from '../device/fleet-provisioning';
import type { ApiPacer } from '../device/api-pacer';
import type { FleetMedia, MediaRemoval } from '../device/fleet-media';
import { MediaProvisioner } from '../device/media-provisioner';
import { checkFleetName, fail, lit } from '../private/validation';
import { FleetKey } from './fleet-key';

/**
 * Properties of `DroneFleet`.
 */
export interface DroneFleetProps {
  /**
   * The name of the fleet: 1 to 64 of `a-z A-Z 0-9 _ -`. Streams and channels carry it as a tag.
   */
  readonly fleetName: string;

  /**
   * What to alert of. At least one class; names must differ.
   */
  readonly obstacles: ObstacleClass[];

  /**
   * The key of everything that the fleet keeps.
   * @default - a new `FleetKey`
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * What the devices are.
   * @default - devices with one camera, which are WebRTC masters
   */
  readonly identity?: DeviceIdentity;

  /**
   * How devices register.
   * @default - by claim, once, if on a new allow list
   */
  readonly provisioning?: FleetProvisioningOptions;

  /**
   * What each device gets.
   * @default - a stream for a day and a channel
   */
  readonly media?: FleetMedia;

  /**
   * What becomes of the media of a device that is deleted.
   * @default MediaRemoval.KEEP
   */
  readonly mediaRemoval?: MediaRemoval;

  /**
   * Whether devices that are onboarded in bulk get their things, and so their media, ahead of their first boot.
   * @default false
   */
  readonly thingsAheadOfBoot?: boolean;

  /**
   * What paces the calls of Kinesis Video Streams. Fleets of one account and region should share it.
   * @default - a new one, at AWS's quotas
   */
  readonly pacer?: ApiPacer;

  /**
   * Where alerts go.
   * @default - a new topic without subscribers
   */
  readonly alerts?: AlertTopic;

  /**
   * Where frames go.
   * @default - a new store, if `imageDetection` is on
   */
  readonly frames?: FrameStore;

  /**
   * Whether obstacles are looked for in images of the streams, with Rekognition's DetectLabels.
   * @default true
   */
  readonly imageDetection?: boolean;

  /**
   * How images are analysed, if they are.
   * @default - by DetectLabels, 5 frames a second, all frames
   */
  readonly imageAnalysis?: ImageDetectorOptions;

  /**
   * Analyses images only while something moves, as devices tell.
   * @default - always
   */
  readonly motionGate?: MotionGateOptions;

  /**
   * Whether devices publish what their own models have seen.
   * @default true
   */
  readonly onDeviceDetection?: boolean;

  /**
   * What becomes of the parts that hold state when they leave the stack: those that are made here, not those given.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * What happens when one of the `alarms` goes off.
   * @default - nothing but its state
   */
  readonly alarmActions?: cloudwatch.IAlarmAction[];
}

/**
 * A fleet of cameras that fly, or one cell of a large one: registration, media for each device, detection on the device
 * and in the cloud, alerts.
 *
 * Its size in resources is the same for one device and for thousands, because what a device has is made when it
 * registers. Each part can be given instead of made, so that what holds state may live in a stack of its own; all parts
 * are there as properties to be extended.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/how-it-works.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const fleet = new DroneFleet(stack, 'Fleet', {
 *   fleetName: 'delivery',
 *   obstacles: [new ObstacleClass({ name: 'bird', labels: ['Bird'], severity: AlertSeverity.CRITICAL })],
 *   media: { retention: Duration.days(7), imageGeneration: { samplingInterval: Duration.seconds(1) } },
 * });
 * new FleetMonitoring(stack, 'Monitoring', { fleetName: 'delivery', devices: 500, alerts: fleet.alerts });
 */
export class DroneFleet extends Construct {
  /** The key of everything that the fleet keeps. */
  public readonly encryptionKey: kms.IKey;

  /** What the devices are. */
  public readonly identity: DeviceIdentity;

  /** How devices register. */
  public readonly provisioning: FleetProvisioning;

  /** What gives devices their streams and channels. */
  public readonly mediaProvisioner: MediaProvisioner;

  /** What brings the media of all devices to where it should be, every day. */
  public readonly reconciler: FleetReconciler;

  /** What puts lists of devices on the allow list; none with JITP. */
  public readonly onboarding?: BulkOnboarding;

  /** What replaces the certificates of devices; none with JITP. */
  public readonly certificates?: CertificateRotation;

  /** What shuts devices out; none with JITP. */
  public readonly quarantine?: DeviceQuarantine;

  /** Where alerts go. */
  public readonly alerts: AlertTopic;

  /** Where frames go, if they go anywhere. */
  public readonly frames?: FrameStore;

  /** What says when images are analysed, if that is limited. */
  public readonly motionGate?: MotionGate;

  /** What looks for obstacles in frames, if that is on. */
  public readonly imageDetector?: ImageDetector;

  /** What raises alerts for what devices have seen, if that is on. */
  public readonly onDeviceDetections?: OnDeviceDetections;

  /** The alarms of all parts. */
  public readonly alarms: cloudwatch.Alarm[];

  /**
   * @throws ValidationError `FleetImages` when `imageDetection` is on but the images of the identity given aren't in
   * `frames`, and those of the parts
   */
  constructor(scope: Construct, id: string, props: DroneFleetProps) {
    super(scope, id);
    const { fleetName, obstacles, removalPolicy } = props;
    checkFleetName(this, fleetName);
    const encryptionKey = props.encryptionKey ?? new FleetKey(this, 'Key', { removalPolicy });
    const alerts = props.alerts ?? new AlertTopic(this, 'Alerts', { encryptionKey, removalPolicy });
    const imageDetection = props.imageDetection ?? true;
    const frames =
      props.frames ?? (imageDetection ? new FrameStore(this, 'Frames', { encryptionKey, removalPolicy }) : undefined);
    const identity =
      props.identity ?? new DeviceIdentity(this, 'Identity', { encryptionKey, images: frames, removalPolicy });
    if (imageDetection && (identity.images?.bucket !== frames?.bucket || imagePrefix(identity) !== frames?.prefix)) {
      fail(
        this,
        lit`FleetImages`,
        '`imageDetection` is on, but the devices of `identity` have their images elsewhere or nowhere; give the same store as `frames` and as `images` of the identity, or turn `imageDetection` off.',
      );
    }

    const attributes = { fleet: fleetName, ...props.provisioning?.attributes };
    this.provisioning = new FleetProvisioning(this, 'Provisioning', {
      ...props.provisioning,
      identity,
      allowList: this.allowList(props, encryptionKey),
      attributes,
    });
    this.mediaProvisioner = new MediaProvisioner(this, 'MediaProvisioner', {
      fleetName,
      identity,
      media: props.media,
      removal: props.mediaRemoval,
      pacer: props.pacer,
      encryptionKey,
    });
    const { mediaProvisioner: provisioner } = this;
    this.reconciler = new FleetReconciler(this, 'Reconciler', { provisioner, encryptionKey, removalPolicy });
    const { allowList } = this.provisioning;
    if (allowList) {
      const registration = { allowList, identity, thingNamePrefix: props.provisioning?.thingNamePrefix, encryptionKey };
      this.certificates = new CertificateRotation(this, 'Certificates', registration);
      this.quarantine = new DeviceQuarantine(this, 'Quarantine', { allowList, identity });
      this.onboarding = new BulkOnboarding(this, 'Onboarding', {
        ...registration,
        things: props.thingsAheadOfBoot,
        attributes,
        cell: props.provisioning?.cell,
        pacer: provisioner.pacer,
        removalPolicy,
      });
    }
    const detection = { fleetName, obstacles, alerts };
    if (frames && imageDetection) {
      this.motionGate =
        props.motionGate &&
        new MotionGate(this, 'MotionGate', { ...props.motionGate, fleetName, identity, encryptionKey });
      this.imageDetector = new ImageDetector(this, 'ImageDetector', {
        ...props.imageAnalysis,
        gate: props.imageAnalysis?.gate ?? this.motionGate,
        ...detection,
        frames,
      });
    }
    if (props.onDeviceDetection ?? true) {
      this.onDeviceDetections = new OnDeviceDetections(this, 'OnDeviceDetections', {
        ...detection,
        identity,
        encryptionKey,
      });
    }

    this.encryptionKey = encryptionKey;
    this.alerts = alerts;
    this.frames = frames;
    this.identity = identity;
    this.alarms = [
      ...this.mediaProvisioner.alarms,
      ...this.reconciler.alarms,
      ...(this.certificates?.alarms ?? []),
      ...(this.onboarding ? [this.onboarding.failureAlarm] : []),
      alerts.deadLetterAlarm,
      alerts.deliveryAlarm,
      ...(frames ? [frames.deadLetterAlarm] : []),
      ...(this.motionGate?.alarms ?? []),
      ...(this.onDeviceDetections ? [this.onDeviceDetections.deadLetterAlarm] : []),
    ];
    const { alarmActions = [] } = props;
    if (alarmActions.length === 0) return;
    for (const alarm of this.alarms) alarm.addAlarmAction(...alarmActions);
  }

  private allowList(
    { provisioning: options = {}, removalPolicy }: DroneFleetProps,
    encryptionKey: kms.IKey,
  ): DeviceAllowList | undefined {
    if (options.allowList || options.method === ProvisioningMethod.JITP) return options.allowList;
    return new DeviceAllowList(this, 'AllowList', { encryptionKey, removalPolicy });
  }
}

function imagePrefix({ images }: DeviceIdentity): string | undefined {
  return images && (images.prefix ?? 'frames');
}
