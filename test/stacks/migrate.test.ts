import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { Stack, type App } from 'aws-cdk-lib';
import { CfnSignalingChannel, CfnStream } from 'aws-cdk-lib/aws-kinesisvideo';
import existing from '../../bin/existing.json';
import { migrate } from '../../bin/migrate';
import { main } from '../../cli/main';
import { findingsBetween, synthesized } from '../support/assemblies';
import { appWith, describeFindings } from '../support/reference-app';
import { snapshotOf } from '../support/snapshot';
import { Template, warningIds } from '../support/template';

const [YARD, LOBBY] = existing.StreamInfoList;
const [CHANNEL] = existing.ChannelInfoList;
const KEY = YARD.KmsKeyId;

type Resources = Record<string, { Type: string; Properties?: object; DeletionPolicy?: string }>;

/** What becomes of a stream of the list. */
function streamOf(info: object): object {
  const stack = migrate(appWith({ existing: { StreamInfoList: [{ ...YARD, ...info }] } }));
  const [found] = Object.values(Template.fromStack(stack).findResources('AWS::KinesisVideo::Stream'));
  return found;
}

const app = appWith();
const stack = migrate(app);

test('what is taken over is as it was', () => {
  expect(snapshotOf(stack)).toMatchSnapshot();
});

test('nothing warns', () => {
  expect(warningIds(stack)).toEqual([]);
});

describe('what cdk import is told', () => {
  const { directory } = app.synth();
  const mapping: Record<string, Record<string, string>> = JSON.parse(
    readFileSync(join(directory, 'Media.import.json'), 'utf8'),
  );
  const { Resources } = Template.fromStack(stack).toJSON() as { Resources: Resources };

  test('is each stream and channel that is taken over, and nothing that is referred to', () => {
    const media = Object.entries(Resources).filter(([, { Type }]) => Type.startsWith('AWS::KinesisVideo::'));
    expect(Object.keys(mapping).sort()).toEqual(media.map(([logicalId]) => logicalId).sort());
    expect(Object.values(mapping)).toEqual([{ Name: 'yard' }, { Name: 'yard' }]);
    expect(JSON.stringify(media)).not.toContain(LOBBY.StreamName);
  });

  test('has the identifiers of the types, with the values of the template', () => {
    const model = loadAwsServiceSpecSync();
    for (const [logicalId, identifier] of Object.entries(mapping)) {
      const { Type, Properties } = Resources[logicalId];
      const [{ primaryIdentifier }] = model.lookup('resource', 'cloudFormationType', 'equals', Type);
      expect(Object.keys(identifier)).toEqual(primaryIdentifier);
      expect(Properties).toMatchObject(identifier);
    }
  });

  // cdk import takes these resources into the stack, and nothing else of the template.
  test('can be imported: it stays whatever becomes of the stack, and refers to nothing in it', () => {
    for (const logicalId of Object.keys(mapping)) {
      const resource = Resources[logicalId];
      expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
      expect(JSON.stringify(resource)).not.toMatch(/"(Ref|Fn::\w+|DependsOn)"/);
    }
  });
});

describe('a stream has what it had', () => {
  test.each<[string, object, object]>([
    ['a key of the account', {}, { KmsKeyId: KEY, DataRetentionInHours: 168, MediaType: 'video/h264' }],
    ['no retention', { DataRetentionInHours: 0 }, { DataRetentionInHours: 0 }],
    ['a name of a device', { DeviceName: 'yard-camera' }, { DeviceName: 'yard-camera' }],
    ['another tier', { DefaultStorageTier: 'WARM' }, { StreamStorageConfiguration: { DefaultStorageTier: 'WARM' } }],
    ['audio', { MediaType: 'video/h264,audio/aac' }, { MediaType: 'video/h264,audio/aac' }],
  ])('%s', (_what, info, properties) => {
    expect(streamOf(info)).toMatchObject({ Properties: { Name: 'yard', ...properties } });
  });

  test.each([
    ['MediaType', { MediaType: null }],
    ['KmsKeyId', { KmsKeyId: LOBBY.KmsKeyId }],
  ])('and no %s, if it has none', (property, info) => {
    expect(streamOf({})).toHaveProperty(`Properties.${property}`);
    expect(streamOf(info)).not.toHaveProperty(`Properties.${property}`);
  });
});

