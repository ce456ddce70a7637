import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { checkBounds, type Bounds } from './bounds';
import { operationsOf, type Operation } from './operations';
import type { Principal } from './principals';
import { protocols, type Protocol } from './protocols';

/** What a service refuses with. */
export class ServiceError extends Error {
  constructor(
    name: string,
    message: string,
    readonly status = 400,
    /** Further members of the error. */
    readonly more: object = {},
  ) {
    super(message);
    this.name = name;
  }
}

export interface Call {
  readonly principal: Principal;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** A service behind the gateway. */
export interface Service {
  /** As requests are signed for it: `kinesisvideo`, `iotdata`. */
  readonly name: string;
  /** Paths that need no signature, by how they begin. */
  readonly unsigned?: readonly string[];
  /** What a request asks for. */
  operationOf(request: IncomingMessage): string;
  handle(call: Call): Promise<void>;
  /** Answers with an error, in the form that the service has for it. */
  refuse(call: Call, error: ServiceError): void;
}

/** What a service does, by the name of the operation. */
export type Operations = Readonly<Record<string, (input: never, call: Call) => unknown>>;

export interface ModelledProps {
  readonly name: string;
  readonly protocol: keyof typeof protocols;
  /** Clients of the SDK, whose schemas say what there is in requests and answers. */
  readonly schemas: readonly object[];
  // Each operation has its own input, which the schemas know and types don't.
  readonly operations: Operations;
  /** Requests that no client of the SDK makes, by path. */
  readonly raw?: Readonly<Record<string, (call: Call) => Promise<void>>>;
  /** Paths that need no signature, by how they begin. */
  readonly unsigned?: readonly string[];
  /** What the service's own model says of lengths, ranges and forms. */
  readonly bounds?: Bounds;
  /** The error for what is out of bounds. @default 'ValidationException' */
  readonly invalid?: string;
}

/** A service whose requests are read, checked and answered as its model says. What isn't stood in for is refused by its name. */
export function modelled(props: ModelledProps): Service {
  const { operations, raw = {}, bounds = {}, invalid = 'ValidationException' } = props;
  const protocol: Protocol = protocols[props.protocol];
  const known = operationsOf(props.schemas);
  const find = (request: IncomingMessage): Operation | undefined => protocol.find(known, request);

  return {
    name: props.name,
    unsigned: props.unsigned,
    operationOf: (request) => find(request)?.name ?? new URL(request.url!, 'http://localhost').pathname.slice(1),
    refuse: ({ response }, error) => protocol.refuse(response, error, find(response.req)),
    handle: async (call) => {
      const { request, response } = call;
      const direct = raw[new URL(request.url!, 'http://localhost').pathname];
      if (direct) return direct(call);
      const operation = find(request);
      const work = operation && operations[operation.name];
      if (!work) {
        const what = operation?.name ?? `${request.method} ${request.url}`;
        throw new ServiceError('NotImplemented', `${props.name} has no ${what} here.`, 501);
      }
      const input = await protocol.read(operation, request, await bodyOf(request));
      const problem = checkBounds(operation.input, input, bounds);
      if (problem) throw new ServiceError(invalid, problem);
      protocol.answer(response, operation, ((await work(input as never, call)) as object | undefined) ?? {});
    },
  };
}

const bodies = new WeakMap<IncomingMessage, Promise<Buffer>>();

/** The body of a request, for whoever asks: it can be read once only. */
export function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const body = bodies.get(request) ?? buffer(request);
  bodies.set(request, body);
  return body;
}

/** The same operations, after a check of each. */
export function checked<Input>(
  operations: Operations,
  check: (operation: string, input: Input, call: Call) => void,
): Operations {
  return Object.fromEntries(
    Object.entries(operations).map(([name, work]) => [
      name,
      (input: Input, call: Call) => {
        check(name, input, call);
        return work(input as never, call);
      },
    ]),
  );
}
