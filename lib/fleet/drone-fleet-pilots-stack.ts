import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AlertAcknowledgements } from '../alert/alert-acknowledgements';
import { AlertFeed } from '../alert/alert-feed';
import { PilotConsole, type ConsoleDomain, type ConsoleSignIn } from '../viewing/pilot-console';
import { Takeover, type TakeoverOptions } from '../viewing/takeover';
import { ViewerMessages } from '../viewing/viewer-messages';
import { ViewingApi } from '../viewing/viewing-api';
import type { ViewingOptions } from '../viewing/viewing-options';
import type { DroneFleetStateStack } from './drone-fleet-state-stack';

/**
 * What may be chosen of `DroneFleetPilotsStack`.
 */
export interface DroneFleetPilotsStackOptions {
  /**
   * Who may watch, and for how long. Either a `signIn` with a `domainPrefix` or an `issuer` is needed.
   */
  readonly viewing: ViewingOptions;

  /**
   * How the console signs in at an `issuer`.
   * @default - as a client of the user pool
   */
  readonly consoleSignIn?: ConsoleSignIn;

  /**
   * How pilots control devices.
   * @default - with any command, for 15 seconds at a time; a device whose pilot is gone hovers
   */
  readonly takeover?: TakeoverOptions;

  /**
   * The console's own name.
   * @default - one of CloudFront
   */
  readonly domain?: ConsoleDomain;

  /**
   * The ARN of a web ACL of AWS WAF for CloudFront.
   * @default - none
   */
  readonly webAclArn?: string;
}

/**
 * Properties of `DroneFleetPilotsStack`.
 */
export interface DroneFleetPilotsStackProps extends StackProps, DroneFleetPilotsStackOptions {
  /**
   * The name of the fleet: 1 to 64 of `a-z A-Z 0-9 _ -`.
   */
  readonly fleetName: string;

  /**
   * What the fleet works on.
   */
  readonly state: DroneFleetStateStack;

  /**
   * What becomes of people's accounts, alerts and logs when they leave the stack. Unless it is DESTROY, the stack is protected
   * from deletion too.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * By which people watch the devices of a fleet and take control: the console, the API behind it, alerts as they happen and
 * those of the past.
 *
 * @exampleMetadata fixture=stack
 * @example
 * const app = new App();
 * new DroneFleetPilotsStack(app, 'Pilots', {
 *   state: new DroneFleetStateStack(app, 'State'),
 *   fleetName: 'delivery',
 *   viewing: { signIn: { domainPrefix: 'delivery-pilots' } },
 *   takeover: { commands: ['HOVER', 'RETURN', 'LAND'], onLapse: LapseAction.RETURN },
 * });
 */
export class DroneFleetPilotsStack extends Stack {
  /** Who acknowledged which alert. */
  public readonly acknowledgements: AlertAcknowledgements;

  /** The alerts of the past, and as they happen. */
  public readonly feed: AlertFeed;

  /** Who controls which device. */
  public readonly takeover: Takeover;

  /** The API. */
  public readonly viewing: ViewingApi;

  /** By which alerts reach browsers. */
  public readonly messages: ViewerMessages;

  /** The console. */
  public readonly console: PilotConsole;

  constructor(scope: Construct, id: string, props: DroneFleetPilotsStackProps) {
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    super(scope, id, {
      description: 'Video fleet: watching and taking control',
      terminationProtection: removalPolicy !== RemovalPolicy.DESTROY,
      ...props,
    });
    const { fleetName, state } = props;
    const { identity, alerts, encryptionKey } = state;
    const alarmActions = [state.alarms.action];
    const common = { fleetName, identity, encryptionKey, removalPolicy };

    this.acknowledgements = new AlertAcknowledgements(this, 'Acknowledgements', { encryptionKey, removalPolicy });
    this.feed = new AlertFeed(this, 'Feed', { identity, alerts, encryptionKey, alarmActions, removalPolicy });
    this.takeover = new Takeover(this, 'Takeover', { ...common, alarmActions, ...props.takeover });
    this.viewing = new ViewingApi(this, 'Viewing', {
      ...common,
      ...props.viewing,
      takeover: this.takeover,
      alerts: this.feed,
      acknowledgements: this.acknowledgements,
      alarmActions,
    });
    this.messages = new ViewerMessages(this, 'Messages', { viewing: this.viewing, alarmActions });
    this.console = new PilotConsole(this, 'Console', {
      viewing: this.viewing,
      messages: this.messages,
      signIn: props.consoleSignIn,
      domain: props.domain,
      webAclArn: props.webAclArn,
      removalPolicy,
    });

    new CfnOutput(this, 'ConsoleUrl', { description: 'Where people watch and take control', value: this.console.url });
    const { viewers } = this.viewing;
    if (viewers) {
      new CfnOutput(this, 'UserPool', {
        description: 'The user pool in which people get their accounts',
        value: viewers.userPool.userPoolId,
      });
    }
  }
}
