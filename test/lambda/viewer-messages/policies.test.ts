import { MAX_CHARACTERS, MAX_POLICIES, viewerPolicies } from '../../../lambda/viewer-messages/policies';
import { allows } from '../../support/iot-connection';

const ARN = 'arn:aws:iot:eu-west-1:111122223333';
/** As long as one may be. */
const CLIENT_ID = `viewer:${'0'.repeat(32)}:${'x'.repeat(36)}`;

const named = (count: number, length: number) =>
  Array.from({ length: count }, (_, index) => `d-${index}-`.padEnd(length, 'x'));
const policiesFor = (devices: string[], topicPrefix = 'devices', arnPrefix = ARN) =>
  viewerPolicies({ arnPrefix, topicPrefix, clientId: CLIENT_ID, devices });

test.each([
  [1, 1],
  [1, 128],
  [5, 128],
  [25, 20],
  [25, 64],
  [25, 108],
])('%i devices with names of %i characters fit, each with all of it', (count, length) => {
  const devices = named(count, length);
  const policies = policiesFor(devices)!;
  expect(policies.length).toBeLessThanOrEqual(MAX_POLICIES);
  for (const policy of policies) expect(JSON.stringify(policy).length).toBeLessThanOrEqual(MAX_CHARACTERS);
  expect(allows(policies, 'Connect', `client/${CLIENT_ID}`)).toBe(true);
  for (const device of devices) {
    for (const suffix of ['detections', 'alerts']) {
      expect(allows(policies, 'Subscribe', `topicfilter/devices/${device}/${suffix}`)).toBe(true);
      expect(allows(policies, 'Receive', `topic/devices/${device}/${suffix}`)).toBe(true);
    }
  }
});

test('no policy is made where there is room in the one before', () => {
  expect(policiesFor(named(1, 20))).toHaveLength(1);
  expect(policiesFor(named(25, 20))!.length).toBeLessThanOrEqual(5);
});

test.each([
  ['25 of the longest names', 25, 128, 'devices', ARN],
  [
    'the longest of all, in a partition with a long name',
    20,
    128,
    'p'.repeat(64),
    'arn:aws-us-gov:iot:us-gov-west-1:111122223333',
  ],
])('%s do not fit', (_what, count, length, prefix, arnPrefix) => {
  expect(policiesFor(named(count, length), prefix, arnPrefix)).toBeUndefined();
});

test('sixteen fit in any case', () => {
  const arnPrefix = 'arn:aws-us-gov:iot:us-gov-west-1:111122223333';
  const policies = policiesFor(named(16, 128), 'p'.repeat(64), arnPrefix)!;
  for (const policy of policies) expect(JSON.stringify(policy).length).toBeLessThanOrEqual(MAX_CHARACTERS);
});
