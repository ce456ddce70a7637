import { createHash } from 'node:crypto';
import type { AssemblyStack } from './assembly';
import { Intrinsics } from './intrinsics';
import { inOrder } from './order';
import type { DeployContext, Made, Provisioner, Provisioners } from './resource';
import { attributeValue, RESOURCE_TYPES, uuidOf } from './resource-types';

/** A resource that was deployed. */
export interface DeployedResource {
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
  /** Those of the template, without intrinsics. */
  readonly properties: Readonly<Record<string, unknown>>;
  readonly ref: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface StackProps {
  readonly stack: AssemblyStack;
  /** Those that were deployed before. */
  readonly others: readonly DeployedStack[];
  readonly provisioners: Provisioners;
  /** Of custom resources, which all are made alike. */
  readonly custom: (type: string) => Provisioner;
  /** Types that don't do anything here. */
  readonly notRun: ReadonlySet<string>;
  readonly context: Omit<DeployContext, 'logicalId' | 'stackName' | 'physicalName'>;
}

/** The stack of a template, in the cloud that is embedded. */
export class DeployedStack {
  readonly resources = new Map<string, DeployedResource>();
  private readonly intrinsics: Intrinsics;

  constructor(private readonly props: StackProps) {
    this.intrinsics = new Intrinsics({
      stackName: this.name,
      ref: (name) => this.ref(name),
      attribute: (name) => this.attribute(name),
      output: (stackName, outputName) => this.output(stackName, outputName),
      exported: (name) => this.exported(name),
      condition: (name) => this.condition(name),
    });
  }

  get name(): string {
    return this.props.stack.name;
  }

  async deploy(): Promise<void> {
    for (const [logicalId, { Type, Properties = {}, Condition }] of inOrder(this.props.stack.template)) {
      if (Condition !== undefined && !this.condition(Condition)) continue;
      try {
        const properties = this.intrinsics.resolve(Properties) as Record<string, unknown>;
        const { ref, attributes = {} } = await this.make(logicalId, Type, properties);
        const about = { stackName: this.name, logicalId, type: Type };
        this.resources.set(logicalId, { ...about, properties, ref, attributes });
      } catch (error) {
        throw new Error(`${this.name}/${logicalId} (${Type}): ${(error as Error).message}`, { cause: error });
      }
    }
  }

  outputs(): Record<string, unknown> {
    const { Outputs = {} } = this.props.stack.template;
    const present = Object.entries(Outputs).filter(([, { Condition }]) => !Condition || this.condition(Condition));
    return Object.fromEntries(present.map(([name, { Value }]) => [name, this.intrinsics.resolve(Value)]));
  }

  private make(logicalId: string, type: string, properties: Record<string, unknown>): Promise<Made> | Made {
    const { provisioners, custom, notRun, context } = this.props;
    const physicalName = (maximum = 64) => nameWithin(maximum, this.name, logicalId);
    const provisioner = provisioners[type] ?? (isCustom(type) && !notRun.has(type) ? custom(type) : undefined);
    if (provisioner) return provisioner(properties, { ...context, logicalId, stackName: this.name, physicalName });
    if (notRun.has(type)) return { ref: this.guessed(logicalId, type, 'Ref', properties) ?? physicalName() };
    throw new Error('Resources of this type are not known here.');
  }

  private ref(name: string): unknown {
    const { region, account } = this.props.context;
    const pseudo: Record<string, unknown> = {
      'AWS::NoValue': undefined,
      'AWS::AccountId': account,
      'AWS::Partition': 'aws',
      'AWS::Region': region,
      'AWS::StackName': this.name,
      'AWS::StackId': `arn:aws:cloudformation:${region}:${account}:stack/${this.name}/${uuidOf(this.name)}`,
      'AWS::URLSuffix': 'amazonaws.com',
    };
    if (name in pseudo) return pseudo[name];
    const parameter = this.props.stack.template.Parameters?.[name];
    if (parameter?.Default !== undefined) return parameter.Default;
    if (parameter) throw new Error(`The parameter ${name} has no value.`);
    return this.find(name).ref;
  }

  private attribute(name: string): unknown {
    const [logicalId, ...path] = name.split('.');
    const attribute = path.join('.');
    const { attributes, type, properties } = this.find(logicalId);
    const value = attributes[attribute] ?? this.guessed(logicalId, type, attribute, properties);
    if (value === undefined) throw new Error(`The attribute ${attribute} of ${type} (${logicalId}) is not known here.`);
    return value;
  }

  /** What is so of each resource of the type, whether or not it does anything here. */
  private guessed(logicalId: string, type: string, attribute: string, properties: Record<string, unknown>) {
    if (this.props.provisioners[type]) return undefined;
    const known = RESOURCE_TYPES[type];
    const text = known?.attributes[attribute];
    if (text === undefined) return undefined;
    const path = `${this.name}/${logicalId}`;
    const name = (properties[known.nameProperty] as string | undefined) ?? nameWithin(64, this.name, logicalId);
    return attributeValue(known, text, { name, uuid: uuidOf(path) }, (...given) =>
      this.intrinsics.substitute(...given),
    );
  }

  private find(logicalId: string): DeployedResource {
    const resource = this.resources.get(logicalId);
    if (resource) return resource;
    throw new Error(`There is no ${logicalId} in ${this.name}.`);
  }

  private condition(name: string): boolean {
    const condition = this.props.stack.template.Conditions?.[name];
    if (condition === undefined) throw new Error(`There is no condition ${name} in ${this.name}.`);
    return this.intrinsics.isTrue(condition);
  }

  private output(stackName: string, outputName: string): unknown {
    const output = this.props.others.find(({ name }) => name === stackName)?.outputs()[outputName];
    if (output !== undefined) return output;
    throw new Error(`The output ${stackName}.${outputName} is in none of the stacks.`);
  }

  private exported(wanted: unknown): unknown {
    for (const other of this.props.others) {
      for (const { Value, Export } of Object.values(other.props.stack.template.Outputs ?? {})) {
        if (Export && other.intrinsics.resolve(Export.Name) === wanted) return other.intrinsics.resolve(Value);
      }
    }
    throw new Error(`The export ${wanted} is in none of the stacks.`);
  }
}

/** Lower case, because buckets insist on it. */
function nameWithin(maximum: number, stackName: string, logicalId: string): string {
  const name = `${stackName}-${logicalId}`.toLowerCase();
  if (name.length <= maximum) return name;
  const hash = createHash('md5').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, maximum - 9)}-${hash}`;
}

function isCustom(type: string): boolean {
  return type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource';
}
