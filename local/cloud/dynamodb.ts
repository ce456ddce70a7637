import * as schemas from '@aws-sdk/client-dynamodb';
import { bodyOf, modelled, type Service } from './service';
import { startTables } from './tables';

/**
 * Tables, in memory. What isn't stood in for is refused: transactions, streams, PartiQL. Items don't expire.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/Welcome.html
 */
export async function startDynamoDB() {
  const tables = await startTables();
  const service: Service = {
    ...modelled({ name: 'dynamodb', protocol: 'json', schemas: [schemas], operations: {} }),
    handle: async ({ request, response }) => {
      const { status, headers, content } = await tables.ask(
        String(request.headers['x-amz-target']),
        await bodyOf(request),
      );
      const kept = ['content-type', 'x-amz-crc32', 'x-amzn-requestid'].filter((name) => name in headers);
      for (const name of kept) response.setHeader(name, headers[name]!);
      response.writeHead(status).end(content);
    },
  };
  return { service, stop: tables.stop };
}

export type DynamoDB = Awaited<ReturnType<typeof startDynamoDB>>;
