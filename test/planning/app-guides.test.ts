import { readFileSync } from 'node:fs';
import { APP_GUIDES } from '../../docs/apps';
import { renderedGuide } from '../../docs/plan';

describe.each(Object.entries(APP_GUIDES))('docs/%s', (_name, { file, parts }) => {
  const guide = readFileSync(file, 'utf8');

  test('has the tables that its plans make (npm run docs)', () => {
    expect(renderedGuide(guide, parts())).toBe(guide);
  });

  test('with another price is put right', () => {
    const wrong = guide.replace(/\$\d+\.\d\d/, '$0.42');
    expect(wrong).not.toBe(guide);
    expect(renderedGuide(wrong, parts())).toBe(guide);
  });
});
