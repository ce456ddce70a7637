import * as schemas from '@aws-sdk/client-sqs';
import { checkAccess } from './access';
import bounds from './bounds/sqs.json';
import type { Principal } from './principals';
import { letsIn } from './resource-policy';
import { checked, modelled, ServiceError, type Operations, type Service } from './service';
import { md5, md5OfAttributes, type MessageAttribute } from './sqs-checksums';
import { Queue, type Delivery, type Message } from './sqs-queue';

export interface SqsProps {
  readonly account: string;
  readonly region: string;
  /** Where its requests go, because queues are known by their URLs. */
  readonly url: () => string;
}

export type Sqs = ReturnType<typeof sqs>;

type Attributes = Readonly<Record<string, string>>;

type Entry = Omit<schemas.SendMessageBatchRequestEntry, 'Id'>;

const MEBIBYTE = 1024 * 1024;
const MAX_BATCH = 10;
const MAX_ATTRIBUTES = 10;

/**
 * Standard queues, in memory.
 *
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html
 */
export function sqs({ account, region, url }: SqsProps) {
  const queues = new Map<string, Queue>();
  const arnOf = (name: string) => `arn:aws:sqs:${region}:${account}:${name}`;
  const byArn = (arn: string) => queues.get(arn.split(':').at(-1)!);

  const find = (queueUrl = ''): Queue => {
    const queue = queues.get(queueUrl.split('/').at(-1)!);
    if (queue) return queue;
    throw new ServiceError('QueueDoesNotExist', 'The specified queue does not exist.');
  };

  const create = (name: string, attributes: Attributes = {}): Queue => {
    if (name.endsWith('.fifo')) throw new ServiceError('UnsupportedOperation', 'FIFO queues are not stood in for.');
    const number = (attribute: string, otherwise: number) => Number(attributes[attribute] ?? otherwise);
    const redrive = attributes.RedrivePolicy ? JSON.parse(attributes.RedrivePolicy) : undefined;
    const queue = new Queue(
      {
        name,
        arn: arnOf(name),
        url: `${url()}/${account}/${name}`,
        visibilityTimeout: number('VisibilityTimeout', 30),
        delay: number('DelaySeconds', 0),
        retention: number('MessageRetentionPeriod', 345_600),
        receiveWait: number('ReceiveMessageWaitTimeSeconds', 0),
        maximumSize: number('MaximumMessageSize', MEBIBYTE),
        redrive: redrive && { ...redrive, maxReceiveCount: Number(redrive.maxReceiveCount) },
      },
      byArn,
    );
    queues.get(name)?.stop();
    queues.set(name, queue);
    if (attributes.Policy) queue.policy = JSON.parse(attributes.Policy);
    return queue;
  };

  const send = (queue: Queue, entry: Entry, principal: Principal) => {
    const { MessageBody = '', MessageAttributes, MessageSystemAttributes, DelaySeconds } = entry;
    if (!letsIn(queue.policy, principal, 'sqs:SendMessage')) {
      throw new ServiceError('AccessDenied', `${principal.arn} may not send to ${queue.settings.arn}.`, 403);
    }
    checkContent(queue, MessageBody, MessageAttributes);
    const traceHeader = MessageSystemAttributes?.AWSTraceHeader?.StringValue;
    const content = { body: MessageBody, attributes: MessageAttributes, senderId: principal.arn, traceHeader };
    const { id } = queue.send(content, DelaySeconds);
    return {
      MessageId: id,
      MD5OfMessageBody: md5(MessageBody),
      MD5OfMessageAttributes: md5OfAttributes(MessageAttributes),
    };
  };

  const inBatch = <T extends { Id?: string }>(entries: T[] = [], work: (entry: T) => object) => {
    checkBatch(entries.map(({ Id }) => Id!));
    const Successful: object[] = [];
    const Failed: object[] = [];
    for (const entry of entries) {
      try {
        Successful.push({ Id: entry.Id, ...work(entry) });
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        Failed.push({ Id: entry.Id, Code: error.name, Message: error.message, SenderFault: true });
      }
    }
    return { Successful, Failed };
  };

  const operations: Operations = {
    CreateQueue: ({ QueueName, Attributes }: schemas.CreateQueueRequest) => ({
      QueueUrl: create(QueueName!, Attributes).settings.url,
    }),
    GetQueueUrl: ({ QueueName }: schemas.GetQueueUrlRequest) => ({
      QueueUrl: find(QueueName).settings.url,
    }),
    SendMessage: (input: schemas.SendMessageRequest, { principal }) => send(find(input.QueueUrl), input, principal),
    SendMessageBatch: ({ QueueUrl, Entries = [] }: schemas.SendMessageBatchRequest, { principal }) => {
      const sizes = Entries.map(({ MessageBody, MessageAttributes }) => sizeOf(MessageBody!, MessageAttributes));
      if (sizes.reduce((sum, size) => sum + size, 0) > MEBIBYTE) {
        throw new ServiceError('BatchRequestTooLong', `Batch requests cannot be longer than ${MEBIBYTE} bytes.`);
      }
      return inBatch(Entries, (entry) => send(find(QueueUrl), entry, principal));
    },
    ReceiveMessage: async (input: schemas.ReceiveMessageRequest, call) => {
      const { MaxNumberOfMessages = 1, WaitTimeSeconds, VisibilityTimeout } = input;
      checkRange('MaxNumberOfMessages', MaxNumberOfMessages, 1, MAX_BATCH);
      checkRange('WaitTimeSeconds', WaitTimeSeconds ?? 0, 0, 20);
      const deliveries = await find(input.QueueUrl).receive(
        MaxNumberOfMessages,
        WaitTimeSeconds,
        VisibilityTimeout,
        (end) => call.response.once('close', end),
      );
      return deliveries.length > 0 ? { Messages: deliveries.map((delivery) => asReceived(delivery, input)) } : {};
    },
    DeleteMessage: ({ QueueUrl, ReceiptHandle }: schemas.DeleteMessageRequest) =>
      withHandle(() => find(QueueUrl).delete(ReceiptHandle!)),
    DeleteMessageBatch: ({ QueueUrl, Entries }: schemas.DeleteMessageBatchRequest) =>
      inBatch(Entries, ({ ReceiptHandle }) => withHandle(() => find(QueueUrl).delete(ReceiptHandle!))),
    ChangeMessageVisibility: ({ QueueUrl, ...entry }: schemas.ChangeMessageVisibilityRequest) =>
      changeVisibility(find(QueueUrl), entry),
    ChangeMessageVisibilityBatch: ({ QueueUrl, Entries }: schemas.ChangeMessageVisibilityBatchRequest) =>
      inBatch(Entries, (entry) => changeVisibility(find(QueueUrl), entry)),
    SetQueueAttributes: ({ QueueUrl, Attributes }: schemas.SetQueueAttributesRequest) => {
      const { Policy, ...others } = Attributes as Attributes;
      if (Object.keys(others).length > 0) throw new ServiceError('NotImplemented', 'Only policies change here.', 501);
      find(QueueUrl).policy = JSON.parse(Policy);
    },
    GetQueueAttributes: ({ QueueUrl, AttributeNames = [] }: schemas.GetQueueAttributesRequest) => {
      const all = attributesOf(find(QueueUrl));
      const wanted = Object.entries(all).filter(([name]) =>
        (AttributeNames as string[]).some((one) => [name, 'All'].includes(one)),
      );
      return { Attributes: Object.fromEntries(wanted) };
    },
  };

  const service: Service = modelled({
    name: 'sqs',
    protocol: 'json',
    schemas: [schemas],
    bounds,
    invalid: 'InvalidParameterValue',
    operations: checked<{ QueueUrl?: string; QueueName?: string }>(operations, (operation, input, { principal }) => {
      const name = (input.QueueUrl ?? input.QueueName)!.split('/').at(-1)!;
      // Whoever may do it may do it ten times at once.
      checkAccess(principal, `sqs:${operation.replace('Batch', '')}`, { arn: arnOf(name) }, 'AccessDenied');
    }),
  });

  return {
    service,
    create,
    /** By its name. */
    queue: (name: string): Queue => find(name),
    /** How many messages each queue has, received or not, without the queues that have none. */
    depths: (): Record<string, number> =>
      Object.fromEntries(
        [...queues].map(([name, queue]) => [name, queue.contents().length] as const).filter(([, depth]) => depth > 0),
      ),
    /** Whether a message is still to be handled, or to be tried again. Those that were given up don't count. */
    isBusy: (): boolean =>
      [...queues.values()].some((queue) => queue.settings.redrive !== undefined && queue.contents().length > 0),
    stop: () => queues.forEach((queue) => queue.stop()),
  };
}

