import { App } from 'aws-cdk-lib';
import { retailQueue } from '../../bin/retail-queue';
import cdkJson from '../../cdk.json';
import { nagFindings, PACKS } from '../support/nag';
import { findingsOf, reportingApp } from '../support/checks';

const STORES = ['device', 'cloud'].map((counting) => ({
  name: 'store-7',
  counting,
  signalEmails: ['manager@example.com'],
  alarmEmails: ['operator@example.com'],
}));

describe.each(STORES)('counted by $counting', (store) => {
  test.each(PACKS)('%s finds nothing but what is acknowledged', (_pack, make) => {
    const app = new App({ context: { ...cdkJson.context, store } });
    retailQueue(app);
    expect(nagFindings(app, make).map(({ rule, path }) => `${rule} ${path}`)).toEqual([]);
  });

  test('KinesisVideoChecks find nothing', () => {
    const app = reportingApp({ store });
    retailQueue(app);
    expect(findingsOf(app)).toEqual([]);
  });
});
