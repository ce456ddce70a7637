import { createHash } from 'node:crypto';
import { Token, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { RegionInfo } from 'aws-cdk-lib/region-info';

interface ResourceType {
  readonly nameProperty: string;
  /** Without `arn:<partition>:`, written like the text of `Fn::Sub`; so are attributes. */
  readonly arn: string;
  readonly attributes: Record<string, string>;
}

const NAME_AND_ARN = { Ref: '${name}', Arn: '${arn}' };

function type(nameProperty: string, arn: string, attributes: Record<string, string> = NAME_AND_ARN): ResourceType {
  return { nameProperty, arn, attributes };
}

const HERE = '${AWS::Region}:${AWS::AccountId}';
const CREATION_TIME = '1700000000000';
const TABLE = { ...NAME_AND_ARN, StreamArn: '${arn}/stream/2023-11-14T22:13:20.000' };
const QUEUE_URL = 'https://sqs.${AWS::Region}.${AWS::URLSuffix}/${AWS::AccountId}/${name}';

/**
 * The property that names a resource of the type, its ARN, and what Ref and GetAtt return.
 *
 * A type or attribute that isn't here is an error, because a guessed one would make policies match, or not, by chance.
 */
const TYPES: Record<string, ResourceType> = {
  'AWS::ApiGatewayV2::Api': type('', 'apigateway:${AWS::Region}::/apis/${name}', { Ref: '${name}' }),
  'AWS::Athena::WorkGroup': type('Name', `athena:${HERE}:workgroup/\${name}`, { Ref: '${name}' }),
  'AWS::CloudFront::Distribution': type('', 'cloudfront::${AWS::AccountId}:distribution/${name}', {
    Ref: '${name}',
    DomainName: '${name}.cloudfront.net',
  }),
  'AWS::CloudWatch::Alarm': type('AlarmName', `cloudwatch:${HERE}:alarm:\${name}`),
  'AWS::CloudWatch::CompositeAlarm': type('AlarmName', `cloudwatch:${HERE}:alarm:\${name}`),
  'AWS::CloudWatch::Dashboard': type('DashboardName', 'cloudwatch::${AWS::AccountId}:dashboard/${name}', {
    Ref: '${name}',
  }),
  'AWS::Cognito::UserPool': type('', `cognito-idp:${HERE}:userpool/\${AWS::Region}_\${name}`, {
    Ref: '${AWS::Region}_${name}',
    Arn: '${arn}',
    ProviderURL: 'https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${AWS::Region}_${name}',
  }),
  // It is part of its pool, and has no ARN of its own.
  'AWS::Cognito::UserPoolClient': type('', '', { Ref: '${uuid}' }),
  'AWS::DynamoDB::GlobalTable': type('TableName', `dynamodb:${HERE}:table/\${name}`, { ...TABLE, TableId: '${uuid}' }),
  'AWS::DynamoDB::Table': type('TableName', `dynamodb:${HERE}:table/\${name}`, TABLE),
  'AWS::ECR::Repository': type('RepositoryName', `ecr:${HERE}:repository/\${name}`, {
    ...NAME_AND_ARN,
    RepositoryUri: '${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/${name}',
  }),
  'AWS::Events::EventBus': type('Name', `events:${HERE}:event-bus/\${name}`),
  'AWS::Events::Rule': type('Name', `events:${HERE}:rule/\${name}`),
  'AWS::Glue::Database': type('', `glue:${HERE}:database/\${name}`, { Ref: '${name}' }),
  'AWS::IAM::ManagedPolicy': type('ManagedPolicyName', 'iam::${AWS::AccountId}:policy/${name}', { Ref: '${arn}' }),
  'AWS::IAM::Role': type('RoleName', 'iam::${AWS::AccountId}:role/${name}'),
  'AWS::IoT::Authorizer': type('AuthorizerName', `iot:${HERE}:authorizer/\${name}`),
  'AWS::IoT::FleetMetric': type('MetricName', `iot:${HERE}:fleetmetric/\${name}`),
  'AWS::IoT::Policy': type('PolicyName', `iot:${HERE}:policy/\${name}`),
  'AWS::IoT::ProvisioningTemplate': type('TemplateName', `iot:${HERE}:provisioningtemplate/\${name}`, {
    Ref: '${name}',
    TemplateArn: '${arn}',
  }),
  'AWS::IoT::RoleAlias': type('RoleAlias', `iot:${HERE}:rolealias/\${name}`, {
    Ref: '${name}',
    RoleAliasArn: '${arn}',
  }),
  'AWS::IoT::ThingType': type('ThingTypeName', `iot:${HERE}:thingtype/\${name}`),
  'AWS::IoT::TopicRule': type('RuleName', `iot:${HERE}:rule/\${name}`),
  'AWS::KMS::Key': type('', `kms:${HERE}:key/\${uuid}`, { Ref: '${uuid}', KeyId: '${uuid}', Arn: '${arn}' }),
  'AWS::Kinesis::Stream': type('Name', `kinesis:${HERE}:stream/\${name}`),
  'AWS::KinesisVideo::SignalingChannel': type('Name', `kinesisvideo:${HERE}:channel/\${name}/${CREATION_TIME}`),
  'AWS::KinesisVideo::Stream': type('Name', `kinesisvideo:${HERE}:stream/\${name}/${CREATION_TIME}`),
  'AWS::Lambda::Function': type('FunctionName', `lambda:${HERE}:function:\${name}`),
  'AWS::Logs::LogGroup': type('LogGroupName', `logs:${HERE}:log-group:\${name}:*`),
  'AWS::Rekognition::Collection': type('CollectionId', `rekognition:${HERE}:collection/\${name}`),
  'AWS::Rekognition::StreamProcessor': type('Name', `rekognition:${HERE}:streamprocessor/\${name}`, {
    ...NAME_AND_ARN,
    Status: 'STOPPED',
    StatusMessage: '',
  }),
  'AWS::S3::Bucket': type('BucketName', 's3:::${name}'),
  'AWS::SageMaker::Endpoint': type('EndpointName', `sagemaker:${HERE}:endpoint/\${name}`, {
    Ref: '${arn}',
    EndpointName: '${name}',
  }),
  'AWS::SageMaker::EndpointConfig': type('EndpointConfigName', `sagemaker:${HERE}:endpoint-config/\${name}`, {
    Ref: '${arn}',
    EndpointConfigName: '${name}',
  }),
  'AWS::SageMaker::Model': type('ModelName', `sagemaker:${HERE}:model/\${name}`, {
    Ref: '${arn}',
    ModelName: '${name}',
  }),
  'AWS::Scheduler::Schedule': type('Name', `scheduler:${HERE}:schedule/default/\${name}`),
  // Secrets Manager adds six characters to the name.
  'AWS::SecretsManager::Secret': type('Name', `secretsmanager:${HERE}:secret:\${name}-a1b2c3`, { Ref: '${arn}' }),
  'AWS::SNS::Topic': type('TopicName', `sns:${HERE}:\${name}`, {
    Ref: '${arn}',
    TopicArn: '${arn}',
    TopicName: '${name}',
  }),
  'AWS::StepFunctions::StateMachine': type('StateMachineName', `states:${HERE}:stateMachine:\${name}`, {
    Ref: '${arn}',
    Arn: '${arn}',
    Name: '${name}',
  }),
  'AWS::SQS::Queue': type('QueueName', `sqs:${HERE}:\${name}`, {
    Ref: QUEUE_URL,
    QueueUrl: QUEUE_URL,
    QueueName: '${name}',
    Arn: '${arn}',
  }),
};

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
    return this.evaluate(TYPES[this.type]?.attributes[name], name);
  }

  /** A property without its intrinsics, the same object each time. */
  get<T>(property: string): T | undefined {
    if (!(property in this.resolved)) this.resolved[property] = this.stack.resolve(this.properties[property]);
    return this.resolved[property] as T | undefined;
  }

  private evaluate(text: string | undefined, what: string): string {
    const known = TYPES[this.type];
    if (!known || text === undefined) throw new Error(`The ${what} of ${this.type} (${this.path}) is not in TYPES.`);
    const hash = createHash('md5').update(this.path).digest('hex');
    const variables = {
      // Lower case, because buckets insist on it.
      name: this.get<string>(known.nameProperty) ?? `${this.stack.name}-${this.logicalId}`.toLowerCase(),
      uuid: hash.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5'),
    };
    const arn = this.stack.substitute(`arn:\${AWS::Partition}:${known.arn}`, variables);
    return this.stack.substitute(text, { ...variables, arn });
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
  }

  /** A value of the template without its intrinsics. */
  resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.resolve(item)).filter((item) => item !== undefined);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [name, argument] = entries[0] ?? [''];
    if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::'))) return this.intrinsic(name, argument);
    const resolved = entries.map(([key, item]) => [key, this.resolve(item)]);
    return Object.fromEntries(resolved.filter(([, item]) => item !== undefined));
  }

  /** What `Fn::Sub` makes of a text. */
  substitute(text: string, variables: Record<string, string> = {}): string {
    return text.replaceAll(/\$\{(!?)([^}]+)\}/g, (_match, escaped: string, name: string) => {
      if (escaped) return `\${${name}}`;
      return variables[name] ?? String(name.includes('.') ? this.getAtt(name) : this.ref(name));
    });
  }

  private intrinsic(name: string, argument: unknown): unknown {
    switch (name) {
      case 'Ref':
        return this.ref(argument as string);
      case 'Fn::GetAtt':
        return this.getAtt([this.resolve(argument)].flat().join('.'));
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
        const stack = this.all.find(
          ({ name, known }) => name === StackName && known['AWS::Region'] === (Region ?? known['AWS::Region']),
        );
        const output = stack?.template.Outputs?.[OutputName];
        if (output) return stack.resolve(output.Value);
        throw new Error(`The output ${StackName}.${OutputName} is in none of the stacks.`);
      }
      case 'Fn::ImportValue': {
        const wanted = this.resolve(argument);
        for (const stack of this.all) {
          for (const { Value, Export } of Object.values(stack.template.Outputs ?? {})) {
            if (Export && stack.resolve(Export.Name) === wanted) return stack.resolve(Value);
          }
        }
        throw new Error(`The export ${wanted} is in none of the stacks.`);
      }
      default:
        throw new Error(`The intrinsic ${name} (in ${this.name}) is not supported.`);
    }
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
