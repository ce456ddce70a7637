import { Stack, Tags, type App } from 'aws-cdk-lib';
import { droneFleet } from '../../../bin/drone-fleet';
import { readStacks } from '../../../cli/guard/assembly';
import { compare } from '../../../cli/guard/compare';
import type { Finding } from '../../../cli/guard/finding';
import { statefulType } from '../../../cli/guard/stateful';
import { constructPath } from '../../../cli/guard/template';
import * as library from '../../../lib';
import { findingsBetween, synthesized } from '../../support/assemblies';
import { allConstructs, CONSTRUCTS } from '../../support/constructs';

const base = readStacks(synthesized((app) => allConstructs(app, 'Part')));

/** The paths of what holds state in the constructs themselves. */
const stateful = base.flatMap((stack) =>
  Object.keys(stack.template.Resources)
    .filter((logicalId) => statefulType(stack.template, logicalId))
    .map((logicalId) => ({ path: constructPath(stack, logicalId), type: stack.template.Resources[logicalId].Type })),
);

function inShort({ path, what, why }: Finding): string {
  return `${what} ${path}: ${why}`;
}

describe('all constructs under another id', () => {
  const found = compare(base, readStacks(synthesized((app) => allConstructs(app, 'Piece'))));
  const names = Object.keys(CONSTRUCTS).filter((name) => stateful.some(({ path }) => path.startsWith(`${name}/Part/`)));

  test.each(names)('%s: each resource that holds state is found', (name) => {
    const own = stateful.filter(({ path }) => path.startsWith(`${name}/Part/`));
    // A part of a construct may be moved to where its likes are, but each is gone from where it was.
    for (const { path } of own) {
      const of = found.filter((finding) => finding.path === path);
      expect([path, of.map(({ what }) => what)]).toEqual([path, [expect.stringMatching(/^(orphan|destroy)$/)]]);
      expect(of[0].why).toMatch(/renamed from .*Part.* to .*Piece|moved from .* to |no longer in the app/);
    }
  });

  test('what is made beside them is not', () => {
    const beside = found.filter(({ path, what }) => !/\/Part(\/|$)/.test(path) && what !== 'replace');
    expect(beside.filter(({ path }) => !/CdkKinesisVideo/.test(path)).map(inShort)).toEqual([]);
  });
});

test('tags and descriptions harm nothing', () => {
  const head = synthesized((app) => {
    allConstructs(app, 'Part');
    Tags.of(app).add('owner', 'drones');
    for (const child of app.node.children) {
      if (Stack.isStack(child)) child.templateOptions.description = 'Another';
    }
  });
  expect(compare(base, readStacks(head)).map(inShort)).toEqual([]);
});

describe('a property of a construct that replaces its resource', () => {
  const identity = (stack: Stack) => new library.DeviceIdentity(stack, 'Identity');

  test.each<[type: string, property: string, make: (stack: Stack, name: string) => void]>([
    ['KinesisVideo::Stream', 'Name', (stack, streamName) => new library.VideoStream(stack, 'Part', { streamName })],
    [
      'KinesisVideo::SignalingChannel',
      'Name',
      (stack, channelName) => new library.SignalingChannel(stack, 'Part', { channelName }),
    ],
    [
      'Rekognition::Collection',
      'CollectionId',
      (stack, faceCollectionId) => new library.FaceCollection(stack, 'Part', { faceCollectionId }),
    ],
    [
      'IoT::ProvisioningTemplate',
      'TemplateName',
      (stack, templateName) =>
        new library.FleetProvisioning(stack, 'Part', {
          identity: identity(stack),
          allowList: new library.DeviceAllowList(stack, 'Allowed'),
          templateName,
        }),
    ],
  ])('%s.%s', (type, property, make) => {
    const app = (name: string) => (app: App) => make(new Stack(app, 'Test'), name);
    const found = findingsBetween(app('one'), app('two'));
    expect(found.map(inShort)).toContainEqual(expect.stringMatching(`^replace .*: ${property}: .*one.* -> .*two`));
    expect(found.map((finding) => finding.type)).toContain(`AWS::${type}`);
  });
});

describe('the reference fleet', () => {
  const fleet = (app: App, change: object = {}) => {
    app.node.setContext('fleet', { alertEmails: ['pilots@example.com'], ...change });
    droneFleet(app);
  };
  const [before] = [readStacks(synthesized((app) => fleet(app)))];
  const between = (change: object) => compare(before, readStacks(synthesized((app) => fleet(app, change))));

  test('loses nothing when it stays, gets another cell, or other obstacles', () => {
    expect(between({})).toEqual([]);
    expect(between({ cells: [{ name: 'cell-1' }, { name: 'cell-2' }] }).map(inShort)).toEqual([]);
    expect(between({ obstacles: [{ name: 'bird', labels: ['Bird'] }], retentionHours: 48 }).map(inShort)).toEqual([]);
  });

  test('is found to lose a cell, images, and what protects it', () => {
    const gone = between({ cells: [{ name: 'cell-2' }] });
    const all = before.flatMap(({ template }) =>
      Object.keys(template.Resources).filter((logicalId) => statefulType(template, logicalId)),
    );
    expect(gone).toHaveLength(all.length);
    expect(gone[0].why).toMatch(/no longer in the app.*moved from drone-fleet-cell-1-\w+ to drone-fleet-cell-2-/);

    const withoutImages = between({ detection: { images: false } });
    expect(withoutImages.map(({ type }) => type)).toContain('AWS::S3::Bucket');

    const unprotected = between({ removalPolicy: 'DESTROY' });
    const weakened = unprotected.map(({ type, why }) => `${type} ${why}`);
    expect(weakened).toEqual(
      expect.arrayContaining([
        'AWS::KMS::Key DeletionPolicy: Retain -> Delete',
        'AWS::DynamoDB::Table DeletionProtectionEnabled is switched off',
        'AWS::CloudFormation::Stack termination protection is switched off',
      ]),
    );
  });
});
