import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { close, listen } from '../../../local/cloud/http';
import { draw } from '../../../local/drone/picture';

const SIZE = { width: 768, height: 432 };
/** What is drawn is smaller, and soft then. */
const DRAWN = { width: SIZE.width / 4, height: SIZE.height / 4 };
const FRAMES_PER_SECOND = 10;
const FRAGMENT = 2000;

/** How long the film is, in milliseconds, which is recorded again and again: in every picture is where it is in it. */
export const FILM = 30_000;

/** Makes the film as fragmented MP4. */
export async function makeFilm(folder: string): Promise<void> {
  const options = [
    `-loglevel error -f rawvideo -pix_fmt rgb24 -s ${DRAWN.width}x${DRAWN.height} -r ${FRAMES_PER_SECOND} -i pipe:0`,
    `-vf scale=${SIZE.width}:${SIZE.height} -c:v libx264 -preset ultrafast -crf 26 -pix_fmt yuv420p`,
    `-g ${(FRAMES_PER_SECOND * FRAGMENT) / 1000} -sc_threshold 0 -bf 0`,
    `-f hls -hls_time ${FRAGMENT / 1000} -hls_playlist_type vod -hls_segment_type fmp4`,
    '-hls_fmp4_init_filename init.mp4 -hls_segment_filename %d.mp4 index.m3u8',
  ];
  const ffmpeg = spawn('ffmpeg', options.join(' ').split(' '), { cwd: folder, stdio: ['pipe', 'inherit', 'inherit'] });
  for (let at = 0; at < FILM; at += 1000 / FRAMES_PER_SECOND) ffmpeg.stdin.write(draw(at, DRAWN));
  ffmpeg.stdin.end();
  const [code] = (await once(ffmpeg, 'exit')) as [number];
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}.`);
}

export interface PlaybackSession {
  readonly mode: 'LIVE' | 'LIVE_REPLAY' | 'ON_DEMAND';
  /** In milliseconds since 1970. */
  readonly start: number;
  readonly end?: number;
  readonly expiresAt: number;
}

/**
 * The recordings of all devices, over HLS sessions that end with their time, and exported clips.
 * https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_reader_GetHLSStreamingSessionURL.html
 */
export async function startRecordings(folder: string) {
  const sessions = new Map<string, PlaybackSession>();
  const clips = new Map<string, Buffer>();
  const fragment = (number: number) => readFileSync(join(folder, `${number % (FILM / FRAGMENT)}.mp4`));
  const init = () => readFileSync(join(folder, 'init.mp4'));

  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://localhost');
    response.setHeader('access-control-allow-origin', '*');
    if (url.pathname.startsWith('/clips-bucket/')) return giveClip(url, response);
    const token = url.searchParams.get('SessionToken') ?? '';
    const session = sessions.get(token);
    if (!session || Date.now() >= session.expiresAt) return void response.writeHead(403).end();
    switch (url.pathname) {
      case '/hls/v1/getHLSMasterPlaylist.m3u8':
        return give(response, PLAYLIST, masterPlaylist(token));
      case '/hls/v1/getHLSMediaPlaylist.m3u8':
        return give(response, PLAYLIST, mediaPlaylist(token, session));
      case '/hls/v1/getMP4InitFragment.mp4':
        return give(response, 'video/mp4', init());
      case '/hls/v1/getMP4MediaFragment.mp4':
        return give(response, 'video/mp4', fragment(Number(url.searchParams.get('FragmentNumber'))));
      default:
        return void response.writeHead(404).end();
    }
  });

  /** As S3 gives what is asked for by a signed URL. */
  const giveClip = (url: URL, response: ServerResponse) => {
    const clip = clips.get(url.pathname.replace('/clips-bucket/', ''));
    if (!clip || !url.searchParams.has('X-Amz-Signature')) return void response.writeHead(403).end();
    response.setHeader('content-disposition', url.searchParams.get('response-content-disposition') ?? 'inline');
    return give(response, 'video/mp4', clip);
  };

  const origin = `http://localhost:${await listen(server)}`;
  return {
    origin,
    /** Opens a session, and gives the URL of its playlist. */
    open: (session: PlaybackSession) => {
      const token = randomUUID();
      sessions.set(token, session);
      return `${origin}/hls/v1/getHLSMasterPlaylist.m3u8?SessionToken=${token}`;
    },
    clip: (start: number, end: number) =>
      Buffer.concat([init(), ...numbersOf(start, Math.min(end, start + FILM)).map(fragment)]),
    keepClip: (key: string, clip: Buffer) => void clips.set(key, clip),
    stop: () => close(server),
  };
}

export type Recordings = Awaited<ReturnType<typeof startRecordings>>;

const PLAYLIST = 'application/x-mpegURL';

function give(response: ServerResponse, type: string, content: string | Buffer): void {
  response.setHeader('content-type', type);
  response.end(content);
}

function masterPlaylist(token: string): string {
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    `#EXT-X-STREAM-INF:BANDWIDTH=800000,RESOLUTION=${SIZE.width}x${SIZE.height}`,
    `getHLSMediaPlaylist.m3u8?SessionToken=${token}`,
    '',
  ].join('\n');
}

function mediaPlaylist(token: string, { mode, start, end }: PlaybackSession): string {
  const until = Math.min(end ?? Infinity, Date.now());
  // What is live are the last three fragments.
  const numbers = numbersOf(mode === 'LIVE' ? until - 3 * FRAGMENT : start, until);
  const first = numbers[0] ?? 0;
  const discontinuities = Math.floor((first * FRAGMENT) / FILM);
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    ...(mode === 'ON_DEMAND' ? ['#EXT-X-PLAYLIST-TYPE:VOD'] : []),
    `#EXT-X-TARGETDURATION:${FRAGMENT / 1000}`,
    `#EXT-X-MEDIA-SEQUENCE:${mode === 'ON_DEMAND' ? 1 : first}`,
    ...(mode === 'ON_DEMAND' ? [] : [`#EXT-X-DISCONTINUITY-SEQUENCE:${discontinuities}`]),
    `#EXT-X-MAP:URI="getMP4InitFragment.mp4?SessionToken=${token}"`,
    ...numbers.flatMap((number, index) => [
      // There the film begins anew.
      ...((number * FRAGMENT) % FILM === 0 && index > 0 ? ['#EXT-X-DISCONTINUITY'] : []),
      `#EXT-X-PROGRAM-DATE-TIME:${new Date(number * FRAGMENT).toISOString()}`,
      `#EXTINF:${FRAGMENT / 1000},`,
      `getMP4MediaFragment.mp4?FragmentNumber=${number}&SessionToken=${token}`,
    ]),
    ...(mode === 'ON_DEMAND' ? ['#EXT-X-ENDLIST'] : []),
    '',
  ].join('\n');
}

/** The fragments that begin in that time. */
export function numbersOf(start: number, end: number): number[] {
  const first = Math.ceil(start / FRAGMENT);
  return Array.from({ length: Math.max(0, Math.floor(end / FRAGMENT) - first) }, (_, index) => first + index);
}
