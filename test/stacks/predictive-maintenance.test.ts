import { Annotations } from 'aws-cdk-lib/assertions';
import { predictiveMaintenance } from '../../bin/predictive-maintenance';
import { appWith, describeFindings } from '../support/reference-app';
import { snapshotOf } from '../support/snapshot';
import { Match, Template } from '../support/template';

const CONTEXT = {
  plant: { name: 'plant-1', maintenanceEmails: ['fitter@example.com'], alarmEmails: ['operator@example.com'] },
};
const stack = predictiveMaintenance(appWith(CONTEXT));

test('what is deployed is as it was', () => {
  expect(snapshotOf(stack)).toMatchSnapshot();
});

test('the same plant is the same', () => {
  expect(Template.fromStack(predictiveMaintenance(appWith(CONTEXT))).toJSON()).toEqual(
    Template.fromStack(stack).toJSON(),
  );
});

test('there is nothing to warn of', () => {
  expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
});

describeFindings(predictiveMaintenance, CONTEXT);
