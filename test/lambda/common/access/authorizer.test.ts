import { captureOutput } from '../../../support/handler-output';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { Uint8ArrayBlobAdapter } from '@smithy/core/serde';
import { mockClient } from 'aws-sdk-client-mock';
import { BUILT_IN, functionAuthorizer, MAX_DEVICES } from '../../../../lambda/common/access/authorizer';

const written = captureOutput();
const client = new LambdaClient({ region: 'eu-west-1' });
const lambda = mockClient(client);
const callerWith = (roles: string[], groups: string[] = []) => ({
  sub: 'viewer',
  roles,
  groups,
  claims: { shift: 'x' },
});
const IN_NORTH = { name: 'drone-1', groups: ['north'] };
const IN_SOUTH = { name: 'drone-2', groups: ['south'] };
const decided = (...decisions: object[]) => ({ schemaVersion: '1.0', decisions });
const answer = (content: unknown) =>
  lambda.on(InvokeCommand).resolves({ Payload: Uint8ArrayBlobAdapter.fromString(JSON.stringify(content)) });

beforeEach(() => lambda.reset());

describe('roles and groups', () => {
  test('refuse what no role allows, without a look at a device', () => {
    expect(BUILT_IN.refusal(callerWith(['reviewer']), 'live')).toBe('no role allows live');
    expect(BUILT_IN.refusal(callerWith([]), 'list')).toBe('no role allows list');
    expect(BUILT_IN.refusal(callerWith(['reviewer', 'pilot']), 'live')).toBeUndefined();
  });

  test('reach as far as the groups do, or everywhere', () => {
    expect(BUILT_IN.reach(callerWith(['pilot'], ['north', 'west']))).toEqual(['north', 'west']);
    expect(BUILT_IN.reach(callerWith(['pilot', 'admin'], ['north']))).toBe('all');
    expect(BUILT_IN.reach(callerWith(['toString'], []))).toEqual([]);
  });

  test('decide about each device by itself', async () => {
    expect(await BUILT_IN.decide(callerWith(['pilot'], ['north']), 'live', [IN_SOUTH, IN_NORTH])).toEqual([
      { allow: false, reason: 'the device is in none of the groups' },
      { allow: true, reason: 'pilot of north' },
    ]);
  });
});

describe('a function', () => {
  const authorizer = functionAuthorizer(client, 'arn:authorizer');
  const decide = (...devices: { name: string; groups: string[] }[]) =>
    authorizer.decide(callerWith([]), 'live', devices);

  test('is asked of everything', () => {
    expect(authorizer.refusal(callerWith([]), 'force')).toBeUndefined();
    expect(authorizer.reach(callerWith([], ['north']))).toBe('all');
  });

  test('is told who wants to do what, and decides about each device', async () => {
    answer(
      decided(
        { device: 'drone-2', allow: false, reason: 'off shift' },
        { device: 'drone-1', allow: true, reason: 'on shift' },
      ),
    );
    expect(await decide(IN_NORTH, IN_SOUTH)).toEqual([
      { allow: true, reason: 'on shift' },
      { allow: false, reason: 'off shift' },
    ]);
    const [{ input }] = lambda.commandCalls(InvokeCommand)[0].args;
    expect(input.FunctionName).toBe('arn:authorizer');
    expect(JSON.parse(String(input.Payload))).toEqual({
      schemaVersion: '1.0',
      action: 'live',
      caller: { sub: 'viewer', claims: { shift: 'x' } },
      devices: [IN_NORTH, IN_SOUTH],
    });
  });

  test.each([
    ['nothing', []],
    ['another device', [{ device: 'drone-2', allow: true, reason: 'x' }]],
    ['it twice', ['x', 'y'].map((reason) => ({ device: 'drone-1', allow: true, reason }))],
  ])('that mentions %s has not allowed it', async (_what, decisions) => {
    answer(decided(...decisions));
    expect(await decide(IN_NORTH)).toEqual([{ allow: false, reason: 'no single decision' }]);
  });

  test.each<[string, object]>([
    ['an empty reason', decided({ device: 'drone-1', allow: true, reason: '' })],
    ['too long a reason', decided({ device: 'drone-1', allow: true, reason: 'x'.repeat(257) })],
    ['no reason', decided({ device: 'drone-1', allow: true })],
    ['a word for yes', decided({ device: 'drone-1', allow: 'true', reason: 'x' })],
    ['a device without a name', decided({ device: '', allow: true, reason: 'x' })],
    ['a name that is too long', decided({ device: 'x'.repeat(129), allow: true, reason: 'x' })],
    ['no decisions', { schemaVersion: '1.0' }],
    ['another version', { schemaVersion: '2.0', decisions: [] }],
  ])('that answers with %s has decided nothing', async (_what, content) => {
    answer(content);
    await expect(decide(IN_NORTH)).rejects.toMatchObject({
      status: 502,
      title: 'No decision',
      message: 'It could not be decided whether this is allowed.',
    });
    expect(written().logs).toEqual([
      expect.objectContaining({ level: 'ERROR', message: 'The authorizer gave no answer', error: expect.anything() }),
    ]);
  });

  test('that fails has decided nothing, and the log has why', async () => {
    answer(decided({ device: 'drone-1', allow: true, reason: 'x' }));
    lambda.on(InvokeCommand).resolves({
      FunctionError: 'Unhandled',
      Payload: Uint8ArrayBlobAdapter.fromString(
        JSON.stringify(decided({ device: 'drone-1', allow: true, reason: 'x' })),
      ),
    });
    await expect(decide(IN_NORTH)).rejects.toMatchObject({ status: 502 });
    expect(written().logs).toMatchObject([{ error: { message: 'The authorizer failed: Unhandled' } }]);
    lambda.on(InvokeCommand).resolves({});
    await expect(decide(IN_NORTH)).rejects.toMatchObject({ status: 502 });
  });

  test('may give reasons of up to 256 characters', async () => {
    const reason = 'x'.repeat(256);
    answer(decided({ device: 'drone-1', allow: true, reason }));
    expect(await decide(IN_NORTH)).toEqual([{ allow: true, reason }]);
  });

  test('is not asked about more devices than it is told it will be, or about none', async () => {
    answer(decided());
    const many = Array.from({ length: MAX_DEVICES }, (_, index) => ({ name: `drone-${index}`, groups: [] }));
    expect(await decide(...many)).toHaveLength(25);
    await expect(decide(...many, IN_NORTH)).rejects.toThrow();
    await expect(decide()).rejects.toThrow();
    expect(lambda.calls()).toHaveLength(1);
  });
});
