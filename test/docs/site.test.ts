import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SECTIONS, sidebar } from '../../docs/site/navigation';
import * as library from '../../lib';

const ROOT = join(__dirname, '..', '..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const questions = read('docs/faq.md').split(/^### /m).slice(1);

test('each page of docs/ is in the navigation once', () => {
  const pages = readdirSync(join(ROOT, 'docs'))
    .filter((file) => file.endsWith('.md') && file !== 'index.md')
    .map((file) => file.replace('.md', ''));
  expect(SECTIONS.flatMap(({ pages: listed }) => listed).sort()).toEqual([...pages, 'decisions/README'].sort());
});

test('the sidebar has titles without what follows a colon, and the constructs before the apps', () => {
  const groups = sidebar();
  const titles = groups.map(({ text }) => text);
  expect(titles.indexOf('Constructs')).toBe(titles.indexOf('Reference apps') - 1);
  expect(groups.find(({ text }) => text === 'Reference apps')!.items).toContainEqual({
    text: 'Retail queue',
    link: '/retail-queue',
  });
  expect(groups.find(({ text }) => text === 'Why it is so')!.items).toEqual([
    { text: 'Decisions', link: '/decisions/README' },
  ]);
});

test.each(['docs/faq.md', 'docs/concepts.md', 'docs/getting-started.md'])(
  '%s names constructs that are exported',
  (file) => {
    const named = [...read(file).matchAll(/\[`(\w+)`\]\(\.\.\/API\.md#cdk-kinesis-video\.(\w+)\)/g)];
    expect(named.length).toBeGreaterThan(5);
    for (const [, text, anchor] of named) {
      expect(anchor).toBe(text);
      expect(Object.keys(library)).toContain(text);
    }
  },
);

test.each(questions.map((text) => [text.split('\n')[0], text]))('"%s" is answered with a construct', (_title, text) => {
  expect(text).toMatch(/\(\.\.\/API\.md#cdk-kinesis-video\.\w+\)/);
});

test('each question has a source, or is about this package', () => {
  const without = questions.filter((text) => !/https:\/\/(github\.com|docs\.aws\.amazon\.com)\//.test(text));
  expect(without.map((text) => text.split('\n')[0])).toEqual([
    'When was an image taken?',
    'Why is my policy for `stream/lobby` ignored?',
  ]);
});
