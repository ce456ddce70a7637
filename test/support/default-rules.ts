import { CloudFormationValidatePlugin, type App } from 'aws-cdk-lib';
import { reportOf } from './validation-report';

/** A number where the schema has text: the CDK's own bucket writes the size of objects so, and CloudFormation takes it. */
const COERCED = 'W9003';

/**
 * What the CDK's own rules warn of in the templates of an app. Other tests do without them, as they take longer than the
 * synthesis.
 *
 * @throws Error of the synthesis, where it is more than a warning
 */
export function defaultFindings(app: App): object[] {
  const before = process.env.CDK_VALIDATION;
  process.env.CDK_VALIDATION = 'true';
  try {
    const report = reportOf<{ ruleName: string }>(app.synth({ force: true }), CloudFormationValidatePlugin.PLUGIN_NAME);
    // A plugin that has found nothing isn't in the report.
    return (report?.violations ?? []).filter(({ ruleName }) => ruleName !== COERCED);
  } finally {
    process.env.CDK_VALIDATION = before;
  }
}
