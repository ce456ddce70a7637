import { captureOutput } from '../../../support/handler-output';
import { DescribeThingCommand, IoTClient, ListThingGroupsForThingCommand } from '@aws-sdk/client-iot';
import { mockClient } from 'aws-sdk-client-mock';
import { Access } from '../../../../lambda/common/access/access';
import type { Authorizer } from '../../../../lambda/common/access/authorizer';
import { Devices } from '../../../../lambda/common/access/devices';

captureOutput();
const client = new IoTClient({ region: 'eu-west-1' });
const iot = mockClient(client);
const CALLER = { sub: 'viewer', roles: [], groups: [], claims: {} };
const named = (count: number) => Array.from({ length: count }, (_, index) => `drone-${index}`);

let asked: string[][];
const authorizer: Authorizer = {
  refusal: (_caller, action) => (action === 'force' ? 'nobody does' : undefined),
  reach: () => 'all',
  decide: async (_caller, _action, devices) => {
    asked.push(devices.map(({ name }) => name));
    return devices.map(({ name }) => ({ allow: !name.endsWith('3'), reason: `of ${name}` }));
  },
};
let access: Access;

beforeEach(() => {
  asked = [];
  iot.reset();
  iot.on(DescribeThingCommand).callsFake(({ thingName }) => ({
    thingTypeName: thingName === 'drone-1' ? 'kettle' : 'drone',
  }));
  iot.on(ListThingGroupsForThingCommand).resolves({ thingGroups: [] });
  access = new Access(authorizer, new Devices({ iot: client, thingTypeName: 'drone', now: Date.now }));
});

test('who decides is asked about 25 devices at once, each its own decision', async () => {
  const admissions = await access.admitSome(CALLER, named(60), 'alerts');
  const known = named(60).filter((name) => name !== 'drone-1');
  expect(asked.map(({ length }) => length)).toEqual([25, 25, 9]);
  expect(asked.flat()).toEqual(known);
  expect(admissions).toEqual(
    known
      .filter((name) => !name.endsWith('3'))
      .map((device) => ({ caller: CALLER, device, action: 'alerts', reason: `of ${device}` })),
  );
});

test.each([
  [['kettle'], 0],
  [named(27), 2],
  [named(26), 1],
])('who decides is not asked about nothing: %#', async (names, times) => {
  iot.on(DescribeThingCommand).callsFake(({ thingName }) => ({
    thingTypeName: ['kettle', 'drone-1'].includes(thingName) ? 'kettle' : 'drone',
  }));
  await access.admitSome(CALLER, names, 'alerts').catch(() => undefined);
  expect(asked).toHaveLength(times);
});

test('a device that is named twice is admitted once', async () => {
  expect(await access.admitSome(CALLER, ['drone-2', 'drone-2'], 'alerts')).toHaveLength(1);
  expect(asked).toEqual([['drone-2']]);
});

test('nobody is left with nothing', async () => {
  await expect(access.admitSome(CALLER, ['drone-1', 'drone-3'], 'alerts')).rejects.toMatchObject({ status: 404 });
});

test('what nobody may do is not asked for each device', async () => {
  await expect(access.admitSome(CALLER, ['drone-2'], 'force')).rejects.toMatchObject({ status: 403 });
  expect(iot.calls()).toEqual([]);
});
