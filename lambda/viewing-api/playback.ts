import { APIName } from '@aws-sdk/client-kinesis-video';
import {
  GetDASHStreamingSessionURLCommand,
  GetHLSStreamingSessionURLCommand,
} from '@aws-sdk/client-kinesis-video-archived-media';
import { LRUCache } from 'lru-cache';
import type { ArchivedMedia } from '../common/archived-media';
import type { PlaybackRequest } from './requests';
import { HOUR, pastMoment, pastWindow } from './window';

export interface PlaybackPorts {
  readonly media: ArchivedMedia;
  readonly sessionSeconds: number;
  readonly now: () => number;
}

export interface Session {
  readonly url: string;
  /** In milliseconds since 1970. */
  readonly expiresAt: number;
}

/** For how long the same viewer gets the same session for the same request, in milliseconds: page loads come in twos. */
export const SESSION_TTL = 10_000;

const LONGEST_PLAYBACK = 3 * HOUR;

/** Sessions of HLS and MPEG-DASH, which end with their time: Kinesis Video Streams answers to their URLs no more. */
export class Playback {
  private readonly sessions: LRUCache<string, Session>;

  constructor(private readonly ports: PlaybackPorts) {
    this.sessions = new LRUCache({ max: 1000, ttl: SESSION_TTL, ttlResolution: 0, perf: { now: ports.now } });
  }

  /** @throws Problem 400 for a window that is none */
  async open(format: 'hls' | 'dash', viewer: string, streamName: string, request: PlaybackRequest): Promise<Session> {
    const selection = this.select(request);
    // As JSON, so that no part can reach into its neighbour.
    const key = JSON.stringify([viewer, format, streamName, selection]);
    const known = this.sessions.get(key);
    if (known) return known;
    const expiresAt = this.ports.now() + 1000 * this.ports.sessionSeconds;
    const session = { url: await this.ask(format, streamName, selection), expiresAt };
    this.sessions.set(key, session);
    return session;
  }

  private select(request: PlaybackRequest) {
    const { mode: PlaybackMode } = request;
    // A device whose clock is wrong can still be watched live.
    if (request.mode === 'LIVE')
      return { PlaybackMode, selector: { FragmentSelectorType: 'SERVER_TIMESTAMP' as const } };
    const FragmentSelectorType = 'PRODUCER_TIMESTAMP' as const;
    const now = this.ports.now();
    if (request.mode === 'LIVE_REPLAY') {
      const StartTimestamp = pastMoment(request.from, LONGEST_PLAYBACK, now);
      return { PlaybackMode, selector: { FragmentSelectorType, TimestampRange: { StartTimestamp } } };
    }
    const { start, end } = pastWindow(request.from, request.to, LONGEST_PLAYBACK, now);
    const TimestampRange = { StartTimestamp: start, EndTimestamp: end };
    return { PlaybackMode, selector: { FragmentSelectorType, TimestampRange } };
  }

  private async ask(
    format: 'hls' | 'dash',
    StreamName: string,
    { PlaybackMode, selector }: ReturnType<Playback['select']>,
  ): Promise<string> {
    const common = { StreamName, PlaybackMode, Expires: this.ports.sessionSeconds };
    if (format === 'hls') {
      const client = await this.ports.media.clientFor(StreamName, APIName.GET_HLS_STREAMING_SESSION_URL);
      const { HLSStreamingSessionURL } = await client.send(
        new GetHLSStreamingSessionURLCommand({
          ...common,
          HLSFragmentSelector: selector,
          ContainerFormat: 'FRAGMENTED_MP4',
          // A recording has gaps, and an incident has a time.
          DiscontinuityMode: 'ON_DISCONTINUITY',
          DisplayFragmentTimestamp: 'ALWAYS',
        }),
      );
      return HLSStreamingSessionURL!;
    }
    const client = await this.ports.media.clientFor(StreamName, APIName.GET_DASH_STREAMING_SESSION_URL);
    const { DASHStreamingSessionURL } = await client.send(
      new GetDASHStreamingSessionURLCommand({
        ...common,
        DASHFragmentSelector: selector,
        DisplayFragmentTimestamp: 'ALWAYS',
      }),
    );
    return DASHStreamingSessionURL!;
  }
}
