import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { NagPack } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { ACKNOWLEDGED, acknowledgeFindings } from '../../bin/acknowledgements';
import { cellProps } from '../../bin/fleet/cell-props';
import { readConfiguration } from '../../bin/fleet/configuration';
import { droneFleet } from '../../bin/drone-fleet';
import cdkJson from '../../cdk.json';
import { DroneFleetCell } from '../../lib';
import { appOfExample, EXAMPLES } from '../support/examples';
import { EVERYTHING, nagFindings, PACKS } from '../support/nag';
import { IN_EXAMPLES } from './in-examples';

const DOCUMENT = readFileSync(join(__dirname, '..', '..', 'docs', 'security.md'), 'utf8');
const ENVIRONMENT = { cells: [{ name: 'cell-1', account: '111122223333', region: 'eu-west-1' }] };

function reference(fleet?: object) {
  const app = new App({ context: { ...cdkJson.context, fleet } });
  const [cell] = droneFleet(app);
  return { app, cell };
}

/** What a pack finds in the fleet before anything is acknowledged. */
function everyFinding(make: () => NagPack, fleet?: object): string[] {
  const app = new App({ context: { ...cdkJson.context, fleet } });
  const configuration = readConfiguration(app);
  new DroneFleetCell(app, 'drone-fleet-cell-1', cellProps(configuration, configuration.cells[0]));
  return nagFindings(app, make).map(({ rule, path }) => `${rule} ${path}`);
}

/** What is acknowledged in a scope, with the prefix of the pack. */
function acknowledged(scope: IConstruct): string[] {
  return scope.node
    .findAll()
    .flatMap(({ node }) =>
      node.metadata
        .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
        .flatMap(({ data }) => Object.keys(data).map((id) => `${id.replace(/^Annotation::/, '')} ${node.path}`)),
    );
}

describe.each(PACKS)('%s', (pack, make) => {
  test.each([
    ['by default', undefined],
    ['with everything on', EVERYTHING],
    ['in an account and region', ENVIRONMENT],
  ])('the reference fleet %s has no findings but those that are acknowledged', (_what, fleet) => {
    expect(nagFindings(reference(fleet).app, make)).toEqual([]);
  });

  test('what is new is found', () => {
    const { app, cell } = reference();
    const bucket = new Bucket(cell.fleet, 'New');
    expect(nagFindings(app, make).map(({ path }) => path)).toContain(bucket.node.defaultChild!.node.path);
  });

  test('nothing is acknowledged that is not found', () => {
    const own = acknowledged(reference(EVERYTHING).cell).filter((id) => id.startsWith(`${pack}-`));
    expect([...new Set(own)].sort()).toEqual(everyFinding(make, EVERYTHING).sort());
  });

  test('the documentation has the number of findings', () => {
    const findings = everyFinding(make);
    const rules = new Set(findings.map((finding) => /-([A-Za-z0-9]+)/.exec(finding.slice(pack.length))![1]));
    const reasons = ACKNOWLEDGED.filter(({ packs }) => packs.some((each) => each === pack));
    const row = new RegExp(`\\| ${pack.replaceAll('.', '\\.')} +\\| ([\\d ,|]+)\\|\n`).exec(DOCUMENT)?.[1];
    expect(row?.split('|').map(Number)).toEqual([
      rules.size,
      findings.length,
      everyFinding(make, EVERYTHING).length,
      reasons.length,
    ]);
  });
});

test.each(EXAMPLES)(
  'the example %s has no findings but those that are acknowledged, and each of those',
  async (file) => {
    const app = await appOfExample(file, () => new App({ context: cdkJson.context }));
    const found = () => PACKS.flatMap(([, make]) => nagFindings(app, make)).map(({ rule, path }) => `${rule} ${path}`);

    acknowledgeFindings(app);
    const before = { found: found(), acknowledged: acknowledged(app) };
    acknowledgeFindings(app, IN_EXAMPLES);
    const own = acknowledged(app).filter((id) => !before.acknowledged.includes(id));
    expect([...new Set(own)].sort()).toEqual([...new Set(before.found)].sort());
    expect(found()).toEqual([]);
  },
);

test('each acknowledgement says why, in a sentence or more', () => {
  for (const { at, reason } of [...ACKNOWLEDGED, ...IN_EXAMPLES]) {
    expect([at, reason]).toEqual([at, expect.stringMatching(/^[A-Z].{30,}\.$/)]);
  }
});
