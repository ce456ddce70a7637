import { captureOutput } from '../../support/handler-output';
import { ListThingsCommand } from '@aws-sdk/client-iot';
import { GetHLSStreamingSessionURLCommand } from '@aws-sdk/client-kinesis-video-archived-media';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { Uint8ArrayBlobAdapter } from '@smithy/core/serde';
import { mockClient } from 'aws-sdk-client-mock';
import { functionAuthorizer } from '../../../lambda/common/access/authorizer';
import { ADMIN, awsError, viewingOf } from '../../support/viewing';

const written = captureOutput();
const viewing = viewingOf();
const lambda = mockClient(LambdaClient);

const payload = (content: unknown) =>
  Uint8ArrayBlobAdapter.fromString(typeof content === 'string' ? content : JSON.stringify(content));
const decide = (...decisions: object[]) =>
  lambda.on(InvokeCommand).resolves({ Payload: payload({ schemaVersion: '1.0', decisions }) });
const HLS = '/v1/devices/drone-1/hls';
const open = (claims: Record<string, string> = {}, path = HLS) => viewing.post(path, claims, { mode: 'LIVE' });

beforeEach(() => {
  lambda.reset();
  viewing.start({ authorizer: functionAuthorizer(new LambdaClient({ region: 'eu-west-1' }), 'arn:authorizer') });
});

test('a function decides instead of roles', async () => {
  decide({ device: 'drone-1', allow: true, reason: 'on shift' });
  expect(await open({ shift: 'early' })).toMatchObject({ status: 200 });
  const [{ input }] = lambda.commandCalls(InvokeCommand).map(({ args }) => args[0]);
  expect(input.FunctionName).toBe('arn:authorizer');
  expect(JSON.parse(String(input.Payload))).toEqual({
    schemaVersion: '1.0',
    action: 'hls',
    caller: {
      sub: '6f2c1e4a-viewer',
      claims: { sub: '6f2c1e4a-viewer', token_use: 'id', shift: 'early' },
    },
    devices: [{ name: 'drone-1', groups: ['north', 'night'] }],
  });
  expect(written().logs).toEqual([expect.objectContaining({ message: 'Access granted', reason: 'on shift' })]);
});

test('its denial is the same as no device, and its reason is for the log', async () => {
  decide({ device: 'drone-1', allow: false, reason: 'off shift' });
  const denied = await open(ADMIN);
  expect(written().logs).toEqual([expect.objectContaining({ message: 'Access denied', reason: 'off shift' })]);
  expect(denied.status).toBe(404);
  expect(await open(ADMIN, '/v1/devices/drone-99/hls')).toEqual(denied);
});

test.each<[string, object[]]>([
  ['nothing', []],
  ['another device', [{ device: 'drone-2', allow: true, reason: 'x' }]],
  [
    'two things',
    [
      { device: 'drone-1', allow: true, reason: 'x' },
      { device: 'drone-1', allow: true, reason: 'y' },
    ],
  ],
])('%s said is no permission', async (_what, decisions) => {
  decide(...decisions);
  expect(await open(ADMIN)).toMatchObject({ status: 404 });
});

test.each<[string, unknown]>([
  ['no JSON', 'yes'],
  ['nothing', ''],
  ['true', true],
  ['a word', { schemaVersion: '1.0', decisions: [{ device: 'drone-1', allow: 'true', reason: 'x' }] }],
  ['no reason', { schemaVersion: '1.0', decisions: [{ device: 'drone-1', allow: true }] }],
  ['no version', { decisions: [{ device: 'drone-1', allow: true, reason: 'x' }] }],
  ['another version', { schemaVersion: '2.0', decisions: [{ device: 'drone-1', allow: true, reason: 'x' }] }],
])('%s is no answer', async (_what, content) => {
  lambda.on(InvokeCommand).resolves({ Payload: payload(content) });
  expect(await open(ADMIN)).toMatchObject({ status: 502, content: { title: 'No decision' } });
  expect(viewing.archivedMedia).not.toHaveReceivedCommand(GetHLSStreamingSessionURLCommand);
});

test('a function that fails has not allowed anything, whatever it returns', async () => {
  const allowing = { schemaVersion: '1.0', decisions: [{ device: 'drone-1', allow: true, reason: 'x' }] };
  lambda.on(InvokeCommand).resolves({ FunctionError: 'Unhandled', Payload: payload(allowing) });
  expect(await open(ADMIN)).toMatchObject({ status: 502 });
});

test.each(['ResourceNotFoundException', 'AccessDeniedException', 'TooManyRequestsException', 'TimeoutError'])(
  '%s of the function says nothing of the device',
  async (name) => {
    lambda.on(InvokeCommand).rejects(awsError(name));
    expect(await open(ADMIN)).toMatchObject({ status: 502, content: { title: 'No decision' } });
  },
);

test('it is asked of a page of devices at once', async () => {
  viewing.iot
    .on(ListThingsCommand)
    .resolves({ things: ['drone-1', 'drone-2', 'drone-3'].map((thingName) => ({ thingName })) });
  decide({ device: 'drone-3', allow: true, reason: 'x' }, { device: 'drone-1', allow: false, reason: 'y' });
  const { content } = await viewing.get('/v1/devices', {});
  expect(content.devices).toEqual([expect.objectContaining({ device: 'drone-3' })]);
  expect(lambda).toHaveReceivedCommandTimes(InvokeCommand, 1);
});
