import { createHash } from 'node:crypto';

/** How resources of a type are called. */
export interface ResourceType {
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
export const RESOURCE_TYPES: Record<string, ResourceType> = {
  'AWS::ApiGatewayV2::Api': type('', 'apigateway:${AWS::Region}::/apis/${name}', {
    Ref: '${name}',
    ApiEndpoint: 'https://${name}.execute-api.${AWS::Region}.${AWS::URLSuffix}',
  }),
  'AWS::ApiGatewayV2::Authorizer': type('', '', { Ref: '${uuid}' }),
  'AWS::ApiGatewayV2::Integration': type('', '', { Ref: '${uuid}' }),
  'AWS::Athena::WorkGroup': type('Name', `athena:${HERE}:workgroup/\${name}`, { Ref: '${name}' }),
  'AWS::CloudFront::Distribution': type('', 'cloudfront::${AWS::AccountId}:distribution/${name}', {
    Ref: '${name}',
    DomainName: '${name}.cloudfront.net',
  }),
  'AWS::CloudFront::OriginAccessControl': type('', '', { Id: '${uuid}' }),
  'AWS::CloudFront::ResponseHeadersPolicy': type('', '', { Ref: '${uuid}' }),
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
  'AWS::Cognito::UserPoolDomain': type('Domain', '', { Ref: '${name}' }),
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
  'AWS::Lambda::LayerVersion': type('LayerName', `lambda:${HERE}:layer:\${name}:1`, { Ref: '${arn}' }),
  'AWS::Logs::LogGroup': type('LogGroupName', `logs:${HERE}:log-group:\${name}:*`),
  'AWS::Rekognition::Collection': type('CollectionId', `rekognition:${HERE}:collection/\${name}`),
  'AWS::Rekognition::StreamProcessor': type('Name', `rekognition:${HERE}:streamprocessor/\${name}`, {
    ...NAME_AND_ARN,
    Status: 'STOPPED',
    StatusMessage: '',
  }),
  'AWS::S3::Bucket': type('BucketName', 's3:::${name}', {
    ...NAME_AND_ARN,
    RegionalDomainName: '${name}.s3.${AWS::Region}.${AWS::URLSuffix}',
  }),
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

/**
 * What an attribute of a resource is, as far as its name and its place tell.
 *
 * @param text as in the type
 * @param substitute what `Fn::Sub` does
 */
export function attributeValue(
  { arn: form }: ResourceType,
  text: string,
  variables: { readonly name: string; readonly uuid: string },
  substitute: (text: string, variables: Record<string, string>) => string,
): string {
  const arn = substitute(`arn:\${AWS::Partition}:${form}`, variables);
  return substitute(text, { ...variables, arn });
}

/** The same for the same path. */
export function uuidOf(path: string): string {
  const hash = createHash('md5').update(path).digest('hex');
  return hash.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}
