import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { PublishCommand, type IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { logger, metrics } from '../common/observability';
import type { Ledger } from './ledger';
import { signalOf, type Decision, type InspectionRecord } from './record';

export interface LinePorts {
  readonly ledger: Ledger;
  readonly iotData: IoTDataPlaneClient;
  readonly topicPrefix: string;
  readonly signalUnknown: boolean;
  readonly now: () => number;
}

export interface Told {
  /** What was decided when the line was told. */
  readonly decision: Decision;
  readonly signal: InspectionRecord['signal'];
  readonly isKept: boolean;
}

/**
 * Tells a line of a piece: once, however often the image is delivered, and not after the piece has passed the gate.
 *
 * That it is told is noted afterwards. If that fails, it is told again rather than not at all, with the same id.
 */
export async function tellLine(decision: Decision, ports: LinePorts): Promise<Told> {
  const { ledger } = ports;
  const first = await ledger.claim(decision);
  if (first) {
    metrics.addMetric('FrameRepeated', MetricUnit.Count, 1);
    const signal = first.sentAt === undefined ? untold(first.decision, ports) : 'SENT';
    return { decision: first.decision, signal, isKept: first.keptAt !== undefined };
  }
  const isToBeTold = decision.verdict === 'FAULTY' || ports.signalUnknown;
  if (!isToBeTold) return { decision, signal: 'NONE', isKept: false };
  if (!(await publish(decision, ports))) return { decision, signal: 'LATE', isKept: false };
  await ledger.note(decision.id, 'sentAt');
  return { decision, signal: 'SENT', isKept: false };
}

/** Why a line was not told, which it was not. */
export function untold({ verdict }: Decision, { signalUnknown }: Pick<LinePorts, 'signalUnknown'>): 'LATE' | 'NONE' {
  return verdict === 'FAULTY' || signalUnknown ? 'LATE' : 'NONE';
}

/** Whether there was time for it. */
async function publish(decision: Decision, { iotData, topicPrefix, now }: LinePorts): Promise<boolean> {
  const left = Date.parse(decision.deadline) - now();
  if (left <= 0) {
    late(decision.line, decision.id);
    return false;
  }
  await iotData.send(
    new PublishCommand({
      topic: `${topicPrefix}/${decision.line}/rejects`,
      qos: 1,
      payload: Buffer.from(JSON.stringify(signalOf(decision))),
      contentType: 'application/json',
      payloadFormatIndicator: 'UTF8_DATA',
      // The broker keeps nothing for a line that is away for longer; the line itself has the deadline to the millisecond.
      messageExpiry: Math.ceil(left / 1000),
    }),
  );
  metrics.addMetric('SignalSent', MetricUnit.Count, 1);
  logger.info('Reject signal', { id: decision.id, line: decision.line, verdict: decision.verdict });
  return true;
}

/** A piece has passed the gate, and nobody knew whether it is good. */
export function late(line: string, id: string): void {
  metrics.addMetric('PieceLate', MetricUnit.Count, 1);
  logger.warn('Piece has passed the gate', { id, line });
}
