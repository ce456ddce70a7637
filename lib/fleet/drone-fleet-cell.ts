import { Stage, Token, Validations, type StageProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { checkRange, lit } from '../private/validation';
import { DroneFleetPilotsStack, type DroneFleetPilotsStackOptions } from './drone-fleet-pilots-stack';
import { DroneFleetStack, type DroneFleetStackOptions } from './drone-fleet-stack';
import { DroneFleetStateStack, type DroneFleetStateStackOptions } from './drone-fleet-state-stack';

/**
 * Properties of `DroneFleetCell`.
 */
export interface DroneFleetCellProps extends StageProps, DroneFleetStateStackOptions, DroneFleetStackOptions {
  /**
   * How people watch and take control, in a third stack.
   * @default - they don't
   */
  readonly pilots?: DroneFleetPilotsStackOptions;

  /**
   * How many devices the cell is to hold, to be compared with the quotas. It changes nothing in the templates.
   * @default - not compared
   */
  readonly devices?: number;

  /**
   * The account's quota of streams in the region.
   * @default 10000
   * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/limits.html
   */
  readonly streamQuota?: number;

  /**
   * The account's quota of signaling channels in the region.
   * @default - 10000 in us-east-1 and us-west-2, 5000 elsewhere
   */
  readonly channelQuota?: number;
}

/**
 * A cell of a drone fleet: an account and region that hold as many devices as their quotas allow. A larger fleet has
 * several cells, all of the same template.
 *
 * Two stacks, cut by how they live: what devices, people and recordings hold on to (`state`, protected from deletion),
 * and what works on it (`fleet`), which can be deleted and deployed again at any time. A third one, where it is wanted, has
 * the console by which people watch and take control (`pilots`). References go from these to the first only.
 */
export class DroneFleetCell extends Stage {
  /** What devices, people and recordings hold on to. */
  public readonly state: DroneFleetStateStack;

  /** What works on it. */
  public readonly fleet: DroneFleetStack;

  /** By which people watch and take control, if they do. */
  public readonly pilots?: DroneFleetPilotsStack;

  /**
   * @throws ValidationError with one of the codes `CellDevices` and `CellQuota`, and those of the parts
   */
  constructor(scope: Construct, id: string, props: DroneFleetCellProps) {
    super(scope, id, props);
    // What is the stage's own reaches its stacks by themselves.
    const {
      env,
      outdir,
      permissionsBoundary,
      policyValidationBeta1,
      propertyInjectors,
      stageName,
      pilots,
      ...options
    } = props;
    const { fleetName, removalPolicy } = props;
    this.state = new DroneFleetStateStack(this, 'State', options);
    this.fleet = new DroneFleetStack(this, 'Fleet', { ...options, state: this.state });
    if (pilots) {
      const { state } = this;
      this.pilots = new DroneFleetPilotsStack(this, 'Pilots', { ...pilots, fleetName, state, removalPolicy });
    }
    this.checkQuotas(props);
  }

  private checkQuotas(props: DroneFleetCellProps): void {
    const { devices, cameras = [], signaling = true } = props;
    const whole = { min: 1, max: Number.MAX_SAFE_INTEGER };
    checkRange(this, lit`CellDevices`, 'devices', devices, whole);
    checkRange(this, lit`CellQuota`, 'streamQuota', props.streamQuota, whole);
    checkRange(this, lit`CellQuota`, 'channelQuota', props.channelQuota, whole);
    if (devices === undefined || Token.isUnresolved(devices)) return;

    const needed = devices * Math.max(1, cameras.length);
    const largeRegion = ['us-east-1', 'us-west-2'].includes(this.region ?? '');
    this.compare('stream', needed, props.streamQuota ?? 10_000);
    if (signaling) this.compare('channel', needed, props.channelQuota ?? (largeRegion ? 10_000 : 5_000));
  }

  private compare(what: 'stream' | 'channel', needed: number, quota: number): void {
    if (Token.isUnresolved(quota) || needed <= quota) return;
    // On a stack, because warnings of a stage are shown in the validation report only, which is behind a flag.
    Validations.of(this.state).addWarning(
      `cdk-kinesis-video:${what}Quota`,
      `The cell needs ${needed} ${what}s, and the account has a quota of ${quota}. Have it raised and set \`${what}Quota\`, or use ${Math.ceil(needed / quota)} cells.`,
    );
  }
}
