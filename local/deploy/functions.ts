import type { Cloud } from '../cloud/cloud';
import type { Provisioners } from './resource';

/**
 * Functions, what they are invoked by, and who may invoke them. A function that isn't of Node.js is there, and can't be
 * invoked.
 *
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Lambda.html
 */
export function lambda(cloud: Cloud, assets: ReadonlyMap<string, string>): Provisioners {
  const { functions, startMapping, account, region } = cloud;
  return {
    'AWS::Lambda::Function': (properties, { physicalName }) => {
      const { FunctionName, Code, Handler, Runtime, Role, Timeout = 3, MemorySize = 128 } = properties;
      const directory = assets.get(Code.S3Key);
      if (!directory) throw new Error(`There is no asset ${Code.S3Key ?? '(its code is in the template)'}.`);
      const name = FunctionName ?? physicalName();
      const arn = functions.create({
        name,
        directory,
        handler: Handler,
        runtime: Runtime,
        role: Role,
        timeout: Timeout,
        memorySize: MemorySize,
        environment: properties.Environment?.Variables ?? {},
        logGroup: properties.LoggingConfig?.LogGroup,
        deadLetterArn: properties.DeadLetterConfig?.TargetArn,
      });
      return { ref: name, attributes: { Arn: arn } };
    },
    'AWS::Lambda::Permission': ({ FunctionName, Principal }, { physicalName }) => {
      functions.permit(FunctionName, Principal);
      return { ref: physicalName() };
    },
    'AWS::Lambda::EventSourceMapping': (properties, { physicalName }) => {
      const { EventSourceArn, FunctionName, BatchSize, MaximumBatchingWindowInSeconds, FilterCriteria } = properties;
      if (FilterCriteria) throw new Error('Filters of events are not stood in for.');
      if (!EventSourceArn.startsWith(`arn:aws:sqs:${region}:${account}:`)) {
        throw new Error(`Only queues are stood in for as sources of events, not ${EventSourceArn}.`);
      }
      startMapping({
        queueArn: EventSourceArn,
        functionName: FunctionName,
        batchSize: BatchSize,
        batchWindow: MaximumBatchingWindowInSeconds,
        reportsFailures: properties.FunctionResponseTypes?.includes('ReportBatchItemFailures'),
        concurrency: properties.ScalingConfig?.MaximumConcurrency,
      });
      return { ref: physicalName() };
    },
  };
}
