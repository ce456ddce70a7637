import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { Bitrate, FleetPlan, VideoAnalysis, type FleetWorkload } from '../lib';
import { dollars } from '../lib/planning/format';
import { markdownTable } from '../lib/planning/table';
import { renderedGuide } from './plan';

/** Writes what `docs/telehealth.md` has of plans, between its marks. */
export const TELEHEALTH_GUIDE = join(__dirname, 'telehealth.md');

/** Appointments of a month, of which each has a channel, and a stream if it is recorded. */
export const APPOINTMENTS = 2000;

/**
 * Half an hour each. To a plan, which counts by the day, each is a device that sends for a minute a day, and 33 hours and 20
 * minutes a day are watched.
 */
const CLINIC: FleetWorkload = {
  devices: APPOINTMENTS,
  streamingPerDay: Duration.minutes(1),
  viewers: 4,
  livePerDay: Duration.minutes(500),
  playbackPerDay: Duration.millis(0),
  analysis: VideoAnalysis.NONE,
  onDeviceDetection: false,
  alertsPerDay: 0,
  retention: Duration.days(30),
};

export const RECORDED = new FleetPlan({ ...CLINIC, bitrate: Bitrate.megabitsPerSecond(1) });
// Nothing is stored; less than this a plan doesn't know.
export const UNRECORDED = new FleetPlan({ ...CLINIC, bitrate: Bitrate.kilobitsPerSecond(0.001) });

/** What a plan has of devices isn't there: participants are browsers. */
const OF_VIDEO = /^(Kinesis Video Streams|KVS|WebRTC)/;

export function telehealthParts(): Record<string, string[]> {
  const plans = [UNRECORDED, RECORDED];
  const video = plans.map(({ items }) => items.filter(({ service }) => OF_VIDEO.test(service)));
  const names = [
    ...new Set(
      video
        .flat()
        .filter(({ cost }) => cost >= 0.05)
        .map(({ name }) => name),
    ),
  ];
  const costs = (name: string) => video.map((items) => dollars(items.find((item) => item.name === name)?.cost ?? 0));
  const totals = video.map((items) => dollars(items.reduce((sum, { cost }) => sum + cost, 0)));
  return {
    cost: markdownTable(
      ['A month, 2,000 appointments of half an hour', 'Not recorded', 'All recorded, kept for 30 days'],
      [...names.map((name) => [name, ...costs(name)]), ['All of the video', ...totals]],
      [1, 2],
    ),
  };
}

if (require.main === module) {
  writeFileSync(TELEHEALTH_GUIDE, renderedGuide(readFileSync(TELEHEALTH_GUIDE, 'utf8'), telehealthParts()));
}
