import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { AlertAcknowledgements } from '../alert/alert-acknowledgements';
import type { AlertFeed } from '../alert/alert-feed';
import type { DeviceIdentity } from '../device/device-identity';
import { AUDIT_LOGS, HandlerFunction, handlerMetric } from '../private/handler-function';
import { checkTokenSource, issuerOf } from '../private/token-issuer';
import { checkDuration, checkFleetName, checkPattern, fail, lit } from '../private/validation';
import {
  allowExtras,
  allowViewing,
  makeClipBucket,
  makeViewerRole,
  type ViewerAccess,
} from '../private/viewing-access';
import { ViewingGateway, viewingRoutes } from '../private/viewing-gateway';
import type { Takeover } from './takeover';
import { ViewerPool } from './viewer-pool';
import type { TokenIssuer, ViewingOptions } from './viewing-options';

/**
 * Properties of `ViewingApi`.
 */
export interface ViewingApiProps extends ViewingOptions {
  /**
   * The name of the fleet, whose streams and channels carry it as the tag `cdk-kinesis-video:fleet`. The API reaches no
   * other ones. 1 to 64 of `a-z A-Z 0-9 _ -`.
   */
  readonly fleetName: string;

  /**
   * What the devices are.
   */
  readonly identity: DeviceIdentity;

  /**
   * What pilots take control by. The API asks it in their names: a pilot is the `sub` of a token, and is a supervisor for
   * `force` only if the role may do that.
   * @default - nobody takes control
   */
  readonly takeover?: Takeover;

  /**
   * The alerts to show.
   * @default - none
   */
  readonly alerts?: AlertFeed;

  /**
   * Where it is kept who acknowledged which alert. Needs `alerts`, as only alerts that are there are acknowledged.
   * @default - alerts are shown without it, and nobody acknowledges them
   */
  readonly acknowledgements?: AlertAcknowledgements;

  /**
   * The origins from which browsers may call: `https://…` without a path, or `http://localhost:…`.
   * @default - none
   */
  readonly allowedOrigins?: string[];

  /**
   * The bucket of clips, which go to the folder `clips/`. Have objects expire there.
   * @default - one is made, which keeps clips for a day
   */
  readonly clipBucket?: s3.IBucket;

  /**
   * The key that encrypts the bucket that is made.
   * @default - a key that S3 manages
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * What is done when the alarm goes off.
   * @default - nothing
   */
  readonly alarmActions?: cloudwatch.IAlarmAction[];

  /**
   * What becomes of access logs, clips and the user pool when the API leaves the stack.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * An HTTP API by which people watch the devices of a fleet, live or recorded, without credentials of AWS: each request
 * is for one device, and is answered with a session that ends by itself. With `takeover`, they also control devices, and
 * with `alerts` and `acknowledgements` they see what devices have met and say that they see to it.
 *
 * A viewer has a role and groups of devices, both from the token. `reviewer` watches recordings and sees alerts, `pilot`
 * also watches live, takes control and acknowledges, both with devices in their groups; `admin` with all, and takes
 * control by force. Whatever isn't allowed in so many words is denied, and a device that somebody may not see is the same
 * to them as one that isn't there. Each access is logged, with who, what, why and until when.
 *
 * HTTP APIs have no web application firewall. Where one is wanted, put CloudFront with AWS WAF in front, as
 * `PilotConsole` does.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const identity = new DeviceIdentity(stack, 'Identity');
 * const viewing = new ViewingApi(stack, 'Viewing', {
 *   fleetName: 'delivery',
 *   identity,
 *   issuer: { issuerUrl: 'https://id.example.com', audience: ['delivery-console'] },
 *   sessionLength: Duration.minutes(10),
 *   takeover: new Takeover(stack, 'Takeover', { fleetName: 'delivery', identity }),
 * });
 */
export class ViewingApi extends Construct {
  /** The name of the fleet. */
  public readonly fleetName: string;

  /** What the devices are. */
  public readonly identity: DeviceIdentity;

  /** Who issues the tokens, and for whom they are. */
  public readonly issuer: TokenIssuer;

  /** The claim of the roles. */
  public readonly rolesClaim: string;

  /** Who controls which device, if that can be asked for. */
  public readonly takeover?: Takeover;

  /** The alerts that are shown, if they are. */
  public readonly alerts?: AlertFeed;

  /** How long a session lasts. */
  public readonly sessionLength: Duration;

  /**
   * What a function needs to know to decide as this API does.
   * @internal
   */
  public readonly _access: ViewerAccess;

  /** The API. */
  public readonly api: apigatewayv2.IHttpApi;

  /** Where it is, without a slash at the end. */
  public readonly url: string;

  /** The function behind it. */
  public readonly handler: lambda.IFunction;

  /** The user pool, if it was made. */
  public readonly viewers?: ViewerPool;

  /** The role of viewers of live video, which is always cut down to one channel. None if there is no signaling. */
  public readonly viewerRole?: iam.IRole;

