import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import cdkJson from '../../cdk.json';

const ROOT = join(__dirname, '..', '..');
const EXAMPLES = readdirSync(join(ROOT, 'examples')).filter((file) => file.endsWith('.ts'));

test.each(EXAMPLES)('%s synthesizes', async (file) => {
  const outdir = mkdtempSync(join(tmpdir(), 'example-'));
  const environment = { ...process.env };
  // An app that the CLI runs is synthesized when there is nothing else left to do.
  const atExit = jest.spyOn(process, 'once').mockReturnThis();
  try {
    Object.assign(process.env, { CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(cdkJson.context) });
    await jest.isolateModulesAsync(() => import(join(ROOT, 'examples', file)));
    const [, synthesize] = atExit.mock.calls.find(([event]) => event === 'beforeExit') ?? [];
    synthesize?.();
    expect(readdirSync(outdir).filter((name) => name.endsWith('.template.json'))).not.toEqual([]);
  } finally {
    process.env = environment;
    atExit.mockRestore();
    rmSync(outdir, { recursive: true });
  }
});

test.each([
  'README.md',
  'docs/detection.md',
  'docs/getting-started.md',
  'docs/monitoring.md',
  'docs/plan.md',
  'docs/stream-processors.md',
])('what %s quotes is what is compiled', (document) => {
  const text = readFileSync(join(ROOT, document), 'utf8');
  const blocks = [...text.matchAll(/(?:<!-- (examples\/[\w-]+\.ts) -->\s+)?```ts\n([^]*?)```/g)];
  expect(blocks.length).toBeGreaterThan(0);
  for (const [, file = 'no example', quoted] of blocks)
    expect({ file, quoted }).toEqual({ file, quoted: readFileSync(join(ROOT, file), 'utf8') });
});
