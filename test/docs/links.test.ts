import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { slug } from '../../docs/site/links';

const ROOT = join(__dirname, '..', '..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/decisions/README.md',
  ...readdirSync(join(ROOT, 'docs')).flatMap((file) => (file.endsWith('.md') ? `docs/${file}` : [])),
];

/** What is written in a document, without its code. */
const prose = (file: string) => read(file).replace(/^( *)```[^]*?^\1```/gm, '');

/** The anchors of the headings of a document. */
function anchors(file: string): string[] {
  const headings = [...prose(file).matchAll(/^#+ (.+)$/gm)].map(([, text]) =>
    slug(text!.replace(/\[(.*?)\]\(.*?\)/g, '$1')),
  );
  return headings.map((text, index) => {
    const before = headings.slice(0, index).filter((other) => other === text).length;
    return before === 0 ? text : `${text}-${before}`;
  });
}

/** Links that lead nowhere. What is in API.md depends on the assembly; the site knows. */
function deadLinks(file: string, text = prose(file)): string[] {
  return [...text.matchAll(/\]\((?![a-z]+:)([^)\s]+)\)/g)].flatMap(([, href]) => {
    const [path, anchor] = href!.split('#');
    const target = path === '' ? file : posix.join(posix.dirname(file), path!);
    if (!existsSync(join(ROOT, target))) return href!;
    return anchor && target.endsWith('.md') && target !== 'API.md' && !anchors(target).includes(anchor) ? href! : [];
  });
}

test.each(DOCUMENTS)('the links of %s lead to files and headings', (file) => {
  expect(deadLinks(file)).toEqual([]);
});

test('a file and a heading that are not there are found', () => {
  const text = '[a](nowhere.md) [b](devices.md#nowhere) [c](#registering) [d](devices.md#registering)';
  expect(deadLinks('docs/devices.md', text)).toEqual(['nowhere.md', 'devices.md#nowhere']);
});

test('anchors are those of GitHub', () => {
  expect(slug('1. Does anybody hear it?')).toBe('1-does-anybody-hear-it');
  expect(slug('`<thing>.<camera>`, not `<thing>-<camera>`')).toBe('thingcamera-not-thing-camera');
});
