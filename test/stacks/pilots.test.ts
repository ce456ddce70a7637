import { Annotations } from 'aws-cdk-lib/assertions';
import { referenceFleet } from '../support/fleet';
import { snapshotOf } from '../support/snapshot';
import { Match, Template } from '../support/template';

const [{ pilots, state, fleet }] = referenceFleet({ name: 'delivery', pilots: { domainPrefix: 'delivery-pilots' } });

test('the pilots are as they were', () => {
  expect(snapshotOf(pilots!)).toMatchSnapshot();
});

test('the same fleet has the same pilots', () => {
  const [again] = referenceFleet({ name: 'delivery', pilots: { domainPrefix: 'delivery-pilots' } });
  expect(Template.fromStack(again.pilots!).toJSON()).toEqual(Template.fromStack(pilots!).toJSON());
});

test('nothing warns', () => {
  for (const stack of [pilots!, state, fleet]) {
    expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
  }
});

test('references go to the state only', () => {
  const [outputs] = [pilots!, fleet].map((stack) => JSON.stringify(Template.fromStack(stack).toJSON()));
  expect(outputs).toContain(`"StackName":"${state.stackName}"`);
  expect(outputs).not.toContain(fleet.stackName);
  expect(JSON.stringify(Template.fromStack(state).toJSON())).not.toContain(pilots!.stackName);
});

test('what holds on to people and alerts stays when the stack goes', () => {
  const { Resources } = Template.fromStack(pilots!).toJSON() as {
    Resources: Record<string, { Type: string; DeletionPolicy?: string }>;
  };
  const gone = Object.values(Resources).filter(
    ({ Type, DeletionPolicy }) =>
      ['AWS::DynamoDB::Table', 'AWS::Cognito::UserPool', 'AWS::S3::Bucket'].includes(Type) &&
      DeletionPolicy !== 'Retain',
  );
  // The files of the console, which are in the package.
  expect(gone).toEqual([expect.objectContaining({ Type: 'AWS::S3::Bucket', DeletionPolicy: 'Delete' })]);
});
