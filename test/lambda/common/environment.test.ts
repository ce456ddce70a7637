import * as z from 'zod';
import { jsonText, parseEnvironment } from '../../../lambda/common/environment';

const schema = z.object({
  TABLE: z.string().min(1),
  MODE: z.enum(['ONCE', 'REUSABLE']),
  LIMITS: jsonText(z.object({ each: z.array(z.object({ name: z.string(), most: z.number() })) })),
});
const VALID = { TABLE: 'Things', MODE: 'ONCE', LIMITS: '{"each":[{"name":"streams","most":2}]}' };
const before = process.env;

/** Without the variable if it has no value. */
function given(change: Record<string, string | undefined> = {}) {
  process.env = Object.fromEntries(
    Object.entries({ PATH: '/usr/bin', ...VALID, ...change }).filter(([, value]) => value !== undefined),
  );
}

afterEach(() => {
  process.env = before;
});

test('gives what is wanted, parsed, and nothing else', () => {
  given();
  expect(parseEnvironment(schema)).toEqual({
    TABLE: 'Things',
    MODE: 'ONCE',
    LIMITS: { each: [{ name: 'streams', most: 2 }] },
  });
});

test.each<[change: Record<string, string | undefined>, message: RegExp]>([
  [{ TABLE: undefined }, /^The environment of this function is wrong: TABLE: .*received undefined$/],
  [{ TABLE: '' }, /wrong: TABLE: /],
  [{ MODE: 'TWICE' }, /wrong: MODE: .*"ONCE"\|"REUSABLE"$/],
  [{ LIMITS: undefined }, /wrong: LIMITS: .*received undefined$/],
  [{ LIMITS: '' }, /wrong: LIMITS: not JSON: /],
  [{ LIMITS: "{'each':[]}" }, /wrong: LIMITS: not JSON: /],
  [{ LIMITS: 'null' }, /wrong: LIMITS: .*received null$/],
  [{ LIMITS: '{"each":[{"name":"streams","most":"2"}]}' }, /wrong: LIMITS\.each\.0\.most: .*expected number/],
  [{ TABLE: undefined, LIMITS: '{' }, /wrong: TABLE: .*; LIMITS: not JSON: /],
])('says which variable is wrong: %j', (change, message) => {
  given(change);
  expect(() => parseEnvironment(schema)).toThrow(message);
});
