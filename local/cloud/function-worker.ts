import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';

/** What an invocation ends in. */
export interface Outcome {
  /** JSON. */
  readonly payload: string;
  readonly isError?: boolean;
  /** The thread is of no use any more. */
  readonly isFatal?: boolean;
}

export interface FunctionWorkerProps {
  readonly name: string;
  readonly arn: string;
  /** Where its code is. */
  readonly directory: string;
  /** As in `index.handler`. */
  readonly handler: string;
  /** In seconds. */
  readonly timeout: number;
  /** In MiB. */
  readonly memorySize: number;
  /** All that there is. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where pages of the internet are instead, by how their addresses begin. */
  readonly pages?: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
}

/** A thread that a function runs in, one invocation at a time. It starts with the first. */
export class FunctionWorker {
  private readonly worker: Worker;
  private readonly ended: Promise<unknown>;
  private isEnded = false;

  constructor(private readonly props: FunctionWorkerProps) {
    const { directory, handler, environment, pages = {}, onLine } = props;
    this.worker = new Worker(join(__dirname, 'function-runtime.js'), {
      workerData: { directory, handler, pages },
      env: environment,
      // Whatever this process was started with is none of the function's.
      execArgv: [],
      stdout: true,
      stderr: true,
    });
    for (const output of [this.worker.stdout, this.worker.stderr]) readLines(output, onLine);
    this.worker.on('error', (error) => onLine(String((error as Error).stack ?? error).slice(-2000)));
    this.ended = once(this.worker, 'exit').catch(() => undefined);
    void this.ended.then(() => (this.isEnded = true));
  }

  /** @param answers how many answers of services it gets to see before it dies. Undefined if it lives */
  async invoke(event: string, requestId: string, answers?: number): Promise<Outcome> {
    const { timeout } = this.props;
    let timer: NodeJS.Timeout | undefined;
    const answered = once(this.worker, 'message').then(([outcome]) => outcome as Outcome);
    // It's the exit that is told of.
    answered.catch(() => undefined);
    const timedOut = new Promise<Outcome>((resolve) => {
      timer = setTimeout(() => {
        const told = `RequestId: ${requestId} Error: Task timed out after ${timeout.toFixed(2)} seconds`;
        resolve(fatal('Sandbox.Timedout', told));
      }, 1000 * timeout);
    });
    const exited = this.ended.then(() =>
      fatal('Runtime.ExitError', `RequestId: ${requestId} Error: Runtime exited with error: exit status 1`),
    );
    this.worker.postMessage({ event, answers, context: this.contextOf(requestId) });
    try {
      const outcome = await Promise.race([answered.catch(() => exited), timedOut, exited]);
      if (outcome.isFatal) await this.stop();
      return outcome;
    } finally {
      clearTimeout(timer);
    }
  }

  get isUsable(): boolean {
    return !this.isEnded;
  }

  async stop(): Promise<void> {
    await this.worker.terminate();
  }

  /** https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
  private contextOf(requestId: string): object {
    const { name, arn, memorySize, timeout, environment } = this.props;
    return {
      functionName: name,
      functionVersion: '$LATEST',
      invokedFunctionArn: arn,
      memoryLimitInMB: String(memorySize),
      awsRequestId: requestId,
      logGroupName: environment.AWS_LAMBDA_LOG_GROUP_NAME,
      logStreamName: environment.AWS_LAMBDA_LOG_STREAM_NAME,
      deadline: Date.now() + 1000 * timeout,
      traceId: `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${randomUUID().replaceAll('-', '').slice(8)}`,
    };
  }
}

function fatal(errorType: string, errorMessage: string): Outcome {
  return { payload: JSON.stringify({ errorType, errorMessage }), isError: true, isFatal: true };
}

function readLines(output: Readable, onLine: (line: string) => void): void {
  createInterface({ input: output }).on('line', onLine);
}
