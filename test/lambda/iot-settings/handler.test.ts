import { DescribeEndpointCommand, IoTClient, UpdateEventConfigurationsCommand } from '@aws-sdk/client-iot';
import type { CdkCustomResourceEvent, CdkCustomResourceResponse, Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { handler } from '../../../lambda/iot-settings';
import { handle } from '../../../lambda/iot-settings/handler';
import { createEvent, deleteEvent, updateEvent } from '../../events/custom-resource';

const ENDPOINTS = 'Custom::IotEndpoints';
const THING_EVENTS = 'Custom::IotThingEvents';

const client = new IoTClient({ region: 'eu-west-1' });
const iot = mockClient(client);
const run = (event: CdkCustomResourceEvent) => handle(event, { iot: client });

beforeEach(() => {
  iot.reset();
  iot
    .on(DescribeEndpointCommand, { endpointType: 'iot:CredentialProvider' })
    .resolves({ endpointAddress: 'c3f4.credentials.iot.eu-west-1.amazonaws.com' })
    .on(DescribeEndpointCommand, { endpointType: 'iot:Data-ATS' })
    .resolves({ endpointAddress: 'c3f4-ats.iot.eu-west-1.amazonaws.com' })
    .on(UpdateEventConfigurationsCommand)
    .resolves({});
});

describe.each([
  ['made', (type: string) => createEvent(type, {})],
  ['changed', (type: string, id: string) => updateEvent(type, id, {}, { Version: 2 })],
  ['rolled back', (type: string, id: string) => updateEvent(type, id, { Version: 2 }, {})],
])('when it is %s', (_when, eventOf) => {
  test('the endpoints of credentials and messages are looked up', async () => {
    expect(await run(eventOf(ENDPOINTS, 'endpoints'))).toEqual({
      PhysicalResourceId: 'endpoints',
      Data: {
        CredentialEndpoint: 'c3f4.credentials.iot.eu-west-1.amazonaws.com',
        DataEndpoint: 'c3f4-ats.iot.eu-west-1.amazonaws.com',
      },
    });
    expect(iot).toHaveReceivedCommandTimes(DescribeEndpointCommand, 2);
    expect(iot).not.toHaveReceivedCommand(UpdateEventConfigurationsCommand);
  });

  test('the events of things are switched on, and those of nothing else', async () => {
    expect(await run(eventOf(THING_EVENTS, 'thing-events'))).toEqual({ PhysicalResourceId: 'thing-events' });
    expect(iot.calls().map(({ args: [command] }) => command.input)).toEqual([
      { eventConfigurations: { THING: { Enabled: true } } },
    ]);
  });
});

test.each([
  [ENDPOINTS, 'endpoints'],
  [THING_EVENTS, 'thing-events'],
])('%s leaves the account as it is when it goes', async (type, id) => {
  expect(await run(deleteEvent(type, id, {}))).toEqual({ PhysicalResourceId: id });
  expect(iot.calls()).toEqual([]);
});

test('an unknown setting is refused', async () => {
  await expect(run(createEvent('Custom::IotIndexing', {}))).rejects.toThrow(
    "There is no setting 'Custom::IotIndexing'.",
  );
  expect(iot.calls()).toEqual([]);
});

test.each([ENDPOINTS, THING_EVENTS])('%s fails if the service refuses', async (type) => {
  iot.reset();
  iot.onAnyCommand().rejects(new Error('You may not.'));
  await expect(run(createEvent(type, {}))).rejects.toThrow('You may not.');
});

describe('the function as it is deployed', () => {
  const environment = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' };
  const before = { ...process.env };

  beforeEach(() => {
    Object.assign(process.env, environment);
    jest.useFakeTimers();
    // The waits between attempts are drawn by lot; this is the average.
    jest.spyOn(Math, 'random').mockReturnValue(0.5);
  });
  afterEach(() => {
    process.env = { ...before };
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  /** Answers on the wire, below the client that the function makes for itself. */
  function refuse(error: string, statusCode: number, refuses: (attempt: number) => boolean): jest.SpyInstance {
    const wire = jest.spyOn(Object.getPrototypeOf(client.config.requestHandler), 'handle');
    return wire.mockImplementation(async () => {
      const refused = refuses(wire.mock.calls.length);
      const headers = { 'content-type': 'application/json', ...(refused && { 'x-amzn-errortype': error }) };
      return { response: { statusCode: refused ? statusCode : 200, headers, body: Buffer.from('{}') } };
    });
  }

  async function invoke(event: CdkCustomResourceEvent): Promise<CdkCustomResourceResponse> {
    let over = false;
    const result = Promise.resolve(handler(event, {} as Context, () => {})).finally(() => (over = true));
    result.catch(() => {});
    while (!over) await jest.advanceTimersByTimeAsync(1000);
    return (await result) as CdkCustomResourceResponse;
  }

  test.each([
    ['throttling that lasts a second', 1000, 'ThrottlingException', 429],
    ['a permission that takes ten seconds to work', 10_000, 'AccessDeniedException', 403],
    ['a permission that takes ten seconds to work', 10_000, 'UnauthorizedException', 401],
  ])('is patient with %s (%d ms): %s', async (_what, duration, error, statusCode) => {
    const effective = Date.now() + duration;
    refuse(error, statusCode, () => Date.now() < effective);
    expect(await invoke(createEvent(THING_EVENTS, {}))).toEqual({ PhysicalResourceId: 'thing-events' });
  });

  test('does not repeat a request that is wrong', async () => {
    const wire = refuse('InvalidRequestException', 400, (attempt) => attempt === 1);
    await expect(invoke(createEvent(THING_EVENTS, {}))).rejects.toMatchObject({ name: 'InvalidRequestException' });
    expect(wire).toHaveBeenCalledTimes(1);
  });
});
