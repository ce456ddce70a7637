import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import * as schemas from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { close } from './http';
import { bodyOf, modelled, type Call, type Service } from './service';

/** It compares no secrets, but insists on a signature. */
const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=key/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0';

/**
 * Tables, in memory, by Dynalite. What it can't do is refused: transactions, streams, PartiQL.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/Welcome.html
 */
export async function startDynamoDB() {
  const server: Server = dynalite({ createTableMs: 0, deleteTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const ask = async (target: string, body: string | Buffer) => {
    const headers = {
      'x-amz-target': target,
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-date': new Date().toISOString().replaceAll(/[-:]|\.\d+/g, ''),
      authorization: AUTHORIZATION,
    };
    const request = httpRequest({ host: '127.0.0.1', port, method: 'POST', headers }).end(body);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return { response, content: await buffer(response) };
  };

  const handle = async ({ request, response }: Call): Promise<void> => {
    const body = await bodyOf(request);
    const answer = await ask(String(request.headers['x-amz-target']), body);
    const { 'content-type': type, 'x-amzn-requestid': id, 'x-amz-crc32': checksum } = answer.response.headers;
    const content = await withItem(answer.content, body);
    const headers = { 'content-type': type, 'x-amzn-requestid': id, 'content-length': content.length };
    // The item isn't in the checksum.
    response.writeHead(
      answer.response.statusCode!,
      content === answer.content ? { ...headers, 'x-amz-crc32': checksum } : headers,
    );
    response.end(content);
  };

  /** Dynalite ignores `ReturnValuesOnConditionCheckFailure`, so the item is looked up. */
  const withItem = async (content: Buffer, body: Buffer): Promise<Buffer> => {
    if (!content.includes('ConditionalCheckFailedException')) return content;
    const { TableName, Key, ReturnValuesOnConditionCheckFailure } = JSON.parse(body.toString());
    if (ReturnValuesOnConditionCheckFailure !== 'ALL_OLD' || !Key) return content;
    const found = await ask('DynamoDB_20120810.GetItem', JSON.stringify({ TableName, Key, ConsistentRead: true }));
    const { Item } = JSON.parse(found.content.toString());
    return Buffer.from(JSON.stringify({ ...JSON.parse(content.toString()), Item }));
  };

  const service: Service = {
    ...modelled({ name: 'dynamodb', protocol: 'json', schemas: [schemas], operations: {} }),
    handle,
  };
  return { service, stop: () => close(server) };
}

export type DynamoDB = Awaited<ReturnType<typeof startDynamoDB>>;
