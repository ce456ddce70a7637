import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod';
import type { Acknowledgements } from '../common/acknowledgement';
import { logger, metrics } from '../common/observability';
import { Problem } from '../common/problem';
import { answerSigned, methodNotAllowed, type SignedRequest } from '../common/signed-request';
import { VersionedTable } from '../common/versioned-table';
import { decided, described, type Incident } from '../shot-detector/incident';
import type { ShotSettings } from '../shot-detector/settings';

export interface Ports {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly settings: ShotSettings;
  /** Where it is noted that somebody looks after it, so that nobody else is called. */
  readonly acknowledgements?: Pick<Acknowledgements, 'acknowledge'>;
  readonly now: () => number;
}

const incidentId = z.string().min(1).max(256);

/** What somebody decides who has looked at an incident. */
export const shotDecision = z
  .strictObject({
    incident: incidentId.describe('The id of the alert.'),
    decision: z.enum(['DISPATCH', 'DISMISS']),
  })
  .meta({
    title: 'Decision on a shot',
    description: 'The body of a POST to the URL of `ShotDetector`, signed with credentials of IAM.',
  });

const STATUS = { DISPATCH: 'APPROVED', DISMISS: 'DISMISSED' } as const;

/** Takes a decision, or says how an incident is. */
export async function handle(event: unknown, ports: Ports): Promise<APIGatewayProxyStructuredResultV2> {
  return answerSigned(event, (request) => respond(request, ports));
}

async function respond(request: SignedRequest, ports: Ports): Promise<object> {
  switch (request.method) {
    case 'POST':
      return take(request.body(shotDecision), request.principal, ports);
    case 'GET': {
      const { incident } = request.query(z.object({ incident: incidentId }));
      return told(await change(incident, (known) => known, ports), ports);
    }
    default:
      throw methodNotAllowed(request.method);
  }
}

async function take({ incident: id, decision }: z.infer<typeof shotDecision>, by: string, ports: Ports) {
  const { sqs, queueUrl: QueueUrl, now } = ports;
  const incident = await change(id, (known) => decided(known, STATUS[decision], by, now()), ports);
  const { status, decidedBy } = incident;
  if (status !== STATUS[decision]) {
    throw new Problem(409, 'Decided already', `It is ${status} by ${decidedBy}, which can't be taken back.`);
  }
  // For one that comes again, too: the first may have failed here.
  if (status === 'APPROVED' && incident.dispatchedAt === undefined) {
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify({ kind: 'INCIDENT', id }) }));
  }
  await ports.acknowledgements?.acknowledge({ detectionId: id, principal: by });
  metrics.addMetric('ShotDecision', MetricUnit.Count, 1);
  logger.info('Decision', { incident: id, decision, by });
  return told(incident, ports);
}

function told(incident: Incident, { settings }: Ports): object {
  const { decision, ...content } = described(incident, settings);
  return { ...content, status: incident.status, ...(incident.decidedBy && { decision }) };
}

/** @throws Problem 404 if there is no such incident */
async function change(id: string, next: (known: Incident) => Incident, { dynamodb, settings, now }: Ports) {
  const table = new VersionedTable<Incident>(dynamodb, settings.tableName);
  const isIncident = (known: Incident | undefined) => known?.shot !== undefined;
  const expiresAt = now() + settings.retentionDays * 86_400_000;
  const { after } = await table.change(
    { id },
    (known) => (known && isIncident(known) ? next(known) : known),
    expiresAt,
  );
  if (after && isIncident(after)) return after;
  throw new Problem(404, 'Not found', `There is no incident '${id}'.`);
}
