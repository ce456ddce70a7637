/** What is counted since the connection began, in the units of WebRTC. */
export interface Counts {
  readonly at: number;
  readonly bytes: number;
  readonly frames: number;
  /** In seconds, of all frames together. */
  readonly decodeTime: number;
  readonly bufferTime: number;
  readonly buffered: number;
  /** In seconds, of the pair of addresses in use. */
  readonly roundTrip?: number;
  readonly width?: number;
  readonly height?: number;
}

export interface Facts {
  /** In milliseconds. */
  readonly latency?: number;
  readonly bitsPerSecond: number;
  readonly framesPerSecond: number;
  readonly width?: number;
  readonly height?: number;
}

type Report = Readonly<Record<string, unknown>>;

export function countsOf(reports: Iterable<Report>): Counts | undefined {
  const all = [...reports];
  const video = all.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'video');
  if (!video) return undefined;
  const transport = all.find(({ type }) => type === 'transport');
  const pair =
    all.find(({ id }) => id !== undefined && id === transport?.selectedCandidatePairId) ??
    all.find(({ type, nominated, state }) => type === 'candidate-pair' && nominated && state === 'succeeded');
  const number = (name: string) => (typeof video[name] === 'number' ? video[name] : 0);
  return {
    at: number('timestamp'),
    bytes: number('bytesReceived'),
    frames: number('framesDecoded'),
    decodeTime: number('totalDecodeTime'),
    bufferTime: number('jitterBufferDelay'),
    buffered: number('jitterBufferEmittedCount'),
    roundTrip: typeof pair?.currentRoundTripTime === 'number' ? pair.currentRoundTripTime : undefined,
    width: number('frameWidth') || undefined,
    height: number('frameHeight') || undefined,
  };
}

/**
 * What was between two counts.
 *
 * The latency is half of the round trip, the wait in the jitter buffer and the decoding. What the camera takes until it
 * sends, and the screen until it shows, can't be known here.
 */
export function factsOf(before: Counts, now: Counts): Facts | undefined {
  const seconds = (now.at - before.at) / 1000;
  if (seconds <= 0) return undefined;
  const frames = now.frames - before.frames;
  const buffered = now.buffered - before.buffered;
  const decode = frames > 0 ? (now.decodeTime - before.decodeTime) / frames : undefined;
  const buffer = buffered > 0 ? (now.bufferTime - before.bufferTime) / buffered : undefined;
  const isKnown = decode !== undefined && buffer !== undefined && now.roundTrip !== undefined;
  return {
    latency: isKnown ? 1000 * (now.roundTrip! / 2 + buffer + decode) : undefined,
    bitsPerSecond: (8 * (now.bytes - before.bytes)) / seconds,
    framesPerSecond: frames / seconds,
    width: now.width,
    height: now.height,
  };
}
