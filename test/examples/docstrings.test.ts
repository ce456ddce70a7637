import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from '@swc/core';
import * as cdk from 'aws-cdk-lib';
import { Construct } from 'constructs';
import * as library from '../../lib';

/** The examples of docstrings are compiled as the package is tested. Here they are run: they say what can be synthesized. */
const root = join(__dirname, '../..');
const fixture = readFileSync(join(root, 'rosetta/stack.ts-fixture'), 'utf8');

const EXAMPLE =
  / \* @exampleMetadata fixture=stack\n \* @example\n((?: \*.*\n)+?) \*\/\n(?:@\w+\n)?export class (\w+)/g;

const examples = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => [...readFileSync(join(root, 'lib', file), 'utf8').matchAll(EXAMPLE)])
  .map(([, text, name]) => ({ name, code: text.replace(/^ \* ?/gm, '') }));

/** Runs an example, and gives back the apps that it has made. */
function run(code: string): cdk.App[] {
  const apps: cdk.App[] = [];
  class App extends cdk.App {
    constructor(props?: cdk.AppProps) {
      super(props);
      apps.push(this);
    }
  }
  const modules: Record<string, unknown> = { 'aws-cdk-lib': { ...cdk, App }, 'cdk-kinesis-video': library };
  const source = transformSync(
    fixture.replace('/// here', () => code),
    {
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'commonjs' },
    },
  ).code;
  const load = (name: string): unknown => modules[name] ?? jest.requireActual(name);
  new Function('require', 'exports', source)(load, {});
  return apps;
}

test('there are examples', () => {
  expect(examples.length).toBeGreaterThan(50);
});

test.each(examples)('the example of $name makes one', ({ name, code }) => {
  const made = run(code).flatMap((app) => {
    app.synth();
    return app.node.findAll();
  });

  const type: unknown = library[name as keyof typeof library];
  const isConstruct = typeof type === 'function' && type.prototype instanceof Construct;
  if (isConstruct) expect(made.map((construct) => construct.constructor.name)).toContain(name);
  else expect(code).toContain(`new ${name}(`);
  const errors = made.flatMap(({ node }) => node.metadata.filter(({ type }) => type === 'aws:cdk:error'));
  expect(errors).toEqual([]);
});
