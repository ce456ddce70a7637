import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { startOf, type Clock, type Fragment, type Recordings } from './recordings';
import { initializationOf, segmentOf } from './transmux';

export interface HlsSessionProps {
  readonly streamArn: string;
  readonly mode: 'LIVE' | 'LIVE_REPLAY' | 'ON_DEMAND';
  readonly clock: Clock;
  readonly from?: number;
  readonly to?: number;
  readonly expiresAt: number;
  /** How many fragments a playlist has at most. */
  readonly most: number;
  readonly discontinuities: 'ALWAYS' | 'NEVER' | 'ON_DISCONTINUITY';
  readonly showsTimes: boolean;
}

interface Session extends HlsSessionProps {
  readonly token: string;
  readonly openedAt: number;
  /** What has been in its playlists, so that numbers stay what they are. */
  readonly listed: Listed[];
}

/** A fragment without its media, which may be dropped meanwhile. */
interface Listed extends Pick<Fragment, 'number' | 'milliseconds' | 'head'> {
  /** By the session's clock. */
  readonly start: number;
  readonly bytes: number;
}

/** More than that between fragments is a gap, in milliseconds. */
const GAP = 50;
const FOLDER = '/hls/v1/';
const PLAYLIST = 'application/x-mpegURL';

/**
 * Sessions of HLS, whose token is all that a player needs until they expire.
 * https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_reader_GetHLSStreamingSessionURL.html
 */
export class HlsSessions {
  static readonly FOLDER = FOLDER;
  static readonly PATHS = [
    'HLSMasterPlaylist.m3u8',
    'HLSMediaPlaylist.m3u8',
    'MP4InitFragment.mp4',
    'MP4MediaFragment.mp4',
  ].map((name) => `${FOLDER}get${name}`);
  private readonly sessions = new Map<string, Session>();

  constructor(private readonly recordings: Recordings) {}

  /** @returns the path of its playlist */
  open(props: HlsSessionProps): string {
    for (const [token, { expiresAt }] of this.sessions) if (expiresAt <= Date.now()) this.sessions.delete(token);
    const token = `CiA${randomUUID().replaceAll('-', '')}`;
    this.sessions.set(token, { ...props, token, openedAt: Date.now(), listed: [] });
    return `${FOLDER}getHLSMasterPlaylist.m3u8?SessionToken=${token}`;
  }

  /** Answers a player, whose pages are from elsewhere. */
  async answer(url: URL, response: ServerResponse): Promise<void> {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-headers', '*');
    const session = this.sessions.get(url.searchParams.get('SessionToken') ?? '');
    if (!session || Date.now() >= session.expiresAt) return refuse(response, 403, 'The session has expired.');
    switch (url.pathname.slice(FOLDER.length)) {
      case 'getHLSMasterPlaylist.m3u8':
        return give(response, PLAYLIST, masterPlaylist(session, this.list(session)));
      case 'getHLSMediaPlaylist.m3u8':
        return give(response, PLAYLIST, mediaPlaylist(session, this.list(session)));
    }
    const number = url.searchParams.get('FragmentNumber');
    const listed = session.listed.find((one) => one.number === number);
    const fragment = listed && this.recordings.of(session.streamArn).find((one) => one.number === number);
    if (!fragment) return refuse(response, 404, 'There is no such fragment in the session.');
    const at = listed.start - session.listed[0].start;
    const isInitialization = url.pathname === `${FOLDER}getMP4InitFragment.mp4`;
    const content = isInitialization ? await initializationOf(fragment) : await segmentOf({ fragment, at });
    return give(response, 'video/mp4', content);
  }

  /** Puts on the list what has come since, and tells which of it a playlist has now. */
  private list(session: Session): Window {
    const { streamArn, clock, mode, most, listed, to } = session;
    const last = listed.at(-1);
    // Once there is something newer, what comes late stays out.
    const from = last ? last.start + 1 : session.from;
    const found = this.recordings.select(streamArn, clock, { from, to }).map((fragment) => listedOf(fragment, clock));
    if (mode === 'ON_DEMAND') {
      if (!last) listed.push(...found.slice(0, most));
      return { first: 0, end: listed.length, isOver: true };
    }
    listed.push(...(last || mode === 'LIVE_REPLAY' ? found : found.slice(-most)));
    const end = mode === 'LIVE' ? listed.length : Math.min(listed.length, most + this.playedOf(session));
    const isOver = to !== undefined && Date.now() > to && end === listed.length;
    return { first: Math.max(0, end - most), end, isOver };
  }