  /** The bucket of clips. */
  public readonly clipBucket: s3.IBucket;

  /** Who called what, when and from where. */
  public readonly accessLogGroup: logs.ILogGroup;

  /** Goes off when several requests failed within five minutes that shouldn't have. */
  public readonly serverErrorAlarm: cloudwatch.Alarm;

  /**
   * @throws ValidationError with one of the codes `FleetName`, `ViewingSession`, `ViewingOrigin`, `ViewingIssuer`,
   * `ViewingClaim`, `ViewingThrottle`, `ViewingAcknowledgements`, and those of `ViewerPool`
   */
  constructor(scope: Construct, id: string, props: ViewingApiProps) {
    super(scope, id);
    const { fleetName, identity, encryptionKey, removalPolicy = RemovalPolicy.RETAIN } = props;
    checkFleetName(this, fleetName);
    this.fleetName = fleetName;
    this.identity = identity;
    this.sessionLength = props.sessionLength ?? Duration.minutes(15);
    const session = { min: 300, max: 1800, unit: 'seconds' } as const;
    const sessionSeconds = checkDuration(this, lit`ViewingSession`, 'sessionLength', this.sessionLength, session);
    const claims = {
      roles: props.rolesClaim ?? 'cognito:groups',
      groups: props.deviceGroupsClaim ?? 'custom:device_groups',
    };
    const claim = /^[^\s,]{1,256}$/;
    checkPattern(this, lit`ViewingClaim`, 'rolesClaim', claims.roles, claim, 'the name of a claim');
    checkPattern(this, lit`ViewingClaim`, 'deviceGroupsClaim', claims.groups, claim, 'the name of a claim');

    if (props.acknowledgements && !props.alerts) {
      fail(this, lit`ViewingAcknowledgements`, '`acknowledgements` needs `alerts`, of which they are.');
    }

    this.rolesClaim = claims.roles;
    this.takeover = props.takeover;
    this.alerts = props.alerts;
    this._access = {
      environment: {
        THING_TYPE: identity.thingTypeName,
        CLAIMS: JSON.stringify(claims),
        ...(props.authorizer && { AUTHORIZER: props.authorizer.functionArn }),
      },
      authorizer: props.authorizer,
      logs: { ...AUDIT_LOGS, removalPolicy },
    };
    this.clipBucket = props.clipBucket ?? makeClipBucket(this, { encryptionKey, removalPolicy });
    const handler = new HandlerFunction(this, 'Handler', {
      handler: 'viewing-api',
      description: `Lets viewers watch the devices of ${fleetName}`,
      // As long as the API waits for it: a clip is copied meanwhile.
      timeout: Duration.seconds(29),
      memorySize: 1024,
      logs: this._access.logs,
      environment: {
        ...this._access.environment,
        CAMERAS: JSON.stringify(identity.cameras),
        SESSION_SECONDS: String(sessionSeconds),
        CLIP_BUCKET: this.clipBucket.bucketName,
      },
    });
    allowViewing(handler, { fleetName, identity, clipBucket: this.clipBucket });
    if (identity.signaling) {
      this.viewerRole = makeViewerRole(this, handler, fleetName);
      handler.addEnvironment('VIEWER_ROLE', this.viewerRole.roleArn);
    }
    props.authorizer?.grantInvoke(handler);
    for (const [name, value] of Object.entries(allowExtras(handler, props))) handler.addEnvironment(name, value);
    this.handler = handler;

    checkTokenSource(this, props);
    if (props.signIn) this.viewers = new ViewerPool(this, 'Viewers', { ...props.signIn, removalPolicy });
    this.issuer = this.viewers ? issuerOf(this.viewers) : props.issuer!;
    const gateway = new ViewingGateway(this, 'Gateway', {
      description: `Viewing of the devices of ${fleetName}`,
      handler,
      issuer: this.issuer,
      routes: viewingRoutes({
        live: identity.signaling,
        control: props.takeover !== undefined,
        alerts: props.alerts !== undefined,
        acknowledgements: props.acknowledgements !== undefined,
      }),
      allowedOrigins: props.allowedOrigins,
      rateLimit: props.rateLimit,
      burstLimit: props.burstLimit,
      removalPolicy,
    });
    this.api = gateway.api;
    this.url = gateway.api.apiEndpoint;
    this.accessLogGroup = gateway.accessLogGroup;
    this.serverErrorAlarm = gateway.api
      .metricServerError({ statistic: cloudwatch.Stats.SUM, period: Duration.minutes(5) })
      .createAlarm(this, 'ServerErrorAlarm', {
        alarmDescription: `Viewing API of ${fleetName}: requests that failed`,
        threshold: 5,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: 1,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      });
    this.serverErrorAlarm.addAlarmAction(...(props.alarmActions ?? []));
  }

  /**
   * A metric in the namespace `KinesisVideoFleet`: `AccessGranted`, `AccessDenied`, `DevicesListed`, `AlertAcknowledged`.
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return handlerMetric(this, 'viewing-api', metricName, props);
  }
}
