import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';

/** An alarm of what should never be: it goes off at the first, and where nothing is counted there is none. */
export const ABOVE_ZERO = {
  threshold: 0,
  comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
  evaluationPeriods: 1,
  treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
} satisfies cloudwatch.CreateAlarmOptions;

/** How many executions came to no good end, where none is zero. */
export function failedRuns(
  stateMachine: sfn.IStateMachine,
  options?: cloudwatch.MathExpressionOptions,
): cloudwatch.MathExpression {
  return new cloudwatch.MathExpression({
    expression: 'FILL(failed, 0) + FILL(timedOut, 0)',
    usingMetrics: { failed: stateMachine.metricFailed(), timedOut: stateMachine.metricTimedOut() },
    ...options,
  });
}

/**
 * Goes off when no run has begun for so many hours; before the first run, too.
 * @param runs what each run tells once
 */
export function overdueAlarm(scope: Construct, runs: cloudwatch.Metric, what: string, hours: number): cloudwatch.Alarm {
  return runs
    .with({ statistic: cloudwatch.Stats.SAMPLE_COUNT, period: Duration.hours(1) })
    .createAlarm(scope, 'OverdueAlarm', {
      alarmDescription: `${what}: no run for ${hours} hours`,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: hours,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    });
}