  /** How many fragments were over by now, if they had been played since the session began. */
  private playedOf({ openedAt, listed }: Session): number {
    let left = Date.now() - openedAt;
    const playing = listed.findIndex(({ milliseconds }) => (left -= milliseconds) < 0);
    return playing < 0 ? listed.length : playing;
  }
}

function listedOf(fragment: Fragment, clock: Clock): Listed {
  const { number, milliseconds, head, cluster } = fragment;
  return { number, milliseconds, head, start: startOf(fragment, clock), bytes: cluster.length };
}

/** Which of the listed fragments are in a playlist. */
interface Window {
  readonly first: number;
  readonly end: number;
  /** No more will come. */
  readonly isOver: boolean;
}

function masterPlaylist({ listed, token }: Session, { first, end }: Window): string {
  const shown = listed.slice(first, end);
  const [fragment] = shown;
  const seconds = shown.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000;
  const bytes = shown.reduce((sum, fragment) => sum + fragment.bytes, 0);
  const [{ width, height, codecPrivate }, audio] = fragment?.head.tracks ?? [];
  const codecs = [`avc1.${codecPrivate?.toString('hex', 1, 4)}`, ...(audio ? ['mp4a.40.2'] : [])];
  const about = [
    `BANDWIDTH=${Math.ceil((8 * bytes) / (seconds || 1))}`,
    `CODECS="${codecs.join(',')}"`,
    ...(width && height ? [`RESOLUTION=${width}x${height}`] : []),
  ];
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    `#EXT-X-STREAM-INF:${about.join(',')}`,
    `getHLSMediaPlaylist.m3u8?SessionToken=${token}&TrackNumber=1`,
    '',
  ].join('\n');
}

function mediaPlaylist(session: Session, { first, end, isOver }: Window): string {
  const { token, listed, mode } = session;
  const shown = [...listed.keys()].slice(first, end);
  const of = (name: string, { number }: Listed) =>
    `${name}?FragmentNumber=${number}&SessionToken=${token}&TrackNumber=1`;
  const gone = [...listed.keys()].slice(0, first + 1).filter((index) => isDiscontinuous(session, index)).length;
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    ...(mode === 'ON_DEMAND' ? ['#EXT-X-PLAYLIST-TYPE:VOD'] : []),
    `#EXT-X-TARGETDURATION:${Math.ceil(Math.max(1000, ...shown.map((index) => listed[index].milliseconds)) / 1000)}`,
    `#EXT-X-MEDIA-SEQUENCE:${first + 1}`,
    ...(gone > 0 ? [`#EXT-X-DISCONTINUITY-SEQUENCE:${gone}`] : []),
    ...shown.flatMap((index) => {
      const fragment = listed[index];
      return [
        ...(index > first && isDiscontinuous(session, index) ? ['#EXT-X-DISCONTINUITY'] : []),
        ...(index === first || isOfAnotherKind(fragment, listed[index - 1])
          ? [`#EXT-X-MAP:URI="${of('getMP4InitFragment.mp4', fragment)}"`]
          : []),
        ...(session.showsTimes ? [`#EXT-X-PROGRAM-DATE-TIME:${new Date(fragment.start).toISOString()}`] : []),
        `#EXTINF:${fragment.milliseconds / 1000},`,
        of('getMP4MediaFragment.mp4', fragment),
      ];
    }),
    ...(isOver ? ['#EXT-X-ENDLIST'] : []),
    '',
  ].join('\n');
}

/** Whether the time line begins anew with this fragment. */
function isDiscontinuous({ listed, discontinuities }: Session, index: number): boolean {
  if (index === 0) return false;
  const [before, fragment] = [listed[index - 1], listed[index]];
  if (isOfAnotherKind(fragment, before) || discontinuities === 'ALWAYS') return true;
  const gap = fragment.start - before.start - before.milliseconds;
  return discontinuities === 'ON_DISCONTINUITY' && Math.abs(gap) > GAP;
}

/** Whether a decoder needs to be set up anew. */
export function isOfAnotherKind(
  { head: one }: Pick<Fragment, 'head'>,
  { head: other }: Pick<Fragment, 'head'>,
): boolean {
  const kindOf = ({ tracks }: Fragment['head']) =>
    tracks.map(({ codecPrivate }) => codecPrivate?.toString('hex')).join();
  return one !== other && kindOf(one) !== kindOf(other);
}

function give(response: ServerResponse, type: string, content: string | Buffer): void {
  response.setHeader('content-type', type);
  response.end(content);
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
}
