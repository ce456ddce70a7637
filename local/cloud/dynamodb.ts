import * as schemas from '@aws-sdk/client-dynamodb';
import { checkAccess } from './access';
import { bodyOf, modelled, type Service } from './service';
import { startTables } from './tables';

interface Place {
  readonly account: string;
  readonly region: string;
}

/**
 * Tables, in memory. What isn't stood in for is refused: transactions, streams, PartiQL. Items don't expire.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/Welcome.html
 */
export async function startDynamoDB(place: Place) {
  const tables = await startTables();
  const service: Service = {
    ...modelled({ name: 'dynamodb', protocol: 'json', schemas: [schemas], operations: {} }),
    handle: async ({ request, response, principal }) => {
      const target = String(request.headers['x-amz-target']);
      const body = await bodyOf(request);
      for (const arn of resourcesOf(JSON.parse(body.toString()), place)) {
        checkAccess(principal, `dynamodb:${target.split('.')[1]}`, { arn });
      }
      const { status, headers, content } = await tables.ask(target, body);
      const kept = ['content-type', 'x-amz-crc32', 'x-amzn-requestid'].filter((name) => name in headers);
      for (const name of kept) response.setHeader(name, headers[name]!);
      response.writeHead(status).end(content);
    },
  };
  return { service, stop: tables.stop };
}

interface Request {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
}

/** The tables that a request is about, or the index. */
function resourcesOf({ TableName, IndexName, RequestItems = {} }: Request, { account, region }: Place): string[] {
  const names = TableName === undefined ? Object.keys(RequestItems) : [TableName];
  const index = IndexName === undefined ? '' : `/index/${IndexName}`;
  return names.map((name) => `arn:aws:dynamodb:${region}:${account}:table/${name}${index}`);
}
