import type { App } from 'aws-cdk-lib';
import { FleetPlanReport, type DroneFleetCell } from '../lib';
import type { Configuration } from './fleet/configuration';

/** What the plan is made for if nobody has said how many devices there are. */
const SAMPLE_DEVICES = 1000;

/** Puts the plan of the whole fleet beside its cells, of which each has its own with the warnings. */
export function planFleet(app: App, fleet: Configuration, [cell]: DroneFleetCell[]): void {
  const plan = cell.planFor(devicesOf(fleet) ?? SAMPLE_DEVICES, fleet.cells.length);
  if (plan) new FleetPlanReport(app, 'Plan', { plan, warnOf: [] });
}

/** What was planned, for a terminal. */
export function planSummary(app: App, folder: string): string {
  const report = app.node.tryFindChild('Plan') as FleetPlanReport | undefined;
  if (!report) return '';
  const { plan } = report;
  return [
    '',
    `What ${plan.devices} devices cost and need (\`devices\`, \`usage\` and \`prices\` change it; all of it is in ${folder}/plan.md)`,
    '',
    plan.toTable(),
  ].join('\n');
}

function devicesOf({ devices, cells }: Configuration): number | undefined {
  const counted = cells.map((cell) => cell.devices).filter((count) => count !== undefined);
  return devices ?? (counted.length > 0 ? counted.reduce((sum, count) => sum + count) : undefined);
}
