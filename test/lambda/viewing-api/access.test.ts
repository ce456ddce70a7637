import { captureOutput } from '../../support/handler-output';
import { GetHLSStreamingSessionURLCommand } from '@aws-sdk/client-kinesis-video-archived-media';
import { DescribeThingCommand, ListThingGroupsForThingCommand, ThrottlingException } from '@aws-sdk/client-iot';
import { metrics } from '../../../lambda/common/observability';
import { DEVICE_TTL } from '../../../lambda/common/access/devices';
import { httpApiEvent, type HttpApiRequest } from '../../../local/console/http-api';
import { ADMIN, ALERT, NORTH_PILOT, NORTH_REVIEWER, NOW, viewingOf } from '../../support/viewing';

const written = captureOutput();
const viewing = viewingOf();

const PAST = { from: '2026-11-24T09:00:00Z', to: '2026-11-24T09:02:00Z' };

/** Requests that are allowed to whoever may make them at all, each with who may. */
const ENDPOINTS: Record<string, [method: string, path: string, request: HttpApiRequest, able: string[]]> = {
  device: ['GET', '', {}, ['reviewer', 'pilot', 'admin']],
  live: ['POST', '/live', { body: {} }, ['pilot', 'admin']],
  hls: ['POST', '/hls', { body: { mode: 'LIVE' } }, ['reviewer', 'pilot', 'admin']],
  dash: ['POST', '/dash', { body: { mode: 'LIVE' } }, ['reviewer', 'pilot', 'admin']],
  clip: ['POST', '/clip', { body: PAST }, ['reviewer', 'pilot', 'admin']],
  images: ['GET', '/images', { query: PAST }, ['reviewer', 'pilot', 'admin']],
  fragments: ['GET', '/fragments', { query: PAST }, ['reviewer', 'pilot', 'admin']],
  'who is in control': ['GET', '/control', {}, ['pilot', 'admin']],
  take: ['POST', '/control', { body: { action: 'take' } }, ['pilot', 'admin']],
  force: ['POST', '/control', { body: { action: 'force' } }, ['admin']],
  heartbeat: ['POST', '/control', { body: { action: 'heartbeat', token: 7 } }, ['pilot', 'admin']],
  release: ['POST', '/control', { body: { action: 'release', token: 7 } }, ['pilot', 'admin']],
  command: ['POST', '/commands', { body: { token: 7, id: 'c-1', name: 'HOVER' } }, ['pilot', 'admin']],
  'how a command stands': ['GET', '/commands/c-1', {}, ['pilot', 'admin']],
  alerts: ['GET', '/alerts', { query: PAST }, ['reviewer', 'pilot', 'admin']],
  acknowledge: [
    'POST',
    '/acknowledgements',
    { body: { detectionId: ALERT.id, capturedAt: ALERT.capturedAt } },
    ['pilot', 'admin'],
  ],
};

const ask = (endpoint: string, device: string, claims: Record<string, string>) => {
  const [method, path, request] = ENDPOINTS[endpoint];
  return viewing.send(method, `/v1/devices/${device}${path}`, { ...request, claims });
};

const claimsOf = (roles: string, groups: string) => ({ 'cognito:groups': roles, 'custom:device_groups': groups });

/** Of each role in each group, what it gets for a device in the group north. */
const MATRIX = (['reviewer', 'pilot', 'admin', ''] as const).flatMap((role) =>
  ['north', 'south', ''].flatMap((group) =>
    Object.entries(ENDPOINTS).map(([endpoint, [, , , able]]) => {
      const reaches = role === 'admin' || group === 'north';
      return { role, group, endpoint, status: !able.includes(role) ? 403 : reaches ? 200 : 404 };
    }),
  ),
);

test.each(MATRIX)("'$role' of '$group' at $endpoint: $status", async ({ role, group, endpoint, status }) => {
  const answered = await ask(endpoint, 'drone-1', claimsOf(`[${role}]`, group));
  expect(answered.status).toBe(status);
  expect(answered.headers['cache-control']).toBe('no-store');
  metrics.publishStoredMetrics();
  const { AccessGranted, AccessDenied } = written().metrics;
  if (status !== 200) {
    expect({ AccessGranted, AccessDenied }).toEqual({ AccessDenied: [1] });
    // Nothing was done, and nothing looked at.
    for (const mock of [viewing.lambda, viewing.dynamodb, viewing.archivedMedia, viewing.sts]) {
      expect(mock.calls()).toEqual([]);
    }
  } else if (endpoint !== 'heartbeat') expect({ AccessGranted, AccessDenied }).toEqual({ AccessGranted: [1] });
});

