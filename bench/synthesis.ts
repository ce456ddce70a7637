import { App, CfnResource, Stack } from 'aws-cdk-lib';
import cdkJson from '../cdk.json';
import { droneFleet } from '../bin/drone-fleet';
import { median, tell } from './support/tell';

/**
 * What the reference fleet takes to synthesize, and how large it is: `npm run bench -- synthesis`.
 *
 * What it is compared with is the same templates made of raw resources in their final form, which is the least that CDK can
 * take for them.
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
  const { user: before } = process.cpuUsage();
  work();
  return (process.cpuUsage().user - before) / 1000;
}

const resources = (templates: Template[]) =>
  templates.reduce((sum, { Resources }) => sum + Object.keys(Resources).length, 0);
const bytes = (templates: Template[]) => templates.reduce((sum, template) => sum + JSON.stringify(template).length, 0);

/** In turns, so that whatever else the machine does falls on both. */
function ratio(templates: Template[]): string {
  const times = Array.from({ length: ROUNDS }, () => [
    milliseconds(() => fleet(1)),
    milliseconds(() => raw(templates)),
  ]);
  return (median(times.map(([own]) => own)) / median(times.map(([, least]) => least))).toFixed(2);
}

const one = fleet(1);
const many = fleet(50_000);
raw(one);
const withRules = ratio(one);
// The rules of CDK itself, which look at each construct of either.
process.env.CDK_VALIDATION = 'false';
raw(fleet(1));
const withoutRules = ratio(one);
tell('Synthesis of the reference fleet', [
  { figure: 'CPU time, to the same templates of raw resources', value: withRules },
  { figure: "the same, without the CDK's own rules", value: withoutRules },
  { figure: 'resources, of a fleet', value: resources(one) },
  { figure: 'resources, for each further device', value: (resources(many) - resources(one)) / 49_999 },
  { figure: 'bytes of templates, for each further device', value: ((bytes(many) - bytes(one)) / 49_999).toFixed(3) },
  { figure: 'bytes of templates, for each resource', value: Math.round(bytes(one) / resources(one)) },
]);
