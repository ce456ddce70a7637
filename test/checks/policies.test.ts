import {
  covers,
  hasCondition,
  identityStatements,
  isOpen,
  policyStatements,
  refusesPlainText,
  trustOf,
  type Statement,
} from '../../lib/checks/policies';
import { CheckedTemplate, type Resource } from '../../lib/checks/template';
import { allow, documentOf } from '../support/written-policies';

function resourceOf(type: string, properties: object): Resource {
  return new CheckedTemplate({ Resources: { Held: { Type: type, Properties: properties } } }).resources[0];
}

/** The statement, as rules look at it. */
function statement(written: object): Statement {
  return policyStatements(resourceOf('AWS::S3::BucketPolicy', documentOf({ Effect: 'Allow', ...written })))[0];
}

const GET = allow('kinesisvideo:GetMedia', '*');

describe('statements', () => {
  test('what is written once is a list of one', () => {
    const policy = resourceOf('AWS::IoT::Policy', { PolicyDocument: { Statement: GET } });
    expect(policyStatements(policy)).toEqual([
      {
        resource: policy,
        location: 'Properties.PolicyDocument',
        roles: [],
        effect: 'Allow',
        actions: ['kinesisvideo:GetMedia'],
        resources: ['*'],
        rawResources: '*',
        conditions: {},
        principals: [],
      },
    ]);
  });

  test.each([
    ['without a document', {}],
    ['with one that is known at deployment only', { PolicyDocument: { Ref: 'Document' } }],
    ['with an effect that is', documentOf({ ...GET, Effect: { Ref: 'Effect' } })],
  ])('there is none %s', (_what, properties) => {
    expect(policyStatements(resourceOf('AWS::IoT::Policy', properties))).toEqual([]);
  });

  test('denials are such, too', () => {
    const policy = resourceOf('AWS::IoT::Policy', documentOf({ ...GET, Effect: 'Deny' }, GET));
    expect(policyStatements(policy).map(({ effect }) => effect)).toEqual(['Deny', 'Allow']);
  });
});

describe('whom a policy of IAM is for', () => {
  test.each<[type: string, properties: object, roles: string[], location: string]>([
    ['AWS::IAM::Role', { Policies: [documentOf(GET)] }, ['Held'], 'Properties.Policies'],
    ['AWS::IAM::Role', { Policies: documentOf(GET) }, ['Held'], 'Properties.Policies'],
    ['AWS::IAM::User', { Policies: [documentOf(GET)] }, [], 'Properties.Policies'],
    [
      'AWS::IAM::Policy',
      { ...documentOf(GET), Roles: [{ Ref: 'One' }, { Ref: 'Two' }] },
      ['One', 'Two'],
      'Properties.PolicyDocument',
    ],
    ['AWS::IAM::RolePolicy', { ...documentOf(GET), RoleName: { Ref: 'One' } }, ['One'], 'Properties.PolicyDocument'],
  ])('%s %j', (type, properties, roles, location) => {
    expect(identityStatements(resourceOf(type, properties))).toMatchObject([
      { roles, location, actions: ['kinesisvideo:GetMedia'] },
    ]);
  });

  test.each([
    ['AWS::SNS::TopicPolicy', documentOf(GET)],
    ['Custom::AWS::IAM::Role', { Policies: [documentOf(GET)] }],
    ['AWS::IAM::Role', { Policies: [null] }],
    ['AWS::IAM::Role', {}],
  ])('%s %j is for nobody', (type, properties) => {
    expect(identityStatements(resourceOf(type, properties))).toEqual([]);
  });
});

describe('the service that a role lets in', () => {
  const role = (...statements: object[]) =>
    resourceOf('AWS::IAM::Role', { AssumeRolePolicyDocument: { Statement: statements } });
  const trust = (Service: unknown, Effect = 'Allow') => ({ Effect, Action: 'sts:AssumeRole', Principal: { Service } });

  test.each<[what: string, role: Resource, count: number]>([
    ['alone', role(trust('iot.amazonaws.com')), 1],
    ['among others', role(trust(['lambda.amazonaws.com', 'iot.amazonaws.com'])), 1],
    ['not, but another', role(trust('lambda.amazonaws.com')), 0],
    ['not, but one with a longer name', role(trust('credentials.iot.amazonaws.com')), 0],
    ['not, as it is refused', role(trust('iot.amazonaws.com', 'Deny')), 0],
  ])('%s', (_what, which, count) => {
    const found = trustOf(which, 'iot.amazonaws.com');
    expect(found).toHaveLength(count);
    for (const { location } of found) expect(location).toBe('Properties.AssumeRolePolicyDocument');
  });
});

test.each<[actions: unknown, action: string, covered: boolean]>([
  ['kinesisvideo:GetMedia', 'kinesisvideo:GetMedia', true],
  ['KinesisVideo:getmedia', 'kinesisvideo:GetMedia', true],
  [['s3:PutObject', 'kinesisvideo:Get*'], 'kinesisvideo:GetMedia', true],
  ['kinesisvideo:Get?edia', 'kinesisvideo:GetMedia', true],
  ['kinesisvideo:Get?', 'kinesisvideo:GetMedia', false],
  ['*', 'kinesisvideo:GetMedia', true],
  ['kinesisvideo:Get', 'kinesisvideo:GetMedia', false],
  ['GetMedia', 'kinesisvideo:GetMedia', false],
  ['kinesisvideo.GetMedia', 'kinesisvideo:GetMedia', false],
  ['kinesisvideo:GetMedi.', 'kinesisvideo:GetMedia', false],
  ['kinesisvideo:GetMedia+', 'kinesisvideo:GetMedia', false],
  [[], 'kinesisvideo:GetMedia', false],
])('whether %j covers %s: %j', (Action, action, covered) => {
  expect(covers(statement({ Action }), action)).toBe(covered);
});

test.each<[conditions: object, has: boolean]>([
  [{ StringEquals: { 'aws:SourceAccount': '1' } }, true],
  [{ ArnLike: { 'AWS:sourcearn': '1' } }, true],
  [{ Bool: { 'aws:SecureTransport': 'true' }, StringEquals: { 'aws:SourceArn': '1' } }, true],
  [{ StringEquals: { 'aws:SourceVpc': '1' } }, false],
  [{ StringEquals: null }, false],
  [{}, false],
])('whether %j has one of the keys: %j', (Condition, has) => {
  expect(hasCondition(statement({ Condition }), 'aws:SourceAccount', 'aws:SourceArn')).toBe(has);
});

test.each<[written: object, open: boolean]>([
  [{ Principal: '*' }, true],
  [{ Principal: { AWS: '*' } }, true],
  [{ Principal: { AWS: ['1', '*'] } }, true],
  [{ Principal: { AWS: '1' } }, false],
  [{ Principal: '*', Effect: 'Deny' }, false],
  [{ Principal: '*', Condition: { StringEquals: { 'aws:SourceAccount': '1' } } }, false],
])('whether %j is open to everybody: %j', (written, open) => expect(isOpen(statement(written))).toBe(open));

test.each<[written: object, refuses: boolean]>([
  [{ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }, true],
  [{ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': false } } }, true],
  [{ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'true' } } }, false],
  [{ Effect: 'Allow', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }, false],
  [{ Effect: 'Deny', Condition: { StringEquals: { 'aws:SourceAccount': '1' } } }, false],
  [{ Effect: 'Deny' }, false],
])('whether %j refuses plain text: %j', (written, refuses) => {
  expect(refusesPlainText(statement(written))).toBe(refuses);
});
