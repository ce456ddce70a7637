import type { Action } from '@aws-sdk/client-iot';
import { IoTDataPlaneClient, PublishCommand as PublishMessageCommand } from '@aws-sdk/client-iot-data-plane';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Calls } from '../calls';
import { invalid } from '../store';
import { compileTemplate, type RuleMessage } from './sql';

/** An action of a rule, ready to be done. */
export interface Delivery {
  /** As messages of error actions name them. */
  readonly name: string;
  readonly resource: string;
  deliver(output: Buffer, message: RuleMessage): Promise<unknown>;
}

/**
 * What a rule does with its output. Clients try again what may have failed by chance, as AWS IoT does.
 *
 * https://docs.aws.amazon.com/iot/latest/developerguide/iot-rule-actions.html
 *
 * @throws ServiceError for actions that are none here
 */
export function deliveryOf(action: Action, ruleName: string, calls: Calls): Delivery {
  const [kind] = Object.entries(action).flatMap(([name, settings]) => (settings ? [name] : []));
  if (action.sqs) {
    const { queueUrl, roleArn, useBase64 } = action.sqs;
    const client = calls.client(() => new SQSClient({ ...calls.as(roleArn!, ruleName), useQueueUrlAsEndpoint: false }));
    return {
      name: 'SqsAction',
      resource: queueUrl!,
      deliver: (output) =>
        client().send(
          new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: output.toString(useBase64 ? 'base64' : 'utf8') }),
        ),
    };
  }
  if (action.sns) {
    const { targetArn, roleArn } = action.sns;
    const client = calls.client(() => new SNSClient(calls.as(roleArn!, ruleName)));
    return {
      name: 'SnsAction',
      resource: targetArn!,
      deliver: (output) => client().send(new PublishCommand({ TopicArn: targetArn, Message: output.toString('utf8') })),
    };
  }
  if (action.lambda) {
    const { functionArn } = action.lambda;
    const client = calls.client(() => new LambdaClient(calls.asService()));
    return {
      name: 'LambdaAction',
      resource: functionArn!,
      deliver: (output) =>
        client().send(new InvokeCommand({ FunctionName: functionArn, InvocationType: 'Event', Payload: output })),
    };
  }
  if (action.republish) {
    const { topic, qos, roleArn } = action.republish;
    const topicOf = compileTemplate(topic!);
    const client = calls.client(() => new IoTDataPlaneClient(calls.as(roleArn!, ruleName)));
    return {
      name: 'RepublishAction',
      resource: topic!,
      deliver: (output, message) =>
        client().send(new PublishMessageCommand({ topic: topicOf(message), qos, payload: output })),
    };
  }
  throw invalid(`There is no action '${kind}' here`);
}
