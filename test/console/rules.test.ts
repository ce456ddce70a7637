import {
  chunksOf,
  DEVICES_EACH,
  FILTERS_EACH,
  group,
  identify,
  MOST_CONNECTIONS,
} from '../../console/src/alerts/groups';
import { outcomeOf } from '../../console/src/control/outcome';
import { healthOf } from '../../console/src/devices/health';
import { EVERY, nextTurn } from '../../console/src/devices/turns';
import { may } from '../../console/src/session/roles';
import { shortcutOf } from '../../console/src/ui/shortcut';
import { hashOf, parseRoute } from '../../console/src/ui/places';

const NOW = Date.parse('2026-03-01T12:00:00Z');

describe('health', () => {
  const active = [{ status: 'ACTIVE' as const }];

  test.each([
    ['sending', active, NOW - 30_000, { state: 'sending' }],
    ['silent', active, NOW - 30_001, { state: 'silent', since: NOW - 30_001 }],
    ['silent for longer than is known', active, undefined, { state: 'silent', since: undefined }],
    ['not set up', [{ status: 'NONE' as const }], undefined, { state: 'notSetUp' }],
    ['unknown', undefined, undefined, { state: 'unknown' }],
  ])('%s', (_, streams, last, health) => {
    expect(healthOf(streams, last, NOW)).toEqual(health);
  });
});

describe('turns', () => {
  test('who was never asked for is next, the open device first', () => {
    expect(nextTurn([{ name: 'a' }, { name: 'b' }], 'b', NOW)).toBe('b');
  });

  test('nobody is asked for before the time', () => {
    const turns = [{ name: 'a', last: NOW - EVERY.listed }];
    expect(nextTurn(turns, undefined, NOW)).toBeUndefined();
    expect(nextTurn(turns, undefined, NOW + 1)).toBe('a');
  });
});

describe('connections', () => {
  const names = (count: number) => Array.from({ length: count }, (_, index) => `drone-${index}`);

  test('have no more devices than AWS IoT takes for one', () => {
    const { groups, left } = group(names(60));
    expect(groups.map(({ length }) => length)).toEqual([25, 25, 10]);
    expect(left).toEqual([]);
  });

  test('devices keep their place, and those for whom there is none are told', () => {
    const all = names(DEVICES_EACH * MOST_CONNECTIONS + 3);
    const { groups, left } = group(all, [['drone-7']]);
    expect(groups[0][0]).toBe('drone-7');
    expect(groups).toHaveLength(MOST_CONNECTIONS);
    expect(left).toHaveLength(3);
  });

  test('a request to subscribe has no more topics than are allowed', () => {
    expect(chunksOf(names(50), FILTERS_EACH).map(({ length }) => length)).toEqual([8, 8, 8, 8, 8, 8, 2]);
  });

  test('the client is named as the authorizer wants it', () => {
    expect(identify('0'.repeat(64), 'viewers', ['a', 'b'], 'x-1')).toEqual({
      clientId: `viewer:${'0'.repeat(32)}:x-1`,
      username: 'viewer?x-amz-customauthorizer-name=viewers&devices=a,b',
    });
  });
});

describe('shortcuts', () => {
  const key = (name: string, more = {}) => ({
    key: name,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    repeat: false,
    ...more,
  });
  const page = { tag: 'BODY', isEditable: false };

  test.each([
    ['t', key('t'), page, 't'],
    ['a capital', key('T'), page, 't'],
    ['Escape', key('Escape'), page, 'Escape'],
    ['on a checkbox', key('t'), { tag: 'INPUT', type: 'checkbox', isEditable: false }, 't'],
    ['what is typed into a field', key('t'), { tag: 'INPUT', type: 'text', isEditable: false }, undefined],
    ['a choice from a list', key('t'), { tag: 'SELECT', isEditable: false }, undefined],
    ['what is typed into a text', key('t'), { tag: 'DIV', isEditable: true }, undefined],
    ['the browser’s own', key('t', { ctrlKey: true }), page, undefined],
    ['a key that is held', key('t', { repeat: true }), page, undefined],
  ])('%s', (_, pressed, place, shortcut) => {
    expect(shortcutOf(pressed, place)).toBe(shortcut);
  });
});

describe('roles', () => {
  test.each([
    [['reviewer'], 'live', false],
    [['pilot'], 'control', true],
    [['pilot'], 'force', false],
    [['admin'], 'force', true],
    [['crew'], 'control', true],
    [['crew'], 'force', false],
  ] as const)('%s, %s: %s', (roles, need, isOffered) => {
    expect(may(roles, need)).toBe(isOffered);
  });
});

test.each(['#/devices', '#/alerts', '#/devices/drone-1/review', '#/devices/drone-1/alerts'])(
  '%s is a place',
  (hash) => {
    expect(hashOf(parseRoute(hash))).toBe(hash);
  },
);

test.each(['', '#/', '#/elsewhere', '#/devices/%E0%A4%A'])('%s leads to the devices', (hash) => {
  expect(parseRoute(hash)).toEqual({ view: 'devices' });
});

describe('what came of a command', () => {
  const receivedAt = '2026-03-01T12:00:00Z';

  test.each([
    [undefined, { state: 'silent' }],
    [{ outcome: 'ACCEPTED' as const, receivedAt }, { state: 'accepted' }],
    [
      { outcome: 'REFUSED' as const, reason: 'UNABLE', detail: 'Not in this wind.', receivedAt },
      { state: 'refused', words: 'not possible now. Not in this wind.' },
    ],
    [
      { outcome: 'REFUSED' as const, reason: 'TOO_HIGH', receivedAt },
      { state: 'refused', words: 'Too high' },
    ],
  ])('%j', (acknowledgement, outcome) => {
    expect(outcomeOf({ acknowledgement })).toMatchObject(outcome);
  });
});
