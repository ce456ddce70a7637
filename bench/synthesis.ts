import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import cdkJson from '../cdk.json';
import { droneFleet } from '../bin/drone-fleet';
import { median, tell } from './support/tell';

/**
 * What the reference fleet takes to synthesize, and how large it is: `npm run bench -- synthesis`.
 *
 * What it is compared with is the same templates made of L1 constructs, with their references, as CDK itself makes them of a
 * template.
 */
const ROUNDS = 9;

type Template = { Resources: Record<string, object> };

function fleet(devices: number): Template[] {
  const app = new App({ context: { ...cdkJson.context, fleet: { cells: [{ name: 'cell-1', devices }] } } });
  droneFleet(app);
  return app
    .synth()
    .nestedAssemblies.flatMap(({ nestedAssembly }) => nestedAssembly.stacks.map(({ template }) => template));
}

function l1(templateFiles: readonly string[]): void {
  const app = new App({ context: cdkJson.context });
  templateFiles.forEach((templateFile, index) => {
    const stack = new Stack(app, `L1-${index}`);
    new CfnInclude(stack, 'Template', { templateFile, preserveLogicalIds: true });
  });
  app.synth();
}

function milliseconds(work: () => void): number {
  const { user: before } = process.cpuUsage();
  work();
  return (process.cpuUsage().user - before) / 1000;
}

const resources = (templates: Template[]) =>
  templates.reduce((sum, { Resources }) => sum + Object.keys(Resources).length, 0);
const bytes = (templates: Template[]) => templates.reduce((sum, template) => sum + JSON.stringify(template).length, 0);

/** CfnInclude doesn't know how this release refers to other stacks yet. */
function imported(_key: string, value: unknown): unknown {
  const isReference = typeof value === 'object' && value !== null && 'Fn::GetStackOutput' in value;
  return isReference ? { 'Fn::ImportValue': JSON.stringify(value) } : value;
}

/** In turns, so that whatever else the machine does falls on both. */
function ratio(files: readonly string[]): string {
  const times = Array.from({ length: ROUNDS }, () => [milliseconds(() => fleet(1)), milliseconds(() => l1(files))]);
  return (median(times.map(([own]) => own)) / median(times.map(([, other]) => other))).toFixed(2);
}

const one = fleet(1);
const many = fleet(50_000);
const folder = mkdtempSync(join(tmpdir(), 'l1-'));
const files = one.map((template, index) => {
  const file = join(folder, `${index}.json`);
  writeFileSync(file, JSON.stringify({ Resources: template.Resources }, imported));
  return file;
});
l1(files);
const withRules = ratio(files);
// The rules of CDK itself, which look at each construct of either.
process.env.CDK_VALIDATION = 'false';
const withoutRules = ratio(files);
rmSync(folder, { recursive: true });
tell('Synthesis of the reference fleet', [
  { figure: 'CPU time, to the same templates of L1 constructs', value: withRules },
  { figure: "the same, without the CDK's own rules", value: withoutRules },
  { figure: 'resources, of a fleet', value: resources(one) },
  { figure: 'resources, for each further device', value: (resources(many) - resources(one)) / 49_999 },
  { figure: 'bytes of templates, for each further device', value: ((bytes(many) - bytes(one)) / 49_999).toFixed(3) },
  { figure: 'bytes of templates, for each resource', value: Math.round(bytes(one) / resources(one)) },
]);
