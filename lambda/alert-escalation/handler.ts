import { createHash } from 'node:crypto';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { StartExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { acknowledgeableId } from '../common/acknowledgement';
import { alertMessage } from '../common/alerts';
import { detectionEvent } from '../common/detection-event';
import { isNamed } from '../common/errors';
import { logger, metrics } from '../common/observability';
import { parseMessage } from '../common/queue-worker';

export interface Ports {
  readonly sfn: SFNClient;
  readonly stateMachineArn: string;
}

const alert = detectionEvent.extend({ id: acknowledgeableId });

/** Starts the escalation of an alert, once, however often the alert is delivered. */
export async function handle(body: string, { sfn, stateMachineArn }: Ports): Promise<void> {
  const detection = parseMessage(alert, body);
  const { id: detectionId } = detection;
  try {
    await sfn.send(
      new StartExecutionCommand({
        stateMachineArn,
        name: executionName(detectionId),
        input: JSON.stringify({ detectionId, ...alertMessage(detection) }),
      }),
    );
  } catch (error) {
    if (!isNamed(error, 'ExecutionAlreadyExists')) throw error;
    logger.info('The alert is escalated already', { detectionId });
    return;
  }
  metrics.addMetric('EscalationStarted', MetricUnit.Count, 1);
  logger.info('Escalation started', { detectionId });
}

/** Of 80 characters at most, without those that ids of detections have. */
function executionName(detectionId: string): string {
  return createHash('sha256').update(detectionId).digest('hex');
}
