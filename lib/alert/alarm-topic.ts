import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { allowServiceToUseKey } from '../private/work-queue';

/**
 * Properties of `AlarmTopic`.
 */
export interface AlarmTopicProps {
  /**
   * The key that encrypts the messages. It must be a customer-managed one: CloudWatch can't use the key that AWS manages
   * for SNS.
   * @default - a new key, rotated yearly
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * What becomes of the topic, and with it of the subscriptions that people have confirmed, when it leaves the stack.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * The topic for those who run the fleet, to which CloudWatch's alarms are published: encrypted, by TLS only, and open to
 * the alarms of this account alone.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
 *
 * const alarms = new AlarmTopic(stack, 'Alarms');
 * alarms.topic.addSubscription(new EmailSubscription('on-call@example.com'));
 * new AlertFeed(stack, 'Feed', {
 *   alerts: new AlertTopic(stack, 'Alerts'),
 *   identity: new DeviceIdentity(stack, 'Identity'),
 *   alarmActions: [alarms.action],
 * });
 */
export class AlarmTopic extends Construct {
  /** The topic. */
  public readonly topic: sns.ITopic;

  constructor(scope: Construct, id: string, props: AlarmTopicProps = {}) {
    super(scope, id);
    const key = props.encryptionKey ?? new kms.Key(this, 'Key', { description: 'Alarms', enableKeyRotation: true });
    allowServiceToUseKey(key, 'cloudwatch.amazonaws.com');

    const topic = new sns.Topic(this, 'Topic', { masterKey: key, enforceSSL: true });
    topic.applyRemovalPolicy(props.removalPolicy ?? RemovalPolicy.RETAIN);
    topic.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    this.topic = topic;
  }

  /** What an alarm does to be published here. */
  public get action(): cloudwatch.IAlarmAction {
    return new SnsAction(this.topic);
  }
}
