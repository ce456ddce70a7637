import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, Size } from 'aws-cdk-lib';
import { PLANNED } from '../bin/single-camera';
import { Bitrate, FleetPlan, PriceId, StorageTier, VideoAnalysis, type FleetWorkload } from '../lib';
import { amount, dollars, one } from '../lib/planning/format';
import { markdownTable } from '../lib/planning/table';
import { renderedGuide } from './plan';

/** Ten thermal cameras, which tell of their assets each minute. They send no video; less than this a plan doesn't know. */
export const THERMAL: FleetWorkload = {
  devices: 10,
  streamingPerDay: Duration.hours(24),
  signaling: false,
  alertsPerDay: 0,
  analysis: VideoAnalysis.NONE,
  messagesPerHour: 60,
  bitrate: Bitrate.kilobitsPerSecond(0.001),
};

/** A hundred cameras that record all day, and are looked at when something happened. */
export const CITY: FleetWorkload = {
  devices: 100,
  streamingPerDay: Duration.hours(24),
  retention: Duration.hours(24),
  signaling: false,
  analysis: VideoAnalysis.NONE,
  onDeviceDetection: false,
};

/** Writes what the guides of the small apps have of plans, between their marks. */
export const APP_GUIDES: Record<string, { readonly file: string; readonly parts: () => Record<string, string[]> }> = {
  'single-camera.md': {
    file: join(__dirname, 'single-camera.md'),
    parts: () => ({ cost: itemTable(PLANNED), ways: wayTable() }),
  },
  'factory-quality.md': {
    file: join(__dirname, 'factory-quality.md'),
    parts: () => ({ cost: itemTable(FACTORY, [PriceId.REKOGNITION_IMAGES]) }),
  },
  'sports-coaching.md': { file: join(__dirname, 'sports-coaching.md'), parts: () => ({ cost: itemTable(STADIUM) }) },
  'on-prem.md': { file: join(__dirname, 'on-prem.md'), parts: () => ({ cost: siteTable() }) },
  'predictive-maintenance.md': {
    file: join(__dirname, 'predictive-maintenance.md'),
    parts: () => ({ cost: itemTable(THERMAL) }),
  },
  'smart-city.md': { file: join(__dirname, 'smart-city.md'), parts: () => ({ cost: itemTable(CITY) }) },
  'migration.md': { file: join(__dirname, 'migration.md'), parts: () => ({ cost: retentionTable() }) },
};

/** Ten lines with a camera each in two shifts, of which an image is inspected each second. */
export const FACTORY: FleetWorkload = {
  devices: 10,
  streamingPerDay: Duration.hours(16),
  retention: Duration.hours(24),
  signaling: false,
  onDeviceDetection: false,
  imageInterval: Duration.seconds(1),
  imageSize: Size.kibibytes(150),
  imageRetention: Duration.days(1),
  imagesPerSecond: 10,
  alertsPerDay: 0,
};

/** Two cameras, for 17 hours a month: two matches a week. A prediction each minute. */
export const STADIUM: FleetWorkload = {
  devices: 2,
  streamingPerDay: Duration.minutes(34),
  retention: Duration.hours(24),
  signaling: false,
  onDeviceDetection: false,
  imageInterval: Duration.millis(500),
  imageRetention: Duration.days(1),
  imagesPerSecond: 50,
  alertsPerDay: 34,
};

/**
 * What costs half a dollar or more, and the rest in a sum.
 * @param without what isn't used, and what a plan can't know
 */
function itemTable(workload: FleetWorkload, without: PriceId[] = []): string[] {
  const items = new FleetPlan(workload).items.filter(({ id }) => !without.includes(id));
  const total = items.reduce((sum, { cost }) => sum + cost, 0);
  const shown = [...items].sort((one, other) => other.cost - one.cost).filter(({ cost }) => cost >= 0.5);
  const rest = total - shown.reduce((sum, { cost }) => sum + cost, 0);
  return markdownTable(
    ['What', 'How much', 'A month'],
    [
      ...shown.map((item) => [
        item.name,
        `${amount(item.amount)} ${item.amount === 1 ? one(item.unit) : item.unit}`,
        dollars(item.cost),
      ]),
      ['All else', '', dollars(rest)],
      ['**Together**', '', `**${dollars(total)}**`],
    ],
    [2],
  );
}

function wayTable(): string[] {
  const ways: [string, Partial<FleetWorkload>][] = [
    ['As it is, with two hours of motion each day', {}],
    ['Half an hour of motion each day', { analysedShare: 0.5 / 24 }],
    ['Every image looked at, without `MotionGate`', { analysedShare: 1 }],
    ['No images and no detector', { analysis: VideoAnalysis.NONE }],
  ];
  const rows = ways.map(([name, changes]) => [name, dollars(new FleetPlan({ ...PLANNED, ...changes }).total)]);
  return markdownTable(['How it is used', 'A month'], rows, [1]);
}

/** What a stream costs whoever owns it: a camera that films all day, and is not looked at. */
function retentionTable(): string[] {
  const costOf = (days: number, storageTier: StorageTier) => {
    const workload = { devices: 1, streamingPerDay: Duration.hours(24), retention: Duration.days(days), storageTier };
    const { items } = new FleetPlan({ ...workload, analysis: VideoAnalysis.NONE });
    return dollars(
      items.filter(({ service }) => service === 'Kinesis Video Streams').reduce((sum, { cost }) => sum + cost, 0),
    );
  };
  const rows = [1, 7, 30, 90].map((days) => [
    `${days * 24}`,
    costOf(days, StorageTier.HOT),
    costOf(days, StorageTier.WARM),
  ]);
  return markdownTable(['Hours kept', 'HOT', 'WARM'], rows, [0, 1, 2]);
}

/** What is filmed all day and kept for a week, in the cloud and on machines of one's own. */
function siteTable(): string[] {
  const rows = [1, 10, 50, 200].map((devices) => {
    const days = 7;
    const bitrate = Bitrate.megabitsPerSecond(2);
    const workload = { devices, bitrate, streamingPerDay: Duration.hours(24), retention: Duration.days(days) };
    const looked = { ...workload, imageInterval: Duration.seconds(1), analysedShare: 1 / 24, signaling: false };
    const { items } = new FleetPlan({ ...workload, analysis: VideoAnalysis.NONE });
    const kept = items.filter(({ service }) => service === 'Kinesis Video Streams');

    return [
      String(devices),
      dollars(kept.reduce((sum, { cost }) => sum + cost, 0)),
      dollars(new FleetPlan(looked).total),
      `${amount((devices * bitrate.toBitsPerSecond()) / 1e6)} Mbit/s`,
      `${amount((devices * bitrate.toBytes(Duration.days(days))) / 1e9)} GB`,
    ];
  });
  const cloud = ['Kinesis Video Streams a month', 'All, with an hour of frames looked at each day'];
  return markdownTable(['Cameras', ...cloud, 'Own machines take in', 'and keep'], rows, [0, 1, 2, 3, 4]);
}

if (require.main === module) {
  for (const { file, parts } of Object.values(APP_GUIDES)) {
    writeFileSync(file, renderedGuide(readFileSync(file, 'utf8'), parts()));
  }
}
