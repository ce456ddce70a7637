import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';

export interface HttpApiRequest {
  /** As API Gateway hands claims on: a list is a text in brackets. */
  readonly claims?: Record<string, string>;
  readonly body?: unknown;
  readonly query?: Record<string, string>;
}

/**
 * What an HTTP API with a JWT authorizer hands to its function.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function httpApiEvent(
  method: string,
  path: string,
  { claims = {}, body, query }: HttpApiRequest = {},
): APIGatewayProxyEventV2WithJWTAuthorizer {
  const domainName = 'abcdefghij.execute-api.eu-west-1.amazonaws.com';
  return {
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: new URLSearchParams(query).toString(),
    headers: { host: domainName, 'content-type': 'application/json', 'x-forwarded-proto': 'https' },
    queryStringParameters: query,
    requestContext: {
      accountId: '111122223333',
      apiId: 'abcdefghij',
      authorizer: {
        principalId: '',
        integrationLatency: 0,
        jwt: { claims: { sub: '6f2c1e4a-viewer', token_use: 'id', ...claims }, scopes: [] },
      },
      domainName,
      domainPrefix: 'abcdefghij',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'example' },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: `${method} ${path}`,
      stage: '$default',
      time: '24/Nov/2026:10:00:00 +0000',
      timeEpoch: 1_795_514_400_000,
    },
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    isBase64Encoded: false,
  };
}
