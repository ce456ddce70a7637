import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { TokenIssuer } from '../viewing/viewing-options';
import { checkPattern, checkRange, lit } from './validation';

/** What an API has for some fleets only. */
export interface ViewingParts {
  /** Live video. */
  readonly live: boolean;
  /** Control of devices. */
  readonly control: boolean;
  readonly alerts: boolean;
  readonly acknowledgements: boolean;
}

export interface ViewingGatewayProps {
  readonly description: string;
  readonly handler: lambda.IFunction;
  readonly issuer: TokenIssuer;
  readonly routes: Route[];
  /** @default - none */
  readonly allowedOrigins?: string[];
  /** @default 50 */
  readonly rateLimit?: number;
  /** @default 100 */
  readonly burstLimit?: number;
  readonly removalPolicy: RemovalPolicy;
}

/** A path, and the methods that there are of it. */
export type Route = [path: string, ...methods: apigatewayv2.HttpMethod[]];

const { GET, POST } = apigatewayv2.HttpMethod;

/** An HTTP API that lets nobody in without a token, and knows no route but those of the handler. */
export class ViewingGateway extends Construct {
  public readonly api: apigatewayv2.IHttpApi;
  public readonly accessLogGroup: logs.ILogGroup;

  constructor(scope: Construct, id: string, props: ViewingGatewayProps) {
    super(scope, id);
    const { rateLimit = 50, burstLimit = 100 } = props;
    const { issuerUrl, audience } = props.issuer;
    checkRange(this, lit`ViewingThrottle`, 'rateLimit', rateLimit, { min: 1, max: 10_000, unit: 'requests a second' });
    checkRange(this, lit`ViewingThrottle`, 'burstLimit', burstLimit, { min: 1, max: 5000, unit: 'requests' });

    const api = new apigatewayv2.HttpApi(this, 'Api', {
      description: props.description,
      createDefaultStage: false,
      defaultAuthorizer: new HttpJwtAuthorizer('Viewers', issuerUrl, { jwtAudience: audience }),
      corsPreflight: this.cors(props.allowedOrigins ?? [], props.routes),
    });
    this.addRoutes(api, props);
    this.api = api;
    this.accessLogGroup = new logs.LogGroup(this, 'AccessLogs', {
      retention: logs.RetentionDays.ONE_YEAR,
      removalPolicy: props.removalPolicy,
    });
    new apigatewayv2.HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit, burstLimit },
      accessLogSettings: {
        destination: new apigatewayv2.LogGroupLogDestination(this.accessLogGroup),
        format: accessLogFormat(),
      },
    });
  }

  private cors(origins: string[], routes: Route[]): apigatewayv2.CorsPreflightOptions | undefined {
    for (const origin of origins) {
      const pattern = /^(https:\/\/[^*/]+|http:\/\/localhost(:\d+)?)$/;
      const rule = 'https://…, or http://localhost…, without * and without a path';
      checkPattern(this, lit`ViewingOrigin`, 'allowedOrigins', origin, pattern, rule);
    }
    if (origins.length === 0) return undefined;
    return {
      allowOrigins: origins,
      allowMethods: [...new Set(routes.flatMap(([, ...methods]) => methods))].map(
        (method) => apigatewayv2.CorsHttpMethod[method],
      ),
      allowHeaders: ['authorization', 'content-type'],
      maxAge: Duration.hours(1),
    };
  }

  private addRoutes(api: apigatewayv2.HttpApi, { handler, routes }: ViewingGatewayProps): void {
    // One permission for all routes: the function asks of each what it is.
    const integration = new HttpLambdaIntegration('Handler', handler, { scopePermissionToRoute: false });
    for (const [path, ...methods] of routes) api.addRoutes({ path, methods, integration });
  }
}

/** Those by which devices are watched. */
export function viewingRoutes({ live, control, alerts, acknowledgements }: ViewingParts): Route[] {
  const of = (isThere: boolean, ...routes: Route[]) => (isThere ? routes : []);
  const routes: Route[] = [
    ['', GET],
    ['/{device}', GET],
    ...of(live, ['/{device}/live', POST]),
    ['/{device}/hls', POST],
    ['/{device}/dash', POST],
    ['/{device}/clip', POST],
    ['/{device}/images', GET],
    ['/{device}/fragments', GET],
    ...of(control, ['/{device}/control', GET, POST], ['/{device}/commands', POST], ['/{device}/commands/{id}', GET]),
    ...of(alerts, ['/{device}/alerts', GET]),
    ...of(acknowledgements, ['/{device}/acknowledgements', POST]),
  ];
  return routes.map(([path, ...methods]) => [`/v1/devices${path}`, ...methods]);
}

/** Without headers and without the path as it was sent: neither tokens nor whatever somebody tried. */
function accessLogFormat(): apigateway.AccessLogFormat {
  const field = apigateway.AccessLogField;
  return apigateway.AccessLogFormat.custom(
    JSON.stringify({
      requestId: field.contextRequestId(),
      time: field.contextRequestTime(),
      ip: field.contextIdentitySourceIp(),
      sub: field.contextAuthorizerClaims('sub'),
      route: '$context.routeKey',
      status: field.contextStatus(),
      latency: field.contextResponseLatency(),
      error: '$context.authorizer.error',
      integrationError: field.contextIntegrationErrorMessage(),
    }),
  );
}
