import * as iam from 'aws-cdk-lib/aws-iam';
import type { aws_sagemaker as refs } from 'aws-cdk-lib/interfaces';

/**
 * Permissions on an endpoint of SageMaker.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
 */
export class ModelEndpointGrants {
  /** Grants on the given endpoint: a `ModelEndpoint`, an imported one or a raw `CfnEndpoint`. */
  public static fromEndpoint(endpoint: refs.IEndpointRef): ModelEndpointGrants {
    return new ModelEndpointGrants(endpoint);
  }

  private constructor(private readonly endpoint: refs.IEndpointRef) {}

  /** To ask the model. */
  public invoke(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ['sagemaker:InvokeEndpoint'],
      resourceArns: [this.endpoint.endpointRef.endpointArn],
    });
  }
}
