import { backOff } from '../../console/src/back-off';
import { countsOf, factsOf, type Counts } from '../../console/src/live/stats';

const video = {
  type: 'inbound-rtp',
  kind: 'video',
  timestamp: 10_000,
  bytesReceived: 500_000,
  framesDecoded: 300,
  totalDecodeTime: 1.5,
  jitterBufferDelay: 12,
  jitterBufferEmittedCount: 300,
  frameWidth: 1280,
  frameHeight: 720,
};
const pair = (id: string, currentRoundTripTime: number, more: object = {}) => ({
  type: 'candidate-pair',
  id,
  state: 'succeeded',
  currentRoundTripTime,
  ...more,
});

describe('what is counted', () => {
  test('is of the video, and of the pair of addresses in use', () => {
    const reports = [
      { type: 'inbound-rtp', kind: 'audio', bytesReceived: 1 },
      pair('a', 0.5, { nominated: true }),
      pair('b', 0.04),
      { type: 'transport', selectedCandidatePairId: 'b' },
      video,
    ];
    expect(countsOf(reports)).toMatchObject({ at: 10_000, bytes: 500_000, frames: 300, roundTrip: 0.04, width: 1280 });
  });

  test('is of the nominated pair where the transport says nothing', () => {
    const counts = countsOf([pair('a', 0.5), pair('b', 0.06, { nominated: true }), video]);
    expect(counts?.roundTrip).toBe(0.06);
  });

  test('is nothing without video', () => {
    expect(countsOf([pair('a', 0.5)])).toBeUndefined();
  });
});

describe('what was between two counts', () => {
  const before: Counts = {
    at: 10_000,
    bytes: 500_000,
    frames: 300,
    decodeTime: 1.5,
    bufferTime: 12,
    buffered: 300,
    roundTrip: 0.04,
  };
  const now: Counts = {
    ...before,
    at: 12_000,
    bytes: 1_000_000,
    frames: 360,
    decodeTime: 1.8,
    bufferTime: 15,
    buffered: 360,
  };

  test('latency is half of the round trip, the jitter buffer and the decoding of these frames', () => {
    // 20 ms, 3 s for 60 frames, and 0.3 s for 60 frames.
    expect(factsOf(before, now)?.latency).toBeCloseTo(20 + 50 + 5, 6);
  });

  test('bitrate and frame rate are of this time', () => {
    expect(factsOf(before, now)).toMatchObject({ bitsPerSecond: 2_000_000, framesPerSecond: 30 });
  });

  test.each([
    ['no frame came', { frames: 300 }],
    ['the round trip is unknown', { roundTrip: undefined }],
  ])('latency is unknown when %s', (_, more) => {
    expect(factsOf(before, { ...now, ...more })?.latency).toBeUndefined();
  });

  test('is nothing when no time has passed', () => {
    expect(factsOf(before, before)).toBeUndefined();
  });
});

describe('waiting', () => {
  test.each([
    [0, 0, 500],
    [0, 1, 1000],
    [3, 1, 8000],
    [30, 1, 30_000],
    [30, 0, 15_000],
  ])('before try %d, with luck %d, is %d ms', (attempt, random, wait) => {
    expect(backOff(attempt, { random })).toBe(wait);
  });
});
