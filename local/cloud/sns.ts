import { randomUUID } from 'node:crypto';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as schemas from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import bounds from './bounds/sns.json';
import { UnderWay } from './http';
import type { Principals } from './principals';
import { letsIn } from './resource-policy';
import { modelled, ServiceError } from './service';
import { checkFilter, passes, type FilterPolicy, type FilterScope } from './sns-filter';

export interface SnsProps {
  readonly account: string;
  readonly region: string;
  readonly principals: Principals;
  readonly url: () => string;
}

interface Subscription {
  readonly arn: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly isRaw: boolean;
  readonly filter?: FilterPolicy;
  readonly scope: FilterScope;
  readonly deadLetterArn?: string;
}

interface Topic {
  readonly arn: string;
  readonly subscriptions: Subscription[];
  policy?: unknown;
}

type Attributes = Readonly<Record<string, schemas.MessageAttributeValue>>;

interface Notification {
  readonly id: string;
  readonly topicArn: string;
  readonly subject?: string;
  readonly attributes: Attributes;
  readonly at: string;
  /** By protocol. */
  readonly bodies: Readonly<Record<string, string>>;
}

const MAX_BYTES = 262_144;

/**
 * Standard topics, whose messages go to queues and functions through the gateway, as the policies of those allow.
 *
 * https://docs.aws.amazon.com/sns/latest/api/welcome.html
 */
export function sns({ account, region, principals, url }: SnsProps) {
  const topics = new Map<string, Topic>();
  const underWay = new UnderWay();
  let clients: { sqs: SQSClient; lambda: LambdaClient } | undefined;

  const connect = () => {
    const credentials = async () => principals.ofService('sns.amazonaws.com');
    // Deliveries are tried for days.
    const settings = { region, endpoint: url(), credentials, maxAttempts: 10 };
    return (clients ??= { sqs: new SQSClient(settings), lambda: new LambdaClient(settings) });
  };
  const queueUrl = (arn: string) => `${url()}/${account}/${arn.split(':').at(-1)}`;

  const find = (arn: string): Topic => {
    const topic = topics.get(arn);
    if (topic) return topic;
    throw new ServiceError('NotFound', 'Topic does not exist', 404);
  };

  const create = (name: string): Topic => {
    if (name.endsWith('.fifo')) throw new ServiceError('InvalidParameter', 'FIFO topics are not stood in for.');
    const arn = `arn:aws:sns:${region}:${account}:${name}`;
    const topic = topics.get(arn) ?? { arn, subscriptions: [] };
    topics.set(arn, topic);
    return topic;
  };

  const subscribe = (input: schemas.SubscribeInput): string => {
    const { TopicArn = '', Protocol = '', Endpoint = '', Attributes = {} } = input;
    const { RawMessageDelivery, FilterPolicy, FilterPolicyScope = 'MessageAttributes', RedrivePolicy } = Attributes;
    const { arn: topicArn, subscriptions } = find(TopicArn);
    if (!['sqs', 'lambda'].includes(Protocol)) {
      throw new ServiceError('InvalidParameter', `Subscriptions by '${Protocol}' are not stood in for.`);
    }
    const filter = FilterPolicy ? (JSON.parse(FilterPolicy) as FilterPolicy) : undefined;
    if (filter) checkFilter(filter);
    const subscription: Subscription = {
      arn: `${topicArn}:${randomUUID()}`,
      protocol: Protocol,
      endpoint: Endpoint,
      isRaw: RawMessageDelivery === 'true',
      filter,
      scope: FilterPolicyScope as FilterScope,
      deadLetterArn: RedrivePolicy ? (JSON.parse(RedrivePolicy).deadLetterTargetArn as string) : undefined,
    };
    subscriptions.push(subscription);
    return subscription.arn;
  };

  const toQueue = async (queueArn: string, { isRaw }: Pick<Subscription, 'isRaw'>, notification: Notification) => {
    const MessageBody = isRaw ? notification.bodies.sqs : JSON.stringify(envelope(notification, 'sqs'));
    // Other than SNS, SQS has no attributes that are lists.
    const attributes = Object.entries(notification.attributes).filter(
      ([, { DataType }]) => DataType !== 'String.Array',
    );
    const MessageAttributes = isRaw ? Object.fromEntries(attributes) : undefined;
    await connect().sqs.send(new SendMessageCommand({ QueueUrl: queueUrl(queueArn), MessageBody, MessageAttributes }));
  };

  const deliver = async (subscription: Subscription, notification: Notification): Promise<void> => {
    const { arn, protocol, endpoint, deadLetterArn } = subscription;
    try {
      if (protocol === 'sqs') return await toQueue(endpoint, subscription, notification);
      const Payload = JSON.stringify(lambdaEvent(arn, notification));
      await connect().lambda.send(new InvokeCommand({ FunctionName: endpoint, InvocationType: 'Event', Payload }));
    } catch (error) {
      if (!deadLetterArn) throw error;
      await toQueue(deadLetterArn, subscription, notification);
    }
  };

  const publish = (input: schemas.PublishInput): { MessageId: string } => {
    const { arn, subscriptions } = find(input.TopicArn ?? input.TargetArn ?? '');
    const attributes = input.MessageAttributes ?? {};
    const bodies = bodiesOf(input);
    const id = randomUUID();
    const notification = {
      id,
      topicArn: arn,
      subject: input.Subject,
      attributes,
      at: new Date().toISOString(),
      bodies,
    };
    for (const subscription of subscriptions) {
      const message = { body: bodies[subscription.protocol], attributes };
      if (!passes(subscription.filter, subscription.scope, message)) continue;
      underWay.add(deliver(subscription, notification));
    }
    return { MessageId: id };
  };

  const service = modelled({
    name: 'sns',
    protocol: 'query',
    schemas: [schemas],
    bounds,
    invalid: 'InvalidParameter',
    operations: {
      CreateTopic: ({ Name }: schemas.CreateTopicInput) => ({ TopicArn: create(Name!).arn }),
      Subscribe: (input: schemas.SubscribeInput) => ({ SubscriptionArn: subscribe(input) }),
      Publish: (input: schemas.PublishInput, { principal }) => {
        const { policy } = find(input.TopicArn ?? input.TargetArn ?? '');
        if (letsIn(policy, principal, 'sns:Publish')) return publish(input);
        throw new ServiceError('AuthorizationError', `${principal.arn} may not publish to ${input.TopicArn}.`, 403);
      },
    },
  });

  return {
    service,
    create,
    subscribe,
    /** By its ARN. */
    topic: find,
    stop: async () => {
      await underWay.end();
      clients?.sqs.destroy();
      clients?.lambda.destroy();
    },
  };
}

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
function bodiesOf(input: schemas.PublishInput): Record<string, string> {
  const { Message = '', MessageStructure, Subject, MessageAttributes = {} } = input;
  if (Message === '') throw new ServiceError('InvalidParameter', 'Invalid parameter: Empty message');
  const attributeBytes = Object.entries(MessageAttributes).flatMap(
    ([name, { DataType = '', StringValue, BinaryValue }]) =>
      [name, DataType, StringValue ?? BinaryValue ?? ''].map((part) => Buffer.byteLength(part)),
  );
  if (attributeBytes.reduce((sum, bytes) => sum + bytes, Buffer.byteLength(Message)) > MAX_BYTES) {
    throw new ServiceError('InvalidParameter', 'Invalid parameter: Message too long');
  }
  if (Subject !== undefined && !/^[!-~][ -~]{0,99}$/.test(Subject)) {
    throw new ServiceError('InvalidParameter', 'Invalid parameter: Subject');
  }
  if (MessageStructure === undefined) return { sqs: Message, lambda: Message };
  const forms = formsOf(Message);
  return { sqs: forms.sqs ?? forms.default, lambda: forms.lambda ?? forms.default };
}

