import { CloudFormationValidatePlugin, type App } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { reportOf } from './validation-report';

/** A number where the schema has text: the CDK's own bucket writes the size of objects so, and CloudFormation takes it. */
const COERCED = 'W9003';

interface DefaultFinding {
  readonly ruleName: string;
  readonly violatingConstructs: { readonly constructPath?: string }[];
}

/**
 * What the CDK's own rules warn of in the templates of an app. Other tests do without them, as they take longer than the
 * synthesis.
 *
 * @throws Error of the synthesis, where it is more than a warning
 */
export function defaultFindings(app: App): DefaultFinding[] {
  return withDefaultRules(() => defaultFindingsIn(app.synth({ force: true })));
}

/** What is synthesized in it is looked at by the CDK's own rules. */
export function withDefaultRules<T>(synthesize: () => T): T {
  const before = process.env.CDK_VALIDATION;
  process.env.CDK_VALIDATION = 'true';
  try {
    return synthesize();
  } finally {
    process.env.CDK_VALIDATION = before;
  }
}

/** What they have found in what was synthesized with them. */
export function defaultFindingsIn(assembly: CloudAssembly): DefaultFinding[] {
  const report = reportOf<DefaultFinding>(assembly, CloudFormationValidatePlugin.PLUGIN_NAME);
  // A plugin that has found nothing isn't in the report.
  return (report?.violations ?? []).filter(({ ruleName }) => ruleName !== COERCED);
}
