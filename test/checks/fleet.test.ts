import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type * as cdkLib from 'aws-cdk-lib';
import { droneFleet } from '../../bin/drone-fleet';
import { findingsOf, reportingApp } from '../support/checks';
import { EVERYTHING } from '../support/nag';

const EXAMPLES = join(__dirname, '..', '..', 'examples');

test.each([
  ['by default', undefined],
  ['with everything on', EVERYTHING],
  ['without signaling', { signaling: false }],
  ['in China', { cells: [{ name: 'cell-1', account: '111122223333', region: 'cn-north-1' }] }],
])('the reference fleet %s has no findings', (_what, fleet) => {
  const app = reportingApp({ fleet });
  droneFleet(app);
  expect(findingsOf(app)).toEqual([]);
});

describe('examples have no findings', () => {
  // Each makes an app of its own, and keeps it for itself.
  const apps: cdkLib.App[] = [];
  beforeAll(() => {
    jest.doMock('aws-cdk-lib', () => {
      const cdk = jest.requireActual<typeof cdkLib>('aws-cdk-lib');
      const App = function () {
        const app = reportingApp();
        apps.push(app);
        return app;
      };
      return new Proxy(cdk, { get: (target, name) => (name === 'App' ? App : Reflect.get(target, name)) });
    });
  });

  test.each(readdirSync(EXAMPLES).filter((file) => file.endsWith('.ts')))('%s', async (file) => {
    apps.length = 0;
    await import(join(EXAMPLES, file));
    expect(apps).toHaveLength(1);
    expect(findingsOf(apps[0])).toEqual([]);
  });
});
