import { Annotations } from 'aws-cdk-lib/assertions';
import { smartCity } from '../../bin/smart-city';
import { appWith, describeFindings } from '../support/reference-app';
import { snapshotOf } from '../support/snapshot';
import { Match, Template } from '../support/template';

const CONTEXT = {
  city: {
    name: 'city-1',
    operatorEmails: ['operator@example.com'],
    supervisorEmails: ['supervisor@example.com'],
    alarmEmails: ['alarms@example.com'],
  },
};
const stack = smartCity(appWith(CONTEXT));

test('what is deployed is as it was', () => {
  expect(snapshotOf(stack)).toMatchSnapshot();
});

test('the same city is the same', () => {
  expect(Template.fromStack(smartCity(appWith(CONTEXT))).toJSON()).toEqual(Template.fromStack(stack).toJSON());
});

test('there is nothing to warn of', () => {
  expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
});

describeFindings(smartCity, CONTEXT);
