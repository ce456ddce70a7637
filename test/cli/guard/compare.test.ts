import type { TemplateResource } from '../../../cli/guard/template';
import { effects, stackOf } from '../../support/assemblies';

const BUCKET = (Properties: Record<string, unknown> = {}, path?: string): TemplateResource => ({
  Type: 'AWS::S3::Bucket',
  DeletionPolicy: 'Retain',
  UpdateReplacePolicy: 'Retain',
  Properties,
  Metadata: path ? { 'aws:cdk:path': path } : undefined,
});
const FRAMES = { VersioningConfiguration: { Status: 'Enabled' }, OwnershipControls: {} };
const LISTS = { AccelerateConfiguration: {}, ObjectLockEnabled: true };

describe('what is renamed', () => {
  test('is told from what is removed beside it by its properties', () => {
    const before = stackOf({ A: BUCKET(FRAMES), B: BUCKET(LISTS) });
    const after = stackOf({ C: BUCKET(LISTS), D: BUCKET({ BucketName: 'new' }) });
    expect(effects(before, after)).toEqual([
      'orphan State A: it is no longer in the template',
      'orphan State B: renamed from B to C',
    ]);
  });

  test('is told from its likes by its place', () => {
    const before = stackOf({ A1: BUCKET({}, 'State/A/Frames/Resource'), A2: BUCKET({}, 'State/A/Lists/Resource') });
    const after = stackOf({ B1: BUCKET({}, 'State/B/Lists/Resource'), B2: BUCKET({}, 'State/B/Frames/Resource') });
    expect(effects(before, after)).toEqual([
      'orphan State A1: renamed from A1 to B2 (State/B/Frames/Resource)',
      'orphan State A2: renamed from A2 to B1 (State/B/Lists/Resource)',
    ]);
  });

  test('is recognised though its properties are others, if it is the only one', () => {
    const before = stackOf({ A: BUCKET(FRAMES) });
    expect(effects(before, stackOf({ B: BUCKET(LISTS) }))).toEqual(['orphan State A: renamed from A to B']);
  });

  test('becomes one thing only', () => {
    const before = stackOf({ A: BUCKET(FRAMES), B: BUCKET(FRAMES) });
    expect(effects(before, stackOf({ C: BUCKET(FRAMES) }))).toEqual([
      'orphan State A: renamed from A to C',
      'orphan State B: it is no longer in the template',
    ]);
  });

  test('may have moved to another stack', () => {
    const others = [stackOf({}), stackOf({ A: BUCKET(FRAMES) }, { name: 'Other' })];
    expect(effects(stackOf({ A: BUCKET(FRAMES) }), others)).toEqual(['orphan State A: moved from State to Other as A']);
  });

  test('fails under a name that is taken', () => {
    const [before, after] = ['A', 'B'].map((id) => stackOf({ [id]: BUCKET({ BucketName: 'frames' }) }));
    expect(effects(before, after)).toEqual([
      'orphan State A: renamed from A to B; the deployment fails, because the name frames is taken',
    ]);
  });
});

test('what is replaced under its own name makes the deployment fail', () => {
  const [before, after] = [false, true].map((ObjectLockEnabled) =>
    stackOf({ A: BUCKET({ BucketName: 'frames', ObjectLockEnabled }) }),
  );
  expect(effects(before, after)).toEqual([
    'replace State A: ObjectLockEnabled: false -> true; the old one stays, but no stack manages it; ' +
      'the deployment fails, because the name frames is taken',
  ]);
});

