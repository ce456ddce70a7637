import { JwtVerifier } from 'aws-jwt-verify';
import { JwkValidationError, JwksValidationError } from 'aws-jwt-verify/error';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import type { JwtPayload } from 'aws-jwt-verify/jwt-model';
import * as z from 'zod';

export interface TokenPorts {
  /** As it stands in the tokens. */
  readonly issuerUrl: string;
  readonly audience: readonly string[];
  /** The content of a page, within a moment. */
  readonly fetchPage: (url: string) => Promise<ArrayBuffer>;
}

/** The token isn't one to let anybody in. */
export class RefusedToken extends Error {}

/** It can't be told whether the token is good: the issuer's keys can't be had. */
export class UnverifiableToken extends Error {}

/** https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata */
const discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });

export type Claims = JwtPayload & { readonly exp: number };

/**
 * Verifies tokens as API Gateway does: signature, issuer, audience and time.
 *
 * Where the keys are is asked once, and keys are asked for again when a token has one that isn't known; so a key that the
 * issuer has withdrawn is trusted for as long as the function's environment lives.
 */
export class Tokens {
  private verifier?: Promise<ReturnType<typeof makeVerifier>>;

  constructor(private readonly ports: TokenPorts) {}

  /**
   * What is in the token.
   * @throws RefusedToken or UnverifiableToken
   */
  async verify(token: string): Promise<Claims> {
    const verifier = await this.connect();
    try {
      const claims = await verifier.verify(token);
      // The verifier lets one pass that never expires.
      if (claims.exp === undefined) throw new RefusedToken('it never expires');
      return { ...claims, exp: claims.exp };
    } catch (error) {
      if (error instanceof RefusedToken || error instanceof UnverifiableToken) throw error;
      // The keys were had, and are none.
      if (error instanceof JwksValidationError || error instanceof JwkValidationError) throw unverifiable(error);
      throw new RefusedToken(messageOf(error), { cause: error });
    }
  }

  /** Once for all tokens; again after it has failed. */
  private async connect(): Promise<ReturnType<typeof makeVerifier>> {
    this.verifier ??= discover(this.ports).then((jwksUri) => makeVerifier(jwksUri, this.ports));
    try {
      return await this.verifier;
    } catch (error) {
      this.verifier = undefined;
      throw unverifiable(error);
    }
  }
}

/** Where the issuer's keys are: nowhere that is less safe than the issuer itself. */
async function discover({ issuerUrl, fetchPage }: TokenPorts): Promise<string> {
  const page = await fetchPage(`${issuerUrl.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const { issuer, jwks_uri } = discovery.parse(JSON.parse(Buffer.from(page).toString('utf8')));
  if (issuer !== issuerUrl) throw new Error(`The issuer says that it is ${issuer}.`);
  if (new URL(jwks_uri).protocol !== new URL(issuerUrl).protocol) throw new Error(`Its keys are at ${jwks_uri}.`);
  return jwks_uri;
}

function makeVerifier(jwksUri: string, { issuerUrl, audience, fetchPage }: TokenPorts) {
  return JwtVerifier.create(
    {
      issuer: issuerUrl,
      jwksUri,
      // Checked below: access tokens of Cognito have it in another claim.
      audience: null,
      customJwtCheck: ({ payload }) => {
        const { aud = payload.client_id } = payload;
        if (![aud].flat().some((name) => typeof name === 'string' && audience.includes(name))) {
          throw new RefusedToken('it is for another audience');
        }
      },
    },
    {
      jwksCache: new SimpleJwksCache({
        fetcher: {
          fetch: async (url) => {
            try {
              return await fetchPage(url);
            } catch (error) {
              throw unverifiable(error);
            }
          },
        },
      }),
    },
  );
}

function unverifiable(error: unknown): UnverifiableToken {
  return new UnverifiableToken(messageOf(error), { cause: error });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
