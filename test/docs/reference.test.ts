import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Construct } from 'constructs';
import { hrefOnSite } from '../../docs/site/links';
import { type SourcedType, referencePages } from '../../docs/site/reference';
import { introduction, members } from '../../docs/site/render';
import * as library from '../../lib';
import { CONSTRUCTS } from '../support/constructs';

const ROOT = join(__dirname, '..', '..');
const DECLARATION = /^export (?:abstract )?(?:class|interface|enum) (\w+)/gm;

/** What lib/index.ts exports, as the assembly has it. */
const types: SourcedType[] = [...readFileSync(join(ROOT, 'lib', 'index.ts'), 'utf8').matchAll(/'\.\/(.+)'/g)].flatMap(
  ([, path]) => {
    const file = `lib/${path}.ts`;
    return [...readFileSync(join(ROOT, file), 'utf8').matchAll(DECLARATION)].map(([, name]) => {
      const exported = (library as Record<string, unknown>)[name!];
      return { name: name!, file, isConstruct: (exported as typeof Construct)?.prototype instanceof Construct };
    });
  },
);
const pages = referencePages(types);

test('each construct that is exported has a page of its own, in the folder of its file', () => {
  const folders = readdirSync(join(ROOT, 'lib'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const name of Object.keys(CONSTRUCTS)) {
    expect(folders.map((folder) => `constructs/${folder.name}/${name}`)).toContain(pages[name]);
  }
  expect(pages.MediaErasure).toBe('constructs/privacy/MediaErasure');
  expect(pages.DroneFleetCell).toBe('constructs/fleet/DroneFleetCell');
});

test('each other type is on the page of its construct, or with the rest of its folder', () => {
  expect(Object.keys(pages)).toHaveLength(types.length);
  expect(pages).toMatchObject({
    VideoStreamProps: 'constructs/stream/VideoStream',
    VideoStreamGrants: 'constructs/stream/VideoStream',
    IVideoStream: 'constructs/stream/VideoStream',
    StorageTier: 'constructs/stream/VideoStream',
    FleetMonitoringProps: 'constructs/monitoring/FleetMonitoring',
    Bitrate: 'constructs/planning/types',
    ObstacleClass: 'constructs/detection/types',
  });
});

test.each([
  ['https://example.com/x', 'https://example.com/x'],
  ['#below', '#below'],
  ['devices.md#streaming', 'devices.md#streaming'],
  ['../API.md', 'https://github.com/cdk-kinesis-video/cdk-kinesis-video/blob/main/API.md'],
  ['../README.md#deploy', 'https://github.com/cdk-kinesis-video/cdk-kinesis-video/blob/main/README.md#deploy'],
  ['../schemas', 'https://github.com/cdk-kinesis-video/cdk-kinesis-video/tree/main/schemas'],
  ['../API.md#cdk-kinesis-video.VideoStream', '/constructs/stream/VideoStream'],
  ['../API.md#cdk-kinesis-video.StorageTier', '/constructs/stream/VideoStream#StorageTier'],
])('the link %s of a guide leads to %s', (href, expected) => {
  expect(hrefOnSite(href, 'guide.md', pages)).toBe(expected);
});

test('a link out of a folder of docs/ is followed from there', () => {
  expect(hrefOnSite('../devices.md', 'decisions/README.md', pages)).toBe('../devices.md');
  expect(hrefOnSite('../../lib', 'decisions/README.md', pages)).toMatch(/\/tree\/main\/lib$/);
});

test('a link to a type that is not there fails', () => {
  expect(() => hrefOnSite('../API.md#cdk-kinesis-video.VideoStraem', 'guide.md', pages)).toThrow(
    'guide.md links to cdk-kinesis-video.VideoStraem',
  );
});

describe('a type in Markdown', () => {
  const id = { id: '', fqn: '' };
  const string = { formattingPattern: 'string' };
  const entity = (fqn: string) => {
    const displayName = fqn.split('.').at(-1)!;
    return { formattingPattern: '%[]', types: [{ id: fqn, fqn, displayName, packageName: '', packageVersion: '' }] };
  };
  const property = (displayName: string, type: object, rest = {}) => ({
    ...id,
    displayName,
    type: type as typeof string,
    docs: { summary: `What ${displayName} is.` },
    ...rest,
  });
  const props = {
    ...id,
    displayName: 'GateProps',
    docs: { summary: 'Named <thing> {{so}}, and `a .', remarks: 'b<c>` at once.' },
    properties: [
      property('retention', entity('aws-cdk-lib.Duration'), { optional: true, default: '- a day' }),
      property('tiers', entity('cdk-kinesis-video.StorageTier'), { optional: true, default: 'StorageTier.HOT' }),
      property('name', string),
      property('inherited', string),
    ],
  };
  const reference = { pages, members: () => new Set(['retention', 'tiers', 'name']) };

  test('says what it is for, without what would be a tag', () => {
    expect(introduction(props)).toEqual(['Named &lt;thing> &#123;&#123;so}}, and `a .b<c>` at once.', '']);
  });

  test('has what is needed first, with types that lead to where they are, and nothing that the CDK explains', () => {
    const lines = members(props, 3, reference).filter(Boolean);
    expect(lines).toEqual([
      '### name {#GateProps-name}',
      '`string`',
      'What name is.',
      '### retention {#GateProps-retention}',
      '[`Duration`](https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.Duration.html)`[]`, by default a day',
      'What retention is.',
      '### tiers {#GateProps-tiers}',
      '[`StorageTier`](/constructs/stream/VideoStream#StorageTier)`[]`, by default `StorageTier.HOT`',
      'What tiers is.',
    ]);
  });
});
