import {
  DescribeThingCommand,
  IoTClient,
  ListThingGroupsForThingCommand,
  ListThingsCommand,
  ListThingsInThingGroupCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-iot';
import { mockClient } from 'aws-sdk-client-mock';
import { Devices, DEVICE_TTL, deviceName } from '../../../../lambda/common/access/devices';

const client = new IoTClient({ region: 'eu-west-1' });
const iot = mockClient(client);
const gone = () => new ResourceNotFoundException({ $metadata: {}, message: 'gone' });
const tokenOf = (content: unknown) => Buffer.from(JSON.stringify(content)).toString('base64url');

let now: number;
let devices: Devices;

beforeEach(() => {
  now = 1000;
  iot.reset();
  iot.on(DescribeThingCommand).resolves({ thingTypeName: 'drone' });
  iot.on(ListThingGroupsForThingCommand).resolves({ thingGroups: [{ groupName: 'north' }, {}] });
  devices = new Devices({ iot: client, thingTypeName: 'drone', now: () => now });
});

describe('a device', () => {
  test('is in the groups that the registry says', async () => {
    iot
      .on(ListThingGroupsForThingCommand)
      .resolves({ thingGroups: [{ groupName: 'north' }], nextToken: 'more' })
      .on(ListThingGroupsForThingCommand, { nextToken: 'more' })
      .resolves({ thingGroups: [{ groupName: 'south' }] });
    expect(await devices.find('drone-1')).toEqual({ name: 'drone-1', groups: ['north', 'south'] });
    expect(iot).toHaveReceivedCommandWith(DescribeThingCommand, { thingName: 'drone-1' });
    expect(iot).toHaveReceivedCommandWith(ListThingGroupsForThingCommand, { thingName: 'drone-1', maxResults: 250 });
  });

  test('may be in no group', async () => {
    iot.on(ListThingGroupsForThingCommand).resolves({});
    expect(await devices.find('drone-1')).toEqual({ name: 'drone-1', groups: [] });
  });

  test('is none of another type, or of none', async () => {
    for (const thingTypeName of ['kettle', undefined]) {
      iot.on(DescribeThingCommand).resolves({ thingTypeName });
      expect(await devices.find('drone-1')).toBeUndefined();
    }
    expect(iot).not.toHaveReceivedCommand(ListThingGroupsForThingCommand);
  });

  test('may go at any time', async () => {
    iot.on(DescribeThingCommand).rejects(gone());
    expect(await devices.find('drone-1')).toBeUndefined();
    iot.on(DescribeThingCommand).resolves({ thingTypeName: 'drone' });
    iot.on(ListThingGroupsForThingCommand).rejects(gone());
    expect(await devices.find('drone-1')).toBeUndefined();
  });

  test('that can not be asked for is no answer', async () => {
    iot.on(DescribeThingCommand).rejects(new Error('broken'));
    await expect(devices.find('drone-1')).rejects.toThrow('broken');
  });

  test.each(['', 'a.b', 'a:b', ' a', 'a ', 'x'.repeat(129)])('%j is not asked for', async (name) => {
    expect(await devices.find(name)).toBeUndefined();
    expect(iot.calls()).toEqual([]);
  });

  test('has a name of letters, digits, hyphens and underscores', () => {
    for (const name of ['a', 'Z-9_', 'x'.repeat(128)]) expect(deviceName.parse(name)).toBe(name);
  });

  test('is remembered for a while, and one that is none is not', async () => {
    await devices.find('drone-1');
    now += DEVICE_TTL;
    expect(await devices.find('drone-1')).toEqual({ name: 'drone-1', groups: ['north'] });
    expect(iot).toHaveReceivedCommandTimes(DescribeThingCommand, 1);
    now += 1;
    await devices.find('drone-1');
    expect(iot).toHaveReceivedCommandTimes(DescribeThingCommand, 2);
    iot.on(DescribeThingCommand).rejects(gone());
    for (let times = 0; times < 2; times++) await devices.find('drone-2');
    expect(iot).toHaveReceivedCommandTimes(DescribeThingCommand, 4);
  });
});

describe('a page', () => {
  test('of all devices has those of the type, and where the next begins', async () => {
    iot.on(ListThingsCommand).resolves({ things: [{ thingName: 'drone-1' }, {}], nextToken: 'more' });
    const page = await devices.page('all', 2);
    expect(page).toEqual({ devices: [{ name: 'drone-1', groups: ['north'] }], nextToken: tokenOf([0, 'more']) });
    iot.on(ListThingsCommand).resolves({});
    expect(await devices.page('all', 2, page.nextToken)).toEqual({ devices: [] });
    expect(iot.commandCalls(ListThingsCommand).map(({ args: [{ input }] }) => input)).toEqual([
      { thingTypeName: 'drone', maxResults: 2 },
      { thingTypeName: 'drone', maxResults: 2, nextToken: 'more' },
    ]);
  });

  test('goes through the groups, and shows a device in the first of its own', async () => {
    iot.on(ListThingGroupsForThingCommand, { thingName: 'drone-1' }).resolves({
      thingGroups: [{ groupName: 'north' }, { groupName: 'south' }],
    });
    iot
      .on(ListThingGroupsForThingCommand, { thingName: 'drone-2' })
      .resolves({ thingGroups: [{ groupName: 'south' }] });
    iot
      .on(ListThingsInThingGroupCommand, { thingGroupName: 'north' })
      .resolves({ things: ['drone-1'], nextToken: 'more' })
      .on(ListThingsInThingGroupCommand, { thingGroupName: 'north', nextToken: 'more' })
      .resolves({})
      .on(ListThingsInThingGroupCommand, { thingGroupName: 'gone' })
      .rejects(gone())
      .on(ListThingsInThingGroupCommand, { thingGroupName: 'south' })
      .resolves({ things: ['drone-1', 'drone-2'] });
    const groups = ['north', 'gone', 'south'];
    const pages = [];
    for (let token: string | undefined = tokenOf([0]); token !== undefined;) {
      const { devices: found, nextToken } = await devices.page(groups, 5, token);
      pages.push([found.map(({ name }) => name), nextToken]);
      token = nextToken;
    }
    expect(pages).toEqual([
      [['drone-1'], tokenOf([0, 'more'])],
      [[], tokenOf([1])],
      [[], tokenOf([2])],
      [['drone-2'], undefined],
    ]);
    expect(iot).toHaveReceivedNthSpecificCommandWith(2, ListThingsInThingGroupCommand, {
      thingGroupName: 'north',
      maxResults: 5,
      nextToken: 'more',
    });
  });

  test('of the last group may not be the last', async () => {
    iot.on(ListThingsInThingGroupCommand).resolves({ things: ['drone-1'], nextToken: 'more' });
    expect(await devices.page(['north'], 1)).toEqual({
      devices: [{ name: 'drone-1', groups: ['north'] }],
      nextToken: tokenOf([0, 'more']),
    });
  });

  test('has no device of another fleet', async () => {
    iot.on(DescribeThingCommand, { thingName: 'kettle-1' }).resolves({ thingTypeName: 'kettle' });
    iot.on(ListThingsCommand).resolves({ things: [{ thingName: 'kettle-1' }, { thingName: 'drone-1' }] });
    expect(await devices.page('all', 2)).toEqual({ devices: [{ name: 'drone-1', groups: ['north'] }] });
    iot.on(ListThingsInThingGroupCommand).resolves({ things: ['kettle-1', 'drone-1'] });
    expect(await devices.page(['north'], 2)).toEqual({ devices: [{ name: 'drone-1', groups: ['north'] }] });
  });

  test('of no groups, or behind the last of them, has nothing', async () => {
    expect(await devices.page([], 5)).toEqual({ devices: [] });
    expect(await devices.page(['north'], 5, tokenOf([1]))).toEqual({ devices: [] });
    expect(iot.calls()).toEqual([]);
  });

  test.each([{}, [], [-1], [0.5], ['0'], [0, ''], [0, 7], [0, 'a', 'b']])('does not begin at %j', async (position) => {
    await expect(devices.page('all', 5, tokenOf(position))).rejects.toMatchObject({
      status: 400,
      title: 'Malformed request',
      message: '`nextToken` is none that this API has given.',
    });
    expect(iot.calls()).toEqual([]);
  });
});
