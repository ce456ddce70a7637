import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnTopicRule } from 'aws-cdk-lib/aws-iot';
import type * as kinesis from 'aws-cdk-lib/aws-kinesis';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { WorkQueue } from './work-queue';

/** A data stream, for messages that are too many for a queue. */
export interface DataStreamTarget {
  readonly dataStream: kinesis.IStream;
  /** What decides on the shard, with functions of the rule's SQL in `${}`. */
  readonly partitionKey: string;
  readonly deadLetterQueue: sqs.Queue;
}

export interface TopicRuleProps {
  /** For Basic Ingest, whose topics have it. @default - CloudFormation's */
  readonly ruleName?: string;
  readonly description: string;
  /** In the dialect 2016-03-23. */
  readonly sql: string;
  readonly target: WorkQueue | DataStreamTarget;
}

/** Brings MQTT messages to a queue or data stream; what can't be delivered goes to its dead-letter queue. */
export class TopicRule extends Construct {
  constructor(scope: Construct, id: string, props: TopicRuleProps) {
    super(scope, id);
    const { target } = props;
    const { deadLetterQueue } = target;

    const role = new iam.Role(this, 'Role', {
      description:
        'queue' in target ? 'Lets an IoT rule send to its queues' : 'Lets an IoT rule send to its stream and queue',
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
    const grants = [...grantDelivery(target, role), deadLetterQueue.grants.sendMessages(role)];

    const rule = new CfnTopicRule(this, 'Resource', {
      ruleName: props.ruleName,
      topicRulePayload: {
        description: props.description,
        awsIotSqlVersion: '2016-03-23',
        sql: props.sql,
        actions: [action(target, role.roleArn)],
        errorAction: { sqs: { queueUrl: deadLetterQueue.queueUrl, roleArn: role.roleArn, useBase64: false } },
      },
    });
    for (const grant of grants) grant.applyBefore(rule);
  }
}

function grantDelivery(target: WorkQueue | DataStreamTarget, role: iam.IRole): iam.Grant[] {
  if ('queue' in target) return [target.queue.grants.sendMessages(role)];
  const { dataStream } = target;
  const put = dataStream.grant(role, 'kinesis:PutRecord');
  return dataStream.encryptionKey ? [put, dataStream.encryptionKey.grantEncrypt(role)] : [put];
}

function action(target: WorkQueue | DataStreamTarget, roleArn: string): CfnTopicRule.ActionProperty {
  if ('queue' in target) return { sqs: { queueUrl: target.queue.queueUrl, roleArn, useBase64: false } };
  const { dataStream, partitionKey } = target;
  return { kinesis: { streamName: dataStream.streamName, partitionKey, roleArn } };
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
