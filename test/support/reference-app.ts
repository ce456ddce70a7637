import { App, type Stack } from 'aws-cdk-lib';
import { CfnStream } from 'aws-cdk-lib/aws-kinesisvideo';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import cdkJson from '../../cdk.json';
import { findingsOf, reportingApp } from './checks';
import { defaultFindingsIn, withDefaultRules } from './default-rules';
import { nagFindings, PACKS } from './nag';

/** An app under the flags of cdk.json, configured as with `-c`. */
export function appWith(context: object = {}): App {
  return new App({ context: { ...cdkJson.context, ...context } });
}

/**
 * Has an app of `bin/` looked at by the packs of cdk-nag, by the rules of the CDK, and by those of this package. It has a
 * bucket and a stream more, which they are to find. All look at one app, as making it takes longer than looking at it.
 */
export function describeFindings(make: (app: App) => Stack, context: object): void {
  let added: Construct;
  let nag: Record<string, string[]>;
  let own: string[];
  let ofTheCdk: string[];

  beforeAll(() => {
    const app = reportingApp(context);
    added = new Construct(make(app), 'Added');
    new CfnBucket(added, 'Bucket', { accessControl: 'Private' });
    new CfnStream(added, 'Stream', { dataRetentionInHours: 24 });
    nag = Object.fromEntries(
      PACKS.map(([name, pack]) => [name, nagFindings(app, pack).map(({ rule, path }) => `${path} ${rule}`)]),
    );
    own = withDefaultRules(() => findingsOf(app)).flatMap(({ rule, path, reason }) =>
      reason ? [] : `${path} ${rule}`,
    );
    ofTheCdk = defaultFindingsIn(app.synth()).flatMap(({ ruleName, violatingConstructs }) =>
      violatingConstructs.map(({ constructPath }) => `${constructPath} ${ruleName}`),
    );
  });

  /** What is found in the app, and in what was added to it. */
  function expectFindings(findings: string[], inAdded: string): void {
    const isAdded = (finding: string) => finding.startsWith(`${added.node.path}/`);
    expect(findings.filter((finding) => !isAdded(finding))).toEqual([]);
    expect(findings.filter(isAdded)).toContain(`${added.node.path}/${inAdded}`);
  }

  test.each([
    ['AwsSolutions', 'Bucket AwsSolutions-S1'],
    ['HIPAA.Security', 'Bucket HIPAA.Security-S3BucketLoggingEnabled'],
    ['NIST.800.53.R5', 'Bucket NIST.800.53.R5-S3BucketLoggingEnabled'],
  ])('%s finds nothing but what is acknowledged, and what is new', (pack, inAdded) => {
    expectFindings(nag[pack], inAdded);
  });

  test('the rules of the CDK find nothing, but what is new', () => {
    expectFindings(ofTheCdk, 'Bucket W3045');
  });

  test('the rules of this package find nothing but what is acknowledged, and what is new', () => {
    expectFindings(own, 'Stream StreamKey');
  });
}
