import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { Bitrate, FleetPlan, VideoAnalysis, type FleetWorkload, type PlanItem } from '../lib';
import { dollars } from '../lib/planning/format';
import { markdownTable } from '../lib/planning/table';
import { renderedGuide } from './plan';

/** Writes what `docs/wildlife.md` has of plans and of links, between its marks. */
export const WILDLIFE_GUIDE = join(__dirname, 'wildlife.md');

/** Sightings of a camera in a night, and the bytes of each: of the text, and of a picture of 160 × 120. */
export const NIGHT = { sightings: 200, textBytes: 260, jpegBytes: 4096, hours: 12 };

/** What a sighting is on the link: its picture is text in JSON, four letters for three bytes. */
export const bytesOf = (hasPicture: boolean) => NIGHT.textBytes + (hasPicture ? Math.ceil(NIGHT.jpegBytes / 3) * 4 : 0);

/** Ten sightings in a message, which AWS IoT meters by 5 KB of it. */
const METERED = Math.ceil((10 * bytesOf(true)) / 5120);

/** A hundred cameras. Nothing of what they send is video. */
const CAMERAS: FleetWorkload = {
  devices: 100,
  streamingPerDay: Duration.hours(NIGHT.hours),
  signaling: false,
  analysis: VideoAnalysis.NONE,
  alertsPerDay: 0.1,
  // No video is sent at all; less than this a plan doesn't know.
  bitrate: Bitrate.kilobitsPerSecond(0.001),
  messagesPerHour: (METERED * NIGHT.sightings) / 10 / NIGHT.hours,
};

export const SIGHTINGS = new FleetPlan(CAMERAS);

/** The same cameras, if they sent thermal video all night instead. */
export const VIDEO = new FleetPlan({ ...CAMERAS, bitrate: Bitrate.kilobitsPerSecond(300) });

export function wildlifeParts(): Record<string, string[]> {
  return { link: linkTable(), cost: costTable() };
}

function linkTable(): string[] {
  const rows = [
    ['Text only', bytesOf(false)],
    ['With a picture of 4 KB', bytesOf(true)],
  ].map(([name, bytes]) => {
    const bits = 8 * NIGHT.sightings * Number(bytes);
    const perSecond = Math.round(bits / (NIGHT.hours * 3600));
    const minutes = (kilobits: number) => `${(bits / (1000 * kilobits) / 60).toFixed(1)} min`;
    return [`${name}`, `${Math.round(bits / 8000)} KB`, `${perSecond} bit/s`, minutes(9.6), minutes(64)];
  });
  const video = 300_000 * NIGHT.hours * 3600;
  const hours = (kilobits: number) => `${Math.round(video / (1000 * kilobits) / 3600)} h`;
  rows.push(['Video of 300 kbit/s instead', `${Math.round(video / 8e6)} MB`, '300,000 bit/s', hours(9.6), hours(64)]);
  return markdownTable(
    ['A night of 200 sightings', 'Size', 'On average', 'At 9.6 kbit/s', 'At 64 kbit/s'],
    rows,
    [1, 2, 3, 4],
  );
}

function costTable(): string[] {
  const plans = [SIGHTINGS, VIDEO];
  const isWorthIt = ({ cost }: PlanItem) => cost >= 0.05;
  const names = [...new Set(plans.flatMap(({ items }) => items.filter(isWorthIt)).map(({ name }) => name))];
  const costs = (name: string) =>
    plans.map(({ items }) => dollars(items.find((item) => item.name === name)?.cost ?? 0));
  return markdownTable(
    ['A month, a hundred cameras', 'Sightings', 'Video all night, kept for a day'],
    [...names.map((name) => [name, ...costs(name)]), ['All of it', ...plans.map(({ total }) => dollars(total))]],
    [1, 2],
  );
}

if (require.main === module) {
  writeFileSync(WILDLIFE_GUIDE, renderedGuide(readFileSync(WILDLIFE_GUIDE, 'utf8'), wildlifeParts()));
}
