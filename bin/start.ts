import { join, relative } from 'node:path';
import { App } from 'aws-cdk-lib';
import cdkJson from '../cdk.json';
import { droneFleet } from './drone-fleet';
import { planSummary } from './plan';
import { summary } from './summary';

/** Synthesizes the reference fleet under the flags of cdk.json, as the CLI does, and tells what it contains. */
const outdir = join(__dirname, '..', 'cdk.out');
const app = new App({ outdir, context: { ...cdkJson.context, ...contextOf(process.argv.slice(2)) } });
try {
  droneFleet(app);
  const folder = relative(process.cwd(), outdir);
  console.log(summary(app.synth(), folder));
  console.log(planSummary(app, folder));
} catch (error) {
  // What is wrong is in the message; where we noticed is of no use to whoever wrote the configuration.
  console.error((error as Error).message);
  process.exitCode = 1;
}

/** `-c key=value`, as the CLI has it. */
function contextOf(args: string[]): Record<string, string> {
  const pairs = args.flatMap((arg, index) => (['-c', '--context'].includes(args[index - 1]) ? [arg.split('=')] : []));
  return Object.fromEntries(pairs.map(([key, ...value]) => [key, value.join('=')]));
}
