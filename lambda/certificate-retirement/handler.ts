import { MetricUnit } from '@aws-lambda-powertools/metrics';
import {
  DeleteCertificateCommand,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  UpdateCertificateCommand,
  type IoTClient,
} from '@aws-sdk/client-iot';
import { GetCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { unlessNotFound } from '../common/errors';
import { logger, metrics } from '../common/observability';
import { certificateId } from '../common/provisioning-hook';
import { UnusableMessage, parseMessage } from '../common/queue-worker';

export interface Ports {
  readonly iot: IoTClient;
  readonly dynamodb: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly thingNamePrefix: string;
  /** The policy of devices, which old certificates lose. */
  readonly policyName: string;
  /** What stands before the id in the ARN of a certificate. */
  readonly certificates: string;
  /** Whether old certificates are deleted. */
  readonly deletes: boolean;
  readonly now: () => number;
}

/** What the rule makes of a confirmation. The id is that of the certificate with which it was published. */
const confirmation = z.object({ thingName: z.string().min(1), certificateId });

interface Entry {
  readonly certificateId?: string;
  readonly pendingCertificateId?: string;
  readonly pendingCertificateExpiresAt?: string;
  readonly certificateIds?: Set<string>;
  readonly blocked?: unknown;
}

/**
 * Retires the certificates that a device has replaced, once it works with the new one.
 *
 * The new one becomes the present one first; from then on the same message, when it comes again, goes on with what is
 * left. Certificates stay in the entry until they are retired. The one that published is in use and is never among them.
 */
export async function handle(body: string, ports: Ports): Promise<void> {
  const { thingName, certificateId: inUse } = parseMessage(confirmation, body);
  const about = { thingName, certificateId: inUse };
  // Another fleet may have the same topics.
  if (!thingName.startsWith(ports.thingNamePrefix)) return ignore('the thing is not one of this fleet', about);
  const serialNumber = thingName.slice(ports.thingNamePrefix.length);
  const entry = await find(serialNumber, ports);
  // A certificate that was revoked is not to become merely inactive here.
  if (entry?.blocked !== undefined && entry.blocked !== false) {
    throw new UnusableMessage(`The device '${thingName}' is shut out. Redrive this after it was let in again.`);
  }
  if (entry?.pendingCertificateId === inUse) {
    await makePresent(serialNumber, inUse, entry, ports);
    logger.info('Certificate replaced', about);
    metrics.addMetric('CertificateReplaced', MetricUnit.Count, 1);
  } else if (entry?.certificateId !== inUse) {
    return ignore('the certificate is neither the present nor the next one', about);
  }

  for (const old of entry.certificateIds ?? []) {
    if (old === inUse || old === entry.pendingCertificateId) continue;
    await retire(thingName, old, ports);
    await forget(serialNumber, old, ports);
    logger.info('Certificate retired', { thingName, certificateId: old });
    metrics.addMetric('CertificateRetired', MetricUnit.Count, 1);
  }
}

function ignore(reason: string, about: object): void {
  logger.warn('Confirmation ignored', { ...about, reason });
  metrics.addMetric('ConfirmationIgnored', MetricUnit.Count, 1);
}

async function find(serialNumber: string, { dynamodb, tableName }: Ports): Promise<Entry | undefined> {
  const { Item } = await dynamodb.send(
    new GetCommand({ TableName: tableName, Key: { serialNumber }, ConsistentRead: true }),
  );
  return Item;
}

async function makePresent(serialNumber: string, id: string, entry: Entry, ports: Ports): Promise<void> {
  await ports.dynamodb.send(
    new UpdateCommand({
      TableName: ports.tableName,
      Key: { serialNumber },
      UpdateExpression:
        'SET certificateId = :id, certificateExpiresAt = :expiresAt, rotatedAt = :now ' +
        'REMOVE pendingCertificateId, pendingCertificateExpiresAt',
      // If not, somebody was faster, and the message is tried again on what the entry is by then.
      ConditionExpression: 'pendingCertificateId = :id',
      ExpressionAttributeValues: {
        ':id': id,
        ':expiresAt': entry.pendingCertificateExpiresAt,
        ':now': new Date(ports.now()).toISOString(),
      },
    }),
  );
}

/** Deactivates first: whatever fails after that, the certificate is of no use. Each step may be repeated. */
async function retire(thingName: string, id: string, ports: Ports): Promise<void> {
  const { iot, policyName } = ports;
  const arn = `${ports.certificates}${id}`;
  // One that was never activated is deleted by AWS IoT itself.
  if (!(await unlessNotFound(iot.send(new UpdateCertificateCommand({ certificateId: id, newStatus: 'INACTIVE' }))))) {
    return;
  }
  await unlessNotFound(iot.send(new DetachPolicyCommand({ policyName, target: arn })));
  await unlessNotFound(iot.send(new DetachThingPrincipalCommand({ thingName, principal: arn })));
  // By force, as it may have the policy of a quarantine too.
  if (ports.deletes) {
    await unlessNotFound(iot.send(new DeleteCertificateCommand({ certificateId: id, forceDelete: true })));
  }
}

async function forget(serialNumber: string, id: string, { dynamodb, tableName }: Ports): Promise<void> {
  await dynamodb.send(
    new UpdateCommand({
      TableName: tableName,
      Key: { serialNumber },
      UpdateExpression: 'DELETE certificateIds :ids',
      // An entry that was deleted meanwhile must not come back.
      ConditionExpression: 'attribute_exists(serialNumber)',
      ExpressionAttributeValues: { ':ids': new Set([id]) },
    }),
  );
}
