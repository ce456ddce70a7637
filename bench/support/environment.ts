import { ChangeMessageVisibilityCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { MediaConfiguration } from '../../lambda/common/fleet-media';
import { queueWorker, type Worker } from '../../lambda/common/queue-worker';
import { handle } from '../../lambda/media-provisioner/handler';
import { sqsEvent } from '../../test/events/sqs';
import { CONTEXT } from '../../test/support/handler-output';
import { makeClients, type Mechanism, type Request } from './clients';
import { errorOf, type Cloud, type Service } from './cloud';
import type { Message, Queue } from './queue';
import type { Random } from './random';
import type { VirtualTime } from './virtual-time';

/** The mean time from a call to its answer, in milliseconds: guesses. */
const LATENCY: Record<Service, number> = { kinesisvideo: 60, iot: 25, dynamodb: 6 };
/** After how long an unanswered call is given up, in milliseconds. */
const CALL_TIMEOUT = 3_000;
/** How long Lambda takes to start a function anew, in milliseconds. */
const COLD_START = 600;
/** Of ten devices, in round figures. A crash comes after any of them. */
const CALLS_OF_A_BATCH = 100;

export interface FunctionSettings {
  readonly mechanism: Mechanism;
  readonly configuration: MediaConfiguration;
  /** In milliseconds. */
  readonly timeout: number;
}

/** One execution environment of the function: its clients, with all that they remember, until it crashes. */
export class Environment {
  private readonly worker: Worker;
  private isCold = true;
  private isDead = false;
  private callsToCrash = Infinity;
  private die: () => void = () => undefined;

  constructor(
    private readonly time: VirtualTime,
    private readonly random: Random,
    private readonly cloud: Cloud,
    private readonly queue: Queue,
    private readonly settings: FunctionSettings,
  ) {
    const { mechanism, configuration } = settings;
    const sleep = (milliseconds: number) => time.sleep(milliseconds);
    const ports = { ...makeClients(mechanism, this.request, sleep), configuration };
    this.worker = queueWorker((body) => handle(body, ports), {
      sqs: { send: (command: unknown) => this.callQueue(command) } as SQSClient,
      queueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/work',
      deadLetterQueueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/dead-letters',
    });
  }

  /** Those of the messages that are done, or nothing if the environment crashed or ran out of time: it is of no use then. */
  async invoke(batch: Message[]): Promise<Message[] | undefined> {
    if (this.isCold) await this.time.sleep(COLD_START);
    this.isCold = false;
    const doesCrash = this.random.chance(this.cloud.settings.faultRate);
    this.callsToCrash = doesCrash ? Math.ceil(this.random.between(0, CALLS_OF_A_BATCH)) : Infinity;
    const death = new Promise<undefined>((resolve) => {
      this.die = () => {
        this.isDead = true;
        resolve(undefined);
      };
    });
    const event = sqsEvent(...batch.map(({ body }) => body));
    event.Records.forEach((record, index) => {
      record.receiptHandle = batch[index].id;
      record.attributes.ApproximateReceiveCount = String(batch[index].receiveCount);
    });
    const timeout = this.time.after(this.settings.timeout, () => this.die());
    const result = await Promise.race([this.worker(event, CONTEXT), death]);
    timeout.callback = undefined;
    if (!result) return undefined;
    const failed = new Set(result.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    return batch.filter((_message, index) => !failed.has(event.Records[index].messageId));
  }

  /** A call on its way to a service and back. */
  private readonly request: Request = async (service, operation, input) => {
    if (this.isDead) return never();
    const fault = this.cloud.fault();
    await this.travel(service);
    let answer: () => object;
    if (fault === 'throttled' || fault === 'broken') {
      answer = () => raise(errorOf(fault, service));
    } else {
      answer = this.perform(service, operation, input);
    }
    if (--this.callsToCrash <= 0) this.die();
    if (fault === 'unanswered') await this.time.sleep(CALL_TIMEOUT);
    await this.travel(service);
    if (this.isDead) return never();
    return fault === 'unanswered' ? raise(errorOf(fault, service)) : answer();
  };

  private async callQueue(command: unknown): Promise<object> {
    // Nothing here is unusable.
    if (!(command instanceof ChangeMessageVisibilityCommand)) throw new Error('Only the next try can be set.');
    const { ReceiptHandle, VisibilityTimeout } = command.input;
    this.queue.hide(ReceiptHandle!, 1000 * VisibilityTimeout!);
    return {};
  }

  private perform(...call: Parameters<Request>): () => object {
    try {
      const output = this.cloud.perform(...call);
      return () => output;
    } catch (error) {
      return () => raise(error);
    }
  }

  private travel(service: Service): Promise<void> {
    return this.time.sleep(this.random.latency(LATENCY[service]) / 2);
  }
}

function raise(error: unknown): never {
  throw error;
}

/** What has crashed goes on with nothing. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}
