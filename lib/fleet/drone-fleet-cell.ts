import { Stage, type StageProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { expectedDevices } from '../planning/cells';
import { FleetPlan } from '../planning/fleet-plan';
import { FleetPlanReport } from '../planning/fleet-plan-report';
import type { FleetUsage } from '../planning/fleet-usage';
import type { PriceList } from '../planning/price-list';
import { CANARY } from '../private/canary-name';
import { checkRange, fail, lit } from '../private/validation';
import { cellWorkload } from './cell-workload';
import { DroneFleetMonitoringStack, type DroneFleetMonitoringStackOptions } from './drone-fleet-monitoring-stack';
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
   * How the cell is watched, in a stack of its own. It needs `devices`.
   * @default - by the alarms of its parts
   */
  readonly monitoring?: DroneFleetMonitoringStackOptions;

  /**
   * How many devices the cell is to hold: with that, there is a plan of it beside the templates, and synthesis warns of
   * quotas that it exceeds. It changes nothing in the templates.
   * @default - no plan
   */
  readonly devices?: number;

  /**
   * How the cell is used, for its plan. With that, synthesis warns of all quotas that it exceeds, and not only of those of
   * streams and channels.
   * @default - the assumptions that `FleetUsage` has
   */
  readonly usage?: FleetUsage;

  /**
   * What everything costs, for the plan.
   * @default - the prices that the library has for the region
   */
  readonly prices?: PriceList;

  /**
   * The account's quota of streams in the region: 1 or more.
   * @default 10000
   * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/limits.html
   */
  readonly streamQuota?: number;

  /**
   * The account's quota of signaling channels in the region: 1 or more.
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
 *
 * @exampleMetadata fixture=stack
 * @example
 * const cell = new DroneFleetCell(new App(), 'delivery-1', {
 *   fleetName: 'delivery',
 *   obstacles: [new ObstacleClass({ name: 'bird', labels: ['Bird'], severity: AlertSeverity.CRITICAL })],
 *   devices: 10_000,
 *   alertEmails: ['pilots@example.com'],
 *   monitoring: { runbookUrl: 'https://wiki.example.com/drones' },
 * });
 */
export class DroneFleetCell extends Stage {
  /**
   * How many devices each of several cells has to have room for: as they are spread by a hash, one gets somewhat more than
   * its share. What is returned is exceeded once in 30,000 times.
   *
   * @param devices how many devices there are in all of them
   * @param cells how many cells there are
   */
  public static expectedDevices(devices: number, cells: number): number {
    return expectedDevices(devices, cells);
  }

  /** What devices, people and recordings hold on to. */
  public readonly state: DroneFleetStateStack;

  /** What works on it. */
  public readonly fleet: DroneFleetStack;

  /** By which people watch and take control, if they do. */
  public readonly pilots?: DroneFleetPilotsStack;

  /** What watches it, if something does. */
  public readonly monitoring?: DroneFleetMonitoringStack;

  /** What it costs and needs, if it is said how many devices it has. */
  public readonly plan?: FleetPlan;

  private readonly props: DroneFleetCellProps;

  /**
   * @throws ValidationError with one of the codes `CellDevices`, `CellMonitoring` and `CellQuota`, and those of the parts and of
   * the plan
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
      monitoring,
      devices,
      usage,
      prices,
      streamQuota,
      channelQuota,
      ...options
    } = props;
    const { fleetName, removalPolicy } = props;
    const trialDevices = monitoring?.canaryLabel === undefined ? props.trialDevices : [CANARY];
    this.state = new DroneFleetStateStack(this, 'State', { ...options, trialDevices });
    this.fleet = new DroneFleetStack(this, 'Fleet', { ...options, state: this.state });
    if (pilots) {
      const { state } = this;
      this.pilots = new DroneFleetPilotsStack(this, 'Pilots', { ...pilots, fleetName, state, removalPolicy });
    }
    if (monitoring) {
      if (devices === undefined) {
        const remedy = 'Give `devices`: what is many depends on how many there are.';
        fail(this, lit`CellMonitoring`, `\`monitoring\` is set without \`devices\`. ${remedy}`);
      }
      const { state, fleet } = this;
      const parts = { state, fleet, pilots: this.pilots, fleetName, devices, streamQuota };
      this.monitoring = new DroneFleetMonitoringStack(this, 'Monitoring', { ...monitoring, ...parts });
    }
    this.checkCounts(props);
    this.props = props;
    this.plan = props.devices === undefined ? undefined : this.planFor(props.devices);
    if (!this.plan) return;
    // In a stack, because warnings of a stage are shown in the validation report only, which is behind a flag. What rests on
    // how the cell is used is nothing to warn of as long as nobody has said it.
    const warnOf = props.usage ? undefined : ['stream', 'channel'];
    new FleetPlanReport(this.state, 'Plan', { plan: this.plan, warnOf });
  }

  /**
   * The plan of a fleet whose cells are all like this one and used as it is.
   *
   * @param devices how many devices there are in all of them: at least 1
   * @param cells how many cells there are, 1 unless told
   * @returns undefined if what the plan rests on is known at deployment only
   */
  public planFor(devices: number, cells: number = 1): FleetPlan | undefined {
    const workload = cellWorkload(devices, this.props, this.region);
    if (!workload) return undefined;
    const { viewers, storedChannels, newDevicesPerMonth } = workload;
    const ofAll = (ofCell?: number) => ofCell && ofCell * cells;
    return new FleetPlan(
      {
        ...workload,
        cells,
        viewers: ofAll(viewers),
        storedChannels: ofAll(storedChannels),
        newDevicesPerMonth: ofAll(newDevicesPerMonth),
      },
      { prices: this.props.prices },
    );
  }

  private checkCounts({ devices, streamQuota, channelQuota }: DroneFleetCellProps): void {
    const whole = { min: 1, max: Number.MAX_SAFE_INTEGER };
    checkRange(this, lit`CellDevices`, 'devices', devices, whole);
    checkRange(this, lit`CellQuota`, 'streamQuota', streamQuota, whole);
    checkRange(this, lit`CellQuota`, 'channelQuota', channelQuota, whole);
  }
}
