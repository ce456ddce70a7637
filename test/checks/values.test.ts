import { idsIn, isKnown, textOf, textsBelow, textsOf } from '../../lib/checks/values';

const BUCKET = { Ref: 'Bucket' };
const JOINED = { 'Fn::Join': ['', ['arn:aws:s3:::', BUCKET, '/*']] };

test.each<[value: unknown, text: string]>([
  ['text', 'text'],
  [30, '30'],
  [false, 'false'],
  [undefined, ''],
  [null, ''],
  [{}, '<>'],
  [BUCKET, '<Bucket>'],
  [{ Ref: 'AWS::Region' }, '<Region>'],
  [{ Ref: 'My-AWS::Region' }, '<My-AWS::Region>'],
  [{ 'Fn::GetAtt': ['Bucket', 'Arn'] }, '<Bucket.Arn>'],
  [{ 'Fn::GetAtt': 'Bucket.Arn' }, '<Bucket.Arn>'],
  [{ 'Fn::GetAtt': ['Bucket', { Ref: 'Attribute' }] }, '<Bucket.<Attribute>>'],
  [
    { 'Fn::Sub': 'a ${Bucket} ${Bucket.Arn} ${AWS::Region} ${!Literal}' },
    'a <Bucket> <Bucket.Arn> <Region> ${Literal}',
  ],
  [{ 'Fn::Sub': ['a ${Name} ${Bucket}', { Name: BUCKET }] }, 'a <Bucket> <Bucket>'],
  [{ 'Fn::Sub': ['a ${Name}', { Name: '*' }] }, 'a *'],
  [JOINED, 'arn:aws:s3:::<Bucket>/*'],
  [{ 'Fn::Join': [':', ['a', 'b', { 'Fn::Sub': '${C}' }]] }, 'a:b:<C>'],
  [{ 'Fn::Join': ['', { 'Fn::Split': [',', 'a,b'] }] }, '<Join>'],
  [{ 'Fn::Join': BUCKET }, '<Join>'],
  [{ 'Fn::Split': ['', ['a', 'b']] }, '<Split>'],
  [{ 'Fn::ImportValue': 'Other' }, '<ImportValue>'],
])('the text of %j is %j', (value, text) => expect(textOf(value)).toBe(text));

test.each<[value: unknown, texts: string[]]>([
  [undefined, []],
  ['a', ['a']],
  [
    ['a', BUCKET],
    ['a', '<Bucket>'],
  ],
  [JOINED, ['arn:aws:s3:::<Bucket>/*']],
])('the texts of %j are %j', (value, texts) => expect(textsOf(value)).toEqual(texts));

test.each<[value: unknown, known: boolean]>([
  ['text', true],
  [null, true],
  [undefined, true],
  [{}, true],
  [{ a: [{ b: 'c' }], d: 1 }, true],
  [BUCKET, false],
  [['a', BUCKET], false],
  [[BUCKET, 'a'], false],
  [{ a: 'b', c: { d: [JOINED] } }, false],
  [{ 'Fn::Sub': '${Bucket}' }, false],
  [{ Refer: 'a', MyFn: 'b', 'of Fn::': 'c' }, true],
])('what is known of %j before deployment: %j', (value, known) => expect(isKnown(value)).toBe(known));

test.each<[value: unknown, ids: string[]]>([
  ['Bucket', []],
  [null, []],
  [undefined, []],
  [BUCKET, ['Bucket']],
  [{ a: [BUCKET, { b: { Ref: 'Topic' } }] }, ['Bucket', 'Topic']],
  [{ 'Fn::GetAtt': ['Bucket', 'Arn'] }, ['Bucket']],
  [{ 'Fn::GetAtt': 'Bucket.Arn' }, ['Bucket']],
  [{ 'Fn::Sub': '${Bucket}/${Topic.Arn} ${!Literal}' }, ['Bucket', 'Topic']],
  [{ 'Fn::Sub': ['${Name}', { Name: BUCKET }] }, ['Name', 'Bucket']],
  [JOINED, ['Bucket']],
  [{ 'Fn::If': ['Condition', BUCKET, { Ref: 'AWS::NoValue' }] }, ['Bucket', 'AWS::NoValue']],
])('the logical IDs in %j are %j', (value, ids) => expect(idsIn(value)).toEqual(ids));

test.each<[value: unknown, texts: string[]]>([
  [undefined, []],
  [null, []],
  ['a', ['a']],
  [{}, []],
  [{ AWS: ['1', { Ref: 'Role' }], Service: 'iot.amazonaws.com' }, ['1', '<Role>', 'iot.amazonaws.com']],
  [JOINED, ['arn:aws:s3:::<Bucket>/*']],
  [{ a: { 'Fn::GetAtt': ['Bucket', 'Arn'] } }, ['<Bucket.Arn>']],
  [{ 'of Fn::': 'c' }, ['c']],
  [[null, { a: null }], []],
])('the texts below %j are %j', (value, texts) => expect(textsBelow(value)).toEqual(texts));
