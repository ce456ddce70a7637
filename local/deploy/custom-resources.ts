import { randomUUID } from 'node:crypto';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Cloud } from '../cloud/cloud';
import type { Provisioner } from './resource';

/** Of the function of the CDK that answers CloudFormation on behalf of those that know nothing of it. */
const FRAMEWORK = {
  handler: 'framework.onEvent',
  event: 'USER_ON_EVENT_FUNCTION_ARN',
  wait: 'USER_IS_COMPLETE_FUNCTION_ARN',
};

/**
 * Custom resources whose functions the CDK's provider framework invokes, which are invoked as it does.
 *
 * https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources-readme.html
 */
export function customResource({ functions, principals }: Cloud, type: string): Provisioner {
  return async ({ ServiceToken, ...properties }, { client: settings, logicalId, stackName, region, account }) => {
    const { handler, environment, role } = functions.settingsOf(ServiceToken);
    if (handler !== FRAMEWORK.handler || FRAMEWORK.wait in environment) {
      throw new Error('Only custom resources of the provider framework that are made at once are stood in for.');
    }
    const RequestId = randomUUID();
    const event = {
      RequestType: 'Create',
      ServiceToken,
      ResponseURL: '...',
      StackId: `arn:aws:cloudformation:${region}:${account}:stack/${stackName}/${RequestId}`,
      RequestId,
      LogicalResourceId: logicalId,
      ResourceType: type,
      ResourceProperties: { ServiceToken, ...(asSent(properties) as object) },
    };
    const credentials = principals.issue(role, { sessionName: 'framework' });
    const client = new LambdaClient({ ...settings, credentials });
    try {
      const FunctionName = environment[FRAMEWORK.event];
      const { FunctionError, Payload } = await client.send(
        new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
      );
      const answer = JSON.parse(Buffer.from(Payload ?? []).toString());
      if (FunctionError) throw new Error(`${answer.errorType}: ${answer.errorMessage}`);
      return { ref: answer?.PhysicalResourceId ?? RequestId, attributes: answer?.Data };
    } finally {
      client.destroy();
    }
  };
}

/** CloudFormation sends each number and boolean as a string, whatever it is in the template. */
function asSent(properties: unknown): unknown {
  return JSON.parse(JSON.stringify(properties), (_key, value: unknown) =>
    typeof value === 'number' || typeof value === 'boolean' ? String(value) : value,
  );
}
