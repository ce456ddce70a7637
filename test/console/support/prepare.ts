import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFilm } from '../stand-ins/recordings';
import { checkChromium } from './chromium';

/**
 * Builds the console, and makes the film that is recorded.
 * @throws Error that says what to install
 */
export async function prepare(): Promise<{ film: string }> {
  checkChromium();
  try {
    execFileSync('ffmpeg', ['-version'], { stdio: 'ignore' });
  } catch {
    throw new Error('There is no ffmpeg in the path. Install it: `apt-get install ffmpeg`.');
  }
  const root = join(__dirname, '../../..');
  execFileSync(process.execPath, [require.resolve('tsx/cli'), 'console/build.ts'], { cwd: root, stdio: 'inherit' });
  const film = mkdtempSync(join(tmpdir(), 'film-'));
  await makeFilm(film);
  return { film };
}
