import { Intrinsics } from '../../../local/deploy/intrinsics';
import { inOrder } from '../../../local/deploy/order';

const conditions: Record<string, unknown> = {
  IsHere: { 'Fn::Equals': [{ Ref: 'Region' }, 'eu-west-1'] },
  IsElsewhere: { 'Fn::Not': [{ Condition: 'IsHere' }] },
  IsBoth: { 'Fn::And': [{ Condition: 'IsHere' }, { Condition: 'IsElsewhere' }] },
  IsEither: { 'Fn::Or': [{ Condition: 'IsHere' }, { Condition: 'IsElsewhere' }] },
};

const intrinsics: Intrinsics = new Intrinsics({
  stackName: 'Test',
  ref: (name) => ({ Region: 'eu-west-1', Queue: 'https://queue' })[name],
  attribute: (name) => `attribute ${name}`,
  output: (stack, name, region) => `${stack} ${name} ${region}`,
  exported: (name) => `exported ${String(name)}`,
  condition: (name) => intrinsics.isTrue(conditions[name]),
});

test.each([
  [{ Ref: 'Queue' }, 'https://queue'],
  [{ 'Fn::GetAtt': ['Queue', 'Arn'] }, 'attribute Queue.Arn'],
  [{ 'Fn::GetAtt': 'Queue.Arn' }, 'attribute Queue.Arn'],
  [{ 'Fn::Sub': 'a ${Queue} ${Queue.Arn} ${!Queue}' }, 'a https://queue attribute Queue.Arn ${Queue}'],
  [{ 'Fn::Sub': ['${name}', { name: { Ref: 'Region' } }] }, 'eu-west-1'],
  [{ 'Fn::Join': ['-', ['a', { Ref: 'Region' }]] }, 'a-eu-west-1'],
  [{ 'Fn::Select': [1, { 'Fn::Split': ['//', { Ref: 'Queue' }] }] }, 'queue'],
  [{ 'Fn::GetStackOutput': { StackName: 'Other', OutputName: 'Key', Region: 'us-east-1' } }, 'Other Key us-east-1'],
  [{ 'Fn::ImportValue': 'key' }, 'exported key'],
  [{ 'Fn::If': ['IsHere', { Ref: 'Region' }, 'elsewhere'] }, 'eu-west-1'],
  [{ 'Fn::If': ['IsElsewhere', 'elsewhere', { Ref: 'AWS::NoValue' }] }, undefined],
  [{ list: ['a', { Ref: 'AWS::NoValue' }], none: { Ref: 'AWS::NoValue' } }, { list: ['a'] }],
  [
    { Ref: 'Region', Other: 1 },
    { Ref: 'Region', Other: 1 },
  ],
])('%j is %j', (value, resolved) => {
  expect(intrinsics.resolve(value)).toEqual(resolved);
});

test('evaluates conditions', () => {
  const entries = Object.keys(conditions).map((name) => [name, intrinsics.isTrue(conditions[name])]);
  expect(Object.fromEntries(entries)).toEqual({ IsHere: true, IsElsewhere: false, IsBoth: false, IsEither: true });
});

test('refuses functions that it does not know', () => {
  expect(() => intrinsics.resolve({ 'Fn::Cidr': ['10.0.0.0/16'] })).toThrow('The intrinsic Fn::Cidr (in Test)');
  expect(() => intrinsics.isTrue({ 'Fn::Contains': [] })).toThrow('The condition Fn::Contains (in Test)');
});

test('puts those resources first that others refer to', () => {
  const Resources = {
    A: { Type: 'T', Properties: { text: { 'Fn::Sub': ['${B.Arn} ${x}', { x: { Ref: 'C' } }] } } },
    B: { Type: 'T', DependsOn: ['D'] },
    C: { Type: 'T', Properties: { list: [{ 'Fn::GetAtt': ['D', 'Arn'] }, { Ref: 'AWS::Region' }] } },
    D: { Type: 'T', DependsOn: 'E' },
    E: { Type: 'T' },
  };
  expect(inOrder({ Resources }).map(([logicalId]) => logicalId)).toEqual(['E', 'D', 'B', 'C', 'A']);
});

test('refuses resources that refer to one another', () => {
  const Resources = { A: { Type: 'T', DependsOn: 'B' }, B: { Type: 'T', Properties: { a: { Ref: 'A' } } } };
  expect(() => inOrder({ Resources })).toThrow('A → B → A');
});
