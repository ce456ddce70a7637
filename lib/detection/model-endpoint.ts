import { ArnFormat, Resource, Stack, Token, type IResource } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import { CfnEndpoint, CfnEndpointConfig, CfnModel } from 'aws-cdk-lib/aws-sagemaker';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { aws_sagemaker as refs } from 'aws-cdk-lib/interfaces';
import type { Construct } from 'constructs';
import { checkPattern, lit } from '../private/validation';
import { EndpointCapacity } from './endpoint-capacity';
import { ModelEndpointGrants } from './model-endpoint-grants';

/**
 * An endpoint of SageMaker: a model that answers.
 */
export interface IModelEndpoint extends IResource, refs.IEndpointRef {
  /**
   * The ARN. SageMaker writes it in lower case, however the name is written.
   * @attribute
   */
  readonly endpointArn: string;

  /**
   * The name.
   * @attribute
   */
  readonly endpointName: string;

  /** Permissions to ask the model. */
  readonly grants: ModelEndpointGrants;
}

/**
 * Properties of `ModelEndpoint`.
 */
export interface ModelEndpointProps {
  /**
   * Where the image of the container is, in the region of the endpoint. The role of the model is allowed to pull from it; a
   * repository of another account has to allow that too.
   *
   * The container answers `GET /ping` and `POST /invocations` at port 8080, and has the weights of the model in it.
   *
   * @see https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
   */
  readonly repository: ecr.IRepository;

  /**
   * The tag of the image: the version of the model, which SageMaker tells with each answer, as the name of the production
   * variant, in which all but `a-z A-Z 0-9` is a dash. 1 to 63 characters, the first and the last a letter or a digit.
   *
   * Give each version a tag of its own. That another image has the tag by now, nobody would notice, a deployment neither.
   */
  readonly imageTag: string;

  /**
   * What the model runs on. To change between serverless and instances makes a new endpoint, with a new name.
   * @default EndpointCapacity.serverless()
   */
  readonly capacity?: EndpointCapacity;

  /**
   * The key of the disks of instances that have none of their own. Serverless endpoints have no disk that it could be for.
   * @default - disks are encrypted with a key of AWS
   */
  readonly encryptionKey?: kms.IKey;
}

abstract class ModelEndpointBase extends Resource implements IModelEndpoint {
  public abstract readonly endpointArn: string;
  public abstract readonly endpointName: string;

  public get endpointRef(): refs.EndpointReference {
    return { endpointArn: this.endpointArn };
  }

  public get grants(): ModelEndpointGrants {
    return ModelEndpointGrants.fromEndpoint(this);
  }
}

/**
 * A model of one's own, from a container image, at an endpoint of SageMaker: serverless, or on instances.
 *
 * Its role pulls that image, writes the log of the endpoint, and nothing else. On instances the container has no network of
 * its own; SageMaker has no such isolation for serverless endpoints.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/realtime-endpoints-deploy-models.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * import { Repository } from 'aws-cdk-lib/aws-ecr';
 *
 * const endpoint = new ModelEndpoint(stack, 'Model', {
 *   repository: Repository.fromRepositoryName(stack, 'Images', 'defects'),
 *   imageTag: '1.4.0',
 *   capacity: EndpointCapacity.serverless({ maxConcurrency: 10 }),
 * });
 */
@propertyInjectable
export class ModelEndpoint extends ModelEndpointBase {
  /** Uniquely identifies this class. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-kinesis-video.ModelEndpoint';

  /**
   * An endpoint that is there already, in the account and region of the stack.
   *
   * @param endpointName 1 to 63 of `a-z A-Z 0-9 -`
   * @throws ValidationError `EndpointName`
   */
  public static fromEndpointName(scope: Construct, id: string, endpointName: string): IModelEndpoint {
    const pattern = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;
    checkPattern(scope, lit`EndpointName`, 'endpointName', endpointName, pattern, '1 to 63 of a-z A-Z 0-9 -');
    const resourceName = Token.isUnresolved(endpointName) ? endpointName : endpointName.toLowerCase();

    class Import extends ModelEndpointBase {
      public readonly endpointName = endpointName;
      public readonly endpointArn = Stack.of(scope).formatArn({
        service: 'sagemaker',
        resource: 'endpoint',
        resourceName,
      });
    }
    return new Import(scope, id);
  }

