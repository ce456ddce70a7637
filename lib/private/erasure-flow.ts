import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';

export interface ErasureFlowProps {
  /** Takes the `request`, the `execution` and the `progress`, and gives what is `next` with the progress. */
  readonly handler: lambda.IFunction;
}

/**
 * Has a request worked on until it is done, as often as it takes: what has been done is done, and what isn't is found again.
 *
 * With at most ten events for each quarter of an hour, a week is far from the 25,000 that an execution may have.
 */
export class ErasureFlow extends Construct {
  public readonly stateMachine: sfn.IStateMachine;

  constructor(scope: Construct, id: string, props: ErasureFlowProps) {
    super(scope, id);
    this.stateMachine = new sfn.StateMachine(this, 'StateMachine', {
      comment: 'Erases the media of a device, or what is known of a person',
      definitionBody: sfn.DefinitionBody.fromChainable(this.workOn(props.handler)),
      queryLanguage: sfn.QueryLanguage.JSONATA,
      timeout: Duration.days(7),
      tracingEnabled: true,
      logs: {
        level: sfn.LogLevel.ALL,
        // A request may name a person.
        includeExecutionData: false,
        destination: new logs.LogGroup(this, 'Logs', {
          retention: logs.RetentionDays.THREE_MONTHS,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      },
    });
  }

  private workOn(handler: lambda.IFunction): sfn.IChainable {
    const begin = sfn.Pass.jsonata(this, 'Begin', { outputs: { progress: null } });
    const work = tasks.LambdaInvoke.jsonata(this, 'Work', {
      lambdaFunction: handler,
      payload: sfn.TaskInput.fromObject({
        request: '{% $states.context.Execution.Input %}',
        execution: {
          id: '{% $states.context.Execution.Id %}',
          name: '{% $states.context.Execution.Name %}',
          startedAt: '{% $states.context.Execution.StartTime %}',
        },
        progress: '{% $states.input.progress %}',
      }),
      retryOnServiceExceptions: false,
      outputs: '{% $states.result.Payload %}',
    })
      .addRetry({ errors: ['InvalidErasureRequest'], maxAttempts: 0 })
      // An outage of some ten minutes passes unnoticed.
      .addRetry({
        errors: [sfn.Errors.ALL],
        interval: Duration.seconds(5),
        backoffRate: 2,
        maxDelay: Duration.minutes(5),
        maxAttempts: 8,
        jitterStrategy: sfn.JitterType.FULL,
      });
    const wait = sfn.Wait.jsonata(this, 'Wait', { time: sfn.WaitTime.duration(Duration.seconds(15)) });
    const is = (condition: string) => sfn.Condition.jsonata(`{% $states.input.${condition} %}`);
    const ending = '{% $states.input.ending %}';
    work.next(
      sfn.Choice.jsonata(this, 'What is next?')
        .when(is("next = 'WORK'"), work)
        .when(is("next = 'WAIT'"), wait)
        .when(
          is("ending.outcome = 'INCOMPLETE'"),
          sfn.Fail.jsonata(this, 'Incomplete', {
            error: 'ErasureIncomplete',
            cause: '{% $string($states.input.ending) %}',
          }),
        )
        .otherwise(sfn.Succeed.jsonata(this, 'Certified', { outputs: ending })),
    );
    wait.next(work);
    return begin.next(work);
  }
}
