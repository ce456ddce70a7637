import { ArnFormat, Duration, Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';

export interface ReconciliationFlowProps {
  /** Takes `kind`, `nextToken` and `total`, and gives them as `at` with the `content` of a page. */
  readonly lister: lambda.IFunction;
  /** Takes a page and how far it was worked off, and gives how far it is now as `progress`, and a `report`. */
  readonly reconciler: lambda.IFunction;
  /** Has pages in `runs/`, and gets reports in `reports/`. */
  readonly bucket: s3.IBucket;
  /** What is listed: `things`, `streams`, `channels`. */
  readonly kinds: string[];
  /** When a run that still goes on is ended. */
  readonly timeout: Duration;
  /** @default 'Brings the media of a whole fleet to where it should be' */
  readonly comment?: string;
  /** How many pages are worked on at once. @default 5 */
  readonly concurrency?: number;
}

/** All are the same when they are done again. */
const RETRY: sfn.RetryProps = {
  errors: [sfn.Errors.ALL],
  interval: Duration.seconds(5),
  backoffRate: 2,
  maxDelay: Duration.minutes(5),
  maxAttempts: 5,
  jitterStrategy: sfn.JitterType.FULL,
};

/**
 * Lists a fleet into pages of names in S3, has the pages worked off, and adds up what was done.
 *
 * The names go through S3, and each listing and each page is an execution of its own, so that no state and no history
 * grows with the fleet beyond what Step Functions allows: what does grow is 14 of 25,000 events for each thousand names
 * of a listing, and some 50 bytes of counts of 256 KiB for each page. A million devices have a thousand pages of things, of
 * streams and of channels.
 *
 * The executions within are STANDARD: EXPRESS ones end after five minutes, and a page takes longer at the pace of the
 * calls.
 */
export class ReconciliationFlow extends Construct {
  public readonly stateMachine: sfn.IStateMachine;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ReconciliationFlowProps,
  ) {
    super(scope, id);
    // Its own permission names it, so it can't have a name that is known after it is made.
    const name = Names.uniqueResourceName(this, { maxLength: 80 });
    this.stateMachine = new sfn.StateMachine(this, 'StateMachine', {
      stateMachineName: name,
      comment: props.comment ?? 'Brings the media of a whole fleet to where it should be',
      definitionBody: sfn.DefinitionBody.fromChainable(this.unlessAnotherRuns(name, this.run())),
      queryLanguage: sfn.QueryLanguage.JSONATA,
      timeout: props.timeout,
      tracingEnabled: true,
      logs: {
        level: sfn.LogLevel.ALL,
        // Pages of names would be most of it.
        includeExecutionData: false,
        destination: new logs.LogGroup(this, 'Logs', {
          // With this prefix, it takes no room in the one policy that all log groups of such deliveries share.
          logGroupName: `/aws/vendedlogs/states/${name}`,
          retention: logs.RetentionDays.THREE_MONTHS,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      },
    });
    props.bucket.encryptionKey?.grant(this.stateMachine, 'kms:Decrypt', 'kms:GenerateDataKey');
  }

  /**
   * Of several runs, the oldest goes on. A lock would stay behind when a run is aborted; without one, two runs that start in
   * the same second may not see each other, and then do the same twice at the common pace.
   */
  private unlessAnotherRuns(stateMachineName: string, run: sfn.IChainable): sfn.IChainable {
    const arn = Stack.of(this).formatArn({
      service: 'states',
      resource: 'stateMachine',
      resourceName: stateMachineName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    return tasks.CallAwsService.jsonata(this, 'Find other runs', {
      service: 'sfn',
      action: 'listExecutions',
      iamResources: [arn],
      parameters: { StateMachineArn: '{% $states.context.StateMachine.Id %}', StatusFilter: 'RUNNING' },
      // The newest comes first.
      outputs: "{% {'oldest': $states.result.Executions[-1].ExecutionArn} %}",
    })
      .addRetry(RETRY)
      .next(
        sfn.Choice.jsonata(this, 'Another run?')
          .when(
            sfn.Condition.jsonata(
              '{% $exists($states.input.oldest) and $states.input.oldest != $states.context.Execution.Id %}',
            ),
            sfn.Succeed.jsonata(this, 'Left to the other run', { outputs: { leftTo: '{% $states.input.oldest %}' } }),
          )
          .otherwise(run),
      );
  }

  private run(): sfn.IChainable {
    const { bucket, kinds, concurrency = 5 } = this.props;
    const done = sfn.Succeed.jsonata(this, 'Done', { outputs: '{% $states.input %}' });
    const listing = sfn.DistributedMap.jsonata(this, 'List all', {
      label: 'Listing',
      mapExecutionType: sfn.StateMachineType.STANDARD,
      items: sfn.ProvideItems.jsonArray(kinds),
      maxConcurrency: kinds.length,
      itemSelector: {
        run: '{% $states.context.Execution.Name %}',
        page: 0,
        at: { kind: '{% $states.context.Map.Item.Value %}', total: 0 },
      },
      outputs: {
        reports: `{% 's3://${bucket.bucketName}/reports/' & $states.context.Execution.Name & '/' %}`,
        registered: "{% $sum([0, $states.result[kind = 'things'].total]) %}",
        pages: '{% $sum([0, $states.result.pages]) %}',
      },
    }).itemProcessor(this.list());
    const reconciliation = sfn.DistributedMap.jsonata(this, 'Reconcile all', {
      label: 'Pages',
      mapExecutionType: sfn.StateMachineType.STANDARD,
      itemReader: new PageReader({
        bucket,
        prefix: "{% 'runs/' & $states.context.Execution.Name & '/' %}",
      }),
      itemSelector: { key: '{% $states.context.Map.Item.Value.Key %}' },
      // With five, `fleet-reconciler` keeps the pace of the calls.
      maxConcurrency: concurrency,
      // A page that can't be worked on stops no other. Its counts are missed in the end.
      toleratedFailurePercentage: 100,
      outputs: `{% $merge([$states.input, {${[
        ...['checked', 'created', 'repaired', 'removed', 'orphaned', 'failed'].map(
          (count) => `'${count}': $sum([0, $states.result.${count}])`,
        ),
        "'unfinishedPages': $states.input.pages - $count($states.result.checked)",
      ].join(', ')}}]) %}`,
    }).itemProcessor(this.workOff());

    listing.next(
      sfn.Choice.jsonata(this, 'Any pages?')
        .when(sfn.Condition.jsonata('{% $states.input.pages > 0 %}'), reconciliation)
        .otherwise(done),
    );
    reconciliation.next(
      sfn.Choice.jsonata(this, 'All pages?')
        .when(sfn.Condition.jsonata('{% $states.input.unfinishedPages = 0 %}'), done)
        .otherwise(
          sfn.Fail.jsonata(this, 'Unfinished', { error: 'UnfinishedPages', cause: '{% $string($states.input) %}' }),
        ),
    );
    return listing;
  }

  /** Lists a kind, and writes each page to S3. */
  private list(): sfn.IChainable {
    const { lister, bucket } = this.props;
    const list = tasks.LambdaInvoke.jsonata(this, 'List', {
      lambdaFunction: lister,
      payload: sfn.TaskInput.fromText('{% $states.input.at %}'),
      retryOnServiceExceptions: false,
      outputs: '{% $merge([$states.input, $states.result.Payload]) %}',
    }).addRetry(RETRY);
    const write = tasks.CallAwsService.jsonata(this, 'Write page', {
      service: 's3',
      action: 'putObject',
      iamResources: [bucket.arnForObjects('runs/*')],
      parameters: {
        Bucket: bucket.bucketName,
        Key: "{% 'runs/' & $states.input.run & '/' & $states.input.at.kind & '-' & $states.input.page & '.json' %}",
        ContentType: 'application/json',
        Body: '{% $states.input.content %}',
      },
      outputs: {
        run: '{% $states.input.run %}',
        page: '{% $states.input.page + 1 %}',
        at: '{% $states.input.at %}',
        done: '{% $states.input.done %}',
      },
    }).addRetry(RETRY);
    const listed = sfn.Succeed.jsonata(this, 'Listed', {
      outputs: {
        kind: '{% $states.input.at.kind %}',
        total: '{% $states.input.at.total %}',
        pages: '{% $states.input.page %}',
      },
    });
    const isDone = sfn.Condition.jsonata('{% $states.input.done %}');
    list.next(
      sfn.Choice.jsonata(this, 'Any names?')
        .when(sfn.Condition.jsonata('{% $states.input.size > 0 %}'), write)
        .when(isDone, listed)
        .otherwise(list),
    );
    write.next(sfn.Choice.jsonata(this, 'All listed?').when(isDone, listed).otherwise(list));
    return list;
  }

  /** Works a page off, in as many rounds as it takes, and writes a report of each round that has something to report. */
  private workOff(): sfn.IChainable {
    const { reconciler, bucket } = this.props;
    const read = tasks.CallAwsService.jsonata(this, 'Read page', {
      service: 's3',
      action: 'getObject',
      iamResources: [bucket.arnForObjects('runs/*')],
      parameters: { Bucket: bucket.bucketName, Key: '{% $states.input.key %}' },
      assign: { key: '{% $states.input.key %}', page: '{% $parse($states.result.Body) %}' },
      outputs: { progress: { round: 0, next: 0, late: [], counts: { checked: 0 } } },
    }).addRetry(RETRY);
    const reconcile = tasks.LambdaInvoke.jsonata(this, 'Reconcile', {
      lambdaFunction: reconciler,
      payload: sfn.TaskInput.fromText('{% $merge([$page, $states.input.progress]) %}'),
      retryOnServiceExceptions: false,
      outputs: '{% $states.result.Payload %}',
    }).addRetry(RETRY);
    const report = tasks.CallAwsService.jsonata(this, 'Report', {
      service: 's3',
      action: 'putObject',
      iamResources: [bucket.arnForObjects('reports/*')],
      parameters: {
        Bucket: bucket.bucketName,
        Key: "{% $replace($replace($key, /^runs/, 'reports'), /\\.json$/, '-' & $states.input.progress.round & '.json') %}",
        ContentType: 'application/json',
        Body: '{% $states.input.report %}',
      },
      outputs: '{% $states.input %}',
    }).addRetry(RETRY);
    const isDone = sfn.Choice.jsonata(this, 'Page done?')
      .when(
        sfn.Condition.jsonata('{% $states.input.done %}'),
        sfn.Succeed.jsonata(this, 'Reconciled', { outputs: '{% $states.input.progress.counts %}' }),
      )
      .otherwise(reconcile);
    read.next(reconcile);
    reconcile.next(
      sfn.Choice.jsonata(this, 'Anything to report?')
        .when(sfn.Condition.jsonata('{% $states.input.reported > 0 %}'), report)
        .otherwise(isDone),
    );
    report.next(isDone);
    return read;
  }
}

/** Lists pages only; the base class would be allowed to list reports, too. */
class PageReader extends sfn.S3ObjectsItemReader {
  public override providePolicyStatements(): iam.PolicyStatement[] {
    return [
      new iam.PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [this.bucket.bucketArn],
        conditions: { StringLike: { 's3:prefix': 'runs/*' } },
      }),
    ];
  }
}
