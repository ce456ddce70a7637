import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { logger, metrics } from '../common/observability';
import { certificateId, expiryOf, hookRequest, type Decision } from '../common/provisioning-hook';

export interface Ports {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly templateName: string;
  readonly thingNamePrefix: string;
  readonly minimumIntervalHours: number;
  readonly now: () => number;
}

/** Here the claim certificate is the present certificate of the device. */
const request = hookRequest.extend({ claimCertificateId: certificateId });

interface Rotation {
  readonly serialNumber: string;
  readonly current: string;
  readonly next: string;
  readonly nextExpiresAt: string;
}

/**
 * Decides whether a device gets a new certificate, and denies on any doubt: it must hold the present certificate of that
 * very serial number.
 *
 * A certificate that was let in is let in again: registration is tried again when something after this fails.
 */
export async function handle(event: unknown, ports: Ports): Promise<Decision> {
  const result = request.safeParse(event);
  if (!result.success) return deny(z.prettifyError(result.error));

  const { claimCertificateId, clientId, templateArn, parameters } = result.data;
  const { SerialNumber: serialNumber } = parameters;
  const about = { serialNumber, clientId, claimCertificateId, certificateId: result.data.certificateId };
  if (!templateArn.endsWith(`:provisioningtemplate/${ports.templateName}`)) {
    return deny('the template is another one', { ...about, templateArn });
  }
  // The policy admits a client id that is the name of a thing to which the certificate is attached, and no other.
  if (clientId !== `${ports.thingNamePrefix}${serialNumber}`) return deny('it is the serial number of another', about);
  const nextExpiresAt = expiryOf(result.data.certificatePem);
  // Unlike a device that comes for the first time, this one has a certificate with which it can try again.
  if (nextExpiresAt === undefined) return deny('the new certificate can not be read', about);

  try {
    await begin({ serialNumber, current: claimCertificateId, next: about.certificateId, nextExpiresAt }, ports);
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return deny(whyNot(error, claimCertificateId), about);
    logger.error('The allow list did not answer', { ...about, error: error as Error });
    return deny('the allow list did not answer', about);
  }
  logger.info('Rotation allowed', { ...about, certificateExpiresAt: nextExpiresAt });
  metrics.addMetric('RotationAllowed', MetricUnit.Count, 1);
  return { allowProvisioning: true };
}

/** `certificateIds` has all that are to be retired but the present one: none is forgotten when it is superseded. */
async function begin({ serialNumber, current, next, nextExpiresAt }: Rotation, ports: Ports): Promise<void> {
  const now = ports.now();
  const command = new UpdateCommand({
    TableName: ports.tableName,
    Key: { serialNumber },
    UpdateExpression:
      'SET pendingCertificateId = :next, pendingCertificateExpiresAt = :expiresAt, rotationStartedAt = :now ' +
      'ADD certificateIds :both',
    ConditionExpression: [
      'certificateId = :current',
      '(attribute_not_exists(blocked) OR blocked = :false)',
      '(attribute_not_exists(rotationStartedAt) OR rotationStartedAt <= :before OR pendingCertificateId = :next)',
    ].join(' AND '),
    ExpressionAttributeValues: {
      ':current': current,
      ':next': next,
      ':both': new Set([current, next]),
      ':expiresAt': nextExpiresAt,
      ':now': new Date(now).toISOString(),
      ':before': new Date(now - ports.minimumIntervalHours * 3_600_000).toISOString(),
      ':false': false,
    },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  // AWS IoT waits for five seconds.
  await ports.dynamodb.send(command, { abortSignal: AbortSignal.timeout(4000) });
}

function whyNot({ Item: item }: ConditionalCheckFailedException, current: string): string {
  if (!item) return 'the serial number is not on the allow list';
  if (item.blocked !== undefined && item.blocked.BOOL !== false) return 'the serial number is blocked';
  if (item.certificateId?.S !== current) return 'the serial number is registered with another certificate';
  return 'the last rotation was a short while ago';
}

function deny(reason: string, about: object = {}): Decision {
  logger.warn('Rotation denied', { ...about, reason });
  metrics.addMetric('RotationDenied', MetricUnit.Count, 1);
  return { allowProvisioning: false };
}
