import type { TemplateResource, TemplateStack } from '../../../cli/guard/template';
import { effects, stackOf } from '../../support/assemblies';

const ROLE = (RoleName: string): TemplateResource => ({ Type: 'AWS::IAM::Role', Properties: { RoleName } });
const NESTED = (parameters: object = {}): TemplateResource => ({
  Type: 'AWS::CloudFormation::Stack',
  Properties: { Parameters: parameters },
});

/** A collection whose id is made of something. */
function collection(CollectionId: unknown): Record<string, TemplateResource> {
  return { Faces: { Type: 'AWS::Rekognition::Collection', Properties: { CollectionId } } };
}

function replaced(stack: string, source: string): string {
  return `replace ${stack} Faces: CollectionId refers to ${source}, which is replaced; the old one is destroyed`;
}

test.each<[name: string, reference: unknown]>([
  ['Ref', { Ref: 'Role' }],
  ['Fn::GetAtt', { 'Fn::GetAtt': ['Role', 'RoleId'] }],
  ['Fn::GetAtt in short', { 'Fn::GetAtt': 'Role.RoleId' }],
  ['Fn::Sub', { 'Fn::Sub': 'faces-${Role}' }],
  ['Fn::Sub of an attribute', { 'Fn::Sub': ['faces-${Role.RoleId}-${Other}', { Other: 'x' }] }],
  ['Fn::Sub of a variable', { 'Fn::Sub': ['faces-${Other}', { Other: { Ref: 'Role' } }] }],
  ['what is joined', { 'Fn::Join': ['-', ['faces', { 'Fn::Select': [0, [{ Ref: 'Role' }]] }]] }],
])('a replacement reaches what refers to it by %s', (_name, reference) => {
  const [before, after] = ['one', 'two'].map((name) => stackOf({ Role: ROLE(name), ...collection(reference) }));
  expect(effects(before, after)).toEqual([replaced('State', 'Role')]);
});

test.each<[name: string, reference: unknown]>([
  ['refers to another', { Ref: 'Other' }],
  ['has its name only', { 'Fn::Sub': '${!Role}-faces' }],
  ['has it as text', 'Role'],
  // An intrinsic function is alone.
  ['has a property of that name', { Ref: 'Role', Name: 'faces' }],
  ['is nothing', null],
])('a replacement does not reach what %s', (_name, reference) => {
  const [before, after] = ['one', 'two'].map((name) => stackOf({ Role: ROLE(name), ...collection(reference) }));
  expect(effects(before, after)).toEqual([]);
});

test('a replacement does not reach a property that can be updated', () => {
  const stream: TemplateResource = {
    Type: 'AWS::KinesisVideo::Stream',
    Properties: { DeviceName: { Ref: 'Role' } },
  };
  const [before, after] = ['one', 'two'].map((name) => stackOf({ Role: ROLE(name), Stream: stream }));
  expect(effects(before, after)).toEqual([]);
});

test('a replacement goes on from one to the next', () => {
  const table = { Type: 'AWS::DynamoDB::Table', Properties: { TableName: { Ref: 'Role' } } };
  const [before, after] = ['one', 'two'].map((name) =>
    stackOf({ Role: ROLE(name), Table: table, ...collection({ Ref: 'Table' }) }),
  );
  expect(effects(before, after)).toEqual([
    replaced('State', 'Table'),
    'replace State Table: TableName refers to Role, which is replaced; the old one is destroyed',
  ]);
});

describe('a replacement reaches another stack', () => {
  function between(other: (name: string) => TemplateStack[], source: string, stack = 'Fleet'): void {
    const before = other('one');
    const after = other('two');
    expect(effects(before, after)).toEqual([replaced(stack, source)]);
    expect(effects(before, before)).toEqual([]);
  }

  test('by an export', () => {
    between(
      (name) => [
        // The one that imports comes first, to show that their order is of no account.
        stackOf(collection({ 'Fn::ImportValue': 'State:Role' }), { name: 'Fleet' }),
        stackOf({ Role: ROLE(name) }, { Outputs: { Out: { Value: { Ref: 'Role' }, Export: { Name: 'State:Role' } } } }),
      ],
      'State:Role',
    );
  });

  test('by an export whose name is made of something', () => {
    const Name = { 'Fn::Sub': '${AWS::StackName}:Role' };
    between(
      (name) => [
        stackOf({ Role: ROLE(name) }, { Outputs: { Out: { Value: { Ref: 'Role' }, Export: { Name } } } }),
        stackOf(collection({ 'Fn::ImportValue': Name }), { name: 'Fleet' }),
      ],
      'an export',
    );
  });

  test('by an output', () => {
    const reference = { 'Fn::GetStackOutput': { StackName: 'State', OutputName: 'Out' } };
    between(
      (name) => [
        stackOf({ Role: ROLE(name) }, { Outputs: { Out: { Value: { Ref: 'Role' } } } }),
        stackOf(collection(reference), { name: 'Fleet' }),
      ],
      'State.Outputs.Out',
    );
  });

  test('by a parameter of a nested stack', () => {
    between(
      (name) => {
        const parent = stackOf({ Role: ROLE(name), Inner: NESTED({ RoleName: { Ref: 'Role' } }) });
        return [parent, stackOf(collection({ Ref: 'RoleName' }), { name: 'State/Inner' })];
      },
      'RoleName',
      'State/Inner',
    );
  });

  test('by an output of a nested stack', () => {
    between(
      (name) => [
        stackOf({
          Inner: NESTED(),
          WithoutParameters: { Type: 'AWS::CloudFormation::Stack' },
          ...collection({ 'Fn::GetAtt': ['Inner', 'Outputs.Out'] }),
        }),
        stackOf({ Role: ROLE(name) }, { name: 'State/Inner', Outputs: { Out: { Value: { Ref: 'Role' } } } }),
      ],
      'State/Inner.Outputs.Out',
      'State',
    );
  });

  test('but not by an output of something else', () => {
    const stacks = (name: string) => [
      stackOf({ Role: ROLE(name) }, { Outputs: { Out: { Value: { Ref: 'Role' } }, Same: { Value: 'x' } } }),
      stackOf(collection({ 'Fn::GetStackOutput': { StackName: 'State', OutputName: 'Same' } }), { name: 'Fleet' }),
    ];
    expect(effects(stacks('one'), stacks('two'))).toEqual([]);
  });
});
