import { randomUUID } from 'node:crypto';
import * as schemas from '@aws-sdk/client-lambda';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { checkAccess } from './access';
import bounds from './bounds/lambda.json';
import { FunctionWorker, type Outcome } from './function-worker';
import { UnderWay } from './http';
import type { Principal, Principals } from './principals';
import { modelled, ServiceError } from './service';

export interface FunctionSettings {
  readonly name: string;
  readonly role: string;
  /** Where its code is. */
  readonly directory: string;
  readonly handler: string;
  readonly runtime: string;
  /** In seconds. */
  readonly timeout: number;
  /** In MiB. */
  readonly memorySize: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly logGroup?: string;
  /** A queue for events that could not be handled. */
  readonly deadLetterArn?: string;
}

export interface FunctionsProps {
  readonly account: string;
  readonly region: string;
  readonly principals: Principals;
  /** Where all services are. By an address, so that clients of S3 have buckets in the path. */
  readonly url: () => string;
  /** When an event that failed is handled again, in seconds. @default - after one and two minutes, as AWS does */
  readonly retryAfter?: readonly number[];
  /**
   * Is asked before each invocation whether it is to die half-way, as when a machine fails: after how many answers of
   * services. The next one comes to nobody, though what was asked for has been done. @default - none dies
   */
  readonly kill?: (functionName: string, event: unknown) => number | undefined;
  /** Where pages of the internet are instead, by how their addresses begin. */
  readonly pages?: Readonly<Record<string, string>>;
  /** Is told of each line that a function writes. */
  readonly onLine?: (functionName: string, line: string) => void;
}

interface Pending {
  readonly event: string;
  readonly requestId: string;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

interface Deployed {
  readonly settings: FunctionSettings;
  readonly arn: string;
  /** Services of AWS that may invoke it. */
  readonly permitted: Set<string>;
  readonly lines: string[];
  readonly idle: { worker: FunctionWorker; timer: NodeJS.Timeout }[];
  readonly pending: Pending[];
  busy: number;
}

/** As it is read. */
type Invocation = Omit<schemas.InvocationRequest, 'Payload'> & { readonly Payload?: Uint8Array };

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_BYTES = { RequestResponse: 6_291_556, Event: 1_048_576, DryRun: 6_291_556 };
const KEPT_LINES = 500;
/** How many invocations of one function run at once. Others wait. */
const MAX_WORKERS = 2;
/** How long a thread that does nothing is kept. */
const IDLE_MILLISECONDS = 60_000;

/**
 * Functions, each in threads of its own with nothing but the environment that Lambda would give it.
 *
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function functions(props: FunctionsProps) {
  const { account, region, principals, url, retryAfter = [60, 120] } = props;
  const deployed = new Map<string, Deployed>();
  const running = new Set<FunctionWorker>();
  const timers = new Set<NodeJS.Timeout>();
  const underWay = new UnderWay();
  let isStopped = false;

  const find = (nameOrArn: string): Deployed => {
    const name = nameOrArn.replace(/^arn:aws:lambda:[^:]+:[^:]+:function:/, '').split(':')[0];
    const found = deployed.get(name);
    if (found) return found;
    throw new ServiceError('ResourceNotFoundException', `Function not found: ${nameOrArn}`, 404, { Type: 'User' });
  };

  const create = (settings: FunctionSettings): string => {
    const arn = `arn:aws:lambda:${region}:${account}:function:${settings.name}`;
    const lists = { lines: [], idle: [], pending: [] };
    deployed.set(settings.name, { settings, arn, permitted: new Set(), busy: 0, ...lists });
    return arn;
  };

  const start = ({ settings, arn, lines }: Deployed): FunctionWorker => {
    const environment = environmentOf(settings, region, url());
    const credentials = principals.issue(settings.role, { sessionName: settings.name, seconds: 43_200 });
    const worker = new FunctionWorker({
      ...settings,
      arn,
      pages: props.pages,
      environment: {
        ...environment,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_SESSION_TOKEN: credentials.sessionToken,
      },
      onLine: (line) => {
        if (lines.push(line) > KEPT_LINES) lines.shift();
        props.onLine?.(settings.name, line);
      },
    });
    running.add(worker);
    return worker;
  };

  const end = async (worker: FunctionWorker) => {
    running.delete(worker);
    await worker.stop();
  };

  const run = async (target: Deployed, { event, requestId }: Pending): Promise<Outcome> => {
    const rested = target.idle.pop();
    clearTimeout(rested?.timer);
    const worker = rested?.worker.isUsable ? rested.worker : start(target);
    const outcome = await worker.invoke(event, requestId, props.kill?.(target.settings.name, JSON.parse(event)));
    if (outcome.isFatal || isStopped) await end(worker);
    else rest(target, worker);
    return outcome;
  };

  const rest = ({ idle }: Deployed, worker: FunctionWorker): void => {
    const leave = () => {
      idle.splice(idle.indexOf(resting), 1);
      underWay.add(end(worker));
    };
    const resting = { worker, timer: setTimeout(leave, IDLE_MILLISECONDS) };
    idle.push(resting);
  };

  const work = async (target: Deployed, pending: Pending): Promise<void> => {
    target.busy++;
    await run(target, pending).then(pending.resolve, pending.reject);
    target.busy--;
    next(target);
  };

  const next = (target: Deployed): void => {
    if (target.busy >= MAX_WORKERS || isStopped) return;
    const pending = target.pending.shift();
    if (pending) underWay.add(work(target, pending));
  };

  /** Waits for a thread to be free. */
  const invoke = (target: Deployed, event: string, requestId: string): Promise<Outcome> =>
    new Promise((resolve, reject) => {
      target.pending.push({ event, requestId, resolve, reject });
      next(target);
    });

