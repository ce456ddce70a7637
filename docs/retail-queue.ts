import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, Size } from 'aws-cdk-lib';
import { Bitrate, FleetPlan, VideoAnalysis, type FleetWorkload, type PlanItem } from '../lib';
import { dollars } from '../lib/planning/format';
import { markdownTable } from '../lib/planning/table';
import { renderedGuide } from './plan';

/** Writes what `docs/retail-queue.md` has of a plan, between its marks. */
export const RETAIL_GUIDE = join(__dirname, 'retail-queue.md');

/** Ten registers with a camera each, twelve hours a day, counted every ten seconds. */
const STORE: FleetWorkload = { devices: 10, streamingPerDay: Duration.hours(12), signaling: false, alertsPerDay: 0 };

export const BY_DEVICE = new FleetPlan({
  ...STORE,
  analysis: VideoAnalysis.NONE,
  messagesPerHour: 360,
  // No video is sent at all; less than this a plan doesn't know.
  bitrate: Bitrate.kilobitsPerSecond(0.001),
});

export const IN_CLOUD = new FleetPlan({
  ...STORE,
  onDeviceDetection: false,
  bitrate: Bitrate.kilobitsPerSecond(500),
  retention: Duration.hours(1),
  imageInterval: Duration.seconds(10),
  imageSize: Size.kibibytes(40),
  imageRetention: Duration.days(1),
  imagesPerSecond: 5,
});

export function retailParts(): Record<string, string[]> {
  const plans = [BY_DEVICE, IN_CLOUD];
  const isWorthIt = ({ cost }: PlanItem) => cost >= 0.05;
  const names = [...new Set(plans.flatMap(({ items }) => items.filter(isWorthIt)).map(({ name }) => name))];
  const costs = (name: string) =>
    plans.map(({ items }) => dollars(items.find((item) => item.name === name)?.cost ?? 0));
  return {
    cost: markdownTable(
      ['A month, ten registers', 'Cameras count', 'Counted in the cloud'],
      [...names.map((name) => [name, ...costs(name)]), ['All of it', ...plans.map(({ total }) => dollars(total))]],
      [1, 2],
    ),
  };
}

if (require.main === module) {
  writeFileSync(RETAIL_GUIDE, renderedGuide(readFileSync(RETAIL_GUIDE, 'utf8'), retailParts()));
}
