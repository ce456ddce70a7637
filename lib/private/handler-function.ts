import { Duration, Lazy, RemovalPolicy } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { bundle } from './bundle';

/** How lines of a log are kept that somebody may have to answer for: who watched, who was refused, who took control. */
export const AUDIT_LOGS = { retention: logs.RetentionDays.ONE_YEAR, removalPolicy: RemovalPolicy.RETAIN };

export interface HandlerFunctionProps {
  /** The folder below `lambda/`. */
  readonly handler: string;
  readonly description: string;
  /** @default - none beyond those of the logger and the metrics */
  readonly environment?: Record<string, string>;
  /** @default Duration.seconds(30) */
  readonly timeout?: Duration;
  /** In MiB. @default 256 */
  readonly memorySize?: number;
  /** How the log is kept. @default - for three months, and no longer than the stack */
  readonly logs?: Pick<logs.LogGroupProps, 'retention' | 'removalPolicy'>;
}

/** The CloudWatch namespace of the metrics that the handlers emit. */
const METRICS_NAMESPACE = 'KinesisVideoFleet';

/**
 * A function of this package, from the bundle that the package ships. It may write its own log, and no other.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html
 */
export class HandlerFunction extends lambda.Function {
  constructor(scope: Construct, id: string, props: HandlerFunctionProps) {
    // eslint-disable-next-line awscdk/no-variable-construct-id, awscdk/require-passing-this -- `this` isn't there yet
    const logGroup = new logs.LogGroup(scope, `${id}Logs`, {
      retention: logs.RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
      ...props.logs,
    });
    super(scope, id, {
      description: props.description,
      code: lambda.Code.fromAsset(bundle(scope, 'lambda', props.handler)),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      timeout: props.timeout ?? Duration.seconds(30),
      memorySize: props.memorySize ?? 256,
      tracing: lambda.Tracing.ACTIVE,
      loggingFormat: lambda.LoggingFormat.JSON,
      logGroup,
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        POWERTOOLS_SERVICE_NAME: props.handler,
        POWERTOOLS_METRICS_NAMESPACE: METRICS_NAMESPACE,
        ...props.environment,
      },
    });
    logGroup.grants.write(this);
    withoutExecutionPolicy(this.role!);
  }
}

/** Takes away the managed policy that the CDK gives to each function, which allows to write to any log of the account. */
function withoutExecutionPolicy(role: iam.IRole): void {
  const resource = role.node.defaultChild as iam.CfnRole;
  const policies = resource.managedPolicyArns;
  // At synthesis, because whoever has the function may add policies of theirs.
  resource.managedPolicyArns = Lazy.uncachedList(
    {
      produce: (context) =>
        (context.resolve(policies) as unknown[] | undefined)?.filter(
          (arn) => !JSON.stringify(arn).includes('AWSLambdaBasicExecutionRole'),
        ) as string[],
    },
    { omitEmpty: true },
  );
}

/** A metric that a handler emits, which carries the name of its service as dimension. */
export function handlerMetric(
  scope: Construct,
  handler: string,
  metricName: string,
  props?: cloudwatch.MetricOptions,
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap: { service: handler },
    ...props,
  }).attachTo(scope);
}
