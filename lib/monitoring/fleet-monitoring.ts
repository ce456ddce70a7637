import { Duration } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { archiveSection } from '../private/monitoring/archive';
import { canarySection } from '../private/monitoring/canary';
import { deadLetterSection } from '../private/monitoring/dead-letters';
import { detectionSection } from '../private/monitoring/detection';
import { ingestSection, producerSection } from '../private/monitoring/ingest';
import { quotaSection } from '../private/monitoring/quotas';
import { registrationSection } from '../private/monitoring/registration';
import { viewingSection } from '../private/monitoring/viewing';
import { Watch, type Section } from '../private/monitoring/watch';
import { checkDuration, checkFleetName, checkPattern, checkRange, fail, lit } from '../private/validation';
import type { FleetMonitoringProps, MonitoringThresholds, MonthlyBudget } from './fleet-monitoring-props';

const RUNBOOK = 'https://github.com/cdk-kinesis-video/cdk-kinesis-video/blob/main/docs/runbook.md';

/**
 * The dashboard and the alarms of whoever runs a fleet.
 *
 * It collects the alarms that the parts have themselves, and adds those that can be seen in their metrics only. For each
 * concern there is a composite alarm, and one of them all, `fleetAlarm`, which is what pages. Everything is the same for
 * one device and for 50,000.
 *
 * Media, as AWS sees it, is shown for all streams of the account in the region, and alarmed of only if `alarmOnStreams` is
 * on, because such alarms are paid for by the stream. What devices report by `ProducerTelemetry` is about this fleet, and
 * costs the same however many there are.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const fleet = new DroneFleet(stack, 'Fleet', {
 *   fleetName: 'delivery',
 *   obstacles: [new ObstacleClass({ name: 'bird', labels: ['Bird'] })],
 * });
 * const monitoring = new FleetMonitoring(stack, 'Monitoring', {
 *   fleetName: 'delivery',
 *   devices: 10_000,
 *   provisioning: fleet.provisioning,
 *   mediaProvisioner: fleet.mediaProvisioner,
 *   alerts: fleet.alerts,
 *   alarmActions: [new AlarmTopic(stack, 'Alarms').action],
 * });
 */
export class FleetMonitoring extends Construct {
  /** The dashboard. */
  public readonly dashboard: cloudwatch.Dashboard;

  /** Goes off when any of the alarms does. */
  public readonly fleetAlarm: cloudwatch.CompositeAlarm;

  /** Goes off when media doesn't arrive as it should, or devices are silent or short of memory. */
  public readonly ingestAlarm?: cloudwatch.CompositeAlarm;

  /** Goes off when devices don't get in, or don't get their media. */
  public readonly registrationAlarm?: cloudwatch.CompositeAlarm;

  /** Goes off when what cameras see doesn't become alerts, or too late. */
  public readonly detectionAlarm?: cloudwatch.CompositeAlarm;

  /** Goes off when people can't watch, hear or take control. */
  public readonly viewingAlarm?: cloudwatch.CompositeAlarm;

  /** Goes off when what is to be kept isn't, or too late. */
  public readonly archiveAlarm?: cloudwatch.CompositeAlarm;

  /** Goes off when quotas are nearly used up. */
  public readonly quotaAlarm?: cloudwatch.CompositeAlarm;

  private readonly composites: cloudwatch.IAlarm[] = [];
  private readonly watch: Watch;

  /**
   * @throws ValidationError with one of the codes `FleetName`, `MonitoringDevices`, `MonitoringQuota`,
   * `MonitoringThreshold`, `MonitoringRunbook` and `MonitoringBudget`
   */
  constructor(scope: Construct, id: string, props: FleetMonitoringProps) {
    super(scope, id);
    const { runbookUrl = RUNBOOK, streamQuota = 10_000, devices } = props;
    checkFleetName(this, props.fleetName);
    checkRange(this, lit`MonitoringDevices`, 'devices', devices, { min: 1, max: Number.MAX_SAFE_INTEGER });
    checkRange(this, lit`MonitoringQuota`, 'streamQuota', streamQuota, { min: 1, max: Number.MAX_SAFE_INTEGER });
    // What is longer wouldn't fit into the description of an alarm, of 1024 characters.
    const url = 'an https URL of at most 512 characters, without #';
    checkPattern(this, lit`MonitoringRunbook`, 'runbookUrl', runbookUrl, /^https:\/\/[^\s#]{1,504}$/, url);
    const thresholds = this.checkedThresholds(props.thresholds);
    this.watch = new Watch(this, runbookUrl);
    const { watch } = this;

    this.dashboard = new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: props.dashboardName,
      defaultInterval: Duration.hours(12),
      periodOverride: cloudwatch.PeriodOverride.INHERIT,
    });
    this.fleetAlarm = this.watch.any('FleetAlarm', this.composites, {
      what: `Fleet ${props.fleetName}: somebody has to look`,
      anchor: 'the-fleets-alarm',
    });
    this.fleetAlarm.addAlarmAction(...(props.alarmActions ?? []));

    const { reconciler, mediaProvisioner, telemetry, canary } = props;
    const ingest = [
      ingestSection(watch, props, thresholds),
      ...(telemetry ? [producerSection(watch, telemetry, thresholds)] : []),
      ...(canary ? [canarySection(canary)] : []),
    ];
    const registration = registrationSection(watch, props, devices);
    const detection = detectionSection(watch, props, thresholds);
    const viewing = viewingSection(watch, props);
    const archive = archiveSection(props);
    const streamsOfADevice = Math.max(1, mediaProvisioner?.identity.cameras.length ?? 1);
    const quotas = quotaSection(watch, { reconciler, streamsOfADevice, streamQuota });
    this.ingestAlarm = this.concern(
      'IngestAlarm',
      'media does not arrive as it should, or devices are silent',
      ...ingest,
    );
    this.registrationAlarm = this.concern(
      'RegistrationAlarm',
      'devices do not get in, or do not get their media',
      registration,
    );
    this.detectionAlarm = this.concern(
      'DetectionAlarm',
      'what cameras see does not become alerts, or too late',
      detection,
    );
    this.viewingAlarm = this.concern('ViewingAlarm', 'people can not watch, hear or take control', viewing);
    this.archiveAlarm = this.concern('ArchiveAlarm', 'what happened is not kept, or too late', archive);
    this.quotaAlarm = this.concern('QuotaAlarm', 'quotas are nearly used up', quotas);

    const alarms = [this.fleetAlarm, ...this.composites];
    this.dashboard.addWidgets(
      new cloudwatch.AlarmStatusWidget({ title: props.fleetName, alarms, width: 24, height: 2 }),
    );
    const deadLetters = { ...deadLetterSection(props), alarms: [] };
    for (const section of [...ingest, registration, detection, viewing, archive, deadLetters, quotas])
      this.show(section);
    if (props.monthlyBudget) this.addBudget(props.fleetName, props.monthlyBudget);
  }

