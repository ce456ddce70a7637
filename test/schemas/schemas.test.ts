import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { published } from '../../lambda/schemas';

const FOLDER = join(__dirname, '..', '..', 'schemas');

test.each(Object.entries(published()))(
  '%s is what the handlers check; `npm run schemas` makes it',
  (file, content) => {
    expect(readFileSync(join(FOLDER, file), 'utf8')).toBe(content);
  },
);

test('no other schema is published', () => {
  expect(readdirSync(FOLDER).sort()).toEqual(Object.keys(published()).sort());
});
