import { randomUUID } from 'node:crypto';
import type { MessageAttribute } from './sqs-checksums';

export interface QueueSettings {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  /** All times are in seconds. */
  readonly visibilityTimeout: number;
  readonly delay: number;
  readonly retention: number;
  readonly receiveWait: number;
  /** In bytes. */
  readonly maximumSize: number;
  readonly redrive?: { readonly deadLetterTargetArn: string; readonly maxReceiveCount: number };
}

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes?: Readonly<Record<string, MessageAttribute>>;
  readonly senderId: string;
  readonly traceHeader?: string;
  readonly sentAt: number;
  /** Whether it has waited out its delay. */
  isDelayed: boolean;
  visibleAt: number;
  /** Over all queues. */
  receiveCount: number;
  /** In this one. */
  receivesHere: number;
  firstReceivedAt?: number;
  deadLetterSource?: string;
}

export interface Delivery {
  readonly message: Message;
  readonly receiptHandle: string;
}

interface Waiter {
  readonly max: number;
  readonly visibilityTimeout: number;
  readonly give: (deliveries: Delivery[]) => void;
}

const SECONDS = 1000;

/**
 * Messages, and when who may have them. Nobody asks again and again: whoever waits is woken by what comes, or by the next
 * message that becomes visible.
 *
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
 */
export class Queue {
  policy?: unknown;
  private readonly messages = new Map<string, Message>();
  private readonly waiters = new Set<Waiter>();
  private alarm?: NodeJS.Timeout;

  constructor(
    readonly settings: QueueSettings,
    private readonly find: (arn: string) => Queue | undefined,
  ) {}

  send(message: Pick<Message, 'body' | 'attributes' | 'senderId' | 'traceHeader'>, delay?: number): Message {
    const now = Date.now();
    const wait = delay ?? this.settings.delay;
    const sent = { ...message, id: randomUUID(), sentAt: now, receiveCount: 0, receivesHere: 0 };
    const all = { ...sent, isDelayed: wait > 0, visibleAt: now + SECONDS * wait };
    this.messages.set(all.id, all);
    this.serve();
    return all;
  }

  /** Resolves to nothing when the wait is over. */
  receive(
    max: number,
    wait = this.settings.receiveWait,
    visibilityTimeout = this.settings.visibilityTimeout,
    onGone: (end: () => void) => void = () => undefined,
  ): Promise<Delivery[]> {
    const found = this.take(max, visibilityTimeout);
    if (found.length > 0 || wait === 0) return Promise.resolve(found);
    return new Promise((resolve) => {
      const end = (deliveries: Delivery[]) => {
        clearTimeout(timer);
        this.waiters.delete(waiter);
        resolve(deliveries);
      };
      const timer = setTimeout(() => end([]), SECONDS * wait);
      const waiter = { max, visibilityTimeout, give: end };
      this.waiters.add(waiter);
      onGone(() => end([]));
      this.serve();
    });
  }

  /** The message is in flight by this receipt; undefined if it is gone or has been received again. */
  inFlight(receiptHandle: string): Message | undefined {
    const { id, receive } = parseHandle(receiptHandle);
    const message = this.messages.get(id);
    return message?.receivesHere === receive ? message : undefined;
  }

  delete(receiptHandle: string): void {
    const message = this.inFlight(receiptHandle);
    if (message) this.messages.delete(message.id);
  }

  changeVisibility(message: Message, seconds: number): void {
    message.visibleAt = Date.now() + SECONDS * seconds;
    this.serve();
  }

  counts(): { visible: number; inFlight: number; delayed: number } {
    this.expire();
    const now = Date.now();
    const hidden = [...this.messages.values()].filter(({ visibleAt }) => visibleAt > now);
    const delayed = hidden.filter(({ isDelayed }) => isDelayed).length;
    return { visible: this.messages.size - hidden.length, inFlight: hidden.length - delayed, delayed };
  }

  /** What is in it, received or not. */
  contents(): readonly Message[] {
    return [...this.messages.values()];
  }

  stop(): void {
    clearTimeout(this.alarm);
    for (const { give } of [...this.waiters]) give([]);
  }

  private serve(): void {
    clearTimeout(this.alarm);
    for (const { max, visibilityTimeout, give } of [...this.waiters]) {
      const found = this.take(max, visibilityTimeout);
      if (found.length > 0) give(found);
    }
    if (this.waiters.size === 0) return;
    const next = Math.min(...[...this.messages.values()].map(({ visibleAt }) => visibleAt));
    // A timer may be early by a millisecond.
    if (next < Infinity) this.alarm = setTimeout(() => this.serve(), Math.max(1, next - Date.now() + 1));
  }

  private take(max: number, visibilityTimeout: number): Delivery[] {
    this.expire();
    const now = Date.now();
    const deliveries: Delivery[] = [];
    for (const message of this.messages.values()) {
      if (deliveries.length === max) break;
      if (message.visibleAt > now || this.moveToDeadLetters(message)) continue;
      message.isDelayed = false;
      message.receiveCount++;
      message.receivesHere++;
      message.firstReceivedAt ??= now;
      message.visibleAt = now + SECONDS * visibilityTimeout;
      deliveries.push({ message, receiptHandle: handleOf(message) });
    }
    return deliveries;
  }

  /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html */
  private moveToDeadLetters(message: Message): boolean {
    const { redrive, arn } = this.settings;
    if (!redrive || message.receivesHere < redrive.maxReceiveCount) return false;
    const target = this.find(redrive.deadLetterTargetArn);
    if (!target) return false;
    this.messages.delete(message.id);
    target.messages.set(message.id, { ...message, visibleAt: 0, receivesHere: 0, deadLetterSource: arn });
    target.serve();
    return true;
  }

  private expire(): void {
    const oldest = Date.now() - SECONDS * this.settings.retention;
    for (const { id, sentAt } of this.messages.values()) if (sentAt <= oldest) this.messages.delete(id);
  }
}

function handleOf({ id, receivesHere }: Message): string {
  return Buffer.from(`${id} ${receivesHere}`).toString('base64');
}

/** @throws Error if it is none */
function parseHandle(receiptHandle: string): { id: string; receive: number } {
  const [, id, receive] = /^([0-9a-f-]{36}) (\d+)$/.exec(Buffer.from(receiptHandle, 'base64').toString()) ?? [];
  if (!id) throw new Error('It is no receipt handle.');
  return { id, receive: Number(receive) };
}
