import { Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { viewingApiDocument } from '../../lambda/viewing-api/openapi';
import {
  AlarmTopic,
  AlertAcknowledgements,
  AlertFeed,
  AlertTopic,
  DeviceIdentity,
  Takeover,
  ViewingApi,
  type ViewingApiProps,
} from '../../lib';
import { codedError, environments } from '../support/fleet';
import { Match, Template, testStack } from '../support/template';

// Who may do what is the subject of test/policies.

const ISSUER = { issuerUrl: 'https://login.example.com', audience: ['viewing'] };
const SIGN_IN = { callbackUrls: ['https://console.example.com/signed-in'] };
const ROUTE = 'AWS::ApiGatewayV2::Route';
const STAGE = 'AWS::ApiGatewayV2::Stage';
const AUTHORIZER = 'AWS::ApiGatewayV2::Authorizer';
const BUCKET = 'AWS::S3::Bucket';

function viewingIn(stack: Stack, props: Partial<ViewingApiProps> = {}, signaling = true): ViewingApi {
  const identity = new DeviceIdentity(stack, 'Identity', { signaling, cameras: ['front', 'rear'] });
  return new ViewingApi(stack, 'Viewing', { fleetName: 'delivery', identity, issuer: ISSUER, ...props });
}

/** With all that an API may have. */
function wholeIn(stack: Stack, props: Partial<ViewingApiProps> = {}) {
  const identity = new DeviceIdentity(stack, 'Identity');
  const takeover = new Takeover(stack, 'Takeover', { fleetName: 'delivery', identity });
  const alerts = new AlertFeed(stack, 'Feed', { alerts: new AlertTopic(stack, 'Alerts'), identity });
  const acknowledgements = new AlertAcknowledgements(stack, 'Acknowledgements', { retention: Duration.days(30) });
  const parts = { takeover, alerts, acknowledgements };
  new ViewingApi(stack, 'Viewing', { fleetName: 'delivery', identity, issuer: ISSUER, ...parts, ...props });
  return parts;
}

const keysOf = (stack: Stack) =>
  routesOf(stack)
    .map(({ RouteKey }) => RouteKey)
    .sort();

const routesOf = (stack: Stack) =>
  Object.values(Template.fromStack(stack).findResources(ROUTE)).map(({ Properties }) => Properties);

test('each route needs a token', () => {
  const stack = testStack();
  wholeIn(stack);
  const [authorizerId] = Object.keys(Template.fromStack(stack).findResources(AUTHORIZER));
  const routes = routesOf(stack);
  expect(routes).toHaveLength(14);
  for (const { AuthorizationType, AuthorizerId } of routes) {
    expect({ AuthorizationType, AuthorizerId }).toEqual({
      AuthorizationType: 'JWT',
      AuthorizerId: { Ref: authorizerId },
    });
  }
});

test('there are no routes for what there is not', () => {
  const stack = testStack();
  viewingIn(stack);
  expect(keysOf(stack)).toEqual([
    'GET /v1/devices',
    'GET /v1/devices/{device}',
    'GET /v1/devices/{device}/fragments',
    'GET /v1/devices/{device}/images',
    'POST /v1/devices/{device}/clip',
    'POST /v1/devices/{device}/dash',
    'POST /v1/devices/{device}/hls',
    'POST /v1/devices/{device}/live',
  ]);
  for (const name of ['TAKEOVER_FUNCTION', 'ALERT_TABLE', 'ACKNOWLEDGEMENTS']) {
    expect(environments(stack)['viewing-api']).not.toHaveProperty(name);
  }
});

test.each<[string, Partial<ViewingApiProps>, string[]]>([
  [
    'control',
    { alerts: undefined, acknowledgements: undefined },
    [
      'GET /v1/devices/{device}/commands/{id}',
      'GET /v1/devices/{device}/control',
      'POST /v1/devices/{device}/commands',
      'POST /v1/devices/{device}/control',
    ],
  ],
  ['alerts', { takeover: undefined, acknowledgements: undefined }, ['GET /v1/devices/{device}/alerts']],
  [
    'alerts that are acknowledged',
    { takeover: undefined },
    ['GET /v1/devices/{device}/alerts', 'POST /v1/devices/{device}/acknowledgements'],
  ],
])('there are routes for %s', (_what, props, keys) => {
  const [stack, plain] = [testStack(), testStack()];
  wholeIn(stack, props);
  viewingIn(plain);
  const without = keysOf(plain);
  expect(keysOf(stack).filter((key) => !without.includes(key))).toEqual(keys);
});

test('routes are those that the OpenAPI document has', () => {
  const stack = testStack();
  wholeIn(stack);
  const documented = Object.entries(viewingApiDocument().paths ?? {}).flatMap(([path, item]) =>
    Object.keys(item ?? {}).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(documented.sort()).toEqual(keysOf(stack));
});

test('there is nothing live without signaling', () => {
  const stack = testStack();
  const { viewerRole } = viewingIn(stack, {}, false);
  expect(viewerRole).toBeUndefined();
  expect(routesOf(stack).map(({ RouteKey }) => RouteKey)).not.toContain('POST /v1/devices/{device}/live');
  expect(environments(stack)['viewing-api']).not.toHaveProperty('VIEWER_ROLE');
});

test('tokens are those of the issuer', () => {
  const stack = testStack();
  const { viewers } = viewingIn(stack);
  expect(viewers).toBeUndefined();
  const template = Template.fromStack(stack);
  template.hasResourceProperties(AUTHORIZER, {
    AuthorizerType: 'JWT',
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: { Issuer: 'https://login.example.com', Audience: ['viewing'] },
  });
  template.resourceCountIs('AWS::Cognito::UserPool', 0);
});

test('or of the user pool that is made, for its client', () => {
  const stack = testStack();
  const { viewers } = viewingIn(stack, { issuer: undefined, signIn: SIGN_IN });
  Template.fromStack(stack).hasResourceProperties(AUTHORIZER, {
    JwtConfiguration: {
      Issuer: stack.resolve(viewers!.issuerUrl),
      Audience: [stack.resolve(viewers!.client.userPoolClientId)],
    },
  });
  Template.fromStack(stack).hasResource('AWS::Cognito::UserPool', {
    DeletionPolicy: 'Retain',
    Properties: { DeletionProtection: 'ACTIVE' },
  });
});

describe('the handler', () => {
  test('has what it needs to know', () => {
    const stack = testStack();
    const { clipBucket, viewerRole, handler } = viewingIn(stack);
    const variables = environments(stack)['viewing-api'];
    expect(variables).toMatchObject({
      CAMERAS: '["front","rear"]',
      SESSION_SECONDS: '900',
      CLAIMS: '{"roles":"cognito:groups","groups":"custom:device_groups"}',
      THING_TYPE: expect.any(String),
    });
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      // An HTTP API waits for 30 seconds at most.
      Timeout: 29,
      Environment: {
        Variables: Match.objectLike({
          CLIP_BUCKET: stack.resolve(clipBucket.bucketName),
          VIEWER_ROLE: stack.resolve(viewerRole!.roleArn),
          AUTHORIZER: Match.absent(),
        }),
      },
    });
    expect(handler).toBeInstanceOf(lambda.Function);
  });

  test('knows what controls devices, and where alerts are', () => {
    const stack = testStack();
    const { takeover, alerts, acknowledgements } = wholeIn(stack);
    const { tableName } = acknowledgements.table;
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({
          TAKEOVER_FUNCTION: stack.resolve(takeover.handler.functionArn),
          ALERT_TABLE: stack.resolve(alerts.table.tableName),
          ACKNOWLEDGEMENTS: stack.resolve(stack.toJsonString({ tableName, retentionDays: 30 })),
        }),
      },
    });
  });

  test('is told what is configured', () => {
    const stack = testStack();
    const authorizer = lambda.Function.fromFunctionArn(
      stack,
      'Authorizer',
      'arn:aws:lambda:eu-west-1:111122223333:function:decide',
    );
    viewingIn(stack, {
      authorizer,
      rolesClaim: 'roles',
      deviceGroupsClaim: 'sites',
      sessionLength: Duration.minutes(30),
    });
    expect(environments(stack)['viewing-api']).toMatchObject({
      AUTHORIZER: 'arn:aws:lambda:eu-west-1:111122223333:function:decide',
      CLAIMS: '{"roles":"roles","groups":"sites"}',
      SESSION_SECONDS: '1800',
    });
  });
});

