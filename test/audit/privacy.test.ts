import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const DOCS = join(__dirname, '../../docs');
const LINE = /\[([^\]]+)\]\((\.\.\/test\/[^)]+)\)/g;

const claims = [...readFileSync(join(DOCS, 'privacy.md'), 'utf8').matchAll(LINE)].map(([, title, file]) => ({
  title,
  file,
}));

test('each measure is shown by something', () => {
  const text = readFileSync(join(DOCS, 'privacy.md'), 'utf8');
  const rows = text
    .slice(text.indexOf('| Measure'))
    .split('\n')
    .filter((line) => line.startsWith('|'));
  // Without the heading and the line below it.
  expect(claims).toHaveLength(rows.length - 2);
});

test.each(claims)('$file has a test "$title"', ({ title, file }) => {
  const literals = readFileSync(join(DOCS, file), 'utf8').match(/(['"`])(?:(?!\1).)*\1,/g);
  expect(literals).toContainEqual(expect.stringContaining(title));
});
