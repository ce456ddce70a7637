import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod';
import {
  Acknowledgements,
  acknowledgeableId,
  acknowledgementNote,
  type Acknowledgement,
  type AcknowledgementPorts,
} from '../common/acknowledgement';
import { Problem } from '../common/problem';

export type Ports = AcknowledgementPorts;

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
  note: acknowledgementNote.optional(),
});

const question = z.object({ detectionId: acknowledgeableId });

/** Takes an acknowledgement, or looks one up. */
export async function handle(event: unknown, ports: Ports): Promise<APIGatewayProxyStructuredResultV2> {
  try {
    const acknowledgement = await respond(urlRequest.parse(event), new Acknowledgements(ports));
    return answer(200, 'application/json', acknowledgement);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return answer(error.status, 'application/problem+json', error, error.headers);
  }
}

async function respond(request: UrlRequest, acknowledgements: Acknowledgements): Promise<Acknowledgement> {
  const { http, authorizer } = request.requestContext;
  switch (http.method) {
    case 'POST': {
      const given = check(order, parseBody(request));
      return acknowledgements.acknowledge({ ...given, principal: authorizer.iam.userArn });
    }
    case 'GET': {
      const { detectionId } = check(question, request.queryStringParameters);
      const found = await acknowledgements.find(detectionId);
      if (found) return found;
      throw new Problem(404, 'Not acknowledged', `Nobody has acknowledged '${detectionId}'.`);
    }
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