describe('the stage', () => {
  test('is throttled and logged, without tokens and paths', () => {
    const stack = testStack();
    const { accessLogGroup } = viewingIn(stack);
    const template = Template.fromStack(stack);
    template.hasResourceProperties(STAGE, {
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
      AccessLogSettings: { DestinationArn: stack.resolve(accessLogGroup.logGroupArn) },
    });
    const [{ Properties }] = Object.values(template.findResources(STAGE));
    const format = JSON.parse(Properties.AccessLogSettings.Format);
    expect(format).toMatchObject({
      requestId: '$context.requestId',
      sub: '$context.authorizer.claims.sub',
      route: '$context.routeKey',
    });
    expect(JSON.stringify(format)).not.toMatch(/header|context\.path|queryString/i);
    const {
      'Fn::GetAtt': [accessLogs],
    } = stack.resolve(accessLogGroup.logGroupArn);
    // Those of the function, which say who was let do what, are kept as long.
    const kept = template.findResources('AWS::Logs::LogGroup', {
      DeletionPolicy: 'Retain',
      Properties: { RetentionInDays: 365 },
    });
    expect(Object.keys(kept)).toHaveLength(2);
    expect(Object.keys(kept)).toContain(accessLogs);
  });

  test('is throttled as configured', () => {
    const stack = testStack();
    viewingIn(stack, { rateLimit: 1, burstLimit: 5000 });
    Template.fromStack(stack).hasResourceProperties(STAGE, {
      DefaultRouteSettings: { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 5000 },
    });
  });

  test('lets browsers of no origin call, or of those that are named', () => {
    const closed = testStack();
    viewingIn(closed);
    Template.fromStack(closed).hasResourceProperties('AWS::ApiGatewayV2::Api', { CorsConfiguration: Match.absent() });

    const open = testStack();
    viewingIn(open, { allowedOrigins: ['https://console.example.com', 'http://localhost:5173'] });
    Template.fromStack(open).hasResourceProperties('AWS::ApiGatewayV2::Api', {
      CorsConfiguration: {
        AllowOrigins: ['https://console.example.com', 'http://localhost:5173'],
        AllowMethods: ['GET', 'POST'],
        AllowHeaders: ['authorization', 'content-type'],
        AllowCredentials: Match.absent(),
      },
    });
  });
});

