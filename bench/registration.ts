import './support/quiet';
import { MEDIA_WITH_IMAGES } from './support/media';
import { tell } from './support/tell';
import { simulate, type Scenario } from './support/simulation';

/**
 * How fast devices get their media, and whether any is lost: `npm run bench -- registration`. The handler is the real one; the
 * cloud is a model with the documented quotas, in virtual time. `npx tsx bench/registration.ts --full` takes larger fleets, up to
 * a million devices, and long.
 */
const LIMIT = 50;

/** As `ApiPacer` has them by default. */
const RATES: Record<string, number> = {
  CreateStream: 48,
  CreateSignalingChannel: 48,
  DescribeStream: 150,
  DescribeSignalingChannel: 150,
  DescribeImageGenerationConfiguration: 40,
  DescribeStreamStorageConfiguration: 40,
  ListTagsForResource: 40,
  ListTagsForStream: 40,
  UpdateImageGenerationConfiguration: 48,
};

type Run = Pick<Scenario, 'devices' | 'mechanism'> & Partial<Scenario>;

async function measure(run: Run) {
  const { devices } = run;
  const result = await simulate({
    concurrency: 40,
    faultRate: 0,
    configuration: MEDIA_WITH_IMAGES,
    seed: 1,
    timeout: 120_000,
    queue: { visibilityTimeout: 720_000, maxReceiveCount: 7 },
    streamCreation: [1000, 3000],
    ...run,
  });
  return {
    devices,
    share: (devices / LIMIT / result.seconds).toFixed(2),
    'of 99 %': ((0.99 * devices) / LIMIT / result.secondsOf99).toFixed(2),
    refused: result.refused,
    'of others': result.othersRefused.toFixed(2),
    'dead letters': result.deadLetters,
    lost: result.lost,
    surplus: result.surplus,
  };
}

async function table<C extends object>(title: string, cases: (C & { readonly run: Run })[]): Promise<void> {
  const rows = [];
  for (const { run, ...names } of cases) rows.push({ ...names, ...(await measure(run)) });
  tell(title, rows);
}

const PACED = { rates: RATES, retryMode: 'adaptive', clients: 'sdk' } as const;
/** Without the SDK between, which costs five times as much of this machine's time and changes nothing without faults. */
const QUICK = { ...PACED, clients: 'direct' } as const;

async function main(): Promise<void> {
  const isFull = process.argv.includes('--full');
  const devices = isFull ? 5_000 : 1_000;
  await table('What keeps within the quotas', [
    { mechanism: 'turns from a table', run: { devices, mechanism: PACED } },
    { mechanism: 'adaptive retries only', run: { devices, mechanism: { ...PACED, rates: undefined } } },
    {
      mechanism: 'standard retries only',
      run: { devices, mechanism: { ...PACED, rates: undefined, retryMode: 'standard' } },
    },
  ]);
  await table(
    'How many invocations at once',
    [10, 20, 40].map((concurrency) => ({ concurrency, run: { devices, concurrency, mechanism: QUICK } })),
  );
  await table(
    'Faults of calls, messages and invocations',
    [0, 0.01, 0.05, 0.2].map((faultRate) => ({
      faults: `${100 * faultRate} %`,
      run: { devices, faultRate, mechanism: PACED },
    })),
  );
  const sizes = [1_000, 10_000, 50_000, ...(isFull ? [1_000_000] : [])];
  await table(
    'Larger fleets',
    sizes.map((devices) => ({ run: { devices, mechanism: QUICK } })),
  );
}

void main();