  public readonly endpointArn: string;
  public readonly endpointName: string;

  /** The role of the model. */
  public readonly role: iam.IRole;

  /** What SageMaker calls the version of the model, in its answers and as a dimension of metrics. */
  public readonly variantName: string;

  /**
   * @throws ValidationError `EndpointTag`
   */
  constructor(scope: Construct, id: string, props: ModelEndpointProps) {
    super(scope, id);
    const { repository, imageTag, capacity = EndpointCapacity.serverless(), encryptionKey } = props;
    const pattern = /^[a-zA-Z0-9]([a-zA-Z0-9._-]{0,61}[a-zA-Z0-9])?$/;
    const rule = '1 to 63 of a-z A-Z 0-9 . _ -, the first and the last a letter or a digit';
    checkPattern(this, lit`EndpointTag`, 'imageTag', imageTag, pattern, rule);
    this.variantName = Token.isUnresolved(imageTag) ? 'model' : imageTag.replace(/[^a-zA-Z0-9]/g, '-');

    this.role = this.makeRole(repository);
    const model = new CfnModel(this, 'Model', {
      executionRoleArn: this.role.roleArn,
      primaryContainer: { image: repository.repositoryUriForTag(imageTag) },
      enableNetworkIsolation: !capacity._isServerless,
    });
    // Its policy too: the image is pulled as soon as there is an endpoint.
    model.node.addDependency(this.role);
    const key = capacity._isServerless || capacity._hasDisk ? undefined : encryptionKey;
    if (key) allowDisks(key, this.role);
    const config = new CfnEndpointConfig(this, 'Config', {
      productionVariants: [{ variantName: this.variantName, modelName: model.attrModelName, ...capacity._variant }],
      kmsKeyId: key?.keyArn,
    });
    config.node.addDependency(this.role);
    const resource = { endpointConfigName: config.attrEndpointConfigName };
    // SageMaker doesn't make the one of the other, so that CloudFormation has to see another resource.
    const endpoint = capacity._isServerless
      ? new CfnEndpoint(this, 'Serverless', resource)
      : new CfnEndpoint(this, 'Resource', resource);
    this.endpointArn = endpoint.ref;
    this.endpointName = endpoint.attrEndpointName;
  }

  /**
   * A metric of this version of the model, in the namespace `AWS/SageMaker`.
   * @see https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/SageMaker',
      metricName,
      ...props,
      dimensionsMap: { EndpointName: this.endpointName, VariantName: this.variantName, ...props?.dimensionsMap },
    }).attachTo(this);
  }

  /** How often the model was asked. Sum over 5 minutes. */
  public metricInvocations(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('Invocations', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  /** How often it failed, or SageMaker did. Sum over 5 minutes. */
  public metricFailures(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('Invocation5XXErrors', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  /** How long the model took to answer, in microseconds; nine of ten took no longer. Over 5 minutes. */
  public metricModelLatency(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ModelLatency', { statistic: cloudwatch.Stats.p(90), ...props });
  }

  /** https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms */
  private makeRole(repository: ecr.IRepository): iam.Role {
    const stack = Stack.of(this);
    const role = new iam.Role(this, 'Role', {
      description: 'Lets SageMaker run the container of a model',
      assumedBy: new iam.ServicePrincipal('sagemaker.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': stack.account },
          // What it is for has its name from CloudFormation, and needs the role first.
          ArnLike: { 'aws:SourceArn': stack.formatArn({ service: 'sagemaker', resource: '*' }) },
        },
      }),
    });
    repository.grantPull(role);
    const logs = { service: 'logs', resource: 'log-group', arnFormat: ArnFormat.COLON_RESOURCE_NAME };
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
        resources: [stack.formatArn({ ...logs, resourceName: '/aws/sagemaker/Endpoints/*' })],
      }),
    );
    return role;
  }
}

/** SageMaker attaches encrypted disks with a grant that it makes in the name of the role. */
function allowDisks(key: kms.IKey, role: iam.IRole): void {
  key.grant(role, 'kms:DescribeKey');
  role.addToPrincipalPolicy(
    new iam.PolicyStatement({
      actions: ['kms:CreateGrant'],
      resources: [key.keyArn],
      conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    }),
  );
}
