/** Where the functions of a template find what they refer to. */
export interface Values {
  /** The name of the stack, for errors. */
  readonly stackName: string;
  /** Of a parameter or a resource; undefined for `AWS::NoValue`. */
  ref(name: string): unknown;
  /** @param name as in `LogicalId.Attribute` */
  attribute(name: string): unknown;
  /** @throws Error if there is none */
  output(stackName: string, outputName: string, region?: string): unknown;
  /** @throws Error if there is none */
  exported(name: unknown): unknown;
  /** @throws Error if there is none */
  condition(name: string): boolean;
}

/**
 * The functions of templates.
 *
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
export class Intrinsics {
  constructor(private readonly values: Values) {}

  /** A value of the template without its intrinsics. */
  resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.resolve(item)).filter((item) => item !== undefined);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [name, argument] = entries[0] ?? [''];
    if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::'))) return this.evaluate(name, argument);
    const resolved = entries.map(([key, item]) => [key, this.resolve(item)]);
    return Object.fromEntries(resolved.filter(([, item]) => item !== undefined));
  }

  /** What `Fn::Sub` makes of a text. */
  substitute(text: string, variables: Record<string, string> = {}): string {
    return text.replaceAll(/\$\{(!?)([^}]+)\}/g, (_match, escaped: string, name: string) => {
      if (escaped) return `\${${name}}`;
      return variables[name] ?? String(name.includes('.') ? this.values.attribute(name) : this.values.ref(name));
    });
  }

  private evaluate(name: string, argument: unknown): unknown {
    switch (name) {
      case 'Ref':
        return this.values.ref(argument as string);
      case 'Fn::GetAtt':
        return this.values.attribute([this.resolve(argument)].flat().join('.'));
      case 'Fn::Sub': {
        const [text, variables] = [argument].flat() as [string, object?];
        return this.substitute(text, this.resolve(variables) as Record<string, string>);
      }
      case 'Fn::Join': {
        const [separator, parts] = this.resolve(argument) as [string, string[]];
        return parts.join(separator);
      }
      case 'Fn::Split': {
        const [separator, text] = this.resolve(argument) as [string, string];
        return text.split(separator);
      }
      case 'Fn::Select': {
        const [index, list] = this.resolve(argument) as [number, unknown[]];
        if (index in list) return list[index];
        throw new Error(`Fn::Select wants item ${index} of ${JSON.stringify(list)}.`);
      }
      case 'Fn::GetStackOutput': {
        const { StackName, Region, OutputName } = this.resolve(argument) as Record<string, string>;
        return this.values.output(StackName, OutputName, Region);
      }
      case 'Fn::ImportValue':
        return this.values.exported(this.resolve(argument));
      case 'Fn::If': {
        const [condition, then, otherwise] = argument as [string, unknown, unknown];
        return this.resolve(this.values.condition(condition) ? then : otherwise);
      }
      default:
        throw new Error(`The intrinsic ${name} (in ${this.values.stackName}) is not supported.`);
    }
  }

  /** What a condition of the template says. */
  isTrue(condition: unknown): boolean {
    const [[name, argument]] = Object.entries(condition as object) as [[string, unknown]];
    const all = () => (argument as unknown[]).map((part) => this.isTrue(part));
    switch (name) {
      case 'Condition':
        return this.values.condition(argument as string);
      case 'Fn::Equals': {
        const [one, other] = this.resolve(argument) as [unknown, unknown];
        return String(one) === String(other);
      }
      case 'Fn::Not':
        return !all()[0];
      case 'Fn::And':
        return all().every(Boolean);
      case 'Fn::Or':
        return all().some(Boolean);
      default:
        throw new Error(`The condition ${name} (in ${this.values.stackName}) is not supported.`);
    }
  }
}
