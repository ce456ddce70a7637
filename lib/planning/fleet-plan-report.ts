import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Annotations, attachCustomSynthesis } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { FleetPlan } from './fleet-plan';

/**
 * Properties of `FleetPlanReport`.
 */
export interface FleetPlanReportProps {
  /**
   * The plan.
   */
  readonly plan: FleetPlan;

  /**
   * The ids of the quotas to warn of when they are exceeded.
   * @default - all of them
   */
  readonly warnOf?: string[];
}

/**
 * Puts a plan beside the templates, as `plan.json` and `plan.md`, and warns of quotas that it exceeds. There is no
 * resource in it, and it changes no template.
 *
 * The warnings have the ids `cdk-kinesis-video:<quota>Quota`. They are shown for what is in a stack.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/service-quotas.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const workload: FleetWorkload = { devices: 400, streamingPerDay: Duration.hours(24), retention: Duration.days(90) };
 * new FleetPlanReport(stack, 'Plan', { plan: new FleetPlan(workload) });
 */
export class FleetPlanReport extends Construct {
  /** The plan. */
  public readonly plan: FleetPlan;

  constructor(scope: Construct, id: string, props: FleetPlanReportProps) {
    super(scope, id);
    const { plan, warnOf } = props;
    this.plan = plan;
    for (const { id: quota, message } of plan.exceeded) {
      if (warnOf?.includes(quota) ?? true) {
        Annotations.of(this).addWarningV2(`cdk-kinesis-video:${quota}Quota`, message);
      }
    }
    attachCustomSynthesis(this, {
      onSynthesize: ({ outdir }) => {
        mkdirSync(outdir, { recursive: true });
        writeFileSync(join(outdir, 'plan.json'), plan.toJson());
        writeFileSync(join(outdir, 'plan.md'), plan.toMarkdown());
      },
    });
  }
}