function asReceived({ message, receiptHandle }: Delivery, input: schemas.ReceiveMessageRequest) {
  const { MessageSystemAttributeNames = [], AttributeNames = [], MessageAttributeNames = [] } = input;
  const wanted = [...MessageSystemAttributeNames, ...AttributeNames] as string[];
  const system = Object.entries(systemAttributes(message)).filter(
    ([name, value]) => value !== undefined && wanted.some((one) => [name, 'All'].includes(one)),
  );
  const own = Object.entries(message.attributes ?? {}).filter(([name]) =>
    MessageAttributeNames.some((one) => ['All', '.*', name].includes(one) || matchesPrefix(one, name)),
  );
  const MessageAttributes = own.length > 0 ? Object.fromEntries(own) : undefined;
  return {
    MessageId: message.id,
    ReceiptHandle: receiptHandle,
    Body: message.body,
    MD5OfBody: md5(message.body),
    Attributes: system.length > 0 ? Object.fromEntries(system) : undefined,
    MessageAttributes,
    MD5OfMessageAttributes: md5OfAttributes(MessageAttributes),
  };
}

function matchesPrefix(pattern: string, name: string): boolean {
  return pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -1));
}

/** As the records of a Lambda function have them, too. */
function systemAttributes(message: Message): Record<string, string | undefined> {
  return {
    SenderId: message.senderId,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    AWSTraceHeader: message.traceHeader,
    DeadLetterQueueSourceArn: message.deadLetterSource,
  };
}

