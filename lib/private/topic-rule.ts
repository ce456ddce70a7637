import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnTopicRule } from 'aws-cdk-lib/aws-iot';
import { Construct } from 'constructs';
import type { WorkQueue } from './work-queue';

export interface TopicRuleProps {
  readonly description: string;
  /** In the dialect 2016-03-23. */
  readonly sql: string;
  readonly target: WorkQueue;
}

/** Brings MQTT messages to a queue; what can't be delivered goes to the queue's dead-letter queue. */
export class TopicRule extends Construct {
  constructor(scope: Construct, id: string, props: TopicRuleProps) {
    super(scope, id);
    const { queue, deadLetterQueue } = props.target;

    const role = new iam.Role(this, 'Role', {
      description: 'Lets an IoT rule send to its queues',
      assumedBy: new iam.ServicePrincipal('iot.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
          // The name of the rule is CloudFormation's, and the rule needs the role first.
          ArnLike: {
            'aws:SourceArn': Stack.of(this).formatArn({ service: 'iot', resource: 'rule', resourceName: '*' }),
          },
        },
      }),
    });
    const grants = [queue.grants.sendMessages(role), deadLetterQueue.grants.sendMessages(role)];

    const rule = new CfnTopicRule(this, 'Resource', {
      topicRulePayload: {
        description: props.description,
        awsIotSqlVersion: '2016-03-23',
        sql: props.sql,
        actions: [{ sqs: { queueUrl: queue.queueUrl, roleArn: role.roleArn, useBase64: false } }],
        errorAction: { sqs: { queueUrl: deadLetterQueue.queueUrl, roleArn: role.roleArn, useBase64: false } },
      },
    });
    for (const grant of grants) grant.applyBefore(rule);
  }
}

/** An ARN of AWS IoT in the stack's own account and region. */
export function iotArn(scope: Construct, resource: string, resourceName: string): string {
  return Stack.of(scope).formatArn({
    service: 'iot',
    resource,
    resourceName,
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
}
