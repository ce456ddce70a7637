import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rulesReference } from '../../docs/rules';
import { RULES } from '../../lib/checks/rules';

const DOCS = join(__dirname, '..', '..', 'docs');

test('docs/rules.md is what the rules say; `npm run docs` writes it', () => {
  expect(readFileSync(join(DOCS, 'rules.md'), 'utf8')).toBe(rulesReference());
});

test('docs/security.md has the number of rules', () => {
  const errors = RULES.filter(({ severity }) => severity === 'error').length;
  expect(readFileSync(join(DOCS, 'security.md'), 'utf8')).toContain(`${RULES.length} rules, ${errors} of them errors`);
});

test.each(RULES.map((rule) => [rule.id, rule] as const))(
  '%s: texts are sentences, and the title is none',
  (_id, rule) => {
    for (const text of [rule.why, rule.fix, rule.unseen]) expect(text).toMatch(/^[A-Z`][^]+\.\)?$/);
    expect(rule.title).toMatch(/^[A-Z][^]+[^.]$/);
  },
);