test('the alarm goes off when several requests fail', () => {
  const stack = testStack();
  const alarms = new AlarmTopic(stack, 'Alarms');
  const { api, serverErrorAlarm } = viewingIn(stack, { alarmActions: [alarms.action] });
  expect(stack.resolve(serverErrorAlarm.alarmArn)).toEqual({ 'Fn::GetAtt': [expect.any(String), 'Arn'] });
  Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
    Namespace: 'AWS/ApiGateway',
    MetricName: '5xx',
    Dimensions: [{ Name: 'ApiId', Value: stack.resolve(api.apiId) }],
    Statistic: 'Sum',
    Period: 300,
    Threshold: 5,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'notBreaching',
    AlarmActions: [stack.resolve(alarms.topic.topicArn)],
  });
});

describe('clips', () => {
  test('are kept for a day, and open to nobody', () => {
    const stack = testStack();
    viewingIn(stack);
    Template.fromStack(stack).hasResource(BUCKET, {
      DeletionPolicy: 'Retain',
      Properties: {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        LifecycleConfiguration: {
          Rules: [
            { Status: 'Enabled', ExpirationInDays: 1, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
          ],
        },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
      },
    });
  });

  test('are encrypted with the key', () => {
    const stack = testStack();
    const encryptionKey = new kms.Key(stack, 'Key');
    viewingIn(stack, { encryptionKey });
    Template.fromStack(stack).hasResourceProperties(BUCKET, {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: {
              SSEAlgorithm: 'aws:kms',
              KMSMasterKeyID: stack.resolve(encryptionKey.keyArn),
            },
          },
        ],
      },
    });
  });

  test('go to a bucket that is given', () => {
    const stack = testStack();
    const clipBucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'clip-bucket');
    expect(viewingIn(stack, { clipBucket }).clipBucket).toBe(clipBucket);
    Template.fromStack(stack).resourceCountIs(BUCKET, 0);
    expect(environments(stack)['viewing-api'].CLIP_BUCKET).toBe('clip-bucket');
  });
});

