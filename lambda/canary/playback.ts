import {
  GetHLSStreamingSessionURLCommand,
  type KinesisVideoArchivedMediaClient,
} from '@aws-sdk/client-kinesis-video-archived-media';

export interface PlaybackPorts {
  readonly media: (streamName: string) => Promise<KinesisVideoArchivedMediaClient>;
  readonly fetch: typeof fetch;
}

/**
 * Plays what a stream holds by HLS, as a player would: both playlists, the initialization, and the first segment.
 *
 * @returns the bytes of that segment
 * @throws Error if something is missing
 */
export async function playHls(StreamName: string, start: Date, end: Date, ports: PlaybackPorts): Promise<number> {
  const client = await ports.media(StreamName);
  const { HLSStreamingSessionURL } = await client.send(
    new GetHLSStreamingSessionURLCommand({
      StreamName,
      PlaybackMode: 'ON_DEMAND',
      HLSFragmentSelector: {
        FragmentSelectorType: 'PRODUCER_TIMESTAMP',
        TimestampRange: { StartTimestamp: start, EndTimestamp: end },
      },
      ContainerFormat: 'FRAGMENTED_MP4',
      Expires: 300,
    }),
  );
  const master = await text(HLSStreamingSessionURL!, ports);
  const media = await text(first(master), ports);
  const [, initialization] = /#EXT-X-MAP:URI="([^"]+)"/.exec(media.content) ?? [];
  if (initialization === undefined) throw new Error('The HLS playlist has no initialization.');
  await boxes(new URL(initialization, media.url), 'moov', ports);
  return boxes(first(media), 'moof', ports);
}

interface Playlist {
  readonly url: string;
  readonly content: string;
}

async function text(url: string | URL, ports: PlaybackPorts): Promise<Playlist> {
  const response = await get(url, ports);
  const content = await response.text();
  if (!content.startsWith('#EXTM3U')) throw new Error(`HLS answered with something else: ${content.slice(0, 100)}`);
  return { url: String(url), content };
}

/** What a playlist names first: a playlist of media, or a segment. */
function first({ url, content }: Playlist): URL {
  const line = content.split('\n').find((candidate) => candidate.trim() !== '' && !candidate.startsWith('#'));
  if (line === undefined) throw new Error('The HLS playlist is empty.');
  return new URL(line.trim(), url);
}

async function boxes(url: URL, needed: string, ports: PlaybackPorts): Promise<number> {
  const content = Buffer.from(await (await get(url, ports)).arrayBuffer());
  if (!content.includes(needed)) throw new Error(`What HLS calls media has no ${needed} (${content.length} bytes).`);
  return content.length;
}

async function get(url: string | URL, { fetch }: PlaybackPorts): Promise<Response> {
  const response = await fetch(url, { signal: AbortSignal.timeout(20_000) });
  // The URL lets whoever has it watch, so it stays out of the log.
  if (!response.ok) throw new Error(`HLS answered with ${response.status}.`);
  return response;
}
