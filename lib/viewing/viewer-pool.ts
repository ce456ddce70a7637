import { Duration, Lazy, RemovalPolicy } from 'aws-cdk-lib';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { checkDuration, checkPattern, lit } from '../private/validation';

/**
 * How viewers sign in.
 */
export interface ViewerPoolOptions {
  /**
   * Where the application takes viewers back after they have signed in: `https://…`, or `http://localhost…` while it is
   * being developed. A `PilotConsole` adds itself.
   * @default - none; there must be one in the end
   */
  readonly callbackUrls?: string[];

  /**
   * Where the application takes viewers after they have signed out.
   * @default - they can't be sent anywhere
   */
  readonly logoutUrls?: string[];

  /**
   * The prefix of the domain at which Cognito has its pages, unique in the region: 1 to 63 of `a-z 0-9 -`.
   * @default - no domain; add one to `userPool`
   */
  readonly domainPrefix?: string;

  /**
   * Whether each viewer needs a second factor. If not, each may choose to have one.
   * @default true
   */
  readonly mfaRequired?: boolean;

  /**
   * How long a token works before the application asks for another one: 5 to 60 minutes. A group that a viewer leaves is in
   * the token until then.
   * @default Duration.minutes(15)
   */
  readonly tokenValidity?: Duration;

  /**
   * How long a viewer stays signed in: 1 hour to 30 days.
   * @default Duration.hours(12)
   */
  readonly signInValidity?: Duration;
}

/**
 * Properties of `ViewerPool`.
 */
export interface ViewerPoolProps extends ViewerPoolOptions {
  /**
   * The groups that are made, which are the roles in the tokens.
   * @default - `reviewer`, `pilot` and `admin`, the roles of `ViewingApi`
   */
  readonly roles?: string[];

  /**
   * What becomes of the pool, and everybody in it, when it leaves the stack. Unless it is DESTROY, Cognito refuses its
   * deletion too.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Who may watch: a user pool of Cognito, in which administrators make the accounts, and a client for an application in
 * browsers, which signs in by the authorization code flow with PKCE.
 *
 * Its groups are roles; without `roles`, `reviewer`, `pilot` and `admin`, those of `ViewingApi`. The attribute `custom:device_groups` lists the
 * thing groups whose devices somebody may see, like `north,south`; no user can change it. It is in the ID token only, so
 * that is the one to send to the API.
 *
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const viewers = new ViewerPool(stack, 'Viewers', {
 *   domainPrefix: 'delivery-pilots',
 *   callbackUrls: ['https://console.example.com/signed-in'],
 *   roles: ['pilot', 'auditor'],
 * });
 * new CfnOutput(stack, 'Issuer', { value: viewers.issuerUrl });
 */
export class ViewerPool extends Construct {
  /** The pool. */
  public readonly userPool: cognito.IUserPool;

  /** The client of the application. */
  public readonly client: cognito.IUserPoolClient;

  /** The issuer of the tokens. */
  public readonly issuerUrl: string;

  /** Where Cognito has its pages, without a slash at the end, if there is a `domainPrefix`. */
  public readonly signInUrl?: string;

  private readonly callbackUrls: string[] = [];
  private readonly logoutUrls: string[] = [];

  /**
   * @throws ValidationError with one of the codes `ViewerCallback`, `ViewerDomain` and `ViewerToken`
   */
  constructor(scope: Construct, id: string, props: ViewerPoolProps = {}) {
    super(scope, id);
    const { removalPolicy = RemovalPolicy.RETAIN, mfaRequired = true } = props;
    const userPool = new cognito.UserPool(this, 'Pool', {
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      // Without, who takes over an address could not be told from whom it belonged to.
      keepOriginal: { email: true },
      accountRecovery: cognito.AccountRecovery.EMAIL_ONLY,
      mfa: mfaRequired ? cognito.Mfa.REQUIRED : cognito.Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: {
        minLength: 14,
        requireDigits: true,
        requireLowercase: true,
        requireUppercase: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(3),
      },
      customAttributes: { device_groups: new cognito.StringAttribute({ mutable: true, maxLen: 2048 }) },
      deletionProtection: removalPolicy !== RemovalPolicy.DESTROY,
      removalPolicy,
    });
    for (const groupName of props.roles ?? ['reviewer', 'pilot', 'admin']) {
      new cognito.UserPoolGroup(this, `Role-${groupName}`, { userPool, groupName });
    }
    this.userPool = userPool;
    this.client = this.makeClient(userPool, props);
    this.issuerUrl = userPool.userPoolProviderUrl;
    this.signInUrl = this.addDomain(userPool, props.domainPrefix)?.baseUrl();
  }

