import type { TemplateStack } from './template';

/** What is known to have another value after the deployment although its name stays. */
export class ChangedValues {
  private readonly known = new Set<string>();

  public get size(): number {
    return this.known.size;
  }

  public addResource(stack: TemplateStack, logicalId: string): void {
    this.known.add(`${stack.name}#${logicalId}`);
  }

  /** The template with every reference to such a value marked, so that it differs from what it was. */
  public mark<T>(stack: TemplateStack, value: T): T {
    if (Array.isArray(value)) return value.map((item) => this.mark(stack, item)) as T;
    if (typeof value !== 'object' || value === null) return value;

    const [[key, argument] = ['', undefined], ...others] = Object.entries(value);
    const changed = others.length === 0 ? this.changedReference(stack, key, argument) : undefined;
    if (changed !== undefined) return { [key]: `${changed} (replaced)` } as T;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.mark(stack, item)])) as T;
  }

  /** Takes what reaches others: outputs, exports, and parameters of nested stacks. */
  public addReaching(stack: TemplateStack): void {
    for (const [id, { Value, Export }] of Object.entries(stack.template.Outputs ?? {})) {
      if (!this.reaches(stack, Value)) continue;
      this.known.add(`${stack.name}#Outputs.${id}`);
      if (Export) this.known.add(`export ${JSON.stringify(Export.Name)}`);
    }
    for (const [id, { Type, Properties }] of Object.entries(stack.template.Resources)) {
      if (Type !== 'AWS::CloudFormation::Stack') continue;
      for (const [parameter, value] of Object.entries(Properties?.Parameters ?? {})) {
        if (this.reaches(stack, value)) this.known.add(`${stack.name}/${id}#${parameter}`);
      }
    }
  }

  private reaches(stack: TemplateStack, value: unknown): boolean {
    return JSON.stringify(this.mark(stack, value)) !== JSON.stringify(value);
  }

  /** The name of what the intrinsic function refers to, if that changes. */
  private changedReference(stack: TemplateStack, intrinsic: string, argument: unknown): string | undefined {
    switch (intrinsic) {
      case 'Ref':
        return this.changedResource(stack, String(argument));
      case 'Fn::GetAtt': {
        const [id, ...attribute] = [argument].flat().join('.').split('.');
        return this.changedResource(stack, id) ?? this.changedOutput(`${stack.name}/${id}`, attribute.join('.'));
      }
      case 'Fn::Sub': {
        const [text] = [argument].flat();
        const names = [...String(text).matchAll(/\$\{([^!.}]+)(\.[^}]+)?\}/g)].map(([, name]) => name);
        return names.find((name) => this.changedResource(stack, name));
      }
      case 'Fn::ImportValue':
        return this.known.has(`export ${JSON.stringify(argument)}`) ? exportName(argument) : undefined;
      case 'Fn::GetStackOutput': {
        const { StackName, OutputName } = argument as { StackName?: unknown; OutputName?: unknown };
        return this.changedOutput(String(StackName), `Outputs.${String(OutputName)}`);
      }
      default:
        return undefined;
    }
  }

  private changedResource(stack: TemplateStack, logicalId: string): string | undefined {
    return this.known.has(`${stack.name}#${logicalId}`) ? logicalId : undefined;
  }

  private changedOutput(stackName: string, attribute: string): string | undefined {
    if (!attribute.startsWith('Outputs.')) return undefined;
    return this.known.has(`${stackName}#${attribute}`) ? `${stackName}.${attribute}` : undefined;
  }
}

function exportName(name: unknown): string {
  return typeof name === 'string' ? name : 'an export';
}
