import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';
import * as z from 'zod';
import type { Template, TemplateStack } from './template';

const templateSchema = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).optional(),
      Metadata: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
  Outputs: z.record(z.string(), z.looseObject({})).optional(),
});

/** The CDK writes none for a stack that has nothing left. It deletes such a stack, so all that it held has gone. */
const synthesizedSchema = templateSchema.extend({ Resources: templateSchema.shape.Resources.default({}) });

/**
 * The stacks of a cloud assembly, with those of its stages and those nested in others; or the one of a template.
 *
 * @param file of which the stack of a template has its name
 * @throws Error when something can't be read: what isn't seen isn't guarded
 */
export function readStacks(path: string, file = path): TemplateStack[] {
  const stacks = isDirectory(path) ? assemblyStacks(path) : [templateFileStack(path, file)];
  return stacks.flatMap(({ stack, directory }) => [stack, ...nestedStacks(stack, directory)]);
}

interface FoundStack {
  readonly stack: TemplateStack;
  readonly directory: string;
}

function isDirectory(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw new Error(`${path}: there is no such file or directory.`);
  return stats.isDirectory();
}

function assemblyStacks(path: string): FoundStack[] {
  return readAssembly(path).stacksRecursively.map((artifact) => ({
    directory: artifact.assembly.directory,
    stack: {
      name: artifact.stackName,
      environment: artifact.environment.name,
      terminationProtection: artifact.terminationProtection ?? false,
      template: readTemplate(artifact.templateFullPath, synthesizedSchema),
      paths: Object.fromEntries(
        artifact.findMetadataByType('aws:cdk:logicalId').map((entry) => [String(entry.data), entry.path]),
      ),
    },
  }));
}

function readAssembly(path: string): CloudAssembly {
  try {
    // The base may have been synthesized by another version of the CDK.
    return new CloudAssembly(path, { skipVersionCheck: true });
  } catch (error) {
    throw new Error(`${path}: this is no cloud assembly (cdk.out) that can be read: ${(error as Error).message}`);
  }
}

function templateFileStack(path: string, file: string): FoundStack {
  const name = basename(file).replace(/(\.template)?\.json$/, '');
  const stack = { name, terminationProtection: false, template: readTemplate(path), paths: {} };
  return { stack, directory: dirname(path) };
}

function readTemplate(path: string, schema: z.ZodType = templateSchema): Template {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8'))) as Template;
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new Error(`${path}: this is no template in JSON that can be read: ${why}`);
  }
}

function nestedStacks(parent: TemplateStack, directory: string): TemplateStack[] {
  return Object.entries(parent.template.Resources)
    .filter(([, { Type }]) => Type === 'AWS::CloudFormation::Stack')
    .flatMap(([logicalId, { Metadata }]) => {
      const file = Metadata?.['aws:asset:path'];
      if (typeof file !== 'string') {
        throw new Error(
          `${parent.name}: the template of the nested stack ${logicalId} isn't known. Synthesize with asset metadata, as \`cdk synth\` does.`,
        );
      }
      const { environment } = parent;
      const stack: TemplateStack = {
        name: `${parent.name}/${logicalId}`,
        environment,
        terminationProtection: false,
        template: readTemplate(join(directory, file), synthesizedSchema),
        paths: {},
        isNested: true,
      };
      return [stack, ...nestedStacks(stack, directory)];
    });
}
