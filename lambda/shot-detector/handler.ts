import { MetricUnit } from '@aws-lambda-powertools/metrics';
import * as z from 'zod';
import type { DeviceRate } from '../common/device-rate';
import { logger, metrics } from '../common/observability';
import { parseMessage, UnusableMessage, type Delivery } from '../common/queue-worker';
import { parseEnvelope } from '../common/rule-envelope';
import type { Detector } from './detector';
import { deviceShot } from './message';
import { REMEMBERED } from './scene';
import type { ShotSettings } from './settings';

export interface Ports {
  readonly detector: Pick<Detector, 'hear' | 'decide'> & { readonly incidents: Pick<Detector['incidents'], 'advance'> };
  readonly settings: Pick<ShotSettings, 'minimumConfidence'>;
  readonly rate: DeviceRate;
  readonly now: () => number;
}

/** What functions of this detector send to the queue. No device can: what comes of them is in the envelope of the rule. */
const own = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('DECIDE') }),
  z.strictObject({ kind: z.literal('INCIDENT'), id: z.string().min(1) }),
]);

/** A clock that is so far ahead is wrong, and with it the place of a shot. In milliseconds. */
const AHEAD = 1000;

/** Takes in what a sensor has heard, or does what is due. */
export async function handle(body: string, ports: Ports, { sentAt }: Delivery): Promise<void> {
  const { success, data } = own.safeParse(parseMessage(z.unknown(), body));
  if (!success) return hear(body, ports, sentAt);
  await (data.kind === 'DECIDE' ? ports.detector.decide() : ports.detector.incidents.advance(data.id));
}

async function hear(body: string, { detector, settings, rate, now }: Ports, sentAt: number): Promise<void> {
  const { device, open } = parseEnvelope(body);
  // Before anything is read of it: what floods is as likely to be unusable, and would fill the dead-letter queue.
  const tell = () => logger.warn('Messages are dropped: the device sends too many', { device });
  if (!rate.allows(device, now(), tell)) {
    metrics.addMetric('MessageLimited', MetricUnit.Count, 1);
    return;
  }
  const { id, heardAt: time, confidence, position } = open(deviceShot);
  const heardAt = Date.parse(time);
  if (heardAt > sentAt + AHEAD) throw new UnusableMessage(`The clock of '${device}' is ${heardAt - sentAt} ms ahead.`);
  if (confidence < settings.minimumConfidence) {
    metrics.addMetric('HearingFaint', MetricUnit.Count, 1);
    return;
  }
  if (heardAt <= now() - REMEMBERED) {
    metrics.addMetric('HearingLate', MetricUnit.Count, 1);
    logger.warn('Heard too long ago', { device, heardAt: time });
    return;
  }
  metrics.addMetric('Hearing', MetricUnit.Count, 1);
  await detector.hear({ id: `${device}:${id}`, sensor: device, heardAt, confidence, ...position, receivedAt: now() });
}
