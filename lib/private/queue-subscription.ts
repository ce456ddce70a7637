import { Names } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { allowServiceToUseKey } from './work-queue';

/**
 * A subscription of a queue, which gets messages as they are.
 *
 * That of the CDK lets just the topic use the key of the queue, so that a key which both have would depend on what depends
 * on it; here SNS may use it for this account.
 */
export function queueSubscription(
  queue: sqs.IQueue,
  config: Pick<sns.TopicSubscriptionConfig, 'deadLetterQueue' | 'filterPolicyWithMessageBody'> = {},
): sns.ITopicSubscription {
  return {
    bind: (topic) => {
      const { policyDependable } = queue.addToResourcePolicy(
        new iam.PolicyStatement({
          principals: [new iam.ServicePrincipal('sns.amazonaws.com')],
          actions: ['sqs:SendMessage'],
          resources: [queue.queueArn],
          conditions: { ArnEquals: { 'aws:SourceArn': topic.topicArn } },
        }),
      );
      if (queue.encryptionMasterKey) allowServiceToUseKey(queue.encryptionMasterKey, 'sns.amazonaws.com');
      return {
        subscriberScope: queue,
        subscriberId: Names.nodeUniqueId(topic.node),
        endpoint: queue.queueArn,
        protocol: sns.SubscriptionProtocol.SQS,
        rawMessageDelivery: true,
        ...config,
        subscriptionDependency: policyDependable,
      };
    },
  };
}
