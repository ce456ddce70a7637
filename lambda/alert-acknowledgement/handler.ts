import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod';
import { acknowledgeableId } from '../common/acknowledgement';
import { logger, metrics } from '../common/observability';

export interface Ports {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly retentionDays: number;
  readonly now: () => number;
}

/** As much of it as is read. https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads */
const urlRequest = z.object({
  body: z.string().default(''),
  isBase64Encoded: z.boolean().default(false),
  queryStringParameters: z.record(z.string(), z.string()).default({}),
  requestContext: z.object({
    http: z.object({ method: z.string() }),
    authorizer: z.object({ iam: z.object({ userArn: z.string().min(1) }) }),
  }),
});

type UrlRequest = z.infer<typeof urlRequest>;

const order = z.strictObject({
  detectionId: acknowledgeableId,
  acknowledgedBy: z.string().min(1).max(256).optional(),
  note: z.string().max(1000).optional(),
});

const question = z.object({ detectionId: acknowledgeableId });

const acknowledgement = z.object({
  detectionId: z.string(),
  acknowledgedAt: z.string(),
  principal: z.string(),
  acknowledgedBy: z.string().optional(),
  note: z.string().optional(),
});

/** What the table has and the answer says: who signed the request, and on whose behalf, if they say so. */
type Acknowledgement = z.infer<typeof acknowledgement>;

/** The request is wrong, and would be when it is made again. */
class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    detail: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(detail);
  }
}

/** Takes an acknowledgement, or looks one up. */
export async function handle(event: unknown, ports: Ports): Promise<APIGatewayProxyStructuredResultV2> {
  try {
    return answer(200, 'application/json', await respond(urlRequest.parse(event), ports));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { status, title, message: detail, headers } = error;
    // RFC 9457
    return answer(status, 'application/problem+json', { type: 'about:blank', title, status, detail }, headers);
  }
}

function respond(request: UrlRequest, ports: Ports): Promise<Acknowledgement> {
  const { http, authorizer } = request.requestContext;
  switch (http.method) {
    case 'POST':
      return acknowledge(check(order, parseBody(request)), authorizer.iam.userArn, ports);
    case 'GET':
      return lookUp(check(question, request.queryStringParameters), ports);
    default:
      throw new Problem(405, 'Method not allowed', `There is no ${http.method} here, but POST and GET.`, {
        allow: 'GET, POST',
      });
  }
}

function parseBody({ body, isBase64Encoded }: UrlRequest): unknown {
  const text = isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Problem(400, 'Not JSON', (error as Error).message);
  }
}

function check<T>(schema: z.ZodType<T>, content: unknown): T {
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  throw new Problem(400, 'Malformed request', z.prettifyError(result.error));
}

/** The first acknowledgement stays; the answer is always that one. */
async function acknowledge(
  { detectionId, acknowledgedBy, note }: z.infer<typeof order>,
  principal: string,
  ports: Ports,
): Promise<Acknowledgement> {
  const now = ports.now();
  const given = { acknowledgedAt: new Date(now).toISOString(), principal, acknowledgedBy, note };
  const values = Object.entries({ ...given, expiresAt: Math.floor(now / 1000) + ports.retentionDays * 86_400 }).filter(
    ([, value]) => value !== undefined,
  );
  try {
    await ports.dynamodb.send(
      new UpdateCommand({
        TableName: ports.tableName,
        Key: { detectionId },
        UpdateExpression: `SET ${values.map(([name]) => `${name} = :${name}`).join(', ')}`,
        ConditionExpression: 'attribute_not_exists(detectionId)',
        ExpressionAttributeValues: Object.fromEntries(values.map(([name, value]) => [`:${name}`, value])),
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    logger.info('The alert is acknowledged already', { detectionId, principal });
    return lookUp({ detectionId }, ports);
  }
  metrics.addMetric('AlertAcknowledged', MetricUnit.Count, 1);
  logger.info('Alert acknowledged', { detectionId, principal, acknowledgedBy });
  return { detectionId, ...given };
}

async function lookUp({ detectionId }: z.infer<typeof question>, ports: Ports): Promise<Acknowledgement> {
  const { Item } = await ports.dynamodb.send(
    new GetCommand({ TableName: ports.tableName, Key: { detectionId }, ConsistentRead: true }),
  );
  if (Item) return acknowledgement.parse(Item);
  throw new Problem(404, 'Not acknowledged', `Nobody has acknowledged '${detectionId}'.`);
}

function answer(
  statusCode: number,
  contentType: string,
  body: object,
  headers: Record<string, string> = {},
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode,
    headers: { 'content-type': contentType, 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}
