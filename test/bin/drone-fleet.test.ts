import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Token, type Stage } from 'aws-cdk-lib';
import cdkJson from '../../cdk.json';
import { referenceFleet } from '../support/fleet';
import { Match, Template } from '../support/template';

const ROOT = join(__dirname, '../..');

// As the CLI does it, with bundles and all.
delete process.env.CDK_CONTEXT_JSON;

const folder = mkdtempSync(join(tmpdir(), 'drone-fleet-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The templates of an assembly and the lists of its assets, byte by byte. */
function contentOf(assembly: string): Record<string, string> {
  const files = readdirSync(assembly, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.(template|assets)\.json$/.test(file),
  );
  return Object.fromEntries(files.sort().map((file) => [file, readFileSync(join(assembly, file), 'utf8')]));
}

function synthesize(outdir: string): Record<string, string> {
  const [cell] = referenceFleet(undefined, join(folder, outdir));
  return contentOf((cell.node.root as Stage).synth().directory);
}

const reference = synthesize('reference');

test('there is a cell of each that is configured, by its name and where it should be', () => {
  const cells = referenceFleet({
    name: 'delivery',
    cells: [{ name: 'north', account: '444455556666', region: 'eu-north-1' }, { name: 'south' }],
  });
  expect(cells.map(({ node }) => node.id)).toEqual(['delivery-north', 'delivery-south']);
  expect([cells[0].state.account, cells[0].fleet.region]).toEqual(['444455556666', 'eu-north-1']);
  expect(Token.isUnresolved(cells[1].state.account)).toBe(true);
});

test('everything that can have tags carries that of the fleet, so that costs can be told apart', () => {
  const [{ state, fleet }] = referenceFleet({ name: 'delivery' });
  const tags = { Tags: Match.arrayWith([{ Key: 'fleet', Value: 'delivery' }]) };
  for (const type of [
    'AWS::KMS::Key',
    'AWS::S3::Bucket',
    'AWS::DynamoDB::Table',
    'AWS::SNS::Topic',
    'AWS::SQS::Queue',
  ]) {
    Template.fromStack(state).allResourcesProperties(type, tags);
  }
  Template.fromStack(fleet).allResourcesProperties('AWS::Lambda::Function', tags);
});

test('the same fleet is synthesized to the same bytes', () => {
  expect(Object.keys(reference).filter((file) => file.endsWith('.template.json'))).toHaveLength(2);
  expect(synthesize('again')).toEqual(reference);
});

describe('from another folder', () => {
  const checkout = join(folder, 'checkout');
  for (const part of ['bin', 'lib', 'build/lambda', 'cdk.json', 'package.json', 'tsconfig.json']) {
    cpSync(join(ROOT, part), join(checkout, part), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
  const run = (script: string, args: string[] = [], environment: Record<string, string> = {}) =>
    spawnSync(join(ROOT, 'node_modules/.bin/tsx'), [join(checkout, 'bin', script), ...args], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, NODE_NO_WARNINGS: '1', ...environment },
    });

  test('the app as the CLI runs it gives the same bytes', () => {
    const CDK_OUTDIR = join(folder, 'cli');
    const { status, stderr } = run('drone-fleet.ts', [], {
      CDK_OUTDIR,
      CDK_CONTEXT_JSON: JSON.stringify(cdkJson.context),
    });
    expect([status, stderr]).toEqual([0, '']);
    expect(contentOf(CDK_OUTDIR)).toEqual(reference);
  });

  test('npm start gives the same bytes, and tells what they are', () => {
    const { status, stdout, stderr } = run('start.ts', ['--synth-only']);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^1 cell, 2 stacks, 142 resources\./);
    expect(stdout).toMatch(/Look at the templates +checkout\/cdk\.out\n/);
    expect(contentOf(join(checkout, 'cdk.out'))).toEqual(reference);
  });

  test('npm start takes context as the CLI does', () => {
    writeFileSync(join(folder, 'fleet.json'), JSON.stringify({ name: 'delivery', cells: [{ name: 'north' }] }));
    const { status, stdout } = run('start.ts', ['--synth-only', '-c', 'fleet=fleet.json']);
    expect([status, stdout]).toEqual([0, expect.stringContaining('\ndelivery-north  (any account, any region)\n')]);
  });

  test('npm start says what is wrong with the configuration, and nothing else', () => {
    writeFileSync(join(folder, 'wrong.json'), JSON.stringify({ retentionHours: 0 }));
    const { status, stdout, stderr } = run('start.ts', ['--context', 'fleet=wrong.json']);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      'The configuration in wrong.json is wrong:\n  retentionHours: Too small: expected number to be >=1\n',
    );
  });
});
