import type { MqttClient } from 'mqtt';
import type { ProducerReport } from '../../lambda/producer-telemetry/producer-report';
import { FRAMES_PER_SECOND } from './film';
import type { Producer } from './producer';

export interface TelemetryProps {
  readonly client: MqttClient;
  /** As `ProducerTelemetry` has it, for this device. */
  readonly topic: string;
  readonly producers: readonly Producer[];
  /** In milliseconds. @default 60000 */
  readonly interval?: number;
}

/** As much as kvssink keeps by default, in bytes. */
const STORE = 128 * 1024 * 1024;

/** Tells once per interval how the producers are, with QoS 0: what couldn't be told then is of no interest later. */
export function startTelemetry({ client, topic, producers, interval = 60_000 }: TelemetryProps) {
  const timer = setInterval(() => {
    if (client.connected) client.publish(topic, JSON.stringify(reportOf(producers, interval)), { qos: 0 });
  }, interval);
  return { stop: () => clearInterval(timer) };
}

function reportOf(producers: readonly Producer[], interval: number): ProducerReport {
  const reports = producers.map((producer) => producer.report());
  const used = reports.reduce((sum, { waitingBytes }) => sum + waitingBytes, 0);
  return {
    schemaVersion: '1.0',
    contentStoreSize: STORE,
    contentStoreAvailableSize: Math.max(0, STORE - used),
    streams: reports.map(({ viewDuration, bytes, droppedFrames, errorAcks }) => ({
      currentViewDuration: viewDuration,
      currentFrameRate: FRAMES_PER_SECOND,
      currentTransferRate: Math.round((1000 * bytes) / interval),
      droppedFrames,
      putFrameErrors: 0,
      errorAcks,
    })),
  };
}
