import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';

export interface OnboardingFlowProps {
  /** Takes `rows`, and gives `counts` and `failures`. */
  readonly handler: lambda.IFunction;
  /** Has lists in `lists/`, and gets reports in `reports/`. */
  readonly bucket: s3.IBucket;
  /** How many batches are worked on at once. */
  readonly maxConcurrency: number;
}

/** An outage of some ten minutes passes unnoticed. */
const RETRY: sfn.RetryProps = {
  errors: [sfn.Errors.ALL],
  interval: Duration.seconds(5),
  backoffRate: 2,
  maxDelay: Duration.minutes(5),
  maxAttempts: 8,
  jitterStrategy: sfn.JitterType.FULL,
};

/**
 * Brings a list to a function, batch by batch, and adds up what it says.
 *
 * A batch is an execution of its own. One that fails stops all others: the function doesn't fail for the fault of a row,
 * so what is left is an outage, and the list can be redriven when it is over. If failed batches were tolerated, it could
 * not: what has succeeded isn't run again.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html
 */
export class OnboardingFlow extends Construct {
  public readonly stateMachine: sfn.IStateMachine;

  constructor(scope: Construct, id: string, props: OnboardingFlowProps) {
    super(scope, id);
    this.stateMachine = new sfn.StateMachine(this, 'StateMachine', {
      comment: 'Onboards the devices of a list',
      definitionBody: sfn.DefinitionBody.fromChainable(this.list(props)),
      queryLanguage: sfn.QueryLanguage.JSONATA,
      tracingEnabled: true,
      logs: {
        level: sfn.LogLevel.ALL,
        destination: new logs.LogGroup(this, 'Logs', {
          retention: logs.RetentionDays.THREE_MONTHS,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      },
    });
    props.bucket.encryptionKey?.grant(this.stateMachine, 'kms:Decrypt', 'kms:GenerateDataKey');
  }

  private list(props: OnboardingFlowProps): sfn.IChainable {
    const { bucket, maxConcurrency } = props;
    const total = (count: string) => `{% $sum([$states.result.${count}]) %}`;
    return sfn.DistributedMap.jsonata(this, 'Batches', {
      label: 'Batches',
      // An express execution ends after five minutes, and would begin anew when it is redriven.
      mapExecutionType: sfn.StateMachineType.STANDARD,
      maxConcurrency,
      itemReader: new ListReader({ bucket, key: '{% $states.input.key %}' }),
      itemBatcher: new sfn.ItemBatcher({
        // With 80 bytes of counts for each, a million and a half of rows is within the 256 KiB that a state may put out.
        maxItemsPerBatch: 500,
        maxInputBytesPerBatch: 200_000,
        batchInput: { execution: '{% $states.context.Execution.Name %}' },
      }),
      outputs: {
        rows: total('rows'),
        listed: total('listed'),
        things: total('things'),
        otherCells: total('otherCells'),
        failed: total('failed'),
        report: `{% 's3://${bucket.bucketName}/reports/' & $states.context.Execution.Name & '/' %}`,
      },
    }).itemProcessor(this.batch(props));
  }

  private batch({ handler, bucket }: OnboardingFlowProps): sfn.IChainable {
    const onboard = tasks.LambdaInvoke.jsonata(this, 'Onboard', {
      lambdaFunction: handler,
      payload: sfn.TaskInput.fromObject({ rows: '{% [$states.input.Items] %}' }),
      retryOnServiceExceptions: false,
      assign: { execution: '{% $states.input.BatchInput.execution %}' },
      outputs: '{% $states.result.Payload %}',
    }).addRetry(RETRY);
    const counts = '{% $states.input.counts %}';
    const report = tasks.CallAwsService.jsonata(this, 'Report', {
      service: 's3',
      action: 'putObject',
      iamAction: 's3:PutObject',
      iamResources: [bucket.arnForObjects('reports/*')],
      parameters: {
        Bucket: bucket.bucketName,
        // A batch has the same name when it is redriven.
        Key: "{% 'reports/' & $execution & '/' & $states.context.Execution.Name & '.json' %}",
        ContentType: 'application/json',
        Body: '{% [$states.input.failures] %}',
      },
      outputs: counts,
    }).addRetry(RETRY);
    return onboard.next(
      sfn.Choice.jsonata(this, 'Any failures?')
        .when(sfn.Condition.jsonata('{% $states.input.counts.failed > 0 %}'), report)
        .otherwise(sfn.Pass.jsonata(this, 'No failures', { outputs: counts })),
    );
  }
}

/** Reads lists only; the base class would be allowed to read all of the bucket. */
class ListReader extends sfn.S3CsvItemReader {
  public override providePolicyStatements(): iam.PolicyStatement[] {
    return [new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: [this.bucket.arnForObjects('lists/*')] })];
  }
}
