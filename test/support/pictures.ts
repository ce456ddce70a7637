import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A picture that `@vladmandic/human` ships, under the MIT licence. */
export function picture(name: string): Buffer {
  return readFileSync(join(dirname(require.resolve('@vladmandic/human')), '../assets', name));
}
