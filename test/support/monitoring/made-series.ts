import type { MetricUse } from './known-metrics';
import type { Values } from './metric-math';

/** Half a day, at five minutes each. */
export const POINTS = 144;

/** When a carrier fails, to the end. */
const INCIDENT = POINTS - 14;

interface Shape {
  readonly base: number;
  /** The share of the base by which it goes up and down with the day. */
  readonly day?: number;
  /** The share by which it is uneven. */
  readonly noise?: number;
  /** What it becomes in the incident, as a multiple of the base. */
  readonly incident?: number;
}

/** Made up, for 8,400 devices: by the service or namespace, the name, and the statistic where it matters. */
const SHAPES: Record<string, Shape> = {
  'AWS/KinesisVideo PutMedia.IncomingBytes': { base: 6.3e11, day: 0.15, noise: 0.02, incident: 0.83 },
  'AWS/KinesisVideo PutMedia.ConnectionErrors': { base: 14, noise: 0.6, incident: 21 },
  'AWS/KinesisVideo PutMedia.ErrorAckCount': { base: 5, noise: 0.9, incident: 2 },
  'AWS/KinesisVideo PutMedia.Success': { base: 0.9991, noise: 0.0004 },
  'AWS/KinesisVideo PutMedia.FragmentIngestionLatency': { base: 2050, noise: 0.05, incident: 1.2 },
  'AWS/KinesisVideo PutMedia.FragmentPersistLatency': { base: 240, noise: 0.15 },
  'AWS/KinesisVideo Failure': { base: 0.006, noise: 0.5 },
  'AWS/KinesisVideo Latency': { base: 92, noise: 0.2 },
  'AWS/KinesisVideo TURNConnectedMinutes': { base: 160, day: 0.3, noise: 0.15 },
  'AWS/IoTFleetMetrics': { base: 8110, day: 0.02, noise: 0.001, incident: 0.98 },
  'producer-telemetry DeviceReported': { base: 40_350, day: 0.02, noise: 0.002, incident: 0.89 },
  'producer-telemetry StreamStalled': { base: 0.004, noise: 0.4, incident: 19 },
  'producer-telemetry StreamDropping': { base: 0.011, noise: 0.4, incident: 14 },
  'producer-telemetry BufferUsage p50': { base: 9, noise: 0.05, incident: 1.3 },
  'producer-telemetry BufferUsage p90': { base: 21, noise: 0.05, incident: 4.2 },
  'producer-telemetry BufferUsage p99': { base: 58, noise: 0.08, incident: 1.68 },
  'producer-telemetry SendBacklog p50': { base: 310, noise: 0.06, incident: 1.4 },
  'producer-telemetry SendBacklog p90': { base: 1400, noise: 0.1, incident: 9 },
  'producer-telemetry SendBacklog p99': { base: 5200, noise: 0.12, incident: 4.5 },
  'producer-telemetry FramesDropped': { base: 900, noise: 0.5, incident: 31 },
  'producer-telemetry PutFrameErrors': { base: 40, noise: 0.8, incident: 6 },
  'producer-telemetry ErrorAcks': { base: 5, noise: 0.9, incident: 2 },
  'fleet-provisioning RegistrationAllowed': { base: 6, day: 0.9, noise: 0.6 },
  'fleet-provisioning RegistrationDenied': { base: 1, noise: 1 },
  'media-provisioner MediaCreated': { base: 12, day: 0.9, noise: 0.6 },
  'media-provisioner MessageFailed': { base: 0.4, noise: 1 },
  'AWS/SQS ApproximateNumberOfMessagesVisible': { base: 1.5, noise: 1 },
  'AWS/SQS ApproximateAgeOfOldestMessage': { base: 4, noise: 0.8 },
  'fleet-reconciler MediaRepaired': { base: 9, noise: 0 },
  'fleet-reconciler MediaOrphaned': { base: 2, noise: 0 },
  'certificate-expiry CertificateDaysLeft': { base: 63, noise: 0 },
  'image-detector MessageProcessed': { base: 14_600, day: 0.1, noise: 0.03, incident: 0.85 },
  'image-detector FrameGated': { base: 10_900, day: 0.1, noise: 0.03, incident: 0.85 },
  'image-detector FrameStale': { base: 120, noise: 0.5 },
  'image-detector MessageFailed': { base: 18, noise: 0.7 },
  'image-detector AlertLatency p50': { base: 4100, noise: 0.08 },
  'image-detector AlertLatency p90': { base: 9300, noise: 0.12, incident: 1.6 },
  'on-device-detections Detected': { base: 420, day: 0.4, noise: 0.15 },
  'on-device-detections AlertRaised': { base: 61, day: 0.4, noise: 0.2 },
  'on-device-detections AlertSuppressed': { base: 340, day: 0.4, noise: 0.15 },
  'on-device-detections AlertLatency p50': { base: 420, noise: 0.08 },
  'on-device-detections AlertLatency p90': { base: 1100, noise: 0.12, incident: 2.4 },
  'motion-gate GateOpened': { base: 5200, noise: 0 },
  'motion-gate GateExtended': { base: 12_700, noise: 0 },
  'AWS/SNS NumberOfMessagesPublished': { base: 92, day: 0.4, noise: 0.2 },
  'AWS/SNS NumberOfNotificationsDelivered': { base: 184, day: 0.4, noise: 0.2 },
  'AWS/Rekognition SuccessfulRequestCount': { base: 3700, day: 0.1, noise: 0.04 },
  'AWS/Rekognition ThrottledCount': { base: 3, noise: 1 },
  'viewing-api AccessGranted': { base: 310, day: 0.5, noise: 0.1 },
  'viewing-api AccessDenied': { base: 9, noise: 0.5 },
  'AWS/ApiGateway 4xx': { base: 14, noise: 0.5 },
  'viewer-messages AccessGranted': { base: 540, day: 0.5, noise: 0.1 },
  'viewer-messages ConnectionRefused': { base: 2, noise: 1 },
  'takeover ControlTaken': { base: 11, day: 0.5, noise: 0.3 },
  'takeover ControlRefused': { base: 2, noise: 0.9 },
  'takeover ControlLost': { base: 0.3, noise: 1, incident: 6 },
  'command-acknowledgement CommandLatency': { base: 160, noise: 0.1, incident: 1.7 },
  'alert-feed AlertFeedLatency': { base: 380, noise: 0.1 },
  'AWS/Lambda ClaimedAccountConcurrency': { base: 310, day: 0.1, noise: 0.06 },
  quota: { base: 1000, noise: 0 },
  'fleet-lister DevicesRegistered': { base: 8390, noise: 0 },
};

