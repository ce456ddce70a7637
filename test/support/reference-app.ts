import { App, type Stack } from 'aws-cdk-lib';
import { CfnStream } from 'aws-cdk-lib/aws-kinesisvideo';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import cdkJson from '../../cdk.json';
import { findingsOf, reportingApp } from './checks';
import { defaultFindings } from './default-rules';
import { nagFindings, PACKS } from './nag';

/** An app under the flags of cdk.json, configured as with `-c`. */
export function appWith(context: object = {}): App {
  return new App({ context: { ...cdkJson.context, ...context } });
}

/** Has an app of `bin/` looked at by the packs of cdk-nag, by the rules of the CDK, and by those of this package. */
export function describeFindings(make: (app: App) => Stack, context: object): void {
  describe.each(PACKS)('%s', (_pack, pack) => {
    test('finds nothing but what is acknowledged', () => {
      const app = appWith(context);
      make(app);
      expect(nagFindings(app, pack)).toEqual([]);
    });

    test('finds what is new', () => {
      const app = appWith(context);
      const bucket = new Bucket(make(app), 'New');
      expect(nagFindings(app, pack).map(({ path }) => path)).toContain(bucket.node.defaultChild!.node.path);
    });
  });

  test('the rules of the CDK find nothing', () => {
    const app = appWith(context);
    make(app);
    expect(defaultFindings(app)).toEqual([]);
  });

  describe('the rules of this package', () => {
    test('find nothing but what is acknowledged', () => {
      const app = reportingApp(context);
      make(app);
      expect(findingsOf(app).filter(({ reason }) => reason === undefined)).toEqual([]);
    });

    test('find what is new', () => {
      const app = reportingApp(context);
      new CfnStream(make(app), 'New', { dataRetentionInHours: 24 });
      expect(findingsOf(app).map(({ rule, logicalId }) => `${rule} ${logicalId}`)).toContain('StreamKey New');
    });
  });
}
