import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readStacks } from '../../cli/guard/assembly';
import { statefulType } from '../../cli/guard/stateful';
import { constructPath } from '../../cli/guard/template';
import { reportingApp } from '../support/checks';
import { allConstructs, CONSTRUCTS, exportedConstructs } from '../support/constructs';
import { defaultFindingsIn, withDefaultRules } from '../support/default-rules';

/** The type of each resource that holds state, by its logical id. */
type Ids = Record<string, string>;

const FILE = join(__dirname, 'logical-ids.json');
const COMMAND = 'RECORD_LOGICAL_IDS=1 npx jest test/stability';

// The CDK's own rules look at it as well, as they'd need another one.
const app = reportingApp();
allConstructs(app, 'Part');
const assembly = withDefaultRules(() => app.synth());
const stacks = readStacks(assembly.directory);

/** What holds state in the least instance of a construct, and in what is made beside it. */
function idsOf(name: string): Ids {
  const ids = stacks.flatMap((stack) =>
    Object.entries(stack.template.Resources)
      .filter(([id]) => constructPath(stack, id).startsWith(`${name}/`) && statefulType(stack.template, id))
      .map(([id, { Type }]): [string, string] => [id, Type]),
  );
  return Object.fromEntries(ids.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** What is wrong, and what to do about it. */
function complaint(name: string, recorded: Ids, ids: Ids): string | undefined {
  const gone = Object.keys(recorded).filter((id) => recorded[id] !== ids[id]);
  const come = Object.keys(ids).filter((id) => recorded[id] !== ids[id]);
  if (gone.length > 0) {
    const now = come.length > 0 ? `; there is now ${come.map((id) => `${id} (${ids[id]})`).join(', ')}` : '';
    return (
      `${name} no longer has ${gone.map((id) => `${id} (${recorded[id]})`).join(', ')}${now}.\n` +
      'In each stack that is deployed, CloudFormation would make an empty resource and delete or orphan the one that has ' +
      'the data.\nKeep the construct ids as they were (or use `overrideLogicalId`). If it has to be, say in CHANGELOG.md ' +
      `how the data gets over, and record the new ids: ${COMMAND}`
    );
  }
  if (come.length > 0) return `${name} has ${come.join(', ')}, which is new. Record it: ${COMMAND}`;
  return undefined;
}

if (process.env.RECORD_LOGICAL_IDS) {
  const all = Object.keys(CONSTRUCTS).sort();
  writeFileSync(FILE, `${JSON.stringify(Object.fromEntries(all.map((name) => [name, idsOf(name)])), undefined, 2)}\n`);
}

const RECORDED: Record<string, Ids> = JSON.parse(readFileSync(FILE, 'utf8'));

test('every construct that is exported is in the table of test/support/constructs.ts', () => {
  expect(Object.keys(CONSTRUCTS).sort()).toEqual(exportedConstructs());
});

test('what is recorded is in the table', () => {
  expect(Object.keys(RECORDED).filter((name) => !(name in CONSTRUCTS))).toEqual([]);
});

test.each(Object.keys(CONSTRUCTS))('%s keeps its logical ids', (name) => {
  const found = complaint(name, RECORDED[name] ?? {}, idsOf(name));
  if (found) throw new Error(found);
});

describe('the complaint', () => {
  const recorded = { Frames1: 'AWS::S3::Bucket' };

  test('of an id that is another, names both and the way out', () => {
    const found = complaint('FrameStore', recorded, { Pictures1: 'AWS::S3::Bucket' });
    expect(found).toMatch(/^FrameStore no longer has Frames1 \(AWS::S3::Bucket\); there is now Pictures1 \(/);
    expect(found).toMatch(/Keep the construct ids as they were[^]*CHANGELOG\.md[^]*RECORD_LOGICAL_IDS=1/);
  });

  test('of a type that is another', () => {
    expect(complaint('FrameStore', recorded, { Frames1: 'AWS::SQS::Queue' })).toMatch(/^FrameStore no longer has/);
  });

  test('of an id that is new, asks to record it', () => {
    const ids = { ...recorded, Lists1: 'AWS::S3::Bucket' };
    expect(complaint('FrameStore', recorded, ids)).toMatch(/^FrameStore has Lists1, which is new. Record it/);
  });

  test('is not made without a reason', () => {
    expect(complaint('FrameStore', recorded, recorded)).toBeUndefined();
  });
});

test('in the least instance of a construct, the rules of the CDK find nothing', () => {
  expect(defaultFindingsIn(assembly)).toEqual([]);
});
