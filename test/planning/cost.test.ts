import { Duration, Size } from 'aws-cdk-lib';
import { Bitrate, FleetPlan, PriceId, StorageTier, VideoAnalysis, type FleetWorkload } from '../../lib';

/** What one item costs; 0 if there is none of it. */
function cost(workload: FleetWorkload, id: PriceId): number {
  return new FleetPlan(workload).items.find((item) => item.id === id)?.cost ?? 0;
}

function amountOf(workload: FleetWorkload, id: PriceId): number {
  return new FleetPlan(workload).items.find((item) => item.id === id)?.amount ?? 0;
}

/** A month of what one camera sends at 1 Mbps all day: 10^6 bits ÷ 8 × 86,400 s × 30 days = 324 × 10^9 bytes. */
const ONE: FleetWorkload = {
  devices: 1,
  streamingPerDay: Duration.hours(24),
  bitrate: Bitrate.megabitsPerSecond(1),
};
const GB = 324e9 / 2 ** 30;

describe('streams', () => {
  test('media taken in is bits, divided by eight, in gigabytes of 2^30 bytes', () => {
    expect(amountOf(ONE, PriceId.KVS_INGEST)).toBeCloseTo(301.7485, 4);
    // 301.7485 GB × $0.0085
    expect(cost(ONE, PriceId.KVS_INGEST)).toBeCloseTo(2.56486, 5);
  });

  test("AWS's own example: 100 phones, 70 MB of ten minutes a day, kept for a day", () => {
    // https://aws.amazon.com/kinesis/video-streams/pricing/: 7 MB a minute are 7 × 2^20 × 8 ÷ 60 bits a second.
    const phones: FleetWorkload = {
      devices: 100,
      streamingPerDay: Duration.minutes(10),
      bitrate: Bitrate.bitsPerSecond((7 * 2 ** 20 * 8) / 60),
      viewers: 200,
      playbackPerDay: Duration.minutes(10),
    };
    expect(cost(phones, PriceId.KVS_INGEST).toFixed(2)).toBe('1.74');
    expect(cost(phones, PriceId.KVS_HLS).toFixed(2)).toBe('4.88');
    expect(cost(phones, PriceId.KVS_STORAGE).toFixed(2)).toBe('0.16');
  });

  test.each([
    ['a day', Duration.days(1), (GB / 30) * 0.023],
    ['a month', Duration.days(30), GB * 0.023],
    ['two months', Duration.days(60), 2 * GB * 0.023],
    ['no time', Duration.hours(0), 0],
  ])('media that is kept for %s', (_what, retention, expected) => {
    expect(cost({ ...ONE, retention }, PriceId.KVS_STORAGE)).toBeCloseTo(expected, 8);
  });

  test.each([
    [1, 30],
    [30, 30],
    [31, 31],
    [365, 365],
  ])('media in the WARM tier that is kept for %i days is billed for %i', (kept, billed) => {
    const warm = { ...ONE, storageTier: StorageTier.WARM, retention: Duration.days(kept) };
    expect(cost(warm, PriceId.KVS_STORAGE_WARM)).toBeCloseTo(GB * (billed / 30) * 0.0125, 8);
    expect(cost(warm, PriceId.KVS_STORAGE)).toBe(0);
  });

  test('the WARM tier takes in fragments, and bills no gigabytes for it', () => {
    const warm = { ...ONE, storageTier: StorageTier.WARM, fragmentDuration: Duration.seconds(4) };
    // 86,400 s × 30 days ÷ 4 s = 648,000 fragments; ÷ 1,000 × $0.01
    expect(amountOf(warm, PriceId.KVS_INGEST_WARM)).toBe(648_000);
    expect(cost(warm, PriceId.KVS_INGEST_WARM)).toBeCloseTo(6.48, 8);
    expect(cost(warm, PriceId.KVS_INGEST)).toBe(0);
  });

  test('each camera has a stream and a channel of its own', () => {
    const two = { ...ONE, camerasPerDevice: 2 };
    expect(amountOf(two, PriceId.KVS_INGEST)).toBeCloseTo(2 * GB, 8);
    expect(cost(two, PriceId.WEBRTC_CHANNEL)).toBeCloseTo(0.06, 8);
    expect(cost({ ...two, signaling: false }, PriceId.WEBRTC_CHANNEL)).toBe(0);
  });
});

describe('live video', () => {
  // 10 viewers × 2 h × 30 days = 600 h = 36,000 minutes, a quarter of them relayed.
  const live: FleetWorkload = { ...ONE, viewers: 10, livePerDay: Duration.hours(2), relayedShare: 0.25 };

  test('is billed where it is relayed', () => {
    expect(amountOf(live, PriceId.WEBRTC_TURN)).toBe(9_000);
    // 9,000 ÷ 1,000 × $0.12
    expect(cost(live, PriceId.WEBRTC_TURN)).toBeCloseTo(1.08, 8);
  });

  test('begins with messages', () => {
    // 600 h ÷ 15 min = 2,400 sessions × 20 messages
    expect(amountOf(live, PriceId.WEBRTC_MESSAGES)).toBe(48_000);
  });

  test('is not there without signaling', () => {
    expect(cost({ ...live, signaling: false }, PriceId.WEBRTC_TURN)).toBe(0);
  });
});