function formsOf(message: string): Record<string, string> {
  try {
    const forms = JSON.parse(message) as Record<string, string>;
    if (typeof forms.default === 'string') return forms;
  } catch {
    throw new ServiceError(
      'InvalidParameter',
      'Invalid parameter: Message Structure - JSON message body failed to parse',
    );
  }
  throw new ServiceError(
    'InvalidParameter',
    'Invalid parameter: Message Structure - No default entry in JSON message body',
  );
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html#http-notification-json */
function envelope({ id, topicArn, subject, attributes, at, bodies }: Notification, protocol: string) {
  const plain = Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
    name,
    { Type: DataType, Value: StringValue ?? Buffer.from(BinaryValue ?? []).toString('base64') },
  ]);
  return {
    Type: 'Notification',
    MessageId: id,
    TopicArn: topicArn,
    ...(subject !== undefined && { Subject: subject }),
    Message: bodies[protocol],
    Timestamp: at,
    SignatureVersion: '1',
    Signature: 'unsigned',
    SigningCertURL: 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService.pem',
    UnsubscribeURL: 'https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe',
    ...(plain.length > 0 && { MessageAttributes: Object.fromEntries(plain) }),
  };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html */
function lambdaEvent(subscriptionArn: string, notification: Notification) {
  const { SigningCertURL, UnsubscribeURL, ...rest } = envelope(notification, 'lambda');
  const Sns = {
    Subject: null,
    MessageAttributes: {},
    ...rest,
    SigningCertUrl: SigningCertURL,
    UnsubscribeUrl: UnsubscribeURL,
  };
  return { Records: [{ EventVersion: '1.0', EventSource: 'aws:sns', EventSubscriptionArn: subscriptionArn, Sns }] };
}
