import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import dynalite from 'dynalite';
import { close, listen } from './http';

/** It compares no secrets, but insists on a signature. */
const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=key/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0';

/** DynamoDB in memory, by Dynalite, which ignores `ReturnValuesOnConditionCheckFailure`: of updates, it is honoured here. */
export async function startTables() {
  const server: Server = dynalite({ createTableMs: 0, deleteTableMs: 0 });
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    const end = response.end.bind(response);
    response.end = ((content: string) => {
      const isFailure = String(content).includes('ConditionalCheckFailedException');
      if (!isFailure) return end(content);
      withItem(content, Buffer.concat(chunks)).then((all) => {
        response.removeHeader('x-amz-crc32');
        response.setHeader('content-length', Buffer.byteLength(all));
        end(all);
      }, end);
      return response;
    }) as ServerResponse['end'];
  });
  const port = await listen(server);

  /** An operation, as in `DynamoDB_20120810.GetItem`. */
  const ask = async (target: string, body: string | Buffer) => {
    const headers = {
      'x-amz-target': target,
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-date': new Date().toISOString().replaceAll(/[-:]|\.\d+/g, ''),
      authorization: AUTHORIZATION,
    };
    const request = httpRequest({ host: '127.0.0.1', port, method: 'POST', headers }).end(body);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return { status: response.statusCode!, headers: response.headers, content: await buffer(response) };
  };

  const withItem = async (content: string, body: Buffer): Promise<string> => {
    const { TableName, Key, ReturnValuesOnConditionCheckFailure } = JSON.parse(body.toString());
    if (ReturnValuesOnConditionCheckFailure !== 'ALL_OLD' || !Key) return content;
    const found = await ask('DynamoDB_20120810.GetItem', JSON.stringify({ TableName, Key, ConsistentRead: true }));
    const { Item } = JSON.parse(found.content.toString());
    return JSON.stringify({ ...JSON.parse(content), Item });
  };

  return { endpoint: `http://127.0.0.1:${port}`, ask, stop: () => close(server) };
}

export type Tables = Awaited<ReturnType<typeof startTables>>;