  /**
   * Lets an application in browsers sign in and out.
   * @param url where it takes viewers back, with a slash at the end, like `https://console.example.com/`
   */
  public allowApplication(url: string): void {
    this.callbackUrls.push(url);
    this.logoutUrls.push(url);
  }

  private makeClient(userPool: cognito.UserPool, props: ViewerPoolProps): cognito.UserPoolClient {
    const { callbackUrls = [], logoutUrls = [] } = props;
    for (const [prop, urls] of Object.entries({ callbackUrls, logoutUrls })) {
      for (const url of urls) {
        const pattern = /^(https:\/\/[^*]+|http:\/\/localhost(:\d+)?(\/[^*]*)?)$/;
        checkPattern(this, lit`ViewerCallback`, prop, url, pattern, 'https://…, or http://localhost…, without *');
      }
    }
    this.callbackUrls.push(...callbackUrls);
    this.logoutUrls.push(...logoutUrls);
    // Without, Cognito would not let the client have the flow.
    this.node.addValidation({
      validate: () =>
        this.callbackUrls.length > 0 ? [] : ['No application takes viewers back: `callbackUrls` is empty.'],
    });
    const { tokenValidity = Duration.minutes(15), signInValidity = Duration.hours(12) } = props;
    const token = { min: 300, max: 3600, unit: 'seconds' } as const;
    checkDuration(this, lit`ViewerToken`, 'tokenValidity', tokenValidity, token);
    checkDuration(this, lit`ViewerToken`, 'signInValidity', signInValidity, { min: 1, max: 720, unit: 'hours' });
    return userPool.addClient('Client', {
      // A browser keeps no secret: that it is the same browser, it proves with PKCE.
      generateSecret: false,
      authFlows: { user: false },
      oAuth: {
        flows: { authorizationCodeGrant: true, implicitCodeGrant: false },
        // Not COGNITO_ADMIN, with which users change their own attributes.
        scopes: [cognito.OAuthScope.OPENID, cognito.OAuthScope.EMAIL, cognito.OAuthScope.PROFILE],
        callbackUrls: Lazy.list({ produce: () => this.callbackUrls }),
        logoutUrls: Lazy.list({ produce: () => this.logoutUrls }, { omitEmpty: true }),
      },
      supportedIdentityProviders: [cognito.UserPoolClientIdentityProvider.COGNITO],
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      idTokenValidity: tokenValidity,
      accessTokenValidity: tokenValidity,
      refreshTokenValidity: signInValidity,
      // The default is all of them, the groups of devices included.
      writeAttributes: new cognito.ClientAttributes().withStandardAttributes({ locale: true, timezone: true }),
    });
  }

  private addDomain(userPool: cognito.UserPool, domainPrefix?: string): cognito.UserPoolDomain | undefined {
    if (domainPrefix === undefined) return undefined;
    const pattern = /^(?!.*(aws|amazon|cognito))[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
    const rule = '1 to 63 of a-z 0-9 -, without a dash at either end, and without aws, amazon or cognito';
    checkPattern(this, lit`ViewerDomain`, 'domainPrefix', domainPrefix, pattern, rule);
    return userPool.addDomain('Domain', { cognitoDomain: { domainPrefix } });
  }
}