describe('what is replaced', () => {
  test('says by which properties, in order, and by no others', () => {
    const topic = (change: object) => stackOf({ A: { Type: 'AWS::SNS::Topic', Properties: { ...change } } });
    const [before, after] = [topic({ DisplayName: 'a' }), topic({ TopicName: 'b', FifoTopic: true, DisplayName: 'b' })];
    expect(effects(before, after)).toEqual([
      'replace State A: FifoTopic: none -> true; TopicName: none -> b; the old one is destroyed',
    ]);
  });

  test('may have had no properties at all, or have none any more', () => {
    const [bare, named] = [{}, { Properties: { TopicName: 'a' } }].map((rest) =>
      stackOf({ A: { Type: 'AWS::SNS::Topic', ...rest } }),
    );
    expect(effects(bare, named)).toEqual(['replace State A: TopicName: none -> a; the old one is destroyed']);
    expect(effects(named, bare)).toEqual(['replace State A: TopicName: a -> none; the old one is destroyed']);
  });

  test('says so where that depends on the value', () => {
    const [before, after] = ['mysql', 'postgres'].map((Engine) =>
      stackOf({ A: { Type: 'AWS::RDS::DBInstance', Properties: { Engine } } }),
    );
    expect(effects(before, after)).toEqual([
      'replace State A: Engine: mysql -> postgres; whether it is replaced depends on the value; the old one is destroyed',
    ]);
  });

  test('is of no interest where it holds nothing', () => {
    const [before, after] = ['a', 'b'].map((RoleName) =>
      stackOf({ A: { Type: 'AWS::IAM::Role', Properties: { RoleName } } }),
    );
    expect(effects(before, after)).toEqual([]);
  });

  test('takes no name from another type', () => {
    const [before, after] = ['AWS::IoT::Thing', 'AWS::S3::Bucket'].map((Type) =>
      stackOf({ A: { Type, Properties: { ThingName: 'a' } } }),
    );
    expect(effects(before, after)).toEqual([
      'replace State A: its type becomes AWS::S3::Bucket; the old one is destroyed',
    ]);
  });

  test.each([
    [80, 'x'.repeat(80)],
    [81, `${'x'.repeat(77)}...`],
  ])('has a value of %d characters cut', (length, shown) => {
    const [before, after] = ['a', 'x'.repeat(length)].map((TopicName) =>
      stackOf({ A: { Type: 'AWS::SNS::Topic', Properties: { TopicName } } }),
    );
    expect(effects(before, after)).toEqual([`replace State A: TopicName: a -> ${shown}; the old one is destroyed`]);
  });
});

test('what stays was not renamed, though it is the same as what has gone', () => {
  expect(effects(stackOf({ A: BUCKET(FRAMES), B: BUCKET(FRAMES) }), stackOf({ B: BUCKET(FRAMES) }))).toEqual([
    'orphan State A: it is no longer in the template',
  ]);
});

test('a queue may become one that holds nothing', () => {
  const queue = (DeletionPolicy: string) => ({ Type: 'AWS::SQS::Queue', DeletionPolicy });
  expect(effects(stackOf({ A: queue('Retain') }), stackOf({ B: queue('Delete') }))).toEqual([
    'orphan State A: renamed from A to B',
  ]);
});

describe('a stack that is gone', () => {
  const bucket = { A: BUCKET(FRAMES), B: { Type: 'AWS::IoT::Policy' } };
  const gone = 'the stack is no longer in the app: it stays as it is until somebody deletes it';

  test('is looked at for what it holds', () => {
    expect(effects(stackOf(bucket), [])).toEqual([`orphan State A: ${gone}`, `destroy State B: ${gone}`]);
  });

  test('is not the one beside it, from which something has gone', () => {
    const other = { name: 'Other' };
    expect(effects([stackOf(bucket), stackOf({ A: BUCKET(LISTS) }, other)], stackOf({}, other))).toEqual([
      'orphan Other A: it is no longer in the template',
      `orphan State A: ${gone}`,
      `destroy State B: ${gone}`,
    ]);
  });

  test('may have another name', () => {
    expect(effects(stackOf(bucket), stackOf(bucket, { name: 'Kept' }))).toEqual([
      `orphan State A: ${gone}; moved from State to Kept as A`,
      `destroy State B: ${gone}; moved from State to Kept as B`,
    ]);
  });

  test.each([
    ['another region', 'aws://111122223333/eu-central-1', 2],
    ['another account', 'aws://444455556666/eu-west-1', 2],
    ['the same account and region', 'aws://111122223333/eu-west-1', 0],
    ['an unknown region', 'aws://111122223333/unknown-region', 0],
    ['unknown', 'aws://unknown-account/unknown-region', 0],
    ['no environment, as of a template', undefined, 0],
  ])('is in %s', (_name, environment, count) => {
    const before = stackOf(bucket, { environment: 'aws://111122223333/eu-west-1' });
    expect(effects(before, stackOf(bucket, { environment }))).toHaveLength(count);
    expect(effects(stackOf(bucket, { environment }), before)).toHaveLength(count);
  });
});

test('a nested stack that is gone takes with it what it holds', () => {
  const parent = stackOf({ Inner: { Type: 'AWS::CloudFormation::Stack' } });
  const nested = { name: 'State/Inner', isNested: true };
  expect(effects([parent, stackOf({ A: BUCKET() }, nested)], stackOf({}))).toEqual([
    'orphan State/Inner A: the nested stack is no longer in the template',
  ]);
});

test('the order of a template changes nothing', () => {
  const resources = { B: BUCKET(FRAMES), A: BUCKET(LISTS), C: { Type: 'AWS::IoT::Policy' } };
  const reversed = Object.fromEntries(Object.entries(resources).reverse());
  const found = effects(stackOf(resources), stackOf({}));
  expect(found).toHaveLength(3);
  expect(effects(stackOf(reversed), stackOf({}))).toEqual(found);
});
