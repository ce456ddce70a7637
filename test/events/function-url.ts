import type { LambdaFunctionURLEventWithIAMAuthorizer } from 'aws-lambda';

/**
 * What Lambda hands to a function for a request to its URL that is signed.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 */
export function urlEvent(
  method: string,
  request: { body?: string; isBase64Encoded?: boolean; query?: Record<string, string>; userArn?: string } = {},
): LambdaFunctionURLEventWithIAMAuthorizer {
  const { body, isBase64Encoded = false, query } = request;
  const domainName = 'abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws';
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: '/',
    rawQueryString: new URLSearchParams(query).toString(),
    headers: { host: domainName, 'content-type': 'application/json', 'x-forwarded-proto': 'https' },
    queryStringParameters: query,
    requestContext: {
      accountId: '111122223333',
      apiId: 'abcdefghijklmnopqrstuvwxyz012345',
      authorizer: {
        iam: {
          accessKey: 'ASIAIOSFODNN7EXAMPLE',
          accountId: '111122223333',
          callerId: 'AROAIOSFODNN7EXAMPLE:pilot-1',
          cognitoIdentity: null,
          principalOrgId: 'o-exampleorgid',
          userArn: request.userArn ?? 'arn:aws:sts::111122223333:assumed-role/Pilots/pilot-1',
          userId: 'AROAIOSFODNN7EXAMPLE:pilot-1',
        },
      },
      domainName,
      domainPrefix: 'abcdefghijklmnopqrstuvwxyz012345',
      http: { method, path: '/', protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'example' },
      requestId: 'e1506fd5-9e7b-434f-bd42-4f8fa224b599',
      routeKey: '$default',
      stage: '$default',
      time: '24/Nov/2026:10:00:02 +0000',
      timeEpoch: 1_795_514_402_000,
    },
    body,
    isBase64Encoded,
  };
}
