import { Annotations } from 'aws-cdk-lib/assertions';
import { referenceFleet } from '../support/fleet';
import { snapshotOf } from '../support/snapshot';
import { Match, Template } from '../support/template';

const CONFIGURATION = { name: 'delivery', devices: 5000, monitoring: { canary: true }, alertEmails: ['p@example.com'] };

const [{ state, fleet, monitoring }] = referenceFleet(CONFIGURATION);

test('what watches is as it was', () => {
  expect(snapshotOf(monitoring!)).toMatchSnapshot();
});

test('the same fleet is watched in the same way', () => {
  const [again] = referenceFleet(CONFIGURATION);
  expect(Template.fromStack(again.monitoring!).toJSON()).toEqual(Template.fromStack(monitoring!).toJSON());
});

test('nothing warns but the plan', () => {
  expect(Annotations.fromStack(monitoring!).findWarning('*', Match.anyValue())).toEqual([]);
});

test('nothing refers to it, so that it can go at any time', () => {
  for (const stack of [state, fleet]) {
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toContain(monitoring!.stackName);
  }
});

test('its size does not depend on that of the fleet', () => {
  const [large] = referenceFleet({ ...CONFIGURATION, devices: 50_000 });
  const resources = (stack: typeof monitoring) => Object.keys(Template.fromStack(stack!).toJSON().Resources);
  expect(resources(large.monitoring)).toEqual(resources(monitoring));
});

test('pilots are told of nothing that the canary sees, and it is what the fleet alerts of', () => {
  Template.fromStack(state).hasResourceProperties('AWS::SNS::Subscription', {
    Protocol: 'email',
    Endpoint: 'p@example.com',
    FilterPolicy: { device: [{ 'anything-but': ['canary'] }] },
  });
  const functions = JSON.stringify(Template.fromStack(fleet).findResources('AWS::Lambda::Function'));
  expect(functions).toContain('Canary');
});

test('without a canary nobody is kept from anything', () => {
  const [plain] = referenceFleet({ ...CONFIGURATION, monitoring: {} });
  Template.fromStack(plain.state).hasResourceProperties('AWS::SNS::Subscription', {
    Protocol: 'email',
    FilterPolicy: Match.absent(),
  });
  expect(plain.monitoring!.canary).toBeUndefined();
});
