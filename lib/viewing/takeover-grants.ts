import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';

/**
 * Permissions to control devices through a `Takeover`.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-permissions.html
 */
export class TakeoverGrants {
  /** Grants on the function of a `Takeover`. */
  public static fromHandler(handler: lambda.IFunction): TakeoverGrants {
    return new TakeoverGrants(handler);
  }

  private constructor(private readonly handler: lambda.IFunction) {}

  /**
   * To ask for control and to send commands, in the name of any pilot and supervisor: for what has authenticated them, and
   * not for people.
   */
  public invoke(grantee: iam.IGrantable): iam.Grant {
    return this.handler.grantInvoke(grantee);
  }
}
