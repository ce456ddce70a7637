import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { PROFILES } from '../device/profile';
import { Bitrate, FleetPlan, StorageTier, VideoAnalysis } from '../lib';
import { amount, dollars } from '../lib/planning/format';
import { markdownTable } from '../lib/planning/table';
import { renderedGuide } from './plan';

/** Writes what `docs/device-kit.md` has of profiles and plans, between its marks. */
export const KIT_GUIDE = join(__dirname, 'device-kit.md');

/** What a clip has at most: https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_reader_GetClip.html */
const CLIP = { fragments: 200, bytes: 100_000_000 };

const { kilobitsPerSecond } = PROFILES['720p'];

/** What the stream of a camera at 720p costs in a month, kept for 30 days. */
export function streamCost(fragmentSeconds: number, storageTier: StorageTier, hoursPerDay: number): number {
  const { items } = new FleetPlan({
    devices: 1,
    streamingPerDay: Duration.hours(hoursPerDay),
    bitrate: Bitrate.kilobitsPerSecond(kilobitsPerSecond),
    fragmentDuration: Duration.seconds(fragmentSeconds),
    retention: Duration.days(30),
    storageTier,
    signaling: false,
    analysis: VideoAnalysis.NONE,
  });
  return items.filter(({ service }) => service === 'Kinesis Video Streams').reduce((sum, { cost }) => sum + cost, 0);
}

export function kitParts(): Record<string, string[]> {
  const profiles = Object.entries(PROFILES).map(([name, profile]) => [
    name,
    `${profile.width} × ${profile.height}`,
    `${profile.framesPerSecond}`,
    amount(profile.kilobitsPerSecond),
    profile.h264,
  ]);
  const fragments = [2, 4, 6, 10].map((seconds) => [
    `${seconds} s`,
    `${seconds * PROFILES['720p'].framesPerSecond}`,
    `${3 * seconds} s`,
    clip(seconds),
    ...[24, 2].flatMap((hours) =>
      [StorageTier.HOT, StorageTier.WARM].map((tier) => dollars(streamCost(seconds, tier, hours))),
    ),
  ]);
  return {
    profiles: markdownTable(['`--profile`', 'Pictures', 'A second', 'kbit/s', 'H.264'], profiles, [2, 3]),
    fragments: markdownTable(
      [
        '`--fragment`',
        'Pictures from key frame to key frame',
        'A viewer of HLS is behind by at least',
        'Longest clip',
        'All day, HOT',
        'All day, WARM',
        'Two hours a day, HOT',
        'Two hours a day, WARM',
      ],
      fragments,
      [0, 1, 2, 3, 4, 5, 6, 7],
    ),
  };
}

function clip(fragmentSeconds: number): string {
  const seconds = Math.min(CLIP.fragments * fragmentSeconds, (CLIP.bytes * 8) / (kilobitsPerSecond * 1000));
  return `${Math.floor(seconds)} s`;
}

if (require.main === module) {
  writeFileSync(KIT_GUIDE, renderedGuide(readFileSync(KIT_GUIDE, 'utf8'), kitParts()));
}
