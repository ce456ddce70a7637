import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { Stack } from 'aws-cdk-lib';
import { referenceFleet } from '../support/fleet';
import { EVERYTHING } from '../support/nag';
import { Template } from '../support/template';

const REGION = 'eu-central-1';
const CELLS = [{ name: 'cell-1', account: '111122223333', region: REGION }];
const PILOTS = { domainPrefix: 'delivery-pilots' };

/** What AWS has for all regions at once. */
const GLOBAL = /^AWS::(CloudFront|IAM|Route53)::/;

/** What brings something to another region, whatever that is. */
const CROSSING =
  /^(AWS::DynamoDB::GlobalTable|AWS::KMS::ReplicaKey|AWS::S3::MultiRegionAccessPoint|Custom::CrossRegion.*)$/;

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html */
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';

interface Behavior {
  readonly TargetOriginId: string;
  readonly CachePolicyId: string;
}

interface Resource {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
}

function resourcesOf(stack: Stack): Resource[] {
  return Object.values(Template.fromStack(stack).toJSON().Resources);
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

const OTHERS = RegionInfo.regions.map(({ name }) => name).filter((name) => name !== REGION);

/** The other regions that are named anywhere in a template. */
function othersIn(stack: Stack): string[] {
  const texts = textsIn(Template.fromStack(stack).toJSON());
  return OTHERS.filter((name) => texts.some((text) => new RegExp(`(^|[^a-z-])${name}([^0-9a-z]|$)`).test(text)));
}

describe.each([
  ['by default', { cells: CELLS, pilots: PILOTS }],
  ['with everything on', { ...EVERYTHING, cells: CELLS, pilots: PILOTS }],
])('the reference fleet %s', (_what, configuration) => {
  const [{ state, fleet, pilots }] = referenceFleet(configuration);
  const stacks: [name: string, stack: Stack][] = [
    ['State', state],
    ['Fleet', fleet],
    ['Pilots', pilots!],
  ];

  test.each(stacks)('%s names no other region, and brings nothing to one', (_name, stack) => {
    expect(stack.region).toBe(REGION);
    expect(othersIn(stack)).toEqual([]);
    const resources = resourcesOf(stack);
    expect(resources.map(({ Type }) => Type).filter((type) => CROSSING.test(type))).toEqual([]);
    const replicated = resources.filter(({ Properties = {} }) => 'ReplicationConfiguration' in Properties);
    expect(replicated).toEqual([]);
    const multiRegional = resources.filter(({ Properties }) => Properties?.MultiRegion === true);
    expect(multiRegional).toEqual([]);
  });

  test('images are put where the stream is', () => {
    const media = resourcesOf(fleet).flatMap(({ Properties = {} }) => {
      const { Variables = {} } = (Properties.Environment ?? {}) as { Variables?: Record<string, unknown> };
      return Variables.MEDIA ? [JSON.stringify(Variables.MEDIA)] : [];
    });
    expect(media.length).toBeGreaterThan(0);
    for (const settings of media) expect(settings).toMatch(/DestinationRegion[\\":]+eu-central-1/);
  });

  test('only the console is everywhere: its files are kept at the edge, and nothing of the API', () => {
    const everywhere = stacks.flatMap(([name, stack]) =>
      resourcesOf(stack)
        .map(({ Type }) => Type)
        .filter((type) => GLOBAL.test(type) && !type.startsWith('AWS::IAM::'))
        .map((type) => `${name} ${type}`),
    );
    expect(new Set(everywhere)).toEqual(
      new Set([
        'Pilots AWS::CloudFront::Distribution',
        'Pilots AWS::CloudFront::OriginAccessControl',
        'Pilots AWS::CloudFront::ResponseHeadersPolicy',
      ]),
    );
    const [{ Properties }] = resourcesOf(pilots!).filter(({ Type }) => Type === 'AWS::CloudFront::Distribution');
    const { Origins, DefaultCacheBehavior, CacheBehaviors } = Properties!.DistributionConfig as {
      readonly Origins: { readonly Id: string; readonly S3OriginConfig?: object }[];
      readonly DefaultCacheBehavior: Behavior;
      readonly CacheBehaviors: Behavior[];
    };
    // The bucket of its files, and the API, of which the edge passes answers on and keeps none.
    const api = Origins.filter(({ S3OriginConfig }) => !S3OriginConfig).map(({ Id }) => Id);
    expect(Origins.length - api.length).toBe(1);
    const keptOf = [DefaultCacheBehavior, ...CacheBehaviors]
      .filter(({ CachePolicyId }) => CachePolicyId !== CACHING_DISABLED)
      .map(({ TargetOriginId }) => TargetOriginId);
    expect(keptOf.length).toBeGreaterThan(0);
    for (const origin of keptOf) expect(api).not.toContain(origin);
  });
});
