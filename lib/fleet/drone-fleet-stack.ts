import { CfnOutput, Stack, type RemovalPolicy, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ImageDetectorOptions } from '../detection/image-detector';
import type { MotionGateOptions } from '../detection/motion-gate';
import type { ObstacleClass } from '../detection/obstacle-class';
import { ProvisioningMethod, type FleetProvisioningOptions } from '../device/fleet-provisioning';
import type { FleetMedia, MediaRemoval } from '../device/fleet-media';
import { DroneFleet } from './drone-fleet';
import type { DroneFleetStateStack } from './drone-fleet-state-stack';

/**
 * What may be chosen of `DroneFleetStack`.
 */
export interface DroneFleetStackOptions {
  /**
   * The name of the fleet: 1 to 64 of `a-z A-Z 0-9 _ -`.
   */
  readonly fleetName: string;

  /**
   * What to alert of. At least one class; names must differ.
   */
  readonly obstacles: ObstacleClass[];

  /**
   * How devices register.
   * @default - by claim, once, if on the allow list of the state
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
   * What becomes of lists and reports when they leave the stack.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

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
}

/**
 * Properties of `DroneFleetStack`.
 */
export interface DroneFleetStackProps extends StackProps, DroneFleetStackOptions {
  /**
   * What the fleet works on.
   */
  readonly state: DroneFleetStateStack;
}

/**
 * What works on the state of a fleet. It can be deleted and deployed again at any time: devices that are registered go
 * on streaming meanwhile. All that it keeps are lists and reports.
 *
 * @exampleMetadata fixture=stack
 * @example
 * const app = new App();
 * const fleet = new DroneFleetStack(app, 'Fleet', {
 *   state: new DroneFleetStateStack(app, 'State'),
 *   fleetName: 'delivery',
 *   obstacles: [new ObstacleClass({ name: 'bird', labels: ['Bird'] })],
 * });
 */
export class DroneFleetStack extends Stack {
  /** The fleet. */
  public readonly fleet: DroneFleet;

  constructor(scope: Construct, id: string, props: DroneFleetStackProps) {
    super(scope, id, { description: 'Video fleet: registration, media of devices, detection', ...props });
    const { state, provisioning = {} } = props;
    const jitp = provisioning.method === ProvisioningMethod.JITP;
    const { identity, frames } = state;

    this.fleet = new DroneFleet(this, 'Fleet', {
      fleetName: props.fleetName,
      obstacles: props.obstacles,
      encryptionKey: state.encryptionKey,
      identity,
      provisioning: { ...provisioning, allowList: provisioning.allowList ?? (jitp ? undefined : state.allowList) },
      media: props.media,
      mediaRemoval: props.mediaRemoval,
      thingsAheadOfBoot: props.thingsAheadOfBoot,
      removalPolicy: props.removalPolicy,
      alerts: state.alerts,
      frames,
      imageDetection: frames !== undefined,
      imageAnalysis: props.imageAnalysis,
      motionGate: props.motionGate,
      onDeviceDetection: props.onDeviceDetection,
      alarmActions: [state.alarms.action],
    });

    const { onboarding, quarantine, certificates } = this.fleet;
    const { templateName, claimPolicyName } = this.fleet.provisioning;
    new CfnOutput(this, 'DeviceConfiguration', {
      description: 'What a camera needs to know beside its certificate',
      value: this.toJsonString(identity.configuration(this)),
    });
    new CfnOutput(this, 'ProvisioningTemplate', {
      description: 'The template by which devices register',
      value: templateName,
    });
    const outputs = {
      ClaimPolicy: ['The IoT policy for the claim certificate', claimPolicyName],
      RotationTemplate: ['The template by which devices replace their certificates', certificates?.templateName],
      OnboardingBucket: ['The bucket for lists of devices, in its folder lists/', onboarding?.bucket.bucketName],
      Onboarding: [
        'The state machine that puts a list of devices on the allow list',
        onboarding?.stateMachine.stateMachineArn,
      ],
      Quarantine: ['The function that shuts a device out', quarantine?.handler.functionName],
      Reconciliation: [
        'The state machine that brings all media to order',
        this.fleet.reconciler.stateMachine.stateMachineArn,
      ],
    };
    for (const [id, [description, value]] of Object.entries(outputs)) {
      if (value) new CfnOutput(this, id, { description, value });
    }
  }
}
