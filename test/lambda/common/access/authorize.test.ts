import { ACTIONS, decide, reachesAllGroups, type Action } from '../../../../lambda/common/access/authorize';

const IN_NORTH = { name: 'drone-1', groups: ['north', 'night'] };
const NOWHERE = { name: 'drone-3', groups: [] };
const RECORDED: Action[] = ['list', 'hls', 'dash', 'clip', 'images', 'fragments', 'alerts'];
const FLOWN: Action[] = [...RECORDED, 'live', 'acknowledge', 'control'];

const allowed = (roles: string[], groups: string[], device = IN_NORTH) =>
  ACTIONS.filter((action) => decide({ roles, groups, device, action }).allow);

test.each<[string, string[], string[], readonly Action[]]>([
  ['a reviewer of the group watches what is recorded', ['reviewer'], ['north'], RECORDED],
  ['a reviewer of another group sees nothing', ['reviewer'], ['south'], []],
  ['a pilot of the group also watches live and takes control', ['pilot'], ['north'], FLOWN],
  ['a pilot of another group sees nothing', ['pilot'], ['south'], []],
  ['an admin needs no group', ['admin'], [], ACTIONS],
  ['an admin of another group needs none either', ['admin'], ['south'], ACTIONS],
  ['no role is no access', [], ['north'], []],
  ['no group is no access', ['pilot'], [], []],
  ['one of several groups is enough', ['reviewer'], ['south', 'night'], RECORDED],
  ['one of several roles is enough', ['viewer', 'reviewer', 'pilot'], ['north'], FLOWN],
  ['names are exact', ['Pilot', 'admins', 'reviewer '], ['north'], []],
  ['groups are exact', ['pilot'], ['North', 'nort', 'north-1', '*'], []],
  ['names of what every object has are none of roles', ['constructor', '__proto__', 'toString'], ['north'], []],
])('%s', (_what, roles, groups, actions) => {
  expect(allowed(roles, groups)).toEqual(actions);
});

test('a device in no group is for admins', () => {
  expect(allowed(['pilot', 'reviewer'], ['north', ''], NOWHERE)).toEqual([]);
  expect(allowed(['admin'], [], NOWHERE)).toEqual(ACTIONS);
});

test.each([
  [['pilot'], ['south', 'north'], 'live', 'pilot of north'],
  [['reviewer', 'pilot'], ['north'], 'live', 'pilot of north'],
  [['reviewer', 'pilot'], ['north'], 'hls', 'reviewer of north'],
  [['admin'], ['north'], 'live', 'admin of all groups'],
  [['reviewer'], ['north'], 'live', 'no role allows live'],
  [['reviewer'], ['north'], 'acknowledge', 'no role allows acknowledge'],
  [['pilot'], ['north'], 'force', 'no role allows force'],
  [['admin'], [], 'force', 'admin of all groups'],
  [['pilot'], ['south'], 'live', 'the device is in none of the groups'],
] as const)('%j of %j for %s: %s', (roles, groups, action, reason) => {
  expect(decide({ roles, groups, device: IN_NORTH, action }).reason).toBe(reason);
});

test('only an admin reaches devices of all groups, whatever else one is', () => {
  expect(reachesAllGroups(['admin'])).toBe(true);
  expect(reachesAllGroups(['toString', 'pilot', 'admin'])).toBe(true);
  expect(reachesAllGroups(['reviewer', 'pilot', 'toString'])).toBe(false);
  expect(reachesAllGroups([])).toBe(false);
});
