import { Annotations } from 'aws-cdk-lib/assertions';
import { factoryQuality } from '../../bin/factory-quality';
import { appWith } from '../support/reference-app';
import { snapshotOf } from '../support/snapshot';
import { Match, Template } from '../support/template';

const plantOf = (inspection: string) =>
  factoryQuality(appWith({ plant: { name: 'plant-3', inspection, alarmEmails: ['operator@example.com'] } }));

describe.each(['cloud', 'device'])('pieces that are inspected by %s', (inspection) => {
  const stack = plantOf(inspection);

  test('are as they were', () => {
    expect(snapshotOf(stack)).toMatchSnapshot();
  });

  test('are the same in the same plant', () => {
    expect(Template.fromStack(plantOf(inspection)).toJSON()).toEqual(Template.fromStack(stack).toJSON());
  });

  test('are nothing to warn of', () => {
    expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
  });
});
