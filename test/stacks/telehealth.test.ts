import type { Stack } from 'aws-cdk-lib';
import { Annotations } from 'aws-cdk-lib/assertions';
import { telehealth } from '../../bin/telehealth';
import { appWith } from '../support/reference-app';
import { snapshotOf } from '../support/snapshot';
import { Match, Template } from '../support/template';

const clinicOf = (): Stack =>
  telehealth(appWith({ clinic: { name: 'clinic-1', alarmEmails: ['operator@example.com'] } }));
const stack = clinicOf();

test('a clinic is as it was', () => {
  expect(snapshotOf(stack)).toMatchSnapshot();
});

test('it is the same each time', () => {
  expect(Template.fromStack(clinicOf()).toJSON()).toEqual(Template.fromStack(stack).toJSON());
});

test('there is nothing to warn of', () => {
  expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
});
