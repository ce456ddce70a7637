import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudFormationValidatePlugin, type App } from 'aws-cdk-lib';
import { VALIDATION_REPORT_FILE } from 'aws-cdk-lib/cx-api';

interface PluginReport {
  readonly pluginName: string;
  readonly violations: { readonly ruleName: string }[];
}

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
    const { directory } = app.synth({ force: true });
    const { pluginReports } = JSON.parse(readFileSync(join(directory, VALIDATION_REPORT_FILE), 'utf8'));
    return pluginReports
      .filter(({ pluginName }: PluginReport) => pluginName === CloudFormationValidatePlugin.PLUGIN_NAME)
      .flatMap(({ violations }: PluginReport) => violations)
      .filter(({ ruleName }: { ruleName: string }) => ruleName !== COERCED);
  } finally {
    process.env.CDK_VALIDATION = before;
  }
}
