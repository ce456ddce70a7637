import { createSign, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A key pair as an issuer has it. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly jwk: JsonWebKey;
}

export function signingKey(kid: string): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' } };
}

const encoded = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');

/** A token, signed by a key that need not be the one which the header names. */
export function signed(claims: object, { kid, privateKey }: SigningKey, header: object = {}): string {
  const content = `${encoded({ alg: 'RS256', typ: 'JWT', kid, ...header })}.${encoded(claims)}`;
  return `${content}.${createSign('RSA-SHA256').update(content).sign(privateKey, 'base64url')}`;
}

/** An issuer of tokens on this machine, with OpenID Connect discovery. To be stopped after all tests. */
export class TestIssuer {
  static async start(): Promise<TestIssuer> {
    const issuer = new TestIssuer();
    issuer.server.listen(0, '127.0.0.1');
    await once(issuer.server, 'listening');
    return issuer;
  }

  /** What it says by path; what isn't here isn't there. */
  pages: Record<string, unknown> = {};
  /** The paths that were asked for. */
  requests: string[] = [];
  private readonly server: Server;

  private constructor() {
    this.server = createServer(({ url = '' }, response) => {
      this.requests.push(url);
      const page = this.pages[url];
      response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(typeof page === 'string' ? page : JSON.stringify(page ?? {}));
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/pool`;
  }

  /** Says where its keys are, and which. */
  publish(...keys: SigningKey[]): void {
    this.requests = [];
    this.pages = {
      '/pool/.well-known/openid-configuration': { issuer: this.url, jwks_uri: `${this.url}/keys` },
      '/pool/keys': { keys: keys.map(({ jwk }) => jwk) },
    };
  }

  /** What the handler fetches pages with. */
  readonly fetchPage = async (url: string): Promise<ArrayBuffer> => {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url} answers with ${response.status}.`);
    return response.arrayBuffer();
  };

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
