import { setTimeout as sleep } from 'node:timers/promises';
import { logger } from '../lambda/common/observability';
import { UnusableMessage, type Delivery } from '../lambda/common/queue-worker';

/** More than this, and the model is too slow for the cameras: the oldest frames go. */
const LONGEST = 1000;
/** As a queue of SQS has it. */
const MAX_TRIES = 5;

/** Does one after another what a queue and its function do in the cloud. */
export class FrameQueue {
  private readonly waiting: { readonly body: string; readonly sentAt: number }[] = [];
  private working: Promise<void> = Promise.resolve();
  private isWorking = false;

  constructor(
    private readonly work: (body: string, delivery: Delivery) => Promise<void>,
    private readonly pause: (tries: number) => number = (tries) => 1000 * 3 ** (tries - 1),
  ) {}

  add(notification: object): void {
    this.waiting.push({ body: JSON.stringify(notification), sentAt: Date.now() });
    if (this.waiting.length > LONGEST) {
      const [dropped] = this.waiting.splice(0, 1);
      logger.warn('A frame is dropped: the model is too slow', { body: dropped.body });
    }
    if (!this.isWorking) this.working = this.workOff();
  }

  /** When all that was added is done. */
  async idle(): Promise<void> {
    await this.working;
  }

  private async workOff(): Promise<void> {
    this.isWorking = true;
    for (let next = this.waiting.shift(); next; next = this.waiting.shift()) await this.attempt(next);
    this.isWorking = false;
  }

  private async attempt({ body, sentAt }: { readonly body: string; readonly sentAt: number }): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.work(body, { sentAt, tries });
      } catch (error) {
        const isLast = error instanceof UnusableMessage || tries === MAX_TRIES;
        logger.error(isLast ? 'The frame is given up' : 'The frame is tried again', { body, error: error as Error });
        if (isLast) return;
        await sleep(this.pause(tries));
      }
    }
  }
}
