import { CfnOutput, RemovalPolicy, Stack, type Duration, type StackProps } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { AlarmTopic } from '../alert/alarm-topic';
import { AlertTopic } from '../alert/alert-topic';
import { FrameStore } from '../detection/frame-store';
import { DeviceAllowList } from '../device/device-allow-list';
import { DeviceIdentity } from '../device/device-identity';
import { FleetKey } from './fleet-key';

/**
 * What may be chosen of `DroneFleetStateStack`.
 */
export interface DroneFleetStateStackOptions {
  /**
   * The cameras of a device: names of 1 to 32 of `a-z A-Z 0-9 _ -`.
   * @default - one camera, whose stream and channel have the name of the thing
   */
  readonly cameras?: string[];

  /**
   * Whether the devices are WebRTC masters.
   * @default true
   */
  readonly signaling?: boolean;

  /**
   * Whether obstacles are looked for in images of the streams.
   * @default true
   */
  readonly imageDetection?: boolean;

  /**
   * How long frames are kept: whole days, 1 or more.
   * @default Duration.days(7)
   */
  readonly frameRetention?: Duration;

  /**
   * How long further detections of the same class by the same device raise no other alert: 1 second to 1 day.
   * @default Duration.minutes(1)
   */
  readonly repeatAlertsAfter?: Duration;

  /**
   * Who gets alerts by e-mail. Each has to confirm once.
   * @default - nobody
   */
  readonly alertEmails?: string[];

  /**
   * Who gets the alarms of the system by e-mail. Each has to confirm once.
   * @default - nobody
   */
  readonly alarmEmails?: string[];

  /**
   * What becomes of keys, frames, lists and topics when they leave the stack. Unless it is DESTROY, the stack is
   * protected from deletion too.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Names of things whose alerts only subscribers get that ask for them by name.
   * @default - none
   */
  readonly trialDevices?: string[];
}

/**
 * Properties of `DroneFleetStateStack`.
 */
export interface DroneFleetStateStackProps extends StackProps, DroneFleetStateStackOptions {}

/**
 * What devices, people and recordings hold on to: the key, the allow list, the policy and role alias that certificates
 * use, frames, and the topics that people have subscribed to. It has no function, and seldom changes.
 *
 * @exampleMetadata fixture=stack
 * @example
 * const app = new App();
 * const state = new DroneFleetStateStack(app, 'State', { frameRetention: Duration.days(14) });
 * new DroneFleetStack(app, 'Fleet', {
 *   state,
 *   fleetName: 'delivery',
 *   obstacles: [new ObstacleClass({ name: 'bird', labels: ['Bird'] })],
 * });
 */
export class DroneFleetStateStack extends Stack {
  /** The key of everything that the fleet keeps. */
  public readonly encryptionKey: kms.IKey;

  /** The serial numbers that may register. */
  public readonly allowList: DeviceAllowList;

  /** What the devices are. */
  public readonly identity: DeviceIdentity;

  /** Where frames go, if images are analysed. */
  public readonly frames?: FrameStore;

  /** Where alerts go. */
  public readonly alerts: AlertTopic;

  /** Where alarms go. */
  public readonly alarms: AlarmTopic;

  constructor(scope: Construct, id: string, props: DroneFleetStateStackProps = {}) {
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    super(scope, id, {
      description: 'Video fleet: what devices, people and recordings hold on to',
      terminationProtection: removalPolicy !== RemovalPolicy.DESTROY,
      ...props,
    });

    const encryptionKey = new FleetKey(this, 'Key', { removalPolicy });
    this.encryptionKey = encryptionKey;
    this.allowList = new DeviceAllowList(this, 'AllowList', { encryptionKey, removalPolicy });
    if (props.imageDetection ?? true) {
      this.frames = new FrameStore(this, 'Frames', { encryptionKey, retention: props.frameRetention, removalPolicy });
    }
    this.identity = new DeviceIdentity(this, 'Identity', {
      cameras: props.cameras,
      signaling: props.signaling,
      encryptionKey,
      images: this.frames,
      removalPolicy,
    });
    this.alerts = new AlertTopic(this, 'Alerts', {
      encryptionKey,
      repeatAfter: props.repeatAlertsAfter,
      trialDevices: props.trialDevices,
      removalPolicy,
    });
    for (const email of props.alertEmails ?? []) this.alerts.subscribe(new subscriptions.EmailSubscription(email));
    this.alarms = new AlarmTopic(this, 'Alarms', { encryptionKey, removalPolicy });
    for (const email of props.alarmEmails ?? []) {
      this.alarms.topic.addSubscription(new subscriptions.EmailSubscription(email));
    }

    new CfnOutput(this, 'AllowListTable', {
      description: 'The table of serial numbers that may register',
      value: this.allowList.table.tableName,
    });
    new CfnOutput(this, 'AlertTopic', { description: 'The topic of alerts', value: this.alerts.topic.topicArn });
  }
}
