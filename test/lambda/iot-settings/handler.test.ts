import {
  DescribeEndpointCommand,
  DescribeIndexCommand,
  GetIndexingConfigurationCommand,
  IoTClient,
  ResourceNotFoundException,
  UpdateEventConfigurationsCommand,
  UpdateIndexingConfigurationCommand,
} from '@aws-sdk/client-iot';
import type { CdkCustomResourceEvent, CdkCustomResourceResponse, Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { handler } from '../../../lambda/iot-settings';
import { handle } from '../../../lambda/iot-settings/handler';
import { createEvent, deleteEvent, updateEvent } from '../../events/custom-resource';

const ENDPOINTS = 'Custom::IotEndpoints';
const THING_EVENTS = 'Custom::IotThingEvents';
const INDEXING = 'Custom::IotFleetIndexing';

const client = new IoTClient({ region: 'eu-west-1' });
const iot = mockClient(client);
const pauses: number[] = [];
const pause = async (milliseconds: number) => void pauses.push(milliseconds);
const run = (event: CdkCustomResourceEvent) => handle(event, { iot: client, pause });

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

describe('the index of things', () => {
  const managedFields = [{ name: 'connectivity.connected', type: 'Boolean' as const }];
  const sent = () => iot.commandCalls(UpdateIndexingConfigurationCommand).map(({ args: [command] }) => command.input);
  beforeEach(() => {
    pauses.length = 0;
    iot
      .on(UpdateIndexingConfigurationCommand)
      .resolves({})
      .on(DescribeIndexCommand)
      .resolves({ indexStatus: 'ACTIVE' });
  });

  test.each([
    ['is off', { thingIndexingMode: 'OFF' as const }, { thingIndexingMode: 'REGISTRY' }],
    [
      'has shadows only',
      {
        thingIndexingMode: 'REGISTRY_AND_SHADOW' as const,
        namedShadowIndexingMode: 'ON' as const,
        customFields: [{ name: 'attributes.fleet', type: 'String' as const }],
        filter: { namedShadowNames: ['config'] },
        managedFields,
      },
      {
        thingIndexingMode: 'REGISTRY_AND_SHADOW',
        namedShadowIndexingMode: 'ON',
        customFields: [{ name: 'attributes.fleet', type: 'String' }],
        filter: { namedShadowNames: ['config'] },
      },
    ],
  ])('gets connectivity where it %s, and keeps what it has', async (_state, present, kept) => {
    iot.on(GetIndexingConfigurationCommand).resolves({ thingIndexingConfiguration: present });
    expect(await run(createEvent(INDEXING, {}))).toEqual({ PhysicalResourceId: 'fleet-indexing' });
    expect(sent()).toEqual([{ thingIndexingConfiguration: { ...kept, thingConnectivityIndexingMode: 'STATUS' } }]);
  });

  test('is left alone where it has it', async () => {
    const present = { thingIndexingMode: 'REGISTRY' as const, thingConnectivityIndexingMode: 'STATUS' as const };
    iot.on(GetIndexingConfigurationCommand).resolves({ thingIndexingConfiguration: present });
    await run(updateEvent(INDEXING, 'fleet-indexing', {}, { Version: 2 }));
    expect(sent()).toEqual([]);
  });

  test('is waited for, as it may not be there yet, or be built', async () => {
    iot.on(GetIndexingConfigurationCommand).resolves({ thingIndexingConfiguration: { thingIndexingMode: 'OFF' } });
    iot
      .on(DescribeIndexCommand)
      .rejectsOnce(new ResourceNotFoundException({ message: 'There is none.', $metadata: {} }))
      .resolvesOnce({ indexStatus: 'BUILDING' })
      .resolves({ indexStatus: 'ACTIVE' });
    await run(createEvent(INDEXING, {}));
    expect(pauses).toEqual([5000, 5000]);
  });

  test('is not waited for longer than the function has', async () => {
    iot.on(GetIndexingConfigurationCommand).resolves({ thingIndexingConfiguration: { thingIndexingMode: 'OFF' } });
    iot.on(DescribeIndexCommand).resolves({ indexStatus: 'BUILDING' });
    await expect(run(createEvent(INDEXING, {}))).rejects.toThrow(/still being built.*try again later/);
    expect(pauses.reduce((sum, each) => sum + each, 0)).toBe(240_000);
  });
});

test.each([
  [ENDPOINTS, 'endpoints'],
  [THING_EVENTS, 'thing-events'],
  [INDEXING, 'fleet-indexing'],
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

test.each([ENDPOINTS, THING_EVENTS, INDEXING])('%s fails if the service refuses', async (type) => {
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
