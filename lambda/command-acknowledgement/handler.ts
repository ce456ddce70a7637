import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { commandAcknowledgement, type CommandAcknowledgement } from '../common/device-command';
import type { DeviceRate } from '../common/device-rate';
import { logger, metrics } from '../common/observability';
import type { Delivery } from '../common/queue-worker';
import { parseEnvelope } from '../common/rule-envelope';

export interface Ports {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly commandTable: string;
  readonly rate: DeviceRate;
  readonly now: () => number;
}

/** As much of a command that was sent as is needed here. */
const sentCommand = z.object({ pilot: z.string(), publishedAt: z.number() });

/** Notes that a device has acknowledged a command. The first acknowledgement counts. */
export async function handle(body: string, ports: Ports, { sentAt }: Delivery): Promise<void> {
  const { device, open } = parseEnvelope(body);
  const tell = () => logger.warn('Acknowledgements are dropped: the device sends too many', { device });
  if (!ports.rate.allows(device, ports.now(), tell)) {
    metrics.addMetric('MessageLimited', MetricUnit.Count, 1);
    return;
  }
  const acknowledgement = open(commandAcknowledgement);
  const { id, outcome, reason } = acknowledgement;
  const noted = await note(device, acknowledgement, ports);
  if (typeof noted === 'string') {
    logger.info('Nothing to acknowledge', { device, commandId: id, because: noted });
    if (noted === 'unknown') metrics.addMetric('AcknowledgementUnknown', MetricUnit.Count, 1);
    return;
  }
  const { pilot, publishedAt } = noted;
  // By the clock of the queue, which has the message before this function has.
  const latency = Math.max(0, sentAt - publishedAt);
  metrics.addMetric('CommandLatency', MetricUnit.Milliseconds, latency);
  metrics.addMetric(outcome === 'ACCEPTED' ? 'CommandAccepted' : 'CommandRefused', MetricUnit.Count, 1);
  logger.info('Command acknowledged', { device, pilot, commandId: id, outcome, reason, latency });
}

/** The command, or why there is nothing to note. */
async function note(
  device: string,
  acknowledgement: CommandAcknowledgement,
  { dynamodb, commandTable }: Ports,
): Promise<z.infer<typeof sentCommand> | 'unknown' | 'duplicate'> {
  try {
    const { Attributes } = await dynamodb.send(
      new UpdateCommand({
        TableName: commandTable,
        Key: { device, id: acknowledgement.id },
        UpdateExpression: 'SET acknowledgement = :acknowledgement',
        ConditionExpression: 'attribute_exists(device) AND attribute_not_exists(acknowledgement)',
        ExpressionAttributeValues: { ':acknowledgement': acknowledgement },
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return sentCommand.parse(Attributes);
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return error.Item ? 'duplicate' : 'unknown';
  }
}
