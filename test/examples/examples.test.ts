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

const DOCUMENTS = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
);
const COMPILED = EXAMPLES.map((file) => readFileSync(join(ROOT, 'examples', file), 'utf8'));

/** Blocks of code, each with the file that it is meant to be the whole of. */
const quotesOf = (document: string) => [
  ...readFileSync(join(ROOT, document), 'utf8').matchAll(/(?:<!-- (examples\/[\w-]+\.ts) -->\s+)?```ts\n([^]*?)```/g),
];

test.each(DOCUMENTS)('what %s quotes is what is compiled', (document) => {
  for (const [, file, quoted] of quotesOf(document)) {
    if (file) expect({ file, quoted }).toEqual({ file, quoted: readFileSync(join(ROOT, file), 'utf8') });
    else expect(COMPILED.some((example) => example.includes(quoted!)) ? [] : [quoted]).toEqual([]);
  }
});

test('documents quote', () => {
  expect(DOCUMENTS.flatMap(quotesOf).length).toBeGreaterThan(25);
});