  /**
   * Adds what else is to be seen at the bottom of the dashboard, and has its alarms page too.
   *
   * @param title the heading of the section
   * @param widgets what is shown, from left to right
   * @param alarms what `fleetAlarm` goes off with
   */
  public addSection(title: string, widgets: cloudwatch.IWidget[], alarms: cloudwatch.IAlarm[] = []): void {
    this.show({ title, widgets, alarms });
    this.composites.push(...alarms);
  }

  /** One without alarms, because the fleet doesn't have its parts, is left out. */
  private concern(id: string, what: string, ...sections: Section[]): cloudwatch.CompositeAlarm | undefined {
    const alarms = sections.flatMap((section) => section.alarms);
    if (alarms.length === 0) return undefined;
    const [{ title }] = sections;
    const anchor = `concern-${title.toLowerCase()}`;

    const alarm = this.watch.any(id, alarms, { what: `${title}: ${what}`, anchor });
    this.composites.push(alarm);
    return alarm;
  }

  private show({ title, text, widgets, alarms }: Section): void {
    if (widgets.length === 0 && alarms.length === 0) return;
    const markdown = text ? `## ${title}\n\n${text}` : `## ${title}`;
    this.dashboard.addWidgets(
      new cloudwatch.TextWidget({
        markdown,
        width: 24,
        height: text ? 2 : 1,
        background: cloudwatch.TextWidgetBackground.TRANSPARENT,
      }),
    );
    if (alarms.length > 0) {
      const height = 1 + Math.ceil(alarms.length / 6);
      this.dashboard.addWidgets(new cloudwatch.AlarmStatusWidget({ alarms, width: 24, height }));
    }
    this.dashboard.addWidgets(...widgets);
  }

  private checkedThresholds(thresholds: MonitoringThresholds = {}) {
    const percent = { min: 0.1, max: 100, unit: 'percent', whole: false } as const;
    const { silentPercent = 5, stalledPercent = 5, bufferPercent = 80 } = thresholds;
    for (const [prop, value] of Object.entries({ silentPercent, stalledPercent, bufferPercent })) {
      checkRange(this, lit`MonitoringThreshold`, prop, value, percent);
    }
    const { sendBacklog = Duration.seconds(10), alertLatency = Duration.minutes(1) } = thresholds;
    const day = { min: 1, max: 86_400, unit: 'seconds' } as const;
    checkDuration(this, lit`MonitoringThreshold`, 'alertLatency', alertLatency, day);
    const backlog = checkDuration(this, lit`MonitoringThreshold`, 'sendBacklog', sendBacklog, day);
    return { silentPercent, stalledPercent, bufferPercent, backlogMilliseconds: 1000 * backlog, alertLatency };
  }

  /**
   * Budgets work in every region; the metric of estimated charges is in us-east-1 only.
   * https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html
   */
  private addBudget(fleetName: string, { limitInDollars, emails }: MonthlyBudget): void {
    const most = Number.MAX_SAFE_INTEGER;
    checkRange(this, lit`MonitoringBudget`, 'limitInDollars', limitInDollars, { min: 1, max: most, whole: false });
    if (emails.length < 1 || emails.length > 10) {
      fail(this, lit`MonitoringBudget`, `\`emails\` has ${emails.length} addresses; it must have 1 to 10.`);
    }
    const subscribers = emails.map((address) => ({ subscriptionType: 'EMAIL', address }));
    const notification = (notificationType: string, threshold: number) => ({
      notification: { notificationType, comparisonOperator: 'GREATER_THAN', threshold, thresholdType: 'PERCENTAGE' },
      subscribers,
    });
    new CfnBudget(this, 'Budget', {
      budget: {
        budgetName: `${fleetName}-${this.node.addr.slice(-8)}`,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: limitInDollars, unit: 'USD' },
      },
      notificationsWithSubscribers: [notification('ACTUAL', 80), notification('FORECASTED', 100)],
    });
  }
}