test('all goes with the stack, if so wished', () => {
  const stack = testStack();
  viewingIn(stack, { issuer: undefined, signIn: SIGN_IN, removalPolicy: RemovalPolicy.DESTROY });
  const template = Template.fromStack(stack);
  for (const type of [BUCKET, 'AWS::Cognito::UserPool', 'AWS::Logs::LogGroup']) {
    template.allResources(type, { DeletionPolicy: 'Delete' });
  }
});

test('metrics are those of the handler', () => {
  const { metricName, namespace, dimensions } = viewingIn(testStack()).metric('AccessDenied');
  expect({ metricName, namespace, dimensions }).toEqual({
    metricName: 'AccessDenied',
    namespace: 'KinesisVideoFleet',
    dimensions: { service: 'viewing-api' },
  });
});

test.each<[string, Partial<ViewingApiProps>, RegExp, string?]>([
  ['ViewingSession', { sessionLength: Duration.seconds(299) }, /between 300 and 1800 seconds/],
  ['ViewingSession', { sessionLength: Duration.minutes(31) }, /`sessionLength` is 1860 seconds/],
  ['ViewingIssuer', { issuer: undefined }, /Either `signIn` or `issuer`/],
  ['ViewingIssuer', { signIn: SIGN_IN }, /and not both/],
  ['ViewingIssuer', { issuer: { ...ISSUER, audience: [] } }, /`audience` is empty/],
  ['ViewingIssuer', { issuer: { ...ISSUER, issuerUrl: 'http://login.example.com' } }, /`issuerUrl` is 'http/],
  ['ViewingClaim', { rolesClaim: 'my roles' }, /`rolesClaim` is 'my roles'/],
  ['ViewingClaim', { deviceGroupsClaim: '' }, /`deviceGroupsClaim` is ''/],
  ['FleetName', { fleetName: 'my fleet' }, /`fleetName` is 'my fleet'/],
  ['ViewingThrottle', { rateLimit: 0 }, /`rateLimit` is 0/, 'Test/Viewing/Gateway'],
  ['ViewingThrottle', { burstLimit: 5001 }, /`burstLimit` is 5001/, 'Test/Viewing/Gateway'],
  ['ViewingOrigin', { allowedOrigins: ['*'] }, /`allowedOrigins` is '\*'/, 'Test/Viewing/Gateway'],
  ['ViewingOrigin', { allowedOrigins: ['https://*.example.com'] }, /without \*/, 'Test/Viewing/Gateway'],
  ['ViewingOrigin', { allowedOrigins: ['https://example.com/'] }, /without a path/, 'Test/Viewing/Gateway'],
  ['ViewingOrigin', { allowedOrigins: ['http://example.com'] }, /https/, 'Test/Viewing/Gateway'],
])('%s: %j is refused', (code, props, message, path = 'Test/Viewing') => {
  expect(() => viewingIn(testStack(), props)).toThrow(codedError(code, message, path));
});

test('acknowledgements need alerts', () => {
  const message = /`acknowledgements` needs `alerts`/;
  expect(() => wholeIn(testStack(), { alerts: undefined })).toThrow(
    codedError('ViewingAcknowledgements', message, 'Test/Viewing'),
  );
  expect(() => wholeIn(testStack(), { acknowledgements: undefined })).not.toThrow();
});

test.each([Duration.minutes(5), Duration.minutes(30)])('a session may last %s', (sessionLength) => {
  expect(() => viewingIn(testStack(), { sessionLength })).not.toThrow();
});
