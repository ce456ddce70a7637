import { Token, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { Intrinsics } from '../../local/deploy/intrinsics';
import { attributeValue, RESOURCE_TYPES, uuidOf } from '../../local/deploy/resource-types';

/** A resource of a template, as if it were deployed. */
export class DeployedResource {
  private readonly resolved: Record<string, unknown> = {};

  constructor(
    readonly stack: DeployedStack,
    readonly logicalId: string,
    readonly type: string,
    readonly properties: Record<string, unknown> = {},
  ) {}

  get path(): string {
    return `${this.stack.name}/${this.logicalId}`;
  }

  get arn(): string {
    return this.evaluate('${arn}', 'ARN');
  }

  /** What GetAtt returns; Ref counts as one more attribute. */
  attribute(name: string): string {
    return this.evaluate(RESOURCE_TYPES[this.type]?.attributes[name], name);
  }

  /** A property without its intrinsics, the same object each time. */
  get<T>(property: string): T | undefined {
    if (!(property in this.resolved)) this.resolved[property] = this.stack.resolve(this.properties[property]);
    return this.resolved[property] as T | undefined;
  }

  private evaluate(text: string | undefined, what: string): string {
    const known = RESOURCE_TYPES[this.type];
    if (!known || text === undefined)
      throw new Error(`The ${what} of ${this.type} (${this.path}) is not in RESOURCE_TYPES.`);
    // Lower case, because buckets insist on it.
    const name = this.get<string>(known.nameProperty) ?? `${this.stack.name}-${this.logicalId}`.toLowerCase();
    const substitute = this.stack.substitute.bind(this.stack);
    return attributeValue(known, text, { name, uuid: uuidOf(this.path) }, substitute);
  }
}

/** A stack as if it were deployed. Given the construct, for a template knows neither its name nor where it goes. */
export class DeployedStack {
  readonly name: string;
  readonly account: string;
  readonly resources: DeployedResource[];
  private readonly template: {
    Parameters?: Record<string, { Type: string; Default?: string }>;
    Resources?: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
    Outputs?: Record<string, { Value: unknown; Export?: { Name: unknown } }>;
  };
  private readonly known: Record<string, string>;
  private readonly intrinsics: Intrinsics;

  /**
   * @param all the stacks that this one may refer to
   * @param given the values that only a deployment knows: of parameters, and of attributes as `LogicalId.Attribute`
   */
  constructor(
    stack: Stack,
    private readonly all: readonly DeployedStack[],
    given: Record<string, string>,
  ) {
    this.name = stack.stackName;
    this.account = Token.isUnresolved(stack.account) ? '111122223333' : stack.account;
    this.template = Template.fromStack(stack).toJSON();
    this.resources = Object.entries(this.template.Resources ?? {}).map(
      ([id, { Type, Properties }]) => new DeployedResource(this, id, Type, Properties),
    );
    const region = RegionInfo.get(Token.isUnresolved(stack.region) ? 'eu-west-1' : stack.region);
    this.known = {
      ...given,
      'AWS::AccountId': this.account,
      'AWS::Partition': region.partition!,
      'AWS::Region': region.name,
      'AWS::StackName': this.name,
      'AWS::URLSuffix': region.domainSuffix!,
    };
    this.intrinsics = new Intrinsics({
      stackName: this.name,
      ref: (name) => this.ref(name),
      attribute: (name) => this.getAtt(name),
      output: (stackName, outputName, from) => this.output(stackName, outputName, from),
      exported: (name) => this.exported(name),
      condition: (name) => {
        throw new Error(`The condition ${name} (in ${this.name}) is not supported.`);
      },
    });
  }

  /** A value of the template without its intrinsics. */
  resolve(value: unknown): unknown {
    return this.intrinsics.resolve(value);
  }

  /** What `Fn::Sub` makes of a text. */
  substitute(text: string, variables?: Record<string, string>): string {
    return this.intrinsics.substitute(text, variables);
  }

  private output(stackName: string, outputName: string, region?: string): unknown {
    const stack = this.all.find(
      ({ name, known }) => name === stackName && known['AWS::Region'] === (region ?? this.known['AWS::Region']),
    );
    const output = stack?.template.Outputs?.[outputName];
    if (output) return stack.resolve(output.Value);
    throw new Error(`The output ${stackName}.${outputName} is in none of the stacks.`);
  }

  private exported(wanted: unknown): unknown {
    for (const stack of this.all) {
      for (const { Value, Export } of Object.values(stack.template.Outputs ?? {})) {
        if (Export && stack.resolve(Export.Name) === wanted) return stack.resolve(Value);
      }
    }
    throw new Error(`The export ${wanted} is in none of the stacks.`);
  }

  private ref(name: string): string | undefined {
    if (name === 'AWS::NoValue') return undefined;
    const parameter = this.template.Parameters?.[name];
    // The default of such a parameter is where its value is found, not the value.
    const isPointer = parameter?.Type.startsWith('AWS::SSM::Parameter::');
    const value = this.known[name] ?? (isPointer ? undefined : parameter?.Default);
    if (value === undefined && parameter) throw new Error(`The parameter ${this.name}/${name} has no value; give one.`);
    return value ?? this.getAtt(`${name}.Ref`);
  }

  private getAtt(name: string): string {
    const [logicalId, ...attribute] = name.split('.');
    const resource = this.resources.find((candidate) => candidate.logicalId === logicalId);
    const value = this.known[name] ?? resource?.attribute(attribute.join('.'));
    if (value === undefined) throw new Error(`${this.name} has no ${logicalId}.`);
    return value;
  }
}
