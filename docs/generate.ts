import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Documentation, Language } from 'jsii-docgen';

/**
 * Writes API.md from the assembly that `npm run compile` leaves. With `--check` it writes nothing, and fails if what it
 * would write differs.
 */
const root = join(__dirname, '..');
const file = join(root, 'API.md');

/** The reference of the public API, as API.md should have it. */
export async function apiReference(): Promise<string> {
  if (!existsSync(join(root, '.jsii'))) throw new Error('There is no assembly yet; run `npm run compile` first.');
  const documentation = await Documentation.forProject(root);
  const markdown = await documentation.toMarkdown({ language: Language.TYPESCRIPT });
  return markdown.render();
}

/** @throws Error when API.md is missing, or isn't what the assembly says */
export async function checkApiReference(): Promise<void> {
  const reference = await apiReference();
  if (existsSync(file) && readFileSync(file, 'utf8') === reference) return;
  throw new Error('API.md is not what the sources say; run `npm run build` and commit it.');
}

async function main(): Promise<void> {
  if (process.argv.includes('--check')) return checkApiReference();
  writeFileSync(file, await apiReference());
}

if (require.main === module) {
  main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
