import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type * as cdkLib from 'aws-cdk-lib';

const FOLDER = join(__dirname, '..', '..', 'examples');

/** The files of the examples. */
export const EXAMPLES = readdirSync(FOLDER).filter((file) => file.endsWith('.ts'));

let makeApp: () => cdkLib.App;
const apps = new Map<string, cdkLib.App>();

/** The app of an example, which makes it for itself and keeps it: made in this way, at the first call. */
export async function appOfExample(file: string, make: () => cdkLib.App): Promise<cdkLib.App> {
  makeApp = () => {
    const app = make();
    expect(apps.has(file)).toBe(false);
    apps.set(file, app);
    return app;
  };
  jest.doMock('aws-cdk-lib', () => {
    const cdk = jest.requireActual<typeof cdkLib>('aws-cdk-lib');
    const App = function () {
      return makeApp();
    };
    return new Proxy(cdk, { get: (target, name) => (name === 'App' ? App : Reflect.get(target, name)) });
  });
  await import(join(FOLDER, file));
  return apps.get(file)!;
}
