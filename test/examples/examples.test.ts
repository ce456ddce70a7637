import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import cdkJson from '../../cdk.json';

const ROOT = join(__dirname, '..', '..');
const EXAMPLES = readdirSync(join(ROOT, 'examples')).filter((file) => file.endsWith('.ts'));

test.each(EXAMPLES)(
  '%s synthesizes',
  (file) => {
    const outdir = mkdtempSync(join(tmpdir(), 'example-'));
    try {
      // As the CLI runs an app.
      execFileSync('npx', ['tsx', join('examples', file)], {
        cwd: ROOT,
        env: { ...process.env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(cdkJson.context) },
        stdio: 'pipe',
      });
      expect(readdirSync(outdir).filter((name) => name.endsWith('.template.json'))).not.toEqual([]);
    } finally {
      rmSync(outdir, { recursive: true });
    }
  },
  60_000,
);

test.each(['README.md', 'docs/detection.md', 'docs/stream-processors.md'])(
  'what %s quotes is what is compiled',
  (document) => {
    const text = readFileSync(join(ROOT, document), 'utf8');
    const blocks = [...text.matchAll(/(?:<!-- (examples\/[\w-]+\.ts) -->\s+)?```ts\n([^]*?)```/g)];
    expect(blocks.length).toBeGreaterThan(0);
    for (const [, file = 'no example', quoted] of blocks)
      expect({ file, quoted }).toEqual({ file, quoted: readFileSync(join(ROOT, file), 'utf8') });
  },
);
