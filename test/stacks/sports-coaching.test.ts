import { Annotations } from 'aws-cdk-lib/assertions';
import { sportsCoaching } from '../../bin/sports-coaching';
import { appWith } from '../support/reference-app';
import { snapshotOf } from '../support/snapshot';
import { Match, Template } from '../support/template';

const stadium = { name: 'stadium-1', alarmEmails: ['operator@example.com'] };
const stack = sportsCoaching(appWith({ stadium }));

test('the stadium is as it was', () => {
  expect(snapshotOf(stack)).toMatchSnapshot();
});

test('the same stadium is the same', () => {
  expect(Template.fromStack(sportsCoaching(appWith({ stadium }))).toJSON()).toEqual(Template.fromStack(stack).toJSON());
});

test('there is nothing to warn of', () => {
  expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
});
