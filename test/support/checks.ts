import { App, Validations } from 'aws-cdk-lib';
import { FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT } from 'aws-cdk-lib/cx-api';
import cdkJson from '../../cdk.json';
import { KinesisVideoChecks } from '../../lib';
import { reportOf } from './validation-report';

/** A finding as the report of the CDK has it. */
export interface ReportedFinding {
  readonly rule: string;
  readonly severity: string;
  readonly description: string;
  readonly fix: string;
  readonly path: string;
  readonly logicalId: string;
  readonly locations: string[];
  /** Why it is acknowledged, if it is. */
  readonly reason?: string;
}

interface ReportedViolation {
  readonly ruleName: string;
  readonly severity: string;
  readonly description: string;
  readonly suggestedFix: string;
  readonly reason?: string;
  readonly violatingConstructs: {
    readonly constructPath: string;
    readonly cloudFormationResource?: { readonly logicalId: string; readonly propertyPaths?: string[] };
  }[];
}

/** An app that writes findings into its report instead of failing, under the flags of the reference app. */
export function reportingApp(context: object = {}): App {
  return new App({ context: { ...cdkJson.context, ...context, [FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT]: false } });
}

/** What the checks find in the app, those that are acknowledged included. */
export function findingsOf(app: App): ReportedFinding[] {
  Validations.of(app).addPlugins(new KinesisVideoChecks());
  const report = reportOf<ReportedViolation>(app.synth(), 'KinesisVideoChecks');
  if (report?.metadata?.error) throw new Error(report.metadata.error);
  return [...(report?.violations ?? []), ...(report?.suppressedViolations ?? [])].flatMap(
    ({ ruleName, suggestedFix, violatingConstructs, ...violation }) =>
      violatingConstructs.map(({ constructPath, cloudFormationResource }) => ({
        rule: ruleName,
        severity: violation.severity,
        description: violation.description,
        fix: suggestedFix,
        path: constructPath,
        logicalId: cloudFormationResource!.logicalId,
        locations: cloudFormationResource!.propertyPaths ?? [],
        ...(violation.reason && { reason: violation.reason }),
      })),
  );
}