describe('analysis', () => {
  // 86,400 s × 30 days ÷ 3 s = 864,000 images
  test('images are made, put, and all looked at', () => {
    for (const id of [PriceId.KVS_IMAGES, PriceId.S3_PUTS, PriceId.REKOGNITION_IMAGES]) {
      expect(amountOf(ONE, id)).toBe(864_000);
    }
    expect(cost(ONE, PriceId.REKOGNITION_IMAGES)).toBeCloseTo(864, 8);
  });

  test('DetectLabels costs less beyond the first million, and less beyond five', () => {
    const ten = { ...ONE, devices: 10 };
    // 8,640,000 images: 10^6 × $0.001 + 4 × 10^6 × $0.0008 + 3.64 × 10^6 × $0.0006
    expect(cost(ten, PriceId.REKOGNITION_IMAGES)).toBeCloseTo(1000 + 3200 + 2184, 6);
  });

  test('a gate leaves images that are made, and fewer that are looked at', () => {
    const gated = { ...ONE, analysedShare: 0.1 };
    expect(amountOf(gated, PriceId.KVS_IMAGES)).toBe(864_000);
    expect(amountOf(gated, PriceId.REKOGNITION_IMAGES)).toBeCloseTo(86_400, 6);
  });

  test('no more is looked at than the detectors of the cells do while anybody streams', () => {
    const paced = { ...ONE, devices: 1000, imagesPerSecond: 5, streamingPerDay: Duration.hours(8) };
    // 5 a second × 8 h × 30 days = 4,320,000 of 288,000,000 images
    expect(amountOf(paced, PriceId.REKOGNITION_IMAGES)).toBe(4_320_000);
    expect(amountOf({ ...paced, cells: 2 }, PriceId.REKOGNITION_IMAGES)).toBe(8_640_000);
    // Half of them at once means that somebody streams for 16 hours.
    expect(amountOf({ ...paced, busiestShare: 0.5 }, PriceId.REKOGNITION_IMAGES)).toBe(8_640_000);
    expect(amountOf({ ...paced, busiestShare: 0.1 }, PriceId.REKOGNITION_IMAGES)).toBe(12_960_000);
  });

  test('stream processors cost by the minute, and read the stream', () => {
    const processors = { ...ONE, analysis: VideoAnalysis.STREAM_PROCESSORS, analysedShare: 0.5 };
    // 43,200 minutes ÷ 2 × $0.00817
    expect(cost(processors, PriceId.REKOGNITION_STREAM)).toBeCloseTo(176.472, 6);
    expect(amountOf(processors, PriceId.KVS_CONSUMPTION)).toBeCloseTo(GB / 2, 8);
    expect(cost(processors, PriceId.KVS_IMAGES)).toBe(0);
  });

  test('none makes no images', () => {
    const none = { ...ONE, analysis: VideoAnalysis.NONE };
    for (const id of [PriceId.KVS_IMAGES, PriceId.REKOGNITION_IMAGES, PriceId.S3_PUTS, PriceId.S3_STORAGE]) {
      expect(cost(none, id)).toBe(0);
    }
  });

  test('images are kept in gigabytes of 2^30 bytes', () => {
    const kept = { ...ONE, imageSize: Size.kibibytes(50), imageRetention: Duration.days(15) };
    // 864,000 × 50 × 2^10 bytes ÷ 2^30 × 15 of 30 days × $0.023
    expect(cost(kept, PriceId.S3_STORAGE)).toBeCloseTo(((864_000 * 50) / 2 ** 20 / 2) * 0.023, 8);
  });
});

describe('messages', () => {
  // 100 devices × 8 h × 30 days × 10 an hour = 240,000
  const fleet: FleetWorkload = { devices: 100 };

  test('go through the broker, set off a rule, and wait in a queue', () => {
    for (const id of [PriceId.IOT_MESSAGES, PriceId.IOT_RULES, PriceId.IOT_ACTIONS]) {
      expect(amountOf(fleet, id)).toBe(240_000);
    }
    expect(amountOf({ ...fleet, analysis: VideoAnalysis.NONE }, PriceId.SQS_REQUESTS)).toBeCloseTo(288_000, 6);
  });

  test('by Basic Ingest cost no messages, but rules', () => {
    const direct = { ...fleet, basicIngest: true };
    expect(cost(direct, PriceId.IOT_MESSAGES)).toBe(0);
    expect(amountOf(direct, PriceId.IOT_RULES)).toBe(240_000);
  });

  test('devices are connected as long as they stream, each once however many cameras it has', () => {
    // 100 devices × 480 min × 30 days
    expect(amountOf({ ...fleet, camerasPerDevice: 3 }, PriceId.IOT_CONNECTIVITY)).toBe(1_440_000);
  });
});

test('what is out to the internet costs by tiers', () => {
  // 1,000 viewers × 1 h × 30 days at 8 Mbps = 30,000 h × 3.6 × 10^9 bytes = 100,583 GB
  const watched: FleetWorkload = { devices: 1, bitrate: Bitrate.megabitsPerSecond(8), viewers: 1000 };
  const gb = (30_000 * 3.6e9) / 2 ** 30;
  expect(cost(watched, PriceId.TRANSFER_OUT)).toBeCloseTo(10_240 * 0.09 + 40_960 * 0.085 + (gb - 51_200) * 0.07, 6);
});

test.each([
  [PriceId.API_REQUESTS, { console: true, viewers: 1 }],
  [PriceId.CLOUDFRONT_REQUESTS, { console: true, viewers: 1 }],
  [PriceId.CLOUDTRAIL_EVENTS, { audit: true }],
  [PriceId.IOT_REGISTRY, { newDevicesPerMonth: 1 }],
])('%s is there only where it is used', (id, used) => {
  expect(cost(ONE, id)).toBe(0);
  expect(cost({ ...ONE, ...used }, id)).toBeGreaterThan(0);
});

test('each cell has its own keys, metrics and alarms', () => {
  const cells = { devices: 1000, cells: 3 };
  expect([PriceId.KMS_KEYS, PriceId.METRICS, PriceId.ALARMS].map((id) => amountOf(cells, id))).toEqual([3, 150, 45]);
});
