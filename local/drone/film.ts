import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { takeApart, type Media } from './matroska';
import { draw, type Size } from './picture';

export const FRAMES_PER_SECOND = 10;
export const FRAGMENT_SECONDS = 2;
const SIZE: Size = { width: 640, height: 360 };
/** What is drawn is smaller, and soft then. */
export const DRAWN: Size = { width: SIZE.width / 4, height: SIZE.height / 4 };

/** Parts of the film in milliseconds: a flight in which nothing happens, and what it looks like when somebody is there. */
const CRUISE = 12_000;
export const ENCOUNTER = 6000;

/** A picture of a figure before black, which models take for a person. It is of `@vladmandic/human`, under the MIT licence. */
const FIGURE = join(dirname(require.resolve('@vladmandic/human')), '../assets/screenshot-vrm.jpg');

/** The film of all flights: what is filmed again and again while nothing happens, and an encounter. */
export interface Film {
  readonly header: Buffer;
  readonly cruise: Media['fragments'];
  readonly encounter: Media['fragments'];
}

/**
 * What ffmpeg does to pictures that are drawn: they come as raw pixels by its standard input.
 *
 * @param when when the figure is there, as an expression of ffmpeg about the time `t` in seconds
 */
export function filming(when: string): string[] {
  const figure = '[1]crop=200:610:60:43,colorkey=0x000000:0.25:0.05,scale=170:230[figure]';
  const ground = `[0]scale=${SIZE.width}:${SIZE.height}[ground]`;
  return [
    ...['-v', 'error', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${DRAWN.width}x${DRAWN.height}`],
    ...['-r', String(FRAMES_PER_SECOND), '-i', 'pipe:0', '-i', FIGURE],
    ...['-filter_complex', `${ground};${figure};[ground][figure]overlay=x=440:y=130:enable='${when}'`],
    ...['-c:v', 'libx264', '-profile:v', 'baseline', '-pix_fmt', 'yuv420p', '-sc_threshold', '0', '-bf', '0'],
  ];
}

/**
 * Renders the film, in whose pictures is where in the film they are.
 * @throws Error when there is no ffmpeg
 */
export async function renderFilm(): Promise<Film> {
  const keyFrames = String(FRAMES_PER_SECOND * FRAGMENT_SECONDS);
  const ffmpeg = spawn(
    'ffmpeg',
    [
      ...filming(`gte(t\\,${CRUISE / 1000})`),
      ...['-preset', 'veryfast', '-crf', '22', '-g', keyFrames, '-keyint_min', keyFrames],
      ...['-live', '1', '-cluster_time_limit', '60000', '-f', 'matroska', 'pipe:1'],
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  // What it doesn't read any more is told by how it ends.
  ffmpeg.stdin.on('error', () => undefined);
  const ended = once(ffmpeg, 'close');
  const output = buffer(ffmpeg.stdout);
  for (let at = 0; at < CRUISE + ENCOUNTER; at += 1000 / FRAMES_PER_SECOND) {
    if (!ffmpeg.stdin.write(draw(at, DRAWN))) await Promise.race([once(ffmpeg.stdin, 'drain'), ended]);
  }
  ffmpeg.stdin.end();
  const [code] = (await ended) as [number];
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}.`);
  const { header, fragments } = takeApart(await output, FRAMES_PER_SECOND);
  const turn = CRUISE / (1000 * FRAGMENT_SECONDS);
  return { header, cruise: fragments.slice(0, turn), encounter: fragments.slice(turn) };
}
