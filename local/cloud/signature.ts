import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Principal, Principals } from './principals';
import { bodyOf, ServiceError } from './service';

/** What a signature is good for. */
export interface Scope {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
}

/** From the header, or the query of a presigned URL. */
export function scopeOf(request: IncomingMessage): Scope | undefined {
  const credential =
    /Credential=([^,\s]+)/.exec(request.headers.authorization ?? '')?.[1] ??
    new URL(request.url!, 'http://localhost').searchParams.get('X-Amz-Credential');
  if (!credential) return undefined;
  const [accessKeyId, , region, service] = credential.split('/');
  return { accessKeyId, region, service };
}

/** What S3's clients sign isn't what is sent: chunks, and paths that are escaped once. */
const UNCHECKED = ['s3'];

/**
 * Who signed a request.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 * @throws ServiceError if the credentials are none, have expired, or another secret was signed with
 */
export async function checkSignature(request: IncomingMessage, principals: Principals): Promise<Principal> {
  const { accessKeyId, region, service } = scopeOf(request)!;
  const found = principals.find(accessKeyId);
  if (!found) {
    throw new ServiceError(
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
      403,
    );
  }
  const { authorization } = request.headers;
  if (UNCHECKED.includes(service) || !authorization) return found.principal;
  if (request.headers['x-amz-security-token'] !== found.sessionToken) {
    throw new ServiceError(
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
      403,
    );
  }
  const signer = new SignatureV4({ service, region, credentials: found, sha256: Sha256 });
  const url = new URL(request.url!, `http://${request.headers.host}`);
  const signed = /SignedHeaders=([^,\s]+)/.exec(authorization)![1].split(';');
  const date = String(request.headers['x-amz-date']);
  const given = {
    method: request.method!,
    protocol: 'http:',
    hostname: url.hostname,
    path: url.pathname,
    query: queryOf(url),
    headers: Object.fromEntries(signed.map((name) => [name, String(request.headers[name] ?? '')])),
    body: undefined as unknown,
  };
  // Whoever signs says what of, or signs what is sent; but of media, which goes on and on, nothing.
  const signs = async () => (url.pathname === '/putMedia' ? '' : bodyOf(request));
  given.headers['x-amz-content-sha256'] = String(
    request.headers['x-amz-content-sha256'] ??
      createHash('sha256')
        .update(await signs())
        .digest('hex'),
  );
  const unsigned = Object.keys(given.headers).filter((name) => !signed.includes(name));
  const right = await signer.sign(given as never, {
    signingDate: new Date(date.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5')),
    signableHeaders: new Set(signed),
    unsignableHeaders: new Set(unsigned),
  });
  if (signatureOf(right.headers.authorization) === signatureOf(authorization)) return found.principal;
  throw new ServiceError(
    'InvalidSignatureException',
    'The request signature we calculated does not match the signature you provided.',
    403,
  );
}

function signatureOf(authorization: string): string | undefined {
  return /Signature=(\w+)/.exec(authorization)?.[1];
}

function queryOf({ searchParams }: URL): Record<string, string | string[]> {
  const names = new Set(searchParams.keys());
  return Object.fromEntries(
    [...names].map((name) => {
      const values = searchParams.getAll(name);
      return [name, values.length > 1 ? values : values[0]];
    }),
  );
}
