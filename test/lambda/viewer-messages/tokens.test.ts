import { captureOutput } from '../../support/handler-output';
import { createHmac } from 'node:crypto';
import { signed, signingKey } from '../../support/token-issuer';
import { KEY, messagesOf } from '../../support/viewer-messages';

const written = captureOutput();
const messages = messagesOf();
const OTHER_KEY = signingKey('key-2');
/** Of the same name as the issuer's. */
const FORGED_KEY = { ...signingKey('key-1') };

const encoded = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');
const seconds = (offset: number) => Math.floor(Date.now() / 1000) + offset;
const isLetIn = async (claims: object) => (await messages.connect({ claims })).isAuthenticated;

test.each<[string, object]>([
  ['with the audience', { aud: 'console' }],
  ['with it among several', { aud: ['other', 'console'] }],
  ['with it as the client, as access tokens of Cognito have it', { aud: undefined, client_id: 'console' }],
])('a token is good %s', async (_what, claims) => {
  expect(await isLetIn(claims)).toBe(true);
});

describe('a token is refused', () => {
  const refused: [string, object, RegExp][] = [
    ['for another audience', { aud: 'other' }, /another audience/],
    ['for several others', { aud: ['other', 'console2'] }, /another audience/],
    ['for another audience, whoever the client is', { aud: 'other', client_id: 'console' }, /another audience/],
    ['for another client', { aud: undefined, client_id: 'other' }, /another audience/],
    ['for nobody', { aud: undefined }, /another audience/],
    ['of another issuer', { iss: 'https://login.example.com' }, /[Ii]ssuer/],
    ['of no issuer', { iss: undefined }, /[Ii]ssuer/],
    ['after its end', { exp: seconds(-1) }, /expired/],
    ['without an end', { exp: undefined }, /never expires/],
    ['before its time', { nbf: seconds(600) }, /before/],
    ['of nobody', { sub: undefined }, /whose it is/],
    ['of somebody without a name', { sub: '' }, /whose it is/],
  ];
  test.each(refused)('%s', async (_what, claims, reason) => {
    expect(await isLetIn(claims)).toBe(false);
    const { logs, metrics } = written();
    expect(logs).toEqual([
      expect.objectContaining({ message: 'Connection refused', reason: expect.stringMatching(reason) }),
    ]);
    expect(metrics).toEqual({ ConnectionRefused: [1] });
  });

  const forged: [string, (claims: object) => string][] = [
    ['when another key signed it', (claims) => signed(claims, FORGED_KEY)],
    ['when a key signed it that the issuer does not have', (claims) => signed(claims, OTHER_KEY)],
    ['when it names no key', (claims) => signed(claims, KEY, { kid: undefined })],
    ['when it says another algorithm', (claims) => signed(claims, KEY, { alg: 'RS384' })],
    [
      'when its claims were changed',
      (claims) => {
        const [header, , signature] = signed(claims, KEY).split('.');
        return [header, encoded({ ...claims, 'cognito:groups': ['admin'] }), signature].join('.');
      },
    ],
    ['when nobody signed it', (claims) => `${encoded({ alg: 'none', kid: 'key-1' })}.${encoded(claims)}.`],
    ['when it pretends not to need it', (claims) => signed(claims, KEY, { alg: 'none' })],
    [
      'when the public key signed it as a secret',
      (claims) => {
        const content = `${encoded({ alg: 'HS256', kid: 'key-1' })}.${encoded(claims)}`;
        return `${content}.${createHmac('sha256', JSON.stringify(KEY.jwk)).update(content).digest('base64url')}`;
      },
    ],
    ['when it is none', () => 'secret'],
  ];
  test.each(forged)('%s', async (_what, forge) => {
    expect(await messages.connect({ password: forge(messages.claimsWith()) })).toMatchObject({
      isAuthenticated: false,
      policyDocuments: [],
    });
    expect(written().metrics).toEqual({ ConnectionRefused: [1] });
  });
});

describe('the issuer', () => {
  test('is asked once for many connections', async () => {
    for (let index = 0; index < 3; index++) await messages.connect();
    expect(messages.state.issuer.requests).toEqual(['/pool/.well-known/openid-configuration', '/pool/keys']);
  });

  test('may change its keys', async () => {
    await messages.connect();
    messages.state.issuer.publish(KEY, OTHER_KEY);
    const password = signed(messages.claimsWith(), OTHER_KEY);
    expect(await messages.connect({ password })).toMatchObject({ isAuthenticated: true });
  });

  const broken: [string, (url: string) => Record<string, unknown>][] = [
    ['does not say where its keys are', () => ({})],
    ['says nothing that can be read', () => ({ '/pool/.well-known/openid-configuration': '<html>' })],
    [
      'is another one',
      (url) => ({ '/pool/.well-known/openid-configuration': { issuer: `${url}x`, jwks_uri: `${url}/keys` } }),
    ],
    [
      'has its keys at a place of another kind',
      (url) => ({
        '/pool/.well-known/openid-configuration': { issuer: url, jwks_uri: url.replace('http:', 'ftp:') },
      }),
    ],
    ['has no keys', (url) => ({ '/pool/.well-known/openid-configuration': { issuer: url, jwks_uri: `${url}/keys` } })],
    [
      'has keys that can not be read',
      (url) => ({
        '/pool/.well-known/openid-configuration': { issuer: url, jwks_uri: `${url}/keys` },
        '/pool/keys': { keys: 'none' },
      }),
    ],
  ];
  test.each(broken)('that %s is told apart from a bad token, and asked again', async (_what, pages) => {
    const { issuer } = messages.state;
    issuer.pages = pages(issuer.url);
    await expect(messages.connect()).rejects.toThrow();
    const { metrics, logs } = written();
    expect(metrics).toEqual({ TokenUnverifiable: [1] });
    expect(logs).toEqual([expect.objectContaining({ message: 'Connection could not be decided', level: 'ERROR' })]);

    issuer.publish(KEY);
    expect(await messages.connect()).toMatchObject({ isAuthenticated: true });
  });
});
