import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { JwtRsaVerifier } from 'aws-jwt-verify';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { contentSecurityPolicy } from '../../lib/private/console-policy';
import { UnderWay, close, listen } from '../cloud/http';
import { httpApiEvent } from './http-api';
import { CLIENT_ID, type Issuer } from './issuer';

export interface WebProps {
  /** The folder of the built app. */
  readonly folder: string;
  readonly issuer: Issuer;
  /** The function behind the API. */
  readonly api: (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;
  readonly config: () => object;
  /** Origins of media and of WebSockets, which are services of AWS otherwise. */
  readonly media: readonly string[];
  readonly sockets: readonly string[];
  /** What URLs of AWS in answers, and in the configuration, are replaced by. */
  readonly replace: () => Readonly<Record<string, string>>;
  readonly port?: number;
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
};

/** One origin for the app, its configuration and the API, as the distribution of a console has it. */
export async function startWeb(props: WebProps) {
  const verifier = JwtRsaVerifier.create({ issuer: props.issuer.name, audience: CLIENT_ID, jwksUri: null as never });
  verifier.cacheJwks(props.issuer.keys());
  const seen: { method: string; path: string; status: number }[] = [];

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url!, 'http://localhost');
    for (const [name, value] of Object.entries(securityHeaders(props))) response.setHeader(name, value);
    if (url.pathname.startsWith('/v1/')) {
      await callApi(request, url, response);
      seen.push({ method: request.method!, path: url.pathname, status: response.statusCode });
      return;
    }
    if (url.pathname === '/config.json') {
      response.setHeader('content-type', 'application/json');
      response.setHeader('cache-control', 'no-store');
      response.end(replaced(JSON.stringify(props.config())));
      return;
    }
    await serveFile(url.pathname, response);
  };

  const serveFile = async (path: string, response: ServerResponse) => {
    // A path of the app itself has no extension, and any of them is for the page.
    const name = extname(path) ? normalize(path) : 'index.html';
    try {
      const content = await readFile(join(props.folder, name));
      response.setHeader('content-type', TYPES[extname(name)] ?? 'application/octet-stream');
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  };

  /** What API Gateway does with a JWT authorizer. */
  const callApi = async (request: IncomingMessage, url: URL, response: ServerResponse) => {
    const claims = await verifier
      .verify(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '')
      .catch(() => undefined);
    if (!claims) {
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"message":"Unauthorized"}');
      return;
    }
    const query = url.search ? Object.fromEntries(url.searchParams) : undefined;
    const body = await bodyOf(request);
    const event = httpApiEvent(request.method!, url.pathname, { claims: flat(claims), query, body });
    const { statusCode, headers = {}, body: answer = '' } = await props.api(event);
    response.writeHead(statusCode!, headers as Record<string, string>);
    response.end(replaced(answer));
  };

  const replaced = (answer: string) =>
    Object.entries(props.replace()).reduce((text, [from, to]) => text.replaceAll(from, to), answer);

  const requests = new UnderWay();
  const server = createServer((request, response) => {
    const answered = handle(request, response).catch((error: unknown) => {
      response.writeHead(500).end();
      throw error;
    });
    requests.add(answered);
  });
  const url = `http://localhost:${await listen(server, props.port)}`;
  const stop = async () => {
    await close(server);
    await requests.end();
  };
  return { url, seen, stop };
}

/** As the distribution sends them, with the places on this machine for those of AWS. */
function securityHeaders({ issuer, media, sockets }: WebProps): Record<string, string> {
  return {
    'content-security-policy': contentSecurityPolicy({ media, connect: [issuer.url, ...media, ...sockets] }),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  };
}

/** API Gateway hands all claims on as text, lists in brackets. */
function flat(claims: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(claims).map(([name, value]) => [
      name,
      Array.isArray(value) ? `[${value.join(' ')}]` : String(value),
    ]),
  );
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return parts.length > 0 ? Buffer.concat(parts).toString() : undefined;
}
