import { NotFoundError, RequestValidationError, type Router } from '@aws-lambda-powertools/event-handler/http';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { logger } from './observability';
import { Problem, problemOf } from './problem';

export type Api = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

/** What names are made of, so that no path is read in two ways: nothing that would be decoded or resolved. */
const PATH = /^\/v1(\/[a-zA-Z0-9_-]+){1,4}$/;

/**
 * Answers with what a router's routes say, and with problems in one form.
 * @param unknown is told of what isn't there
 */
export function httpApi(router: Router, unknown: () => Problem): Api {
  router.errorHandler(RequestValidationError, async (error) => malformed(error).toResponse());
  router.errorHandler(NotFoundError, async () => unknown().toResponse());
  router.errorHandler(Error, async (error) => {
    const problem = problemOf(error) ?? new Problem(500, 'Failed', 'The request failed. It is not your fault.');
    // Problems that are raised here are known; of those that come from AWS the log has the cause.
    if (!(error instanceof Problem)) logger[problem.status >= 500 ? 'error' : 'warn']('Request failed', { error });
    return problem.toResponse();
  });

  return async (event, context) => {
    const { method } = event.requestContext.http;
    const path = PATH.test(event.rawPath) ? event.rawPath : '/v1/none';
    // The router takes no body with GET, which a client may send all the same.
    const body = method === 'GET' ? undefined : event.body;
    return router.resolve({ ...event, rawPath: path, body }, context);
  };
}

export function answer(content: object): Response {
  return new Response(JSON.stringify(content), {
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  });
}

function malformed(error: RequestValidationError): Problem {
  const issues = (error.details?.issues ?? []) as { message: string; path?: (string | number)[] }[];
  const detail = issues.map(({ message, path = [] }) => `${path.join('.')}: ${message}`).join('; ');
  return new Problem(400, 'Malformed request', detail || 'The body is not JSON.');
}
