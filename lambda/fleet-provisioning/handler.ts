import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { cellOf, type CellMembership } from '../common/cells';
import { logger, metrics } from '../common/observability';
import { expiryOf, hookRequest, type Decision } from '../common/provisioning-hook';

export interface Ports {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly templateName: string;
  readonly thingNamePrefix: string;
  /** Whether a serial number may register with one certificate only. */
  readonly once: boolean;
  /** The cell that devices register with, if there are several. */
  readonly cell?: CellMembership;
  readonly now: () => number;
}

/**
 * Decides whether a device may register, and denies on any doubt.
 *
 * A certificate that was let in is let in again: registration is tried again when something after this fails.
 */
export async function handle(event: unknown, ports: Ports): Promise<Decision> {
  const result = hookRequest.safeParse(event);
  if (!result.success) return deny(z.prettifyError(result.error));

  const { certificateId, clientId, templateArn, parameters } = result.data;
  const { SerialNumber: serialNumber } = parameters;
  const certificateExpiresAt = expiryOf(result.data.certificatePem);
  const about = { serialNumber, clientId, certificateId, certificateExpiresAt };
  if (!templateArn.endsWith(`:provisioningtemplate/${ports.templateName}`)) {
    return deny('the template is another one', { ...about, templateArn });
  }
  const cell = ports.cell && cellOf(serialNumber, ports.cell.cells);
  if (cell !== ports.cell?.name) return deny(`the device belongs to the cell '${cell}'`, about);
  const thingName = `${ports.thingNamePrefix}${serialNumber}`;
  if (thingName.length > 128) return deny("the thing's name would be longer than 128 characters", about);
  // The client id is the thing's name, and client ids that start so are those of claim certificates.
  if (thingName.startsWith('claim-')) return deny("the thing's name would start with 'claim-'", about);

  try {
    await register(serialNumber, certificateId, certificateExpiresAt, ports);
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return deny(whyNot(error), about);
    logger.error('The allow list did not answer', { ...about, error: error as Error });
    return deny('the allow list did not answer', about);
  }
  logger.info('Registration allowed', about);
  metrics.addMetric('RegistrationAllowed', MetricUnit.Count, 1);
  return { allowProvisioning: true };
}

async function register(
  serialNumber: string,
  certificateId: string,
  certificateExpiresAt: string | undefined,
  ports: Ports,
): Promise<void> {
  const conditions = ['attribute_exists(serialNumber)', '(attribute_not_exists(blocked) OR blocked = :false)'];
  if (ports.once) conditions.push('(attribute_not_exists(certificateId) OR certificateId = :certificateId)');
  const changes = ['certificateId = :certificateId', 'registeredAt = :now'];
  // A rotation that was going on is that of another certificate.
  const outdated = ['pendingCertificateId', 'pendingCertificateExpiresAt'];
  // An expiry that can't be read is no reason to turn a device away; it is counted as unknown, day by day.
  if (certificateExpiresAt) changes.push('certificateExpiresAt = :expiresAt');
  else outdated.push('certificateExpiresAt');
  const command = new UpdateCommand({
    TableName: ports.tableName,
    Key: { serialNumber },
    UpdateExpression: `SET ${changes.join(', ')} REMOVE ${outdated.join(', ')}`,
    ConditionExpression: conditions.join(' AND '),
    ExpressionAttributeValues: {
      ':certificateId': certificateId,
      ':now': new Date(ports.now()).toISOString(),
      ':false': false,
      ...(certificateExpiresAt && { ':expiresAt': certificateExpiresAt }),
    },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  // AWS IoT waits for five seconds.
  await ports.dynamodb.send(command, { abortSignal: AbortSignal.timeout(4000) });
}

function whyNot({ Item: item }: ConditionalCheckFailedException): string {
  if (!item) return 'the serial number is not on the allow list';
  if (item.blocked !== undefined && item.blocked.BOOL !== false) return 'the serial number is blocked';
  return 'the serial number is registered with another certificate';
}

function deny(reason: string, about: object = {}): Decision {
  logger.warn('Registration denied', { ...about, reason });
  metrics.addMetric('RegistrationDenied', MetricUnit.Count, 1);
  return { allowProvisioning: false };
}
