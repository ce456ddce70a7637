import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { TokenIssuer } from '../viewing/viewing-api';
import { checkPattern, checkRange, lit } from './validation';

export interface ViewingGatewayProps {
  readonly description: string;
  readonly handler: lambda.IFunction;
  readonly issuer: TokenIssuer;
  /** Whether there is live video. */
  readonly live: boolean;
  /** @default - none */
  readonly allowedOrigins?: string[];
  /** @default 50 */
  readonly rateLimit?: number;
  /** @default 100 */
  readonly burstLimit?: number;
  readonly removalPolicy: RemovalPolicy;
}

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
      corsPreflight: this.cors(props.allowedOrigins ?? []),
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

  private cors(origins: string[]): apigatewayv2.CorsPreflightOptions | undefined {
    for (const origin of origins) {
      const pattern = /^(https:\/\/[^*/]+|http:\/\/localhost(:\d+)?)$/;
      const rule = 'https://…, or http://localhost…, without * and without a path';
      checkPattern(this, lit`ViewingOrigin`, 'allowedOrigins', origin, pattern, rule);
    }
    if (origins.length === 0) return undefined;
    return {
      allowOrigins: origins,
      allowMethods: [apigatewayv2.CorsHttpMethod.GET, apigatewayv2.CorsHttpMethod.POST],
      allowHeaders: ['authorization', 'content-type'],
      maxAge: Duration.hours(1),
    };
  }

  private addRoutes(api: apigatewayv2.HttpApi, { handler, live }: ViewingGatewayProps): void {
    // One permission for all routes: the function asks of each what it is.
    const integration = new HttpLambdaIntegration('Handler', handler, { scopePermissionToRoute: false });
    const device = '/v1/devices/{device}';
    const routes: [path: string, method: apigatewayv2.HttpMethod][] = [
      ['/v1/devices', GET],
      ...(live ? ([[`${device}/live`, POST]] as [string, apigatewayv2.HttpMethod][]) : []),
      [`${device}/hls`, POST],
      [`${device}/dash`, POST],
      [`${device}/clip`, POST],
      [`${device}/images`, GET],
      [`${device}/fragments`, GET],
    ];
    for (const [path, method] of routes) api.addRoutes({ path, methods: [method], integration });
  }
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
