import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NormalizedSchema } from '@smithy/core/schema';
import { JsonCodec, XmlCodec } from '@aws-sdk/core/protocols';
import type { Operation } from './operations';
import { fromQuery } from './query';

/** What of an error is told. */
interface Refusal {
  readonly name: string;
  readonly message: string;
  readonly status: number;
  readonly more: object;
}

/** How requests and answers look that the SDK's clients make and take. */
export interface Protocol {
  find(operations: readonly Operation[], request: IncomingMessage): Operation | undefined;
  read(operation: Operation, request: IncomingMessage, body: Buffer): Promise<Record<string, unknown>>;
  answer(response: ServerResponse, operation: Operation, output: object): void;
  refuse(response: ServerResponse, error: Refusal, operation?: Operation): void;
}

/** Seconds since 1970, unless a member says otherwise. */
const EPOCH_SECONDS = 7;
const DATE_TIME = 5;

const timestamps = (format: number) => ({ timestampFormat: { useTrait: true, default: format } }) as never;
const json = new JsonCodec({ jsonName: true, ...(timestamps(EPOCH_SECONDS) as object) } as never);

/** https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
const jsonRpc: Protocol = {
  find: (operations, { headers }) => {
    const name = String(headers['x-amz-target']).split('.').at(-1);
    return operations.find((operation) => operation.name === name);
  },
  read: (operation, _, body) => parsed(operation.input, body),
  answer: (response, { output }, value) => send(response, 200, written(output, value)),
  refuse: (response, error) => send(response, error.status, errorBody(error)),
};

/** https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html */
const restJson: Protocol = {
  find: (operations, { method, url }) => {
    const candidates = operations.filter(({ http }) => http?.method === method && labelsOf(http!.path, url!));
    // Of `/things/{name}` and `/things/search`, the one with fewer labels is meant.
    return candidates.sort((a, b) => labelCount(a) - labelCount(b))[0];
  },
  read: async ({ input, http }, request, body) => {
    const members = [...input.structIterator()];
    const payload = members.find(([, schema]) => schema.getMergedTraits().httpPayload);
    const value: Record<string, unknown> = payload
      ? { [payload[0]]: payload[1].isStructSchema() ? await parsed(payload[1], body) : body }
      : await parsed(input, body);
    const query = new URL(request.url!, 'http://localhost').searchParams;
    const labels = labelsOf(http!.path, request.url!)!;
    for (const [name, schema] of members) {
      const { httpLabel, httpQuery, httpHeader } = schema.getMergedTraits();
      const text = httpLabel
        ? labels[name]
        : httpQuery
          ? schema.isListSchema()
            ? query.getAll(httpQuery)
            : query.get(httpQuery)
          : httpHeader && request.headers[httpHeader.toLowerCase()];
      if (text !== undefined && text !== null && text.length > 0) value[name] = fromText(schema, text);
    }
    return value;
  },
  answer: (response, { output, http }, value) => {
    const members = [...output.structIterator()];
    const given = value as Record<string, unknown>;
    for (const [name, schema] of members) {
      const { httpHeader } = schema.getMergedTraits();
      if (httpHeader && given[name] !== undefined) response.setHeader(httpHeader, String(given[name]));
    }
    const payload = members.find(([, schema]) => schema.getMergedTraits().httpPayload);
    if (!payload) return send(response, http!.status, written(output, value));
    const status = typeof given.StatusCode === 'number' ? given.StatusCode : http!.status;
    return send(response, status, (given[payload[0]] as Uint8Array | undefined) ?? '');
  },
  refuse: (response, error) => {
    response.setHeader('x-amzn-errortype', error.name);
    send(response, error.status, errorBody(error));
  },
};

const xml = new XmlCodec({ xmlNamespace: '', serviceNamespace: '', ...(timestamps(DATE_TIME) as object) } as never);

/** https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
const query: Protocol = {
  // The operation is in the body, which whoever asks has to have read: see `Query-Action` in the gateway.
  find: (operations, request) => operations.find(({ name }) => name === request.headers['x-query-action']),
  read: async ({ input }, _, body) => fromQuery(input, new URLSearchParams(body.toString())),
  answer: (response, { name, output }, value) => {
    const serializer = xml.createSerializer();
    serializer.write(output as never, value);
    const inner = String(serializer.flush()).replace(/^<\?xml[^>]*>/, '');
    const result = inner.replace(/^<[^>]+>|<\/[^>]+>$|^<[^>]*\/>$/g, '');
    response.setHeader('content-type', 'text/xml');
    response.end(
      `<${name}Response><${name}Result>${result}</${name}Result>` +
        `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${name}Response>`,
    );
  },
  refuse: (response, { name, message, status }) => {
    const kind = status < 500 ? 'Sender' : 'Receiver';
    response.writeHead(status, { 'content-type': 'text/xml' });
    response.end(
      `<ErrorResponse><Error><Type>${kind}</Type><Code>${name}</Code><Message>${escaped(message)}</Message></Error>` +
        `<RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
    );
  },
};

export const protocols = { 'rest-json': restJson, json: jsonRpc, query } as const;

async function parsed(schema: NormalizedSchema, body: Buffer): Promise<Record<string, unknown>> {
  if (body.length === 0) return {};
  return ((await json.createDeserializer().read(schema as never, body.toString())) ?? {}) as Record<string, unknown>;
}

function written(schema: NormalizedSchema, value: object): string {
  if (schema.isUnitSchema()) return '{}';
  const serializer = json.createSerializer();
  serializer.write(schema as never, value);
  return String(serializer.flush());
}

function send(response: ServerResponse, status: number, body: string | Uint8Array): void {
  // What is no JSON says so itself.
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'application/json');
  response.writeHead(status, { 'x-amzn-requestid': randomUUID() }).end(body);
}

/** Services differ in how they spell it, and clients read either. */
function errorBody({ name, message, more }: Refusal): string {
  return JSON.stringify({ __type: name, message, Message: message, ...more });
}

function labelsOf(path: string, url: string): Record<string, string> | undefined {
  const names = [...path.matchAll(/\{(\w+)\+?\}/g)].map(([, name]) => name);
  const pattern = path
    .split('?')[0]
    .replace(/\{\w+\+\}/g, '(.+)')
    .replace(/\{\w+\}/g, '([^/]+)');
  const found = new RegExp(`^${pattern}/?$`).exec(new URL(url, 'http://localhost').pathname);
  return found
    ? Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(found[index + 1])]))
    : undefined;
}

function labelCount({ http }: Operation): number {
  return http!.path.split('{').length;
}

function fromText(schema: NormalizedSchema, text: string | string[]): unknown {
  if (Array.isArray(text)) return text;
  if (schema.isNumericSchema()) return Number(text);
  if (schema.isBooleanSchema()) return text === 'true';
  return text;
}

function escaped(text: string): string {
  return text.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`);
}
