import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { allowServiceToUseKey, type WorkQueue } from './work-queue';

export interface TopicSubscriptionProps {
  readonly topic: sns.ITopic;
  readonly target: WorkQueue;
  /** By the content of messages. @default - all messages */
  readonly filter?: Record<string, sns.FilterOrPolicy>;
}

/**
 * Brings what is published to a topic to a queue, as it is; what can't be delivered goes to the queue's dead-letter queue.
 *
 * `SqsSubscription` would name the topic in the policy of the queue's key, and the topic may have that key itself.
 */
export class TopicSubscription extends Construct {
  constructor(scope: Construct, id: string, props: TopicSubscriptionProps) {
    super(scope, id);
    const { topic, target, filter } = props;
    const { queue, deadLetterQueue } = target;
    const { policyDependable } = queue.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('sns.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': topic.topicArn } },
      }),
    );
    const subscription = new sns.Subscription(this, 'Resource', {
      topic,
      protocol: sns.SubscriptionProtocol.SQS,
      endpoint: queue.queueArn,
      rawMessageDelivery: true,
      filterPolicyWithMessageBody: filter,
      deadLetterQueue,
    });
    if (policyDependable) subscription.node.addDependency(policyDependable);
    if (queue.encryptionMasterKey) allowServiceToUseKey(queue.encryptionMasterKey, 'sns.amazonaws.com');
  }
}
