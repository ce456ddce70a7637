import { Duration, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { ConsoleFiles } from '../private/console-files';
import { consoleSources, regionalName, securityHeaders } from '../private/console-headers';
import { privateBucket } from '../private/private-bucket';
import { checkPattern, fail, lit } from '../private/validation';
import type { ViewerMessages } from './viewer-messages';
import type { ViewingApi } from './viewing-api';

/**
 * A name of your own for the console. A record of the zone must point to `distribution`.
 */
export interface ConsoleDomain {
  /**
   * The name, like `console.example.com`.
   */
  readonly domainName: string;

  /**
   * The certificate for it. It must be in us-east-1.
   */
  readonly certificate: acm.ICertificate;
}

/**
 * How the console signs in, where the API has an issuer of its own and no user pool.
 */
export interface ConsoleSignIn {
  /**
   * The id of the console at the issuer: a public client with the authorization code flow, PKCE, and `url` with a slash at
   * the end as the redirect URI.
   */
  readonly clientId: string;

  /**
   * What is asked for, which must give an ID token with the claims of roles and groups.
   * @default 'openid email profile'
   */
  readonly scope?: string;
}

/**
 * Properties of `PilotConsole`.
 */
export interface PilotConsoleProps {
  /**
   * What the console asks. If it has a user pool, the console becomes an application of it.
   */
  readonly viewing: ViewingApi;

  /**
   * By which alerts arrive as they happen.
   * @default - they are asked for now and then
   */
  readonly messages?: ViewerMessages;

  /**
   * How the console signs in.
   * @default - as a client of the API's user pool; without one, this is needed
   */
  readonly signIn?: ConsoleSignIn;

  /**
   * The console's name.
   * @default - a name of CloudFront, which can't be kept from TLS below 1.2
   */
  readonly domain?: ConsoleDomain;

  /**
   * The ARN of a web ACL of AWS WAF with the scope `CLOUDFRONT`, in us-east-1. It sees the requests to the API, too, that are
   * sent by way of the console's name.
   * @default - none
   */
  readonly webAclArn?: string;

  /**
   * What becomes of the access logs, which are kept for a year, when they leave the stack.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * The pilot's console: a web application in which people watch devices, live or recorded, hear of alerts as they happen, and
 * take control. It is part of this package, lies in a bucket that only CloudFront reads, and speaks to the API under its own
 * name, at `/v1/`, so that no other origin is involved.
 *
 * It must be in the stack of `viewing`, as each knows the address of the other.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const identity = new DeviceIdentity(stack, 'Identity');
 * const viewing = new ViewingApi(stack, 'Viewing', {
 *   fleetName: 'delivery',
 *   identity,
 *   signIn: { domainPrefix: 'delivery-pilots' },
 * });
 * const pilotConsole = new PilotConsole(stack, 'Console', {
 *   viewing,
 *   messages: new ViewerMessages(stack, 'Messages', { viewing }),
 * });
 * new CfnOutput(stack, 'ConsoleUrl', { value: pilotConsole.url });
 */
export class PilotConsole extends Construct {
  /** Where it is, without a slash at the end. */
  public readonly url: string;

  /** The distribution. */
  public readonly distribution: cloudfront.IDistribution;

  /** The bucket of the application's files. */
  public readonly bucket: s3.IBucket;

  /** The bucket of the access logs. */
  public readonly accessLogBucket: s3.IBucket;

  /**
   * @throws ValidationError with one of the codes `ConsoleStack`, `ConsoleSignIn`, `ConsoleWebAcl`
   */
  constructor(scope: Construct, id: string, props: PilotConsoleProps) {
    super(scope, id);
    const { viewing, messages, domain } = props;
    const signIn = this.signIn(props);
    const rule = 'the ARN of a web ACL for CloudFront, which is in us-east-1';
    const webAcl = /^arn:[\w-]+:wafv2:us-east-1:\d{12}:global\/webacl\/.+$/;
    if (props.webAclArn) checkPattern(this, lit`ConsoleWebAcl`, 'webAclArn', props.webAclArn, webAcl, rule);

    this.bucket = privateBucket(this, 'Bucket', { lifecycleRules: [], removalPolicy: RemovalPolicy.DESTROY });
    this.accessLogBucket = privateBucket(this, 'AccessLogs', {
      lifecycleRules: [{ expiration: Duration.days(365) }],
      // CloudFront writes them with an ACL.
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    });
    const headers = securityHeaders(
      this,
      consoleSources(Stack.of(this), {
        issuerUrl: viewing.issuer.issuerUrl,
        signInUrl: viewing.viewers?.signInUrl,
        messagesUrl: messages?.url,
      }),
    );
    const behaviour = {
      viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
      responseHeadersPolicy: headers,
    };
    const distribution = new cloudfront.Distribution(this, 'Distribution', {
      comment: `Console of ${viewing.fleetName}`,
      domainNames: domain && [domain.domainName],
      certificate: domain?.certificate,
      minimumProtocolVersion: domain && cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
      httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
      webAclId: props.webAclArn,
      defaultRootObject: 'index.html',
      logBucket: this.accessLogBucket,
      defaultBehavior: {
        ...behaviour,
        viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        origin: origins.S3BucketOrigin.withOriginAccessControl(this.bucket, {
          originAccessControl: this.accessControl(),
        }),
        cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED,
      },
      additionalBehaviors: {
        '/v1/*': {
          ...behaviour,
          origin: new origins.HttpOrigin(Fn.parseDomainName(viewing.url)),
          allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
          cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
          // The API is told apart by its host, and gets the token.
          originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        },
      },
    });
    this.distribution = distribution;
    this.url = `https://${domain?.domainName ?? distribution.distributionDomainName}`;
    viewing.viewers?.allowApplication(`${this.url}/`);

    const { identity, takeover } = viewing;
    new ConsoleFiles(this, 'Files', {
      bucket: this.bucket,
      settings: {
        fleetName: viewing.fleetName,
        apiUrl: '',
        region: Stack.of(this).region,
        issuer: viewing.issuer.issuerUrl,
        ...signIn,
        rolesClaim: viewing.rolesClaim,
        cameras: identity.cameras,
        live: identity.signaling,
        sessionSeconds: viewing.sessionLength.toSeconds(),
        alerts: viewing.alerts !== undefined,
        ...(messages && {
          messages: { url: messages.url, authorizer: messages.authorizerName, topicPrefix: identity.topicPrefix },
        }),
        ...(takeover && { control: { commands: takeover.commands } }),
      },
    });
  }

  private accessControl(): cloudfront.IOriginAccessControlRef {
    return new cloudfront.S3OriginAccessControl(this, 'AccessControl', {
      originAccessControlName: regionalName(this, 'AccessControl'),
    });
  }

  private signIn({ viewing, signIn }: PilotConsoleProps): object {
    if (Stack.of(this) !== Stack.of(viewing)) {
      fail(
        this,
        lit`ConsoleStack`,
        'The console must be in the stack of `viewing`: each knows the address of the other.',
      );
    }
    const { viewers } = viewing;
    if ((viewers === undefined) === (signIn === undefined)) {
      fail(
        this,
        lit`ConsoleSignIn`,
        '`signIn` is needed if `viewing` has no user pool, and must not be given if it has.',
      );
    }
    if (!viewers) return { clientId: signIn!.clientId, scope: signIn!.scope ?? 'openid email profile' };
    if (!viewers.signInUrl) {
      fail(this, lit`ConsoleSignIn`, 'The user pool has no pages to sign in; give it a `domainPrefix`.');
    }
    return {
      clientId: viewers.client.userPoolClientId,
      scope: 'openid email profile',
      signOutUrl: `${viewers.signInUrl}/logout`,
    };
  }
}
