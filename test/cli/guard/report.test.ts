import type { Judgement } from '../../../cli/guard/allow';
import type { Finding } from '../../../cli/guard/finding';
import { REPORTS } from '../../../cli/guard/report';

const BUCKET: Finding = {
  stack: 'fleet-State',
  resource: 'FramesBucketD64979AB',
  path: 'fleet/State/Frames/Bucket/Resource',
  type: 'AWS::S3::Bucket',
  holds: 'objects',
  what: 'orphan',
  why: 'renamed from FramesBucketD64979AB to B',
};
const STREAM: Finding = {
  stack: 'fleet-Video',
  resource: 'Gate',
  path: 'Gate',
  type: 'AWS::KinesisVideo::Stream',
  holds: 'recordings',
  what: 'shorten',
  why: 'DataRetentionInHours: 24 hours -> 1 hours',
};
const ENTRY = { stack: 'fleet-*', resource: 'Old', what: 'destroy', reason: 'It was empty.' } as const;
const NOTHING: Judgement = { findings: [], allowed: [], stale: [], expired: [] };
const ALL: Judgement = {
  findings: [BUCKET, STREAM],
  allowed: [{ finding: { ...STREAM, resource: 'Hall' }, reason: 'Nobody looks at it.' }],
  stale: [ENTRY],
  expired: [{ ...ENTRY, until: '2026-11-01' }],
};

test('text, with the entries that would allow it', () => {
  expect(REPORTS.text(ALL)).toBe(`State would be at risk: 2 findings in 2 stacks.

fleet-State  fleet/State/Frames/Bucket/Resource
  AWS::S3::Bucket, which holds objects
  orphan: it stays, but no stack manages it; renamed from FramesBucketD64979AB to B
  allow with: {"stack":"fleet-State","resource":"FramesBucketD64979AB","what":"orphan","reason":"…"}

fleet-Video  Gate
  AWS::KinesisVideo::Stream, which holds recordings
  shorten: what it holds is kept for a shorter time; DataRetentionInHours: 24 hours -> 1 hours
  allow with: {"stack":"fleet-Video","resource":"Gate","what":"shorten","reason":"…"}

Allowed: shorten Hall in fleet-Video. Nobody looks at it.

Expired on 2026-11-01, and counts no more: destroy Old in fleet-*. It was empty.

Stale, as it matches nothing: destroy Old in fleet-*. It was empty.
`);
});

test('Markdown', () => {
  expect(REPORTS.markdown(ALL)).toBe(`### State guard

State would be at risk: 2 findings in 2 stacks.

| Stack | Construct | Type | What would happen | Why |
| --- | --- | --- | --- | --- |
| fleet-State | \`fleet/State/Frames/Bucket/Resource\` | AWS::S3::Bucket (objects) | **orphan**: it stays, but no stack manages it | renamed from FramesBucketD64979AB to B |
| fleet-Video | \`Gate\` | AWS::KinesisVideo::Stream (recordings) | **shorten**: what it holds is kept for a shorter time | DataRetentionInHours: 24 hours -&gt; 1 hours |

- Allowed: shorten Hall in fleet-Video. Nobody looks at it.

- Expired on 2026-11-01, and counts no more: destroy Old in fleet-\\*. It was empty.

- Stale, as it matches nothing: destroy Old in fleet-\\*. It was empty.
`);
});

test('nothing', () => {
  expect(REPORTS.text(NOTHING)).toBe('Nothing that holds state would be lost.\n');
  expect(REPORTS.markdown(NOTHING)).toBe('### State guard\n\nNothing that holds state would be lost.\n');
});

test('JSON', () => {
  expect(JSON.parse(REPORTS.json(ALL))).toEqual(ALL);
});

test('one of each is told in the singular', () => {
  expect(REPORTS.text({ ...NOTHING, findings: [BUCKET] })).toContain('1 finding in 1 stack.');
});

test('what a pull request names can end neither cell, line nor code, and is no HTML', () => {
  const why = 'a | b\n| c <img src=x> [link](https://example.com) @all';
  const [line] = REPORTS.markdown({ ...NOTHING, findings: [{ ...BUCKET, path: 'a`|b', why }] })
    .split('\n')
    .filter((text) => text.includes('orphan'));
  expect(line).toContain("| `a'\\|b` |");
  expect(line).toMatch(/a \\\| b \\\| c &lt;img src=x&gt; \\\[link\\\]\(https:\/\/example.com\) @all \|$/);
});
