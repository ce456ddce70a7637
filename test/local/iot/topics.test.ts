import { basicIngest, isFilterAllowed, isTopicAllowed, matchesFilter } from '../../../local/cloud/iot/topics';

test.each([
  ['devices/one/x', 'devices/one/x', true],
  ['devices/+/x', 'devices/one/x', true],
  ['devices/+/x', 'devices/one/two/x', false],
  ['devices/+', 'devices', false],
  ['devices/#', 'devices/one/x', true],
  ['devices/#', 'devices', true],
  ['devices/one', 'devices/one/x', false],
  ['devices/+/+', 'devices/one/', true],
  ['#', 'devices/one', true],
  ['#', '$aws/events/thing/one/created', false],
  ['+/events/#', '$aws/events/thing/one/created', false],
  ['$aws/events/thing/+/+', '$aws/events/thing/one/created', true],
])('%s and %s', (filter, topic, isMatch) => {
  expect(matchesFilter(filter, topic)).toBe(isMatch);
});

test.each([
  ['a/b/c/d/e/f/g/h', true],
  ['a/b/c/d/e/f/g/h/i', false],
  ['x'.repeat(256), true],
  ['ä'.repeat(129), false],
  ['$aws/rules/some_rule/a/b/c/d/e/f/g/h', true],
  ['$aws/rules/some_rule/a/b/c/d/e/f/g/h/i', false],
  ['$aws/certificates/create/json', true],
  ['$aws/certificates/create/json/accepted', false],
  ['$aws/provisioning-templates/fleet/provision/json', true],
  ['$aws/events/thing/one/created', false],
  ['$SYS/broker', false],
])('who publishes to %s: %s', (topic, isAllowed) => {
  expect(isTopicAllowed(topic)).toBe(isAllowed);
});

test.each([
  ['devices/#', true],
  ['$aws/events/#', true],
  ['$aws/rules/some_rule/#', false],
  ['$share/group/devices/#', false],
  ['a/b/c/d/e/f/g/h/i', false],
])('who subscribes to %s: %s', (filter, isAllowed) => {
  expect(isFilterAllowed(filter)).toBe(isAllowed);
});

test('Basic Ingest names a rule and the topic that it sees', () => {
  expect(basicIngest('$aws/rules/some_rule/devices/one')).toEqual({ rule: 'some_rule', topic: 'devices/one' });
  expect(basicIngest('devices/one')).toBeUndefined();
});
