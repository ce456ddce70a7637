import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod';
import { Problem } from './problem';

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

/** A request to the URL of a function, which somebody has signed with credentials of IAM. */
export interface SignedRequest {
  readonly method: string;
  /** The ARN that signed it. */
  readonly principal: string;
  /** @throws Problem 400 */
  body<T>(schema: z.ZodType<T>): T;
  /** @throws Problem 400 */
  query<T>(schema: z.ZodType<T>): T;
}

/** Answers a request with what it is given, or with the problem that is thrown. */
export async function answerSigned(
  event: unknown,
  respond: (request: SignedRequest) => Promise<object>,
): Promise<APIGatewayProxyStructuredResultV2> {
  try {
    const { requestContext, queryStringParameters, ...content } = urlRequest.parse(event);
    const given = await respond({
      method: requestContext.http.method,
      principal: requestContext.authorizer.iam.userArn,
      body: (schema) => check(schema, parseBody(content)),
      query: (schema) => check(schema, queryStringParameters),
    });
    return answer(200, 'application/json', given);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return answer(error.status, 'application/problem+json', error, error.headers);
  }
}

/** For what is neither POST nor GET. */
export function methodNotAllowed(method: string): Problem {
  return new Problem(405, 'Method not allowed', `There is no ${method} here, but POST and GET.`, {
    allow: 'GET, POST',
  });
}

function parseBody({ body, isBase64Encoded }: Pick<z.infer<typeof urlRequest>, 'body' | 'isBase64Encoded'>): unknown {
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
