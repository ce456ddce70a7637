import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { OAuth2Issuer, OAuth2Service } from 'oauth2-mock-server';
import { close, listen } from '../cloud/http';

export interface User {
  readonly name: string;
  readonly roles: readonly string[];
  /** The groups of devices, as the attribute of the user has them. */
  readonly groups?: string;
}

/** As oidc-client-ts refuses tokens of other clients. */
export const CLIENT_ID = '1example23456789';

export interface IssuerProps {
  /** What tokens say who issued them, if that isn't where pages are: a pool's `https://cognito-idp…`. */
  readonly name?: string;
  readonly port?: number;
}

const COOKIE = 'signed-in';

/**
 * A user pool with its pages to sign in and out: the code flow with PKCE, refresh tokens that aren't rotated, and claims as
 * Amazon Cognito has them.
 *
 * The page to sign in asks who one is, and believes it. Whoever has the cookie of the pool's session isn't asked.
 */
export async function startIssuer(users: readonly User[], { name, port }: IssuerProps = {}) {
  const issuer = new OAuth2Issuer();
  const service = new OAuth2Service(issuer);
  await issuer.keys.generate('RS256');
  /** Who holds a code, and who a refresh token. */
  const holders = new Map<string, User>();
  const state = { tokenSeconds: 3600 };
  const find = (name: string | undefined) => users.find((user) => user.name === name);
  const holderOf = (body: Record<string, string>) => holders.get(body.code ?? body.refresh_token);

  service.on('beforeAuthorizeRedirect', ({ url }: { url: URL }, request: IncomingMessage) => {
    holders.set(url.searchParams.get('code')!, find(signedIn(request))!);
  });
  service.on('beforeTokenSigning', ({ payload }, request) => {
    const user = holderOf(request.body as never);
    if (!user) return;
    const isIdToken = payload.aud !== undefined;
    Object.assign(payload, {
      ...(name && { iss: name }),
      sub: subOf(user),
      exp: (payload.iat as number) + state.tokenSeconds,
      token_use: isIdToken ? 'id' : 'access',
      'cognito:groups': user.roles,
      ...(isIdToken && {
        email: `${user.name}@example.com`,
        'cognito:username': user.name,
        ...(user.groups && { 'custom:device_groups': user.groups }),
      }),
    });
    delete payload.amr;
  });
  service.on('beforeResponse', (response, request) => {
    const { code, refresh_token } = request.body as never as Record<string, string>;
    const user = holders.get(code ?? refresh_token);
    if (!user) {
      Object.assign(response, { statusCode: 400, body: { error: 'invalid_grant' } });
      return;
    }
    const { refresh_token: issued, ...body } = response.body as unknown as Record<string, unknown>;
    Object.assign(body, { expires_in: state.tokenSeconds, scope: 'openid email profile' });
    // A code is taken once, and a refresh token stays as it is.
    if (code !== undefined) {
      holders.delete(code);
      holders.set(String(issued), user);
      body.refresh_token = issued;
    }
    response.body = body as never;
  });

  const server = createServer((request, response) => {
    const url = new URL(request.url!, issuer.url);
    if (url.pathname === '/logout') return signOut(url, response);
    // As functions are told where the keys are.
    if (name && url.pathname === `${new URL(name).pathname}/.well-known/openid-configuration`) {
      return give(response, { issuer: name, jwks_uri: `${name}/.well-known/jwks.json` });
    }
    if (name && url.pathname === `${new URL(name).pathname}/.well-known/jwks.json`) {
      return give(response, { keys: issuer.keys.toJSON() });
    }
    if (url.pathname !== '/authorize') return service.requestHandler(request, response);
    const chosen = find(url.searchParams.get('as') ?? undefined);
    if (chosen) {
      url.searchParams.delete('as');
      return redirect(response, url.href, `${COOKIE}=${chosen.name}; HttpOnly; SameSite=Lax; Path=/`);
    }
    if (!find(signedIn(request))) return choose(users, url, response);
    return service.requestHandler(request, response);
  });
  issuer.url = `http://localhost:${await listen(server, port)}`;

  return {
    url: issuer.url,
    /** As it stands in tokens. */
    name: name ?? issuer.url,
    signOutUrl: `${issuer.url}/logout`,
    /** The public keys, as a gateway has them. */
    keys: () => ({ keys: issuer.keys.toJSON() }) as never,
    /** For how long tokens are good that are issued from now on. */
    issueFor: (seconds: number) => void (state.tokenSeconds = seconds),
    /** As when a user is signed out everywhere: refresh tokens are good no more. */
    revoke: () => holders.clear(),
    /** What a browser has that has signed in already. */
    cookieOf: (name: string) => ({ name: COOKIE, value: name, url: issuer.url! }),
    stop: () => close(server),
  };
}

export type Issuer = Awaited<ReturnType<typeof startIssuer>>;

export function subOf({ name }: Pick<User, 'name'>): string {
  return `${name}-6f2c1e4a`;
}

function signedIn({ headers }: IncomingMessage): string | undefined {
  return new RegExp(`(?:^|; )${COOKIE}=([^;]+)`).exec(headers.cookie ?? '')?.[1];
}

function choose(users: readonly User[], url: URL, response: ServerResponse): void {
  const links = users.map(({ name }) => {
    const to = new URL(url);
    to.searchParams.set('as', name);
    return `<li><a href="${to.href.replaceAll('&', '&amp;')}">${name}</a></li>`;
  });
  response.setHeader('content-type', 'text/html');
  response.end(
    `<!doctype html><html lang="en"><title>Sign in</title><link rel="icon" href="data:,"><h1>Who are you?</h1><ul>${links.join('')}</ul>`,
  );
}

/** https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html */
function signOut(url: URL, response: ServerResponse): void {
  const back = url.searchParams.get('logout_uri');
  if (!back || url.searchParams.get('client_id') !== CLIENT_ID) {
    response.writeHead(400).end('client_id and logout_uri are needed');
    return;
  }
  redirect(response, back, `${COOKIE}=; Max-Age=0; Path=/`);
}

function give(response: ServerResponse, content: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(content));
}

function redirect(response: ServerResponse, location: string, cookie: string): void {
  response.writeHead(302, { location, 'set-cookie': cookie, 'cache-control': 'no-store' }).end();
}