describe('resources of a template written by hand', () => {
  const byHand = (app: App) => {
    const stack = new Stack(app, 'Media', { terminationProtection: true });
    new CfnStream(stack, 'Yard', { name: 'yard', dataRetentionInHours: 168, mediaType: 'video/h264', kmsKeyId: KEY });
    new CfnSignalingChannel(stack, 'YardChannel', { name: 'yard', type: 'SINGLE_MASTER', messageTtlSeconds: 60 });
  };
  const adopted = { ...YARD, LogicalId: 'Yard' };
  const taken =
    (stream: object = adopted, channel: object = { ...CHANNEL, LogicalId: 'YardChannel' }) =>
    (app: App) => {
      app.node.setContext('existing', { StreamInfoList: [stream], ChannelInfoList: [channel] });
      migrate(app);
    };
  const inShort = (head: (app: App) => void) =>
    findingsBetween(byHand, head).map(({ what, resource, why }) => `${what} ${resource}: ${why}`);

  test('are taken over under their logical ids, and the guard finds nothing that is lost or replaced', () => {
    const out: string[] = [];
    const ports = { out: (text: string) => out.push(text), error: (text: string) => out.push(text), today: new Date() };
    expect([main(['guard', synthesized(byHand), synthesized(taken())], ports), out]).toEqual([0, [expect.any(String)]]);
    const templates = [byHand, taken()].map((build) => join(synthesized(build), 'Media.template.json'));
    expect(main(['guard', ...templates], ports)).toBe(0);
    expect(inShort(taken())).toEqual([]);
  });

  test('need no import', () => {
    const directory = synthesized(taken());
    expect(JSON.parse(readFileSync(join(directory, 'Media.import.json'), 'utf8'))).toEqual({});
  });

  test('would be lost under other logical ids', () => {
    expect(inShort(taken(YARD, CHANNEL)).sort()).toEqual([
      expect.stringMatching(/^destroy Yard: renamed from Yard to Streamyard.*; the deployment fails.*yard is taken$/),
      expect.stringMatching(/^destroy YardChannel: renamed from YardChannel to Channelyard.*yard is taken$/),
    ]);
  });

  test.each<[string, object, string]>([
    ['replaced under another name', { StreamName: 'lane' }, 'replace Yard: Name: yard -> lane'],
    [
      'cut off by a shorter retention',
      { DataRetentionInHours: 24 },
      'shorten Yard: DataRetentionInHours: 168 hours -> 24',
    ],
    ['told to have another key', { KmsKeyId: LOBBY.KmsKeyId }, 'weaken Yard: KmsKeyId: arn:'],
  ])('would be %s', (_what, change, finding) => {
    expect(inShort(taken({ ...adopted, ...change }))).toEqual([expect.stringContaining(finding)]);
  });
});

test.each<[string, object, RegExp]>([
  ['no stream', { StreamInfoList: [] }, /StreamInfoList: /],
  ['a name', { StreamInfoList: [{ ...YARD, StreamName: 'a/b' }] }, /StreamInfoList\[0\]\.StreamName: must be 1 to 256/],
  ['an alias', { StreamInfoList: [{ ...YARD, KmsKeyId: 'alias/media' }] }, /KmsKeyId: must be the ARN of a key/],
  ['an ARN', { StreamInfoList: [{ ...YARD, StreamARN: 'arn:aws:kinesisvideo:x' }] }, /StreamARN: must be the ARN/],
])('a list with %s that can not be is refused', (_what, wrong, message) => {
  expect(() => migrate(appWith({ existing: wrong }))).toThrow(message);
});

describeFindings(migrate, {});
