import { callerOf, callerOfToken } from '../../../../lambda/common/access/caller';

const NAMES = { roles: 'roles', groups: 'sites' };
const requestOf = (claims: unknown) => ({ requestContext: { authorizer: { jwt: { claims } } } });
const rolesIn = (roles: unknown) => callerOf(requestOf({ sub: 'viewer', roles }), NAMES).roles;

test('a caller is who the token says, with its roles, its groups and all of its claims', () => {
  const claims = { sub: 'viewer', roles: '[pilot reviewer]', sites: 'north,south', shift: 'early' };
  expect(callerOf(requestOf(claims), NAMES)).toEqual({
    sub: 'viewer',
    roles: ['pilot', 'reviewer'],
    groups: ['north', 'south'],
    claims,
  });
});

test.each<[string, unknown]>([
  ['no event', undefined],
  ['no context', {}],
  ['no authorizer', { requestContext: {} }],
  ['no token', { requestContext: { authorizer: {} } }],
  ['no claims', { requestContext: { authorizer: { jwt: {} } } }],
  ['no subject', requestOf({})],
  ['an empty subject', requestOf({ sub: '' })],
  ['a subject that is none', requestOf({ sub: 7 })],
  ['a subject that is too long', requestOf({ sub: 'x'.repeat(257) })],
])('with %s nobody calls', (_what, event) => {
  expect(() => callerOf(event, NAMES)).toThrow(
    expect.objectContaining({
      status: 401,
      title: 'Not signed in',
      message: 'The request has no token that says who sent it.',
    }),
  );
});

test('a subject may be as long as one character, or 256', () => {
  for (const sub of ['x', 'x'.repeat(256)]) expect(callerOf(requestOf({ sub }), NAMES).sub).toBe(sub);
});

test.each<[string, unknown, string[]]>([
  ['a name', 'pilot', ['pilot']],
  ['names in a text', ' pilot, \treviewer ,,', ['pilot', 'reviewer']],
  ["API Gateway's list", '[pilot reviewer]', ['pilot', 'reviewer']],
  ["API Gateway's list, with much space", ' [pilot \n reviewer] ', ['pilot', 'reviewer']],
  ['one name with a comma in a list', '[not,pilot]', []],
  ['JSON in a text', '["pilot", "reviewer"]', ['pilot', 'reviewer']],
  ['JSON with what is no name', '["pilot", 7, null, ["admin"]]', ['pilot']],
  ['a list', ['pilot', 7, null, 'reviewer'], ['pilot', 'reviewer']],
  ['an empty list', '[]', []],
  ['text around a list', 'x[pilot]', []],
  ['text behind a list', '[pilot]x', []],
  ['nothing', undefined, []],
  ['an object', { pilot: true }, []],
  ['a number', 7, []],
  ['names as AWS IoT allows them', 'a-b a:b a_b A9', ['a-b', 'a:b', 'a_b', 'A9']],
  ['what is in no name', 'a.b a/b +pilot pilot* ä', []],
  ['the longest name', 'x'.repeat(128), ['x'.repeat(128)]],
  ['a longer one', 'x'.repeat(129), []],
])('roles from %s', (_what, claim, roles) => {
  expect(rolesIn(claim)).toEqual(roles);
});

describe('of a token that API Gateway has not read', () => {
  test('has the claims as API Gateway would hand them on', () => {
    const token = {
      sub: 'viewer',
      roles: ['pilot', 'reviewer'],
      sites: 'north',
      iat: 7,
      verified: true,
      address: { city: 'x' },
      nested: [['a'], { b: 1 }],
    };
    expect(callerOfToken(token, NAMES)).toEqual({
      sub: 'viewer',
      roles: ['pilot', 'reviewer'],
      groups: ['north'],
      claims: {
        sub: 'viewer',
        roles: '[pilot reviewer]',
        sites: 'north',
        iat: '7',
        verified: 'true',
        address: '{"city":"x"}',
        nested: '[[a] {"b":1}]',
      },
    });
  });

  test.each([undefined, {}, { sub: '' }, { sub: 7 }])('%j says of nobody whose it is', (token) => {
    expect(() => callerOfToken(token, NAMES)).toThrow(
      expect.objectContaining({ status: 401, title: 'Not signed in', message: 'The token does not say whose it is.' }),
    );
  });
});
