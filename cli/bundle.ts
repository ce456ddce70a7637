import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { build, type Plugin } from 'esbuild';
import { BUNDLE } from '../lambda/bundle';
import { recordBundled } from '../supply-chain/bundled';

const root = join(__dirname, '..');

/**
 * Of CloudFormation's model the command needs which properties replace and which types hold data: a hundredth of what the
 * model's package has, and it needn't be unpacked.
 */
const SMALL_MODEL: Plugin = {
  name: 'small-model',
  setup(bundle) {
    bundle.onResolve({ filter: /^@aws-cdk\/aws-service-spec$/ }, ({ path }) => ({ path, namespace: 'small-model' }));
    bundle.onLoad({ filter: /./, namespace: 'small-model' }, () => ({
      contents: `
        const model = JSON.parse(${JSON.stringify(JSON.stringify(smallModel()))});
        const lookup = (kind, index, comparison, type) => (Object.hasOwn(model, type) ? [model[type]] : []);
        export const loadAwsServiceSpecSync = () => ({ lookup });
      `,
    }));
  },
};

function smallModel(): Record<string, object> {
  const types = loadAwsServiceSpecSync().all('resource');
  return Object.fromEntries(
    types.map(({ cloudFormationType, isStateful, properties }) => {
      const replacing = Object.entries(properties).flatMap(([name, { causesReplacement }]) =>
        causesReplacement && causesReplacement !== 'no' ? [[name, { causesReplacement }]] : [],
      );
      return [cloudFormationType, { isStateful, properties: Object.fromEntries(replacing) }];
    }),
  );
}

/** Bundles the command of the package into one file, which needs nothing but the package's peers. */
async function bundle(): Promise<void> {
  rmSync(join(root, 'build', 'cli'), { recursive: true, force: true });
  const { metafile } = await build({
    ...BUNDLE,
    entryPoints: [join('cli', 'index.ts')],
    outfile: join('build', 'cli', 'index.js'),
    external: ['aws-cdk-lib'],
    plugins: [SMALL_MODEL],
  });
  // Of the model there is data.
  recordBundled('cli', metafile!, ['node_modules/@aws-cdk/aws-service-spec']);
}

void bundle();