test('the matrix has both answers for each endpoint', () => {
  for (const endpoint of Object.keys(ENDPOINTS)) {
    const statuses = MATRIX.filter((row) => row.endpoint === endpoint).map(({ status }) => status);
    // An admin reaches all devices.
    expect(new Set(statuses)).toEqual(new Set(endpoint === 'force' ? [200, 403] : [200, 403, 404]));
  }
});

describe('what is not for the caller', () => {
  const HIDDEN = {
    'of another group': 'drone-2',
    'in no group': 'drone-3',
    'that is not there': 'drone-99',
    'of another fleet': 'kettle-1',
  };

  test.each(Object.entries(HIDDEN))('a device %s is as if there were none', async (_what, device) => {
    const nothing = await ask('hls', 'no-such-thing', NORTH_PILOT);
    expect(nothing.status).toBe(404);
    expect(await ask('hls', device, NORTH_PILOT)).toEqual(nothing);
    expect(viewing.archivedMedia).not.toHaveReceivedCommand(GetHLSStreamingSessionURLCommand);
    expect(await ask('hls', 'drone-1', NORTH_PILOT)).toMatchObject({ status: 200 });
  });

  test.each(Object.values(HIDDEN))('what no device is for is refused without a look at %s', async (device) => {
    const seen = await ask('live', 'drone-1', NORTH_REVIEWER);
    expect(seen.status).toBe(403);
    expect(await ask('live', device, NORTH_REVIEWER)).toEqual(seen);
    expect(viewing.iot).not.toHaveReceivedCommand(DescribeThingCommand);
  });

  test('an admin reaches no device of another fleet', async () => {
    expect(await ask('hls', 'drone-3', ADMIN)).toMatchObject({ status: 200 });
    expect(await ask('hls', 'kettle-1', ADMIN)).toMatchObject({ status: 404 });
  });
});

describe('names', () => {
  const IN_PATH = [
    'drone-2%2F..%2Fdrone-1',
    '../devices/drone-1',
    'x/../drone-1',
    './drone-1',
    'drone-1%00',
    'drone-1%20',
    'drone%2D1',
    'drone-1.front',
    'drone–1',
    'ｄrone-1',
    'drone-1\u200b',
    '%E0%A4%A',
    '%',
    '',
    ' ',
    'drone:1',
    'x'.repeat(129),
    '__proto__',
  ];

  test.each(IN_PATH)('%j is none of a device', async (device) => {
    const nothing = await ask('hls', 'no-such-thing', ADMIN);
    expect(nothing.status).toBe(404);
    expect(await ask('hls', device, ADMIN)).toEqual(nothing);
    expect(viewing.archivedMedia).not.toHaveReceivedCommand(GetHLSStreamingSessionURLCommand);
  });

  test.each([
    '/',
    '/v1',
    '/v1/',
    '/v2/devices',
    '/v1/devices/drone-1/hls/x',
    '/v1/devices/drone-1/commands',
    '//v1/devices',
  ])('there is nothing at %s', async (path) => {
    expect(await viewing.get(path, ADMIN)).toMatchObject({ status: 404, content: { title: 'Not found' } });
  });

  test('there is no other method', async () => {
    expect(await viewing.get('/v1/devices/drone-1/hls', ADMIN)).toMatchObject({ status: 404 });
    expect(await viewing.send('DELETE', '/v1/devices/drone-1/hls', { claims: ADMIN })).toMatchObject({ status: 404 });
  });
});

describe('the token', () => {
  const event = httpApiEvent('POST', '/v1/devices/drone-1/hls', { claims: ADMIN, body: { mode: 'LIVE' } });
  const withAuthorizer = (authorizer: unknown) => ({
    ...event,
    requestContext: { ...event.requestContext, authorizer },
  });

  test('is needed, should a route ever be open', async () => {
    expect(await viewing.raw(event)).toMatchObject({ status: 200 });
    for (const authorizer of [undefined, {}, { jwt: {} }, { jwt: { claims: {} } }, { jwt: { claims: { sub: '' } } }]) {
      expect(await viewing.raw(withAuthorizer(authorizer))).toMatchObject({ status: 401 });
    }
  });

  test.each([
    ['[pilot]', 'north'],
    ['[reviewer pilot]', 'south,north'],
    ['pilot', '[north]'],
    ['["reviewer","pilot"]', '["south", "north"]'],
    [' pilot , other ', ' south north '],
  ])('lists as %s and %s', async (roles, groups) => {
    expect(await ask('live', 'drone-1', claimsOf(roles, groups))).toMatchObject({ status: 200 });
    expect(await ask('live', 'drone-2', claimsOf(roles, 'west'))).toMatchObject({ status: 404 });
  });

  test('may have lists that are lists', async () => {
    const claims = { sub: 'a', 'cognito:groups': ['pilot'], 'custom:device_groups': ['north', 7] };
    expect(await viewing.raw(withAuthorizer({ jwt: { claims } }))).toMatchObject({ status: 200 });
  });

  test.each([['{}'], ['[[pilot]]'], ['[not,pilot]'], ['["not,pilot,at all"]'], ['pilot;north'], ['pilot\\u0000']])(
    '%s is no role',
    async (roles) => {
      expect(await ask('hls', 'drone-1', claimsOf(roles, 'north'))).toMatchObject({ status: 403 });
    },
  );

  test('has claims of other names, if so configured', async () => {
    viewing.start({ claims: { roles: 'roles', groups: 'sites' } });
    expect(await ask('live', 'drone-1', { roles: 'pilot', sites: 'north' })).toMatchObject({ status: 200 });
    expect(await ask('live', 'drone-1', NORTH_PILOT)).toMatchObject({ status: 403 });
  });

  test('has no claims that it does not have itself', async () => {
    viewing.start({ claims: { roles: 'constructor', groups: '__proto__' } });
    expect(await ask('live', 'drone-1', NORTH_PILOT)).toMatchObject({ status: 403 });
  });
});

