import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { matroskaOf, type Fragment } from './recordings';

export interface Picture {
  readonly format: 'JPEG' | 'PNG';
  /** From 1 to 100, of JPEG. @default 80 */
  readonly quality?: number;
  readonly width?: number;
  readonly height?: number;
}

/** What a picture of each kind ends with. */
const ENDS = { JPEG: Buffer.from('ffd9', 'hex'), PNG: Buffer.from('49454e44ae426082', 'hex') };
const CODECS = { JPEG: 'mjpeg', PNG: 'png' };

/** When the frames of a fragment are shown, in milliseconds after it begins, in that order. */
export function framesOf({ frames, head }: Fragment): number[] {
  const [{ number }] = head.tracks;
  return frames
    .filter(({ track }) => track === number)
    .map(({ at }) => at)
    .sort((one, other) => one - other);
}

/** Decoders of video, of which few run at once. */
export class Decoder {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  /** @param atMost that wait, so that a machine that is too slow doesn't fall behind for good */
  constructor(
    private readonly atOnce: number,
    private readonly atMost: number,
  ) {}

  /**
   * Pictures of the frames of a fragment with these numbers, as far as they can be decoded.
   * @throws Error if too much is to be decoded already
   */
  async pictures(fragment: Fragment, numbers: readonly number[], picture: Picture): Promise<Buffer[]> {
    if (this.waiting.length >= this.atMost) throw new Error(`${this.atMost} fragments wait to be decoded.`);
    if (this.running < this.atOnce) this.running++;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await decode(matroskaOf([fragment]), numbers, picture);
    } finally {
      // Whoever waits has the place at once.
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }
}

async function decode(media: Buffer, numbers: readonly number[], picture: Picture): Promise<Buffer[]> {
  const { format, quality = 80, width, height } = picture;
  const chosen = numbers.map((number) => `eq(n\\,${number})`).join('+');
  const size = width || height ? `,scale=${width ?? -2}:${height ?? -2}` : '';
  const ffmpeg = spawn('ffmpeg', [
    ...['-v', 'error', '-threads', '1', '-f', 'matroska', '-i', 'pipe:0'],
    ...['-map', '0:v:0', '-vf', `select='${chosen}'${size}`, '-vsync', '0', '-frames:v', String(numbers.length)],
    ...[
      '-c:v',
      CODECS[format],
      ...(format === 'JPEG' ? ['-q:v', String(scaleOf(quality)), '-pix_fmt', 'yuvj420p'] : []),
    ],
    ...['-f', 'image2pipe', 'pipe:1'],
  ]);
  // It leaves as soon as it has what it needs, and what can't be decoded gives no pictures.
  ffmpeg.stdin.on('error', () => undefined);
  ffmpeg.stderr.resume();
  ffmpeg.stdin.end(media);
  const [bytes] = await Promise.all([buffer(ffmpeg.stdout), once(ffmpeg, 'exit')]);
  return partsOf(bytes, ENDS[format]);
}

/** The scale of ffmpeg is from 31, the worst, to 2. */
function scaleOf(quality: number): number {
  return Math.round(31 - (29 * quality) / 100);
}

function partsOf(bytes: Buffer, end: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let rest = bytes; rest.length > 0;) {
    const at = rest.indexOf(end);
    if (at < 0) break;
    parts.push(rest.subarray(0, at + end.length));
    rest = rest.subarray(at + end.length);
  }
  return parts;
}
