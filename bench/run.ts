import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import cdkJson from '../cdk.json';
import { droneFleet } from '../bin/drone-fleet';

/**
 * Figures of the reference fleet, as ratios taken in one run: `npm run bench`.
 *
 * What it is compared with is the same templates made of raw resources, which is the least that CDK can take for them.
 */
const ROUNDS = 9;

type Template = { Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }> };

function fleet(devices: number): Template[] {
  const app = new App({ context: { ...cdkJson.context, fleet: { cells: [{ name: 'cell-1', devices }] } } });
  droneFleet(app);
  return app
    .synth()
    .nestedAssemblies.flatMap(({ nestedAssembly }) => nestedAssembly.stacks.map(({ template }) => template));
}

function raw(templates: Template[]): void {
  const app = new App({ context: cdkJson.context });
  templates.forEach(({ Resources }, index) => {
    const stack = new Stack(app, `Raw${index}`);
    for (const [id, { Type: type, Properties: properties }] of Object.entries(Resources)) {
      new CfnResource(stack, id, { type, properties });
    }
  });
  app.synth();
}

function milliseconds(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function median(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function resources(templates: Template[]): number {
  return templates.reduce((sum, { Resources }) => sum + Object.keys(Resources).length, 0);
}

const templates = fleet(1);
raw(templates);
// In turns, so that whatever else the machine does falls on both.
const times = Array.from({ length: ROUNDS }, () => [milliseconds(() => fleet(1)), milliseconds(() => raw(templates))]);
const bytes = templates.reduce((sum, template) => sum + JSON.stringify(template).length, 0);

const folder = join(__dirname, '..', 'build', 'lambda');
const bundles = readdirSync(folder).map((name) => {
  const file = join(folder, name, 'index.js');
  return {
    bundle: name,
    KiB: Math.round(statSync(file).size / 1024),
    gzipKiB: Math.round(gzipSync(readFileSync(file)).length / 1024),
  };
});

console.table([
  {
    figure: 'synthesis, to raw resources',
    value: (median(times.map(([a]) => a)) / median(times.map(([, b]) => b))).toFixed(2),
  },
  { figure: 'resources, 50,000 devices to 1', value: (resources(fleet(50_000)) / resources(templates)).toFixed(2) },
  { figure: 'bytes of templates, per resource', value: Math.round(bytes / resources(templates)).toString() },
]);
console.table(bundles);
