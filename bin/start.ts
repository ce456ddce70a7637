import { execFileSync } from 'node:child_process';
import { join, relative } from 'node:path';
import { App } from 'aws-cdk-lib';
import cdkJson from '../cdk.json';
import { droneFleet } from './drone-fleet';
import { planSummary } from './plan';
import { summary } from './summary';

/**
 * Synthesizes the reference fleet under the flags of cdk.json, as the CLI does, and tells what it contains. Then it flies: the
 * fleet as it is by default is deployed on this machine. With `--synth-only`, it doesn't.
 */
async function main(args: string[]): Promise<void> {
  const outdir = join(__dirname, '..', 'cdk.out');
  const app = new App({ outdir, context: { ...cdkJson.context, ...contextOf(args) } });
  droneFleet(app);
  const folder = relative(process.cwd(), outdir);
  console.log(summary(app.synth(), folder));
  console.log(planSummary(app, folder));
  if (args.includes('--synth-only')) return;
  if (!hasFfmpeg()) {
    throw new Error(
      'The flight needs ffmpeg, which films it: install it (`apt-get install ffmpeg`, `brew install ffmpeg`).',
    );
  }
  await fly();
}

/** A flight on this machine. Somebody who looks on may go on looking; whoever only reads what is written has its last line. */
async function fly(): Promise<void> {
  const { endingLine, startFlight } = await import('../local/flight/flight.js');
  const { progress } = await import('../local/flight/progress.js');
  console.log('\nA flight on this machine, of the fleet as it is by default\n');
  const flight = await startFlight({ say: progress() });
  try {
    console.log(`\n${endingLine(await flight.seen)}`);
    if (!process.stdout.isTTY) return;
    console.log(`The drones fly on, and meet somebody each 90 seconds: ${flight.fleet.url}. Ctrl+C ends it.`);
    await new Promise((resolve) => process.once('SIGINT', resolve));
  } finally {
    await flight.stop();
  }
}

function hasFfmpeg(): boolean {
  try {
    execFileSync('ffmpeg', ['-version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** `-c key=value`, as the CLI has it. */
function contextOf(args: string[]): Record<string, string> {
  const pairs = args.flatMap((arg, index) => (['-c', '--context'].includes(args[index - 1]) ? [arg.split('=')] : []));
  return Object.fromEntries(pairs.map(([key, ...value]) => [key, value.join('=')]));
}

main(process.argv.slice(2)).catch((error: Error) => {
  // What is wrong is in the message; where we noticed is of no use to whoever wrote the configuration.
  console.error(error.message);
  process.exitCode = 1;
});
