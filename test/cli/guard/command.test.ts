import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CfnOutput, NestedStack, Stack, Stage, type App } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { main } from '../../../cli/main';
import { folder, synthesized } from '../../support/assemblies';

const BUNDLE = join(__dirname, '..', '..', '..', 'build', 'cli', 'index.js');

/** A stage with a stack, with a nested stack, with another, and a bucket in each. */
function nest(app: App, change: { id?: string; innerName?: string } = {}): void {
  const { id = 'Bucket', innerName } = change;
  const stack = new Stack(new Stage(app, 'Cell'), 'State');
  const outer = new NestedStack(stack, 'Outer');
  const inner = new NestedStack(outer, 'Inner');
  for (const scope of [stack, outer]) new s3.Bucket(scope, id);
  const bucket = new s3.Bucket(inner, id, { bucketName: innerName });
  new CfnOutput(inner, 'Name', { value: bucket.bucketName });
}

const BASE = synthesized(nest);

/** Runs the command in this process. */
function run(...args: string[]): { code: number; out: string; error: string } {
  let [out, error] = ['', ''];
  const ports = {
    out: (text: string) => void (out += text),
    error: (text: string) => void (error += text),
    today: new Date('2026-11-25T12:00:00Z'),
  };
  const code = main(args, ports);
  return { code, out, error };
}

