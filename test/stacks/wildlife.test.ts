import type { Stack } from 'aws-cdk-lib';
import { Annotations } from 'aws-cdk-lib/assertions';
import { wildlife } from '../../bin/wildlife';
import { appWith } from '../support/reference-app';
import { snapshotOf } from '../support/snapshot';
import { Match, Template } from '../support/template';

const reserveOf = (): Stack =>
  wildlife(
    appWith({ reserve: { name: 'reserve-1', rangerPhones: ['+15555550100'], alarmEmails: ['operator@example.com'] } }),
  );
const stack = reserveOf();

test('a reserve is as it was', () => {
  expect(snapshotOf(stack)).toMatchSnapshot();
});

test('it is the same each time', () => {
  expect(Template.fromStack(reserveOf()).toJSON()).toEqual(Template.fromStack(stack).toJSON());
});

test('there is nothing to warn of', () => {
  expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
});
