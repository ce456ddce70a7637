import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Gates, Opening } from '../common/gates';
import { motionMessage } from '../common/motion-message';
import { logger, metrics } from '../common/observability';
import type { Delivery } from '../common/queue-worker';
import { parseEnvelope } from '../common/rule-envelope';

export interface Ports {
  readonly gates: Gates;
  readonly now: () => number;
  /** After how long motion is of no use any more, in milliseconds. */
  readonly staleAfter: number;
}

const METRICS: Record<Opening, string> = {
  opened: 'GateOpened',
  extended: 'GateExtended',
  already: 'GateOpenAlready',
  streamExhausted: 'StreamBudgetExhausted',
  fleetExhausted: 'FleetBudgetExhausted',
};

/** Opens the gate of a stream when its device has seen motion. */
export async function handle(body: string, { gates, now, staleAfter }: Ports, { sentAt }: Delivery): Promise<void> {
  const { device, open } = parseEnvelope(body);
  const { id, camera } = open(motionMessage);
  // By the clock of the queue: that of a device may be wrong, and would then never open a gate.
  if (now() - sentAt > staleAfter) {
    metrics.addMetric('MotionStale', MetricUnit.Count, 1);
    return;
  }
  const stream = camera ? `${device}.${camera}` : device;
  const opening = await gates.open(stream, `${device}:${id}`);
  metrics.addMetric(METRICS[opening], MetricUnit.Count, 1);
  if (opening !== 'already') logger.info('Motion', { stream, opening });
}
