import { MetricUnit } from '@aws-lambda-powertools/metrics';
import * as z from 'zod';
import type { DeviceRate } from '../common/device-rate';
import { logger, metrics } from '../common/observability';
import { parseMessage, UnusableMessage, type Delivery } from '../common/queue-worker';
import { parseEnvelope } from '../common/rule-envelope';
import type { Monitor } from './monitor';
import { deviceHeat, hottestOf, type DeviceHeat } from './reading';
import type { HeatSettings, WatchedAsset } from './settings';

export interface Ports {
  readonly monitor: Pick<Monitor, 'read' | 'tick'>;
  readonly settings: Pick<HeatSettings, 'assets' | 'needsAmbient'>;
  readonly rate: DeviceRate;
  readonly now: () => number;
}

/** What the schedule sends. No device can: what comes of them is in the envelope of the rule. */
export const tick = z.strictObject({ kind: z.literal('TICK') });

/** Takes in what a device has measured, or that time has passed. */
export async function handle(body: string, ports: Ports, { sentAt }: Delivery): Promise<void> {
  if (tick.safeParse(parseMessage(z.unknown(), body)).success) {
    await ports.monitor.tick();
    return;
  }
  const { device, open } = parseEnvelope(body);
  // Before anything is read of it: what floods is as likely to be unusable, and would fill the dead-letter queue.
  const tell = () => logger.warn('Messages are dropped: the device sends too many', { device });
  if (!ports.rate.allows(device, ports.now(), tell)) {
    metrics.addMetric('MessageLimited', MetricUnit.Count, 1);
    return;
  }
  const message = open(deviceHeat);
  const measured = temperaturesOf(device, message, ports.settings.assets);
  const ambient = ambientOf(message, ports.settings);
  // Nothing is measured after it was sent; the same however often it is delivered.
  const capturedAt = Math.min(Date.parse(message.capturedAt), sentAt);
  for (const { asset, celsius } of measured) {
    await ports.monitor.read(asset, { capturedAt, celsius, rise: celsius - ambient });
  }
}

function ambientOf({ ambientCelsius }: DeviceHeat, { needsAmbient }: Ports['settings']): number {
  if (!needsAmbient) return 0;
  if (ambientCelsius !== undefined) return ambientCelsius;
  throw new UnusableMessage('`ambientCelsius` is missing: how warm an asset is says little without it.');
}

interface Measured {
  readonly asset: WatchedAsset;
  readonly celsius: number;
}

function temperaturesOf(device: string, message: DeviceHeat, assets: readonly WatchedAsset[]): Measured[] {
  const { camera, grid, temperatures = [] } = message;
  const seen = assets.filter((asset) => asset.device === device && asset.camera === camera);
  if (grid) {
    if (seen.length > 0) return seen.map((asset) => ({ asset, celsius: hottestOf(grid, asset.region) }));
    throw new UnusableMessage(`The device '${device}'${camera ? `, camera '${camera}',` : ''} has no assets to watch.`);
  }
  return temperatures.map(({ asset: name, celsius }) => {
    const asset = seen.find((each) => each.name === name);
    if (asset) return { asset, celsius };
    throw new UnusableMessage(`'${name}' is not an asset of the device '${device}'.`);
  });
}
