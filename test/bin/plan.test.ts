import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { droneFleet } from '../../bin/drone-fleet';
import { planSummary } from '../../bin/plan';
import cdkJson from '../../cdk.json';

const folder = mkdtempSync(join(tmpdir(), 'plan-'));
afterAll(() => rmSync(folder, { recursive: true }));

function appOf(fleet?: object, outdir?: string): App {
  const app = new App({ outdir, context: { ...cdkJson.context, fleet } });
  droneFleet(app);
  return app;
}

test.each<[string, object | undefined, number]>([
  ['a thousand devices, if nobody says how many', undefined, 1000],
  ['all devices', { devices: 4321, cells: [{ name: 'a', devices: 5 }] }, 4321],
  ['those of all cells', { cells: [{ name: 'a', devices: 50 }, { name: 'b' }, { name: 'c', devices: 7 }] }, 57],
])('there is a plan of %s', (_what, fleet, devices) => {
  expect(planSummary(appOf(fleet), 'cdk.out').split('\n')[1]).toBe(
    `What ${devices} devices cost and need (\`devices\`, \`usage\` and \`prices\` change it; all of it is in cdk.out/plan.md)`,
  );
});

test('the plan of the fleet is in the assembly, and that of each cell in its own', () => {
  const cells = [{ name: 'north', devices: 600 }, { name: 'south' }];
  const usage = { megabitsPerSecond: 4, viewers: 10 };
  const fleet = { name: 'delivery', devices: 1000, cells, usage, prices: { KMS_KEYS: 7 } };
  const { directory } = appOf(fleet, join(folder, 'fleet')).synth();
  const plan = (...path: string[]) => JSON.parse(readFileSync(join(directory, ...path, 'plan.json'), 'utf8'));
  const keys = (file: { items: { id: string; cost: number }[] }) =>
    file.items.find(({ id }) => id === 'KMS_KEYS')?.cost;

  expect(plan().workload).toMatchObject({
    Devices: '1,000 with 1 camera each, in 2 cells',
    Streaming: '8 h a day at 4 Mbps',
    Viewers: expect.stringMatching(/^10, /),
  });
  expect(plan('assembly-delivery-north').workload).toMatchObject({
    Devices: '600 with 1 camera each, in 1 cell',
    Viewers: expect.stringMatching(/^5, /),
  });
  // Its share, and room for chance.
  expect(plan('assembly-delivery-south').workload.Devices).toBe('564 with 1 camera each, in 1 cell');
  expect([keys(plan()), keys(plan('assembly-delivery-north'))]).toEqual([14, 7]);
});
