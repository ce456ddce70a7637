import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { ArchiveParts } from './archive';
import type { DetectionParts } from './detection';
import type { IngestParts } from './ingest';
import { PERIOD, graph } from './metrics';
import type { RegistrationParts } from './registration';
import type { ViewingParts } from './viewing';
import type { Section } from './watch';

/** What could not be worked off or delivered. The alarms are those of the concerns. */
export function deadLetterSection(
  parts: ArchiveParts & DetectionParts & IngestParts & RegistrationParts & ViewingParts,
): Omit<Section, 'alarms'> {
  const queues: Record<string, sqs.IQueue | undefined> = {
    Telemetry: parts.telemetry?.deadLetterQueue,
    Registry: parts.mediaProvisioner?.deadLetterQueue,
    Certificates: parts.certificates?.deadLetterQueue,
    Frames: parts.frames?.deadLetterQueue,
    Motion: parts.motionGate?.deadLetterQueue,
    'Detections of devices': parts.onDeviceDetections?.deadLetterQueue,
    Alerts: parts.alerts?.deadLetterQueue,
    Escalation: parts.escalation?.deadLetterQueue,
    'Escalation, not begun': parts.escalation?.startDeadLetterQueue,
    'Alerts for viewers': parts.alertFeed?.deadLetterQueue,
    Acknowledgements: parts.takeover?.deadLetterQueue,
    Incidents: parts.clips?.deadLetterQueue,
  };
  const waiting = Object.entries(queues).flatMap(([label, queue]) =>
    queue
      ? [queue.metricApproximateNumberOfMessagesVisible({ statistic: cloudwatch.Stats.MAXIMUM, period: PERIOD, label })]
      : [],
  );
  return {
    title: 'Dead letters',
    widgets: waiting.length > 0 ? [graph('Messages in dead-letter queues', waiting, { width: 24 })] : [],
  };
}
