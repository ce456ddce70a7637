import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { paginateScan, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { logger, metrics } from '../common/observability';

const DAY = 86_400_000;

export interface Ports {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly warningHours: number;
  readonly now: () => number;
}

/** What was found, of devices that have registered and may connect. */
export interface Findings {
  readonly certificates: number;
  /** Until the first certificate expires; nothing if that is known of none. */
  readonly daysLeft?: number;
  readonly expiring: number;
  readonly withoutExpiry: number;
  readonly rotationsPending: number;
}

/** Looks at all entries of the list, of which it holds a page at a time. */
export async function handle(ports: Ports): Promise<Findings> {
  const now = ports.now();
  let [certificates, expiring, withoutExpiry, rotationsPending] = [0, 0, 0, 0];
  let firstExpiry = Infinity;
  for await (const { Items = [] } of pages(ports)) {
    for (const { certificateExpiresAt, pendingCertificateId, rotationStartedAt } of Items) {
      certificates++;
      const expiry = Date.parse(certificateExpiresAt);
      if (Number.isNaN(expiry)) withoutExpiry++;
      else firstExpiry = Math.min(firstExpiry, expiry);
      if (expiry < now + ports.warningHours * 3_600_000) expiring++;
      if (pendingCertificateId && Date.parse(rotationStartedAt) < now - DAY) rotationsPending++;
    }
  }
  const daysLeft = firstExpiry === Infinity ? undefined : Math.floor((firstExpiry - now) / DAY);
  const findings = { certificates, daysLeft, expiring, withoutExpiry, rotationsPending };
  logger.info('Certificates looked at', { findings });
  if (daysLeft !== undefined) metrics.addMetric('CertificateDaysLeft', MetricUnit.NoUnit, daysLeft);
  metrics.addMetric('CertificatesExpiring', MetricUnit.Count, expiring);
  metrics.addMetric('CertificatesWithoutExpiry', MetricUnit.Count, withoutExpiry);
  metrics.addMetric('CertificateRotationsPending', MetricUnit.Count, rotationsPending);
  return findings;
}

function pages({ dynamodb, tableName }: Ports) {
  return paginateScan(
    { client: dynamodb },
    {
      TableName: tableName,
      ProjectionExpression: 'certificateExpiresAt, pendingCertificateId, rotationStartedAt',
      // A device that is shut out can't replace its certificate, and need not.
      FilterExpression: 'attribute_exists(certificateId) AND (attribute_not_exists(blocked) OR blocked = :false)',
      ExpressionAttributeValues: { ':false': false },
    },
  );
}
