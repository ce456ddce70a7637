import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SCHEMAS, render } from '../../lambda/schemas';

const FOLDER = join(__dirname, '..', '..', 'schemas');

test.each(Object.entries(SCHEMAS))('%s is what the handlers check; `npm run schemas` makes it', (file, schema) => {
  expect(readFileSync(join(FOLDER, file), 'utf8')).toBe(render(schema));
});

test('no other schema is published', () => {
  expect(readdirSync(FOLDER).sort()).toEqual(Object.keys(SCHEMAS).sort());
});
