import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logger, metrics } from '../common/observability';
import type { ObstacleClass } from '../common/obstacles';
import type { Delivery } from '../common/queue-worker';
import { parseEnvelope } from '../common/rule-envelope';
import type { Concern } from './incidents';
import { concernOf } from './rule';
import type { WatchSettings } from './settings';
import { deviceSightings, type Sighting } from './sightings';
import type { Watch } from './watch';

export interface Ports {
  readonly watch: Pick<Watch, 'record' | 'keep' | 'tell'>;
  readonly classes: readonly ObstacleClass[];
  readonly settings: WatchSettings;
  readonly now: () => number;
}

/**
 * Takes in what a device has seen, of now or of hours ago, and tells of what is of concern.
 *
 * Nothing is dropped of a device that sends much at once: it has kept that for hours, and keeps it no longer.
 */
export async function handle(body: string, ports: Ports, { sentAt }: Delivery): Promise<void> {
  const { device, open } = parseEnvelope(body);
  const { sightings } = open(deviceSightings);
  const concerns = new Map<ObstacleClass, Concern[]>();
  for (const sighting of sightings) {
    // Nothing was seen after it was sent; the same however often it is delivered.
    const capturedAt = Math.min(Date.parse(sighting.capturedAt), sentAt);
    const { id, label, confidence, position, value } = sighting;
    const verdict = concernOf({ label, confidence, position, capturedAt }, ports.classes, ports.settings);
    const snapshot = await keepSnapshot(device, sighting, ports);
    const isNew = await ports.watch.record(device, sighting, verdict, snapshot);
    count(isNew, capturedAt, ports);
    if (!verdict.concern) continue;
    // One that was recorded before may not have been told of: that it isn't twice is for the incident to know.
    const concern = { id, capturedAt, label, confidence, area: verdict.area, position, value, snapshot };
    concerns.set(verdict.class, [...(concerns.get(verdict.class) ?? []), concern]);
  }
  for (const [found, all] of concerns) await ports.watch.tell(device, found, all);
}

function count(isNew: boolean, capturedAt: number, { settings, now }: Ports): void {
  metrics.addMetric(isNew ? 'SightingRecorded' : 'SightingRepeated', MetricUnit.Count, 1);
  if (!isNew) return;
  const age = now() - capturedAt;
  if (age > 1000 * settings.lateAfterSeconds) metrics.addMetric('SightingLate', MetricUnit.Count, 1);
  if (age > 1000 * settings.recordOnlyAfterSeconds) metrics.addMetric('SightingTooOld', MetricUnit.Count, 1);
}

/** A picture that is none doesn't take the sighting with it. */
async function keepSnapshot(device: string, { id, jpeg }: Sighting, { watch }: Ports): Promise<string | undefined> {
  if (jpeg === undefined) return undefined;
  const bytes = Buffer.from(jpeg, 'base64');
  if (bytes.length > 3 && bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) {
    return watch.keep(device, id, bytes);
  }
  logger.warn('A picture is no JPEG', { device, id });
  metrics.addMetric('SnapshotUnusable', MetricUnit.Count, 1);
  return undefined;
}