function templateFile(content: unknown, name = 'Test.template.json'): string {
  const path = join(folder(), name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const BUCKET = { Resources: { Frames: { Type: 'AWS::S3::Bucket' } } };

test('nothing is found in what stays', () => {
  expect(run('guard', BASE, BASE)).toEqual({
    code: 0,
    out: 'Nothing that holds state would be lost.\n',
    error: '',
  });
});

test('stages and nested stacks are looked into, and constructs named by their paths', () => {
  const head = synthesized((app) => nest(app, { id: 'Store' }));
  const { code, out } = run('guard', BASE, head, '--format', 'json');
  const { findings } = JSON.parse(out);
  expect(code).toBe(1);
  expect(findings.map(({ path }: { path: string }) => path)).toEqual([
    'Cell/State/Bucket/Resource',
    'Cell/State/Outer/Bucket/Resource',
    'Cell/State/Outer/Inner/Bucket/Resource',
  ]);
});

test('a nested stack that has gone is told from one of the app', () => {
  const without = synthesized((app) => void new Stack(new Stage(app, 'Cell'), 'State'));
  const { code, out } = run('guard', BASE, without);
  expect(code).toBe(1);
  expect(out).toContain('3 findings in 3 stacks');
  expect(out).toContain('it is no longer in the template');
  expect(out).toContain('the nested stack is no longer in the template');
});

test('a property in a nested stack is found', () => {
  const [before, after] = ['one', 'two'].map((innerName) => synthesized((app) => nest(app, { innerName })));
  const { code, out } = run('guard', before, after);
  expect(code).toBe(1);
  expect(out).toContain('1 finding in 1 stack');
  expect(out).toMatch(/BucketName: one -> two/);
});

test('a stack that can be deleted from now on is found', () => {
  const [on, off, unset] = [true, false, undefined].map((terminationProtection) =>
    synthesized((app) => void new s3.Bucket(new Stack(app, 'Test', { terminationProtection }), 'Frames')),
  );
  for (const head of [off, unset]) {
    expect(run('guard', on, head).out).toContain('termination protection is switched off');
    expect(run('guard', head, on).code).toBe(0);
  }
});

test('an assembly of a later version of the CDK is read', () => {
  const path = synthesized(nest);
  const file = join(path, 'manifest.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), version: '999.0.0' }));
  expect(run('guard', path, BASE)).toMatchObject({ code: 0, error: '' });
});

test('paths are known without metadata in the template', () => {
  const path = join(synthesized((app) => void new s3.Bucket(new Stack(app, 'Test'), 'Frames')));
  const file = join(path, 'Test.template.json');
  const template = JSON.parse(readFileSync(file, 'utf8'));
  for (const resource of Object.values<{ Metadata?: object }>(template.Resources)) delete resource.Metadata;
  writeFileSync(file, JSON.stringify(template));
  const head = synthesized((app) => void new EmptyStack(app));
  const { findings } = JSON.parse(run('guard', path, head, '--format', 'json').out);
  expect(findings[0].path).toBe('Test/Frames/Resource');
});

/** A stack of the same name that holds nothing. */
class EmptyStack extends Stack {
  constructor(scope: Construct) {
    super(scope, 'Test');
    new s3.CfnBucketPolicy(this, 'Policy', { bucket: 'other', policyDocument: {} });
  }
}

test('two templates are compared, whatever their files are called', () => {
  const [before, after] = [templateFile(BUCKET, 'Base.json'), templateFile({ Resources: {} }, 'Head.json')];
  const { code, out } = run('guard', before, after);
  expect(code).toBe(1);
  expect(out).toContain('destroy: it is deleted, with all that it holds; it is no longer in the template');
  expect(run('guard', before, before).code).toBe(0);
});

test.each([
  ['Base.json', 'Base'],
  ['Base.template.json', 'Base'],
  ['main.json.old.json', 'main.json.old'],
])('the stack of %s is called %s', (file, stack) => {
  const { out } = run('guard', templateFile(BUCKET, file), templateFile({ Resources: {} }), '--format', 'json');
  expect(JSON.parse(out).findings).toMatchObject([{ stack }]);
});

test('what is allowed is no finding, and what is stale fails nothing', () => {
  const [before, after] = [templateFile(BUCKET), templateFile({ Resources: {} })];
  const entry = { stack: 'Test', resource: 'Frames', what: 'destroy', reason: 'It was empty.' };
  const allow = (...entries: object[]) => ['--allow', templateFile(entries, 'guard.allow.json')];

  const allowed = run('guard', before, after, ...allow(entry, { ...entry, resource: 'Other' }));
  expect(allowed.code).toBe(0);
  expect(allowed.out).toContain('Allowed: destroy Frames in Test. It was empty.');
  expect(allowed.out).toContain('Stale, as it matches nothing: destroy Other in Test.');

  const expired = run('guard', before, after, ...allow({ ...entry, until: '2026-11-24' }));
  expect(expired.code).toBe(1);
  expect(expired.out).toContain('Expired on 2026-11-24');
});

describe('nothing can be compared', () => {
  const none = join(folder(), 'none');
  const nestedAway = synthesized(nest);
  rmSync(join(nestedAway, 'assembly-Cell', 'CellStateOuterInner0CF4A8E6.nested.template.json'), { force: true });
  const broken = folder();
  writeFileSync(join(broken, 'manifest.json'), '{}');

  test.each<[name: string, args: string[], error: RegExp]>([
    ['without a command', [], /commands guard and device-kit[^]*Usage:/],
    ['with another command', ['deploy'], /commands guard and device-kit[^]*Usage:/],
    ['with one assembly', ['guard', BASE], /^Two assemblies are compared, and 1 are given\.\n\nUsage:/],
    ['with three', ['guard', BASE, BASE, BASE], /3 are given/],
    ['with an unknown option', ['guard', BASE, BASE, '--deny', 'x'], /Unknown option '--deny'[^]*Usage:/],
    ['with an unknown format', ['guard', BASE, BASE, '--format', 'toString'], /no format 'toString'/],
    ['with nothing there', ['guard', BASE, none], /none: there is no such file or directory\.\n$/],
    ['with an empty folder', ['guard', folder(), BASE], /no cloud assembly \(cdk\.out\) that can be read/],
    ['with a broken manifest', ['guard', BASE, broken], /no cloud assembly \(cdk\.out\) that can be read/],
    ['with YAML', ['guard', templateFile('Resources:\n'), BASE], /no template in JSON that can be read/],
    ['with other JSON', ['guard', BASE, templateFile({})], /no template in JSON[^]*at Resources/],
    [
      'with a resource without a type',
      ['guard', BASE, templateFile({ Resources: { A: {} } })],
      /at Resources\.A\.Type/,
    ],
    ['with an allow file that is not there', ['guard', BASE, BASE, '--allow', none], /no allow file/],
    [
      'with a nested stack that is not there',
      ['guard', BASE, templateFile({ Resources: { Inner: { Type: 'AWS::CloudFormation::Stack' } } })],
      /nested stack Inner isn't known/,
    ],
  ])('%s', (_name, args, error) => {
    const result = run(...args);
    expect(result).toMatchObject({ code: 2, out: '' });
    expect(result.error).toMatch(error);
  });
});

test('help is no failure', () => {
  expect(run('--help')).toMatchObject({ code: 0, out: expect.stringContaining('Usage:') });
  expect(run('guard', '--help')).toMatchObject({ code: 0, out: expect.stringContaining('--allow FILE') });
});

test('the bundle does the same in a process of its own, beside nothing but its peers', () => {
  expect(existsSync(BUNDLE)).toBe(true);
  mkdirSync(folder(), { recursive: true });
  const head = synthesized((app) => nest(app, { innerName: 'two' }));
  const execute = (...args: string[]) => spawnSync(BUNDLE, args, { encoding: 'utf8' });

  const found = execute('guard', BASE, head);
  expect([found.status, found.stdout, found.stderr]).toEqual([1, run('guard', BASE, head).out, '']);
  expect(found.stdout).toContain('BucketName: none -> two');
  expect(execute('guard', BASE).status).toBe(2);
  expect(execFileSync(BUNDLE, ['guard', BASE, BASE], { encoding: 'utf8' })).toMatch(/^Nothing/);
});
