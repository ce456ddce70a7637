import { App, type Stack } from 'aws-cdk-lib';
import { Annotations } from 'aws-cdk-lib/assertions';
import { retailQueue } from '../../bin/retail-queue';
import cdkJson from '../../cdk.json';
import { snapshotOf } from '../support/snapshot';
import { Match, Template } from '../support/template';

function storeOf(counting: string): Stack {
  const emails = { signalEmails: ['manager@example.com'], alarmEmails: ['operator@example.com'] };
  const store = { name: 'store-7', counting, ...emails };
  return retailQueue(new App({ context: { ...cdkJson.context, store } }));
}

describe.each(['device', 'cloud'])('people who are counted by %s', (counting) => {
  const stack = storeOf(counting);

  test('are as they were', () => {
    expect(snapshotOf(stack)).toMatchSnapshot();
  });

  test('are the same in the same store', () => {
    expect(Template.fromStack(storeOf(counting)).toJSON()).toEqual(Template.fromStack(stack).toJSON());
  });

  test('are nothing to warn of', () => {
    expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
  });
});
