import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import cdkJson from '../../cdk.json';
import { compare } from '../../cli/guard/compare';
import { readStacks } from '../../cli/guard/assembly';
import type { Finding } from '../../cli/guard/finding';
import type { TemplateResource, TemplateStack } from '../../cli/guard/template';

/** The context that `cdk synth` adds to that of the app. */
const CLI_CONTEXT = { 'aws:cdk:enable-path-metadata': true, 'aws:cdk:enable-asset-metadata': true };

/** An empty folder, which the operating system clears. */
export function folder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'assembly-')));
}

/** Synthesizes an app as the CLI does, and says where. */
export function synthesized(build: (app: App) => void): string {
  const app = new App({ outdir: folder(), context: { ...cdkJson.context, ...CLI_CONTEXT } });
  build(app);
  return app.synth().directory;
}

/** What the guard finds between two apps. */
export function findingsBetween(before: (app: App) => void, after: (app: App) => void): Finding[] {
  return compare(readStacks(synthesized(before)), readStacks(synthesized(after)));
}

/** A stack of these resources. */
export function stackOf(
  resources: Record<string, TemplateResource>,
  { Outputs, ...props }: Partial<TemplateStack> & Pick<TemplateStack['template'], 'Outputs'> = {},
): TemplateStack {
  return {
    name: 'State',
    terminationProtection: false,
    paths: {},
    template: { Resources: resources, Outputs },
    ...props,
  };
}

/** What the guard finds between two stacks, in short. */
export function effects(before: TemplateStack | TemplateStack[], after: TemplateStack | TemplateStack[]): string[] {
  return compare([before].flat(), [after].flat()).map(
    ({ stack, resource, what, why }) => `${what} ${stack} ${resource}: ${why}`,
  );
}
