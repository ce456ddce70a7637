import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { judge, readAllowFile, type Allowed } from '../../../cli/guard/allow';
import type { Finding } from '../../../cli/guard/finding';
import { folder } from '../../support/assemblies';

const TODAY = new Date('2026-11-25T23:59:59Z');
const FINDING: Finding = {
  stack: 'fleet-cell-1-State',
  resource: 'FramesBucketD64979AB',
  path: 'fleet-cell-1/State/Frames/Bucket/Resource',
  type: 'AWS::S3::Bucket',
  holds: 'objects',
  what: 'replace',
  why: 'BucketName: a -> b',
};
const ENTRY: Allowed = {
  stack: FINDING.stack,
  resource: FINDING.resource,
  what: 'replace',
  reason: 'Frames have been copied.',
};

/** What becomes of the finding and the entry. */
function verdict(change: Partial<Allowed>): string {
  const { findings, allowed, stale, expired } = judge([FINDING], [{ ...ENTRY, ...change }], TODAY);
  return Object.entries({ findings, allowed, stale, expired })
    .flatMap(([name, items]) => (items.length > 0 ? [name] : []))
    .join(' ');
}

test.each<[name: string, change: Partial<Allowed>, verdict: string]>([
  ['the logical id', {}, 'allowed'],
  ['the path of the resource', { resource: FINDING.path }, 'allowed'],
  ['the path of the construct', { resource: 'fleet-cell-1/State/Frames/Bucket' }, 'allowed'],
  ['each cell', { stack: 'fleet-*-State' }, 'allowed'],
  ['its last day', { until: '2026-11-25' }, 'allowed'],
  ['a day before', { until: '2026-11-24' }, 'findings expired'],
  ['a day before, and something else', { until: '2026-11-24', resource: 'Other' }, 'findings stale'],
  ['another resource', { resource: 'Other' }, 'findings stale'],
  ['a part of the path', { resource: 'Bucket' }, 'findings stale'],
  ['any resource', { resource: '*' }, 'findings stale'],
  ['another stack', { stack: 'fleet-cell-10-State' }, 'findings stale'],
  ['a part of the name of the stack', { stack: 'State' }, 'findings stale'],
  ['what looks like the stack', { stack: 'fleet.cell.1.State' }, 'findings stale'],
  ['another effect', { what: 'destroy' }, 'findings stale'],
])('an entry for %s: %j', (_name, change, expected) => {
  expect(verdict(change)).toBe(expected);
});

test.each([
  ['fleet/Resource/Frames', 1],
  ['fleet/Frames/Resource', 0],
])('the path of the construct ends before the resource, and not before: %s allows %d', (resource, count) => {
  const finding = { ...FINDING, path: 'fleet/Resource/Frames/Resource' };
  expect(judge([finding], [{ ...ENTRY, resource }], TODAY).allowed).toHaveLength(count);
});

test('an entry allows that alone, and says why', () => {
  const other = { ...FINDING, resource: 'Other', path: 'Other' };
  expect(judge([FINDING, other], [ENTRY], TODAY)).toEqual({
    findings: [other],
    allowed: [{ finding: FINDING, reason: ENTRY.reason }],
    stale: [],
    expired: [],
  });
});

test('without entries nothing is allowed', () => {
  expect(judge([FINDING], [], TODAY).findings).toEqual([FINDING]);
});

describe('a file', () => {
  function fileOf(text: string): string {
    const path = join(folder(), 'guard.allow.json');
    writeFileSync(path, text);
    return path;
  }

  test('has entries', () => {
    const entries = [ENTRY, { ...ENTRY, until: '2027-01-31' }];
    expect(readAllowFile(fileOf(JSON.stringify(entries)))).toEqual(entries);
  });

  test.each<[name: string, content: unknown, message: RegExp]>([
    ['no array', {}, /expected array/],
    ['an entry without a reason', [{ ...ENTRY, reason: undefined }], /at \[0\]\.reason/],
    ['an empty reason', [{ ...ENTRY, reason: '' }], /at \[0\]\.reason/],
    ['an effect that there is not', [{ ...ENTRY, what: 'remove' }], /at \[0\]\.what/],
    ['a day that there is not', [{ ...ENTRY, until: '2026-02-30' }], /at \[0\]\.until/],
    ['a field that there is not', [ENTRY, { ...ENTRY, untill: '2027-01-31' }], /untill[^]*at \[1\]/],
  ])('has %s', (_name, content, message) => {
    const path = fileOf(JSON.stringify(content));
    expect(() => readAllowFile(path)).toThrow(message);
    expect(() => readAllowFile(path)).toThrow(`${path}: this is no allow file`);
  });

  test('is no JSON, or is not there', () => {
    expect(() => readAllowFile(fileOf('- stack: State'))).toThrow(/no allow file: .*JSON/);
    expect(() => readAllowFile(join(folder(), 'none.json'))).toThrow(/no allow file: ENOENT/);
  });
});
