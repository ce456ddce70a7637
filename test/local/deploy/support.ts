import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

/** Where the assembly of an app is. */
export function assemblyOf(build: (app: App) => void): string {
  const app = new App({ outdir: mkdtempSync(join(tmpdir(), 'assembly-')) });
  build(app);
  return app.synth().directory;
}

/** A function of this code. */
export function functionOf(
  scope: Construct,
  id: string,
  code: string,
  props: Partial<lambda.FunctionProps> = {},
): lambda.Function {
  const directory = mkdtempSync(join(tmpdir(), 'function-'));
  writeFileSync(join(directory, 'index.js'), code);
  return new lambda.Function(scope, id, {
    code: lambda.Code.fromAsset(directory),
    handler: 'index.handler',
    runtime: lambda.Runtime.NODEJS_24_X,
    ...props,
  });
}
