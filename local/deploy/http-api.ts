import type { DeployedResource } from './stack';

/** A route of an HTTP API. */
export interface Route {
  readonly method: string;
  /** As in `/v1/devices/{device}`. */
  readonly path: string;
  readonly functionArn: string;
  /** Whose tokens are let in. @default - nobody has to sign in */
  readonly authorizer?: { readonly issuer: string; readonly audience: readonly string[] };
  readonly payloadVersion: string;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGatewayV2.html */
export function routesOf(resources: readonly DeployedResource[]): Route[] {
  const byRef = (type: string, ref: unknown) => {
    const found = resources.find((resource) => resource.type === type && resource.ref === ref);
    if (!found) throw new Error(`There is no ${type} ${String(ref)}.`);
    return found.properties;
  };
  return resources
    .filter(({ type }) => type === 'AWS::ApiGatewayV2::Route')
    .map(({ properties: { RouteKey, Target, AuthorizerId } }) => {
      const [method, path] = (RouteKey as string).split(' ');
      const integration = byRef('AWS::ApiGatewayV2::Integration', (Target as string).split('/')[1]);
      const authorizer = AuthorizerId === undefined ? undefined : byRef('AWS::ApiGatewayV2::Authorizer', AuthorizerId);
      const jwt = authorizer?.JwtConfiguration as { Issuer: string; Audience: string[] } | undefined;
      return {
        method,
        path,
        functionArn: integration.IntegrationUri as string,
        payloadVersion: integration.PayloadFormatVersion as string,
        ...(jwt && { authorizer: { issuer: jwt.Issuer, audience: jwt.Audience } }),
      };
    });
}