function changeVisibility(
  queue: Queue,
  { ReceiptHandle, VisibilityTimeout }: { ReceiptHandle?: string; VisibilityTimeout?: number },
): object {
  checkRange('VisibilityTimeout', VisibilityTimeout ?? 0, 0, 43_200);
  return withHandle(() => {
    const message = queue.inFlight(ReceiptHandle!);
    if (!message || message.visibleAt <= Date.now()) {
      throw new ServiceError('MessageNotInflight', 'The specified message is not in flight.');
    }
    queue.changeVisibility(message, VisibilityTimeout!);
  });
}

function withHandle(work: () => void): object {
  try {
    work();
    return {};
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    throw new ServiceError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.', 404);
  }
}

function attributesOf(queue: Queue): Attributes {
  const { settings } = queue;
  const { visible, inFlight, delayed } = queue.counts();
  return {
    QueueArn: settings.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    VisibilityTimeout: String(settings.visibilityTimeout),
    DelaySeconds: String(settings.delay),
    MessageRetentionPeriod: String(settings.retention),
    ReceiveMessageWaitTimeSeconds: String(settings.receiveWait),
    MaximumMessageSize: String(settings.maximumSize),
    ...(settings.redrive && { RedrivePolicy: JSON.stringify(settings.redrive) }),
    ...(queue.policy !== undefined && { Policy: JSON.stringify(queue.policy) }),
  };
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html#API_SendMessageBatch_Errors */
function checkBatch(ids: readonly string[]): void {
  if (ids.length === 0)
    throw new ServiceError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  if (ids.length > MAX_BATCH) {
    throw new ServiceError('TooManyEntriesInBatchRequest', `Maximum number of entries per request are ${MAX_BATCH}.`);
  }
  if (new Set(ids).size < ids.length) throw new ServiceError('BatchEntryIdsNotDistinct', 'Ids are given twice.');
  const invalid = ids.find((id) => !/^[\w-]{1,80}$/.test(id));
  if (invalid !== undefined) throw new ServiceError('InvalidBatchEntryId', `'${invalid}' is no id of an entry.`);
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
function checkContent(queue: Queue, body: string, attributes: Readonly<Record<string, MessageAttribute>> = {}): void {
  const { maximumSize } = queue.settings;
  if (body === '') throw new ServiceError('MissingParameter', 'The request must contain the parameter MessageBody.');
  // oxlint-disable-next-line no-control-regex -- they are what isn't allowed
  if (/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/.test(body)) {
    throw new ServiceError('InvalidMessageContents', 'Invalid characters are in the message body.');
  }
  if (Object.keys(attributes).length > MAX_ATTRIBUTES) {
    throw new ServiceError(
      'InvalidParameterValue',
      `Number of message attributes exceeds the allowed maximum ${MAX_ATTRIBUTES}.`,
    );
  }
  if (sizeOf(body, attributes) > maximumSize) {
    const reason = `Message must be shorter than ${maximumSize} bytes.`;
    throw new ServiceError('InvalidParameterValue', `One or more parameters are invalid. Reason: ${reason}`);
  }
}

function sizeOf(body: string, attributes: Readonly<Record<string, MessageAttribute>> = {}): number {
  const parts = Object.entries(attributes).flatMap(([name, { DataType = '', StringValue, BinaryValue }]) => [
    name,
    DataType,
    StringValue ?? BinaryValue ?? '',
  ]);
  return [body, ...parts].reduce((sum, part) => sum + Buffer.byteLength(part), 0);
}

function checkRange(name: string, value: number, min: number, max: number): void {
  if (value >= min && value <= max) return;
  const reason = `Must be >= ${min} and <= ${max}, if provided.`;
  throw new ServiceError('InvalidParameterValue', `Value ${value} for parameter ${name} is invalid. Reason: ${reason}`);
}
