import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { AlertFilter } from '../alert/alert-topic';
import { ABOVE_ZERO } from './alarms';
import { fail, lit } from './validation';
import { allowServiceToUseKey, deadLetterQueue } from './work-queue';

export interface EncryptedTopicProps {
  readonly displayName?: string;
  readonly encryptionKey?: kms.IKey;
  readonly removalPolicy?: RemovalPolicy;
}

/** A topic that is encrypted and reached by TLS only. */
export function encryptedTopic(scope: Construct, props: EncryptedTopicProps): sns.Topic {
  const { encryptionKey } = props;
  // eslint-disable-next-line awscdk/require-passing-this -- `this` is the caller's
  const topic = new sns.Topic(scope, 'Topic', {
    displayName: props.displayName,
    masterKey: encryptionKey,
    enforceSSL: true,
  });
  topic.applyRemovalPolicy(props.removalPolicy ?? RemovalPolicy.RETAIN);
  // Not imported as a key: its own policy lets the account's publishers use it, and grants on it would be noise.
  if (!encryptionKey) (topic.node.defaultChild as sns.CfnTopic).kmsMasterKeyId = 'alias/aws/sns';
  return topic;
}

/** Where SNS puts what it can't deliver. */
export function undeliveredQueue(scope: Construct, encryptionKey?: kms.IKey): sqs.Queue {
  const queue = deadLetterQueue(scope, encryptionKey);
  if (encryptionKey) allowServiceToUseKey(encryptionKey, 'sns.amazonaws.com');
  return queue;
}

/** Goes off when something could not be delivered, to a subscriber without dead-letter queue, too. */
export function deliveryAlarm(scope: Construct, topic: sns.ITopic, content: string): cloudwatch.Alarm {
  return topic
    .metricNumberOfNotificationsFailed({ statistic: cloudwatch.Stats.SUM, period: Duration.minutes(1) })
    .createAlarm(scope, 'DeliveryAlarm', {
      alarmDescription: `${content} that could not be delivered to a subscriber`,
      ...ABOVE_ZERO,
    });
}

/** A subscription whose filter and dead-letter queue are the topic's business. */
export function ownSubscription(
  scope: Construct,
  subscription: sns.ITopicSubscription,
  config: Pick<sns.TopicSubscriptionConfig, 'filterPolicy' | 'deadLetterQueue'>,
): sns.ITopicSubscription {
  return {
    bind: (topic) => {
      const given = subscription.bind(topic);
      if (given.filterPolicy || given.filterPolicyWithMessageBody || given.deadLetterQueue) {
        fail(
          scope,
          lit`AlertSubscription`,
          'The subscription has a filter or a dead-letter queue of its own; give the filter as second argument of `subscribe` instead.',
        );
      }
      return { ...given, ...config };
    },
  };
}

/**
 * The filter in SNS's words, which allow five attributes and 150 combinations of their values.
 * https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
 */
export function filterPolicy(
  scope: Construct,
  filter: AlertFilter,
  trialDevices: readonly string[] = [],
): Record<string, sns.SubscriptionFilter> | undefined {
  const { devices, obstacles, labels, severities, sources } = filter;
  const lists = Object.entries({ devices, obstacles, labels, severities, sources }).flatMap(([prop, allowlist]) => {
    if (!allowlist) return [];
    if (allowlist.length > 0) return [{ attribute: ATTRIBUTES[prop], allowlist }];
    return fail(scope, lit`AlertFilter`, `\`${prop}\` is empty, so that no alert would pass; leave it out for all.`);
  });
  if (filter.duringQuietWindows === false) lists.push({ attribute: 'quiet', allowlist: ['false'] });

  // Whoever names devices gets what they ask for.
  const denylist = devices ? [] : [...trialDevices];
  const criteriaCount = lists.length + Math.min(1, denylist.length);
  const combinations = [...lists.map(({ allowlist }) => allowlist), denylist]
    .filter((values) => values.length > 0)
    .reduce((product, values) => product * values.length, 1);
  if (criteriaCount > 5 || combinations > 150) {
    fail(
      scope,
      lit`AlertFilter`,
      `The filter has ${criteriaCount} criteria and ${combinations} combinations of their values; SNS allows 5 and 150. Subscribe several times, or leave criteria out.`,
    );
  }
  const criteria = lists.map(({ attribute, allowlist }): [string, sns.SubscriptionFilter] => [
    attribute,
    sns.SubscriptionFilter.stringFilter({ allowlist }),
  ]);
  if (denylist.length > 0) criteria.push(['device', sns.SubscriptionFilter.stringFilter({ denylist })]);
  return criteria.length > 0 ? Object.fromEntries(criteria) : undefined;
}

/** The attributes of messages, by the property that lists their values. */
const ATTRIBUTES: Record<string, string> = {
  devices: 'device',
  obstacles: 'obstacle',
  labels: 'label',
  severities: 'severity',
  sources: 'source',
};
