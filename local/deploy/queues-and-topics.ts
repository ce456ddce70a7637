import type { Cloud } from '../cloud/cloud';
import type { Provisioners } from './resource';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_SQS.html */
export function queues({ sqs }: Cloud): Provisioners {
  return {
    'AWS::SQS::Queue': ({ QueueName, FifoQueue, RedrivePolicy, ...settings }, { physicalName }) => {
      if (FifoQueue) throw new Error('FIFO queues are not stood in for.');
      const { name, url, arn } = sqs.create(QueueName ?? physicalName(80), {
        ...asTexts(settings),
        ...(RedrivePolicy && { RedrivePolicy: asText(RedrivePolicy) }),
      }).settings;
      return { ref: url, attributes: { Arn: arn, QueueName: name, QueueUrl: url } };
    },
    'AWS::SQS::QueuePolicy': ({ Queues, PolicyDocument }, { physicalName }) => {
      for (const url of Queues as string[]) sqs.queue(url.split('/').at(-1)!).policy = PolicyDocument;
      return { ref: physicalName() };
    },
  };
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_SNS.html */
export function topics({ sns }: Cloud): Provisioners {
  return {
    'AWS::SNS::Topic': ({ TopicName, FifoTopic, Subscription = [] }, { physicalName }) => {
      if (FifoTopic) throw new Error('FIFO topics are not stood in for.');
      const name = TopicName ?? physicalName(256);
      const { arn } = sns.create(name);
      for (const { Protocol, Endpoint } of Subscription) sns.subscribe({ TopicArn: arn, Protocol, Endpoint });
      return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
    },
    'AWS::SNS::TopicPolicy': ({ Topics, PolicyDocument }, { physicalName }) => {
      for (const arn of Topics as string[]) sns.topic(arn).policy = PolicyDocument;
      return { ref: physicalName() };
    },
    'AWS::SNS::Subscription': ({ TopicArn, Protocol, Endpoint, ...attributes }) => {
      const ref = sns.subscribe({ TopicArn, Protocol, Endpoint, Attributes: asTexts(attributes) });
      return { ref, attributes: { Arn: ref } };
    },
  };
}

/** As APIs have attributes, which templates have as what they are. */
function asTexts(attributes: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, asText(value)]));
}

function asText(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