describe('the record', () => {
  test('says who was let in, to what, why and until when', async () => {
    await viewing.post('/v1/devices/drone-1/hls', NORTH_PILOT, { mode: 'ON_DEMAND', ...PAST });
    expect(written().logs).toEqual([
      expect.objectContaining({
        level: 'INFO',
        message: 'Access granted',
        sub: '6f2c1e4a-viewer',
        device: 'drone-1',
        action: 'hls',
        reason: 'pilot of north',
        until: new Date(NOW + 900_000).toISOString(),
        mode: 'ON_DEMAND',
        ...PAST,
      }),
    ]);
  });

  test.each([
    ['drone-2', NORTH_PILOT, 'the device is in none of the groups'],
    ['drone-99', NORTH_PILOT, 'the fleet has no such device'],
    ['drone-1', NORTH_REVIEWER, 'no role allows live'],
  ])('says why somebody was not let in to %s', async (device, claims, reason) => {
    await ask('live', device, claims);
    expect(written().logs).toEqual([
      expect.objectContaining({
        level: 'WARN',
        message: 'Access denied',
        sub: '6f2c1e4a-viewer',
        device,
        action: 'live',
        reason,
      }),
    ]);
  });

  test('has no URL, no token and no password of a session', async () => {
    await ask('live', 'drone-1', NORTH_PILOT);
    await ask('hls', 'drone-1', NORTH_PILOT);
    await ask('clip', 'drone-1', NORTH_PILOT);
    const { logs } = written();
    expect(logs).toHaveLength(3);
    expect(JSON.stringify(logs)).not.toMatch(/https:|wss:|SessionToken|X-Amz|"p"/);
  });

  test('has no access that failed', async () => {
    viewing.archivedMedia.on(GetHLSStreamingSessionURLCommand).rejects(new Error('broken'));
    expect(await ask('hls', 'drone-1', NORTH_PILOT)).toMatchObject({ status: 500 });
    metrics.publishStoredMetrics();
    const { logs, metrics: values } = written();
    expect(values).toEqual({});
    expect(logs.map(({ message }) => message)).toEqual(['Request failed']);
  });
});

describe('groups of a device', () => {
  test('are on several pages', async () => {
    viewing.iot
      .on(ListThingGroupsForThingCommand)
      .resolves({ thingGroups: [{ groupName: 'west' }], nextToken: 'more' })
      .on(ListThingGroupsForThingCommand, { nextToken: 'more' })
      .resolves({ thingGroups: [{ groupName: 'north' }] });
    expect(await ask('hls', 'drone-1', NORTH_PILOT)).toMatchObject({ status: 200 });
  });

  test('are believed for a moment only', async () => {
    expect(await ask('hls', 'drone-1', NORTH_PILOT)).toMatchObject({ status: 200 });
    viewing.iot.on(ListThingGroupsForThingCommand).resolves({ thingGroups: [] });
    viewing.state.now += DEVICE_TTL - 1;
    expect(await ask('hls', 'drone-1', NORTH_PILOT)).toMatchObject({ status: 200 });
    viewing.state.now += 2;
    expect(await ask('hls', 'drone-1', NORTH_PILOT)).toMatchObject({ status: 404 });
  });

  test('that can not be asked for let nobody in', async () => {
    viewing.iot
      .on(ListThingGroupsForThingCommand)
      .rejects(new ThrottlingException({ $metadata: {}, message: 'Rate exceeded' }));
    expect(await ask('hls', 'drone-1', NORTH_PILOT)).toMatchObject({ status: 429 });
  });
});
