import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CloudAssembly, type CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
}

export interface Template {
  readonly Parameters?: Readonly<Record<string, { readonly Type: string; readonly Default?: string }>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<
    Record<
      string,
      { readonly Value: unknown; readonly Condition?: string; readonly Export?: { readonly Name: unknown } }
    >
  >;
}

export interface AssemblyStack {
  readonly name: string;
  readonly template: Template;
  /** Where what would be published is, by the key that it would have in its bucket. */
  readonly assets: ReadonlyMap<string, string>;
}

/** The stacks of a cloud assembly, those first on which others depend. */
export function readAssembly(directory: string): AssemblyStack[] {
  return new CloudAssembly(resolve(directory)).stacksRecursively.map((stack) => ({
    name: stack.stackName,
    template: JSON.parse(readFileSync(stack.templateFullPath, 'utf8')) as Template,
    assets: assetsOf(stack),
  }));
}

interface AssetManifest {
  readonly files: Readonly<
    Record<
      string,
      {
        readonly source: { readonly path?: string };
        readonly destinations: Readonly<Record<string, { readonly objectKey: string }>>;
      }
    >
  >;
}

function assetsOf({ assembly, id }: CloudFormationStackArtifact): Map<string, string> {
  const manifest = JSON.parse(readFileSync(join(assembly.directory, `${id}.assets.json`), 'utf8')) as AssetManifest;
  const paths = Object.values(manifest.files).flatMap(({ source, destinations }) =>
    Object.values(destinations).map(({ objectKey }) => [objectKey, source.path] as const),
  );
  return new Map(paths.flatMap(([key, path]) => (path ? [[key, resolve(assembly.directory, path)]] : [])));
}
