import type { Random } from './random';
import type { Timer, VirtualTime } from './virtual-time';

export interface Message {
  readonly id: string;
  readonly body: string;
  receiveCount: number;
  deleted: boolean;
  /** What makes it visible again. */
  timer?: Timer;
}

/** As `WorkQueue` makes it. */
export interface QueueSettings {
  readonly visibilityTimeout: number;
  readonly maxReceiveCount: number;
}

/**
 * A standard queue of SQS with a dead-letter queue.
 *
 * At the rate of faults, a message is delivered a second time, or up to five minutes late and so after later ones.
 */
export class Queue {
  readonly deadLetters: Message[] = [];
  private visible: Message[] = [];
  private first = 0;
  private pending = 0;
  private sent = 0;
  private readonly taken = new Map<string, Message>();
  private pollers: (() => void)[] = [];

  constructor(
    private readonly time: VirtualTime,
    private readonly random: Random,
    private readonly settings: QueueSettings,
    private readonly faultRate: number,
  ) {}

  send(body: string): void {
    const isLate = this.random.chance(this.faultRate);
    this.deliver(body, isLate ? this.random.between(0, 300_000) : 0);
    if (this.random.chance(this.faultRate)) this.deliver(body, this.random.between(0, 60_000));
  }

  /**
   * Waits for messages, and gives as many of them as wanted. They are visible again after a time, unless they are
   * deleted. Gives none when there will never be any.
   */
  async receive(count: number): Promise<Message[]> {
    while (this.pending > 0) {
      const batch = this.take(count);
      if (batch.length > 0) {
        for (const message of batch) {
          this.taken.set(message.id, message);
          this.hide(message.id, this.settings.visibilityTimeout);
        }
        return batch;
      }
      if (this.pending > 0) await new Promise<void>((resolve) => this.pollers.push(resolve));
    }
    return [];
  }

  /** Makes a message that was received visible again after that many milliseconds, and not before. */
  hide(id: string, milliseconds: number): void {
    const message = this.taken.get(id);
    if (!message) return;
    if (message.timer) message.timer.callback = undefined;
    message.timer = this.time.after(milliseconds, () => {
      this.taken.delete(id);
      this.show([message]);
    });
  }

  delete(message: Message): void {
    if (message.deleted) return;
    message.deleted = true;
    this.taken.delete(message.id);
    this.end();
  }

  /** Sends what is in the dead-letter queue once more, as an operator would. */
  redrive(): void {
    for (const { body } of this.deadLetters.splice(0)) this.deliver(body, 0);
  }

  private deliver(body: string, delay: number): void {
    const message = { id: `m${++this.sent}`, body, receiveCount: 0, deleted: false };
    this.pending++;
    if (delay === 0) this.show([message]);
    else this.time.after(delay, () => this.show([message]));
  }

  private take(count: number): Message[] {
    const batch: Message[] = [];
    while (batch.length < count && this.first < this.visible.length) {
      const message = this.visible[this.first++];
      if (message.deleted) continue;
      if (message.receiveCount === this.settings.maxReceiveCount) {
        this.deadLetters.push(message);
        this.end();
        continue;
      }
      message.receiveCount++;
      batch.push(message);
    }
    if (this.first === this.visible.length || this.first > 10_000) {
      this.visible = this.visible.slice(this.first);
      this.first = 0;
    }
    return batch;
  }

  private show(messages: Message[]): void {
    const undeleted = messages.filter(({ deleted }) => !deleted);
    if (undeleted.length === 0) return;
    this.visible.push(...undeleted);
    this.wake();
  }

  /** One less is to be worked off. */
  private end(): void {
    if (--this.pending === 0) this.wake();
  }

  private wake(): void {
    for (const poll of this.pollers.splice(0)) poll();
  }
}
