import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IoTClient } from '@aws-sdk/client-iot';
import type { KinesisVideoClientConfig } from '@aws-sdk/client-kinesis-video';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { isNamed } from '../../lambda/common/errors';
import type { MediaPorts } from '../../lambda/common/fleet-media';
import { kinesisVideoClient } from '../../lambda/common/kinesis-video';
import { paceClient, pacer } from '../../lambda/common/pacer';
import { ServiceError } from '../../local/cloud/service';
import type { Service } from './cloud';
import type { Update } from '../../test/support/pacer-table';

/** How the function keeps within the quotas. */
export interface Mechanism {
  /** Calls a second of each operation, or nothing where calls aren't paced. */
  readonly rates?: Record<string, number>;
  readonly retryMode: 'standard' | 'adaptive';
  /**
   * `sdk`: the clients of the AWS SDK with all that they do but signatures, down to HTTP.
   * `direct`: commands go to the services as they are. Retries are missing, so this is for runs without faults.
   */
  readonly clients: 'sdk' | 'direct';
}

/** Takes a call to a service, and brings the answer back. */
export type Request = (service: Service, operation: string, input: object) => Promise<object>;

type Clients = Pick<MediaPorts, 'iot' | 'kinesisVideo'>;
type Sleep = (milliseconds: number) => Promise<void>;

export function makeClients(mechanism: Mechanism, request: Request, sleep: Sleep): Clients {
  return mechanism.clients === 'sdk' ? sdkClients(mechanism, request, sleep) : directClients(mechanism, request, sleep);
}

/** As `pacedMedia` makes them. */
function sdkClients({ rates, retryMode }: Mechanism, request: Request, sleep: Sleep): Clients {
  const iot = new IoTClient({ retryMode: 'adaptive', ...wired('iot', request) });
  const kinesisVideo = kinesisVideoClient({ ...wired('kinesisvideo', request), retryMode });
  if (!rates) return { iot, kinesisVideo };
  const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(wired('dynamodb', request)));
  return { iot, kinesisVideo: paceClient(kinesisVideo, pacerOf(dynamodb, rates, sleep)) };
}

function directClients({ rates = {} }: Mechanism, request: Request, sleep: Sleep): Clients {
  const dynamodb = direct<DynamoDBDocumentClient>(async (_operation, input) => {
    try {
      return await request('dynamodb', 'UpdateItem', input);
    } catch (error) {
      if (!isNamed(error, 'ConditionalCheckFailedException')) throw error;
      throw new ConditionalCheckFailedException({ message: error.message, $metadata: {} });
    }
  });
  const pace = pacerOf(dynamodb, rates, sleep);
  return {
    iot: direct((operation, input) => request('iot', operation, input)),
    kinesisVideo: direct(async (operation, input) => {
      await pace(operation);
      return request('kinesisvideo', operation, input);
    }),
  };
}

function pacerOf(dynamodb: DynamoDBDocumentClient, rates: Record<string, number>, sleep: Sleep) {
  return pacer({ dynamodb, settings: { tableName: 'Pacer', rates }, now: Date.now, sleep });
}

function direct<C>(call: (operation: string, input: object) => Promise<object>): C {
  const send = ({ constructor, input }: { readonly constructor: { readonly name: string }; readonly input: object }) =>
    call(constructor.name.replace(/Command$/, ''), input);
  return { send } as C;
}

interface HttpRequest {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array;
}

/** Signatures would be half of what the SDK costs, and there is nobody to check them. */
function wired(service: Service, request: Request): KinesisVideoClientConfig {
  return {
    region: 'eu-west-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    signer: { sign: async (unsigned) => unsigned },
    requestHandler: { handle: async (asked: HttpRequest) => ({ response: await respond(service, asked, request) }) },
  } as KinesisVideoClientConfig;
}

async function respond(service: Service, asked: HttpRequest, request: Request): Promise<object> {
  try {
    return response(200, await PROTOCOLS[service](asked, request));
  } catch (error) {
    // What isn't answered has no status.
    if (!(error instanceof ServiceError) || error.status === 0) throw error;
    return response(error.status, { __type: error.name, message: error.message }, error.name);
  }
}

function response(statusCode: number, content: object, errorType?: string): object {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', ...(errorType && { 'x-amzn-errortype': errorType }) },
    body: Buffer.from(JSON.stringify(content, inSeconds)),
  };
}

/** Times are numbers in the protocols in JSON. A date is a text when it gets here. */
function inSeconds(this: Record<string, unknown>, name: string, value: unknown): unknown {
  const time = this[name];
  return time instanceof Date ? time.getTime() / 1000 : value;
}

/** How each service's calls are written in HTTP. */
const PROTOCOLS: Record<Service, (asked: HttpRequest, request: Request) => Promise<object>> = {
  kinesisvideo: ({ path, body }, request) =>
    request('kinesisvideo', path.charAt(1).toUpperCase() + path.slice(2), JSON.parse(textOf(body)) as object),
  iot: ({ path }, request) => request('iot', 'DescribeThing', { thingName: path.split('/').at(-1) }),
  dynamodb: async ({ body }, request) => {
    const input = JSON.parse(textOf(body)) as { Key: Attributes; ExpressionAttributeValues: Attributes };
    const document = {
      ...input,
      Key: documentOf(input.Key),
      ExpressionAttributeValues: documentOf(input.ExpressionAttributeValues),
    } as unknown as Update;
    const output = (await request('dynamodb', 'UpdateItem', document)) as { Attributes: Record<string, number> };
    const attributes = Object.entries(output.Attributes).map(([name, value]) => [name, { N: String(value) }]);
    return { Attributes: Object.fromEntries(attributes) as object };
  },
};

type Attributes = Record<string, { readonly N?: string; readonly S?: string }>;

function documentOf(attributes: Attributes): Record<string, number | string> {
  return Object.fromEntries(Object.entries(attributes).map(([name, { N, S }]) => [name, S ?? Number(N)]));
}

function textOf(body: HttpRequest['body']): string {
  return typeof body === 'string' ? body : new TextDecoder().decode(body);
}