/** A series of a metric that there isn't, the same each time. */
export function madeSeries({ namespace, name, dimensions }: MetricUse, statistic = ''): Values {
  const of = namespace === 'KinesisVideoFleet' ? String(dimensions.service) : namespace;
  const shape = SHAPES[`${of} ${name} ${statistic}`] ?? SHAPES[`${of} ${name}`] ?? SHAPES[of] ?? { base: 0 };
  const random = randomOf(`${of} ${name} ${statistic}`);
  const { base, day = 0, noise = 0.1, incident = 1 } = shape;
  return Array.from({ length: POINTS }, (_, index) => {
    const wave = 1 + day * Math.sin((Math.PI * (index - 30)) / POINTS);
    const uneven = 1 + noise * (2 * random() - 1);
    const progress = Math.min(1, Math.max(0, (index - INCIDENT) / 3));
    return base * wave * uneven * (1 + (incident - 1) * progress);
  });
}

/** https://en.wikipedia.org/wiki/Linear_congruential_generator */
function randomOf(seed: string): () => number {
  let state = [...seed].reduce((hash, character) => (hash * 31 + character.charCodeAt(0)) >>> 0, 7);
  return () => (state = (state * 1_664_525 + 1_013_904_223) >>> 0) / 2 ** 32;
}
