import { createHash, randomBytes } from 'node:crypto';
import type { Config } from '../../console/src/config';

/**
 * Signs somebody in as a browser does, by the code flow with PKCE.
 *
 * @param cookie what the pool's own session is known by
 * @returns the ID token
 */
export async function signIn(config: Config, cookie: { name: string; value: string }, origin: string): Promise<string> {
  const metadata = await json<{ authorization_endpoint: string; token_endpoint: string }>(
    await fetch(`${config.issuer}/.well-known/openid-configuration`),
  );
  const verifier = randomBytes(32).toString('base64url');
  const page = new URL(metadata.authorization_endpoint);
  page.search = String(
    new URLSearchParams({
      response_type: 'code',
      client_id: config.clientId,
      redirect_uri: `${origin}/`,
      scope: config.scope,
      state: randomBytes(8).toString('hex'),
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    }),
  );
  const back = await fetch(page, { headers: { cookie: `${cookie.name}=${cookie.value}` }, redirect: 'manual' });
  const code = new URL(back.headers.get('location') ?? page).searchParams.get('code');
  if (!code) throw new Error(`Nobody is signed in as ${cookie.value}.`);
  const { id_token } = await json<{ id_token: string }>(
    await fetch(metadata.token_endpoint, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        client_id: config.clientId,
        redirect_uri: `${origin}/`,
        code_verifier: verifier,
      }),
    }),
  );
  return id_token;
}

async function json<T>(response: Response): Promise<T> {
  if (!response.ok) throw new Error(`${response.url} answers with ${response.status}.`);
  return (await response.json()) as T;
}
