import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VALIDATION_REPORT_FILE, type CloudAssembly } from 'aws-cdk-lib/cx-api';

/** What a plugin has to say of an app. */
export interface PluginReport<Violation> {
  readonly pluginName: string;
  readonly violations: Violation[];
  /** Those that are acknowledged. */
  readonly suppressedViolations?: Violation[];
  readonly metadata?: { readonly error?: string };
}

/** What a plugin has found in an app. */
export function reportOf<Violation>({ directory }: CloudAssembly, plugin: string): PluginReport<Violation> | undefined {
  const { pluginReports } = JSON.parse(readFileSync(join(directory, VALIDATION_REPORT_FILE), 'utf8'));
  return pluginReports.find(({ pluginName }: PluginReport<Violation>) => pluginName === plugin);
}