  const pause = (seconds: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        resolve();
      }, 1000 * seconds);
      timers.add(timer);
    });

  /** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
  const invokeLater = async (target: Deployed, event: string, requestId: string): Promise<void> => {
    for (let tries = 0; ; tries++) {
      const outcome = await invoke(target, event, requestId);
      if (!outcome.isError) return;
      if (tries === retryAfter.length) return giveUp(target, event, requestId, outcome);
      await pause(retryAfter[tries]);
    }
  };

  const giveUp = async ({ settings }: Deployed, event: string, requestId: string, { payload }: Outcome) => {
    if (!settings.deadLetterArn) return;
    const credentials = principals.issue(settings.role, { sessionName: settings.name });
    const client = new SQSClient({ region, endpoint: url(), credentials });
    const text = (StringValue: string) => ({ DataType: 'String', StringValue });
    const attributes = { RequestID: text(requestId), ErrorMessage: text(JSON.parse(payload).errorMessage) };
    const QueueUrl = `${url()}/${account}/${settings.deadLetterArn.split(':').at(-1)}`;
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: event, MessageAttributes: attributes }));
    client.destroy();
  };

  const onInvoke = async (input: Invocation, principal: Principal): Promise<object> => {
    const { FunctionName = '', InvocationType = 'RequestResponse', Payload } = input;
    const target = find(FunctionName);
    checkPermission(target, principal);
    const event = Buffer.from(Payload?.length ? Payload : '{}').toString();
    checkEvent(event, MAX_BYTES[InvocationType]);
    if (!target.settings.runtime.startsWith('nodejs')) {
      throw new ServiceError('NotImplemented', `${target.settings.runtime} is not stood in for.`, 501);
    }
    if (InvocationType === 'DryRun') return { StatusCode: 204 };
    const requestId = randomUUID();
    if (InvocationType === 'Event') {
      // Whoever stops doesn't wait for retries.
      void invokeLater(target, event, requestId).catch((error: unknown) => console.error(error));
      return { StatusCode: 202 };
    }
    const { payload, isError } = await invoke(target, event, requestId);
    const answer = { StatusCode: 200, ExecutedVersion: '$LATEST' };
    if (Buffer.byteLength(payload) > MAX_BYTES.RequestResponse) {
      const errorMessage = `Response payload size exceeded maximum allowed payload size (${MAX_BYTES.RequestResponse} bytes).`;
      const told = JSON.stringify({ errorType: 'Function.ResponseSizeTooLarge', errorMessage });
      return { ...answer, FunctionError: 'Unhandled', Payload: Buffer.from(told) };
    }
    return { ...answer, ...(isError && { FunctionError: 'Unhandled' }), Payload: Buffer.from(payload) };
  };

  const service = modelled({
    name: 'lambda',
    protocol: 'rest-json',
    schemas: [schemas],
    bounds,
    invalid: 'InvalidParameterValueException',
    operations: { Invoke: (input: Invocation, { principal }) => onInvoke(input, principal) },
  });

  return {
    service,
    create,
    /** Lets a service of AWS invoke it. */
    permit: (nameOrArn: string, principal: string) => void find(nameOrArn).permitted.add(principal),
    /** The last lines that a function wrote. */
    logsOf: (nameOrArn: string): readonly string[] => find(nameOrArn).lines,
    settingsOf: (nameOrArn: string): FunctionSettings => find(nameOrArn).settings,
    stop: async () => {
      isStopped = true;
      for (const timer of timers) clearTimeout(timer);
      for (const { idle } of deployed.values()) for (const { timer } of idle) clearTimeout(timer);
      await Promise.all([...running].map(end));
      await underWay.end();
    },
  };
}

function checkPermission({ permitted, arn }: Deployed, principal: Principal): void {
  if (principal.roleArn) return checkAccess(principal, 'lambda:InvokeFunction', { arn });
  // Lambda itself brings what comes through mappings, which whoever has made them had to have permission for.
  if (permitted.has(principal.arn) || principal.arn === 'lambda.amazonaws.com') return;
  const told = `User: ${principal.arn} is not authorized to perform: lambda:InvokeFunction on resource: ${arn}`;
  throw new ServiceError('AccessDeniedException', told, 403);
}

function checkEvent(event: string, maxBytes: number): void {
  const size = Buffer.byteLength(event);
  if (size > maxBytes) {
    const told = `Request must be smaller than ${maxBytes} bytes for the InvokeFunction operation`;
    throw new ServiceError('RequestTooLargeException', told, 413, { Type: 'User' });
  }
  try {
    JSON.parse(event);
  } catch (error) {
    const told = `Could not parse request body into json: ${(error as Error).message}`;
    throw new ServiceError('InvalidRequestContentException', told, 400, { Type: 'User' });
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
function environmentOf(settings: FunctionSettings, region: string, url: string): Record<string, string> {
  const { name, handler, runtime, memorySize, logGroup = `/aws/lambda/${name}`, environment } = settings;
  return {
    ...environment,
    _HANDLER: handler,
    AWS_DEFAULT_REGION: region,
    AWS_REGION: region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}`,
    AWS_ENDPOINT_URL: url,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memorySize),
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomUUID()}`,
    LAMBDA_TASK_ROOT: settings.directory,
    LANG: 'en_US.UTF-8',
    // A profile of whoever owns the machine is nothing that a function would find.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    // Of the Node.js of this machine, which isn't the function's.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}
