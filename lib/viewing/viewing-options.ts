import type { Duration } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { ViewerPoolOptions } from './viewer-pool';

/**
 * Who issues the tokens of viewers, where that isn't a user pool of Cognito.
 */
export interface TokenIssuer {
  /**
   * The issuer, `https://…`, as it stands in the tokens. It must offer OpenID Connect discovery.
   */
  readonly issuerUrl: string;

  /**
   * For whom tokens are: one of these is in `aud` of each, or is its `client_id`. At least one.
   */
  readonly audience: string[];
}

/**
 * Who may watch, and how much.
 */
export interface ViewingOptions {
  /**
   * How viewers sign in to a user pool, which is made. Either this or `issuer` is needed.
   * @default - `issuer` has the viewers
   */
  readonly signIn?: ViewerPoolOptions;

  /**
   * Who issues the tokens instead.
   * @default - the user pool that is made
   */
  readonly issuer?: TokenIssuer;

  /**
   * The claim that lists the roles of a viewer: `reviewer`, `pilot`, `admin`. Names of roles must contain no spaces or
   * commas, which separate them.
   * @default 'cognito:groups'
   */
  readonly rolesClaim?: string;

  /**
   * The claim that lists the thing groups whose devices a viewer may see.
   * @default 'custom:device_groups'
   */
  readonly deviceGroupsClaim?: string;

  /**
   * A function that decides who may do what instead of the roles. It gets `schemas/viewing-authorization-request.v1.json`
   * and returns `schemas/viewing-authorization.v1.json`, within 5 seconds.
   * @default - the roles of the token decide, in the groups of the token
   */
  readonly authorizer?: lambda.IFunction;

  /**
   * How long a session lasts that a viewer is given: 5 to 30 minutes.
   * @default Duration.minutes(15)
   */
  readonly sessionLength?: Duration;

  /**
   * How many requests a second are let through in the long run: 1 to 10,000.
   * @default 50
   */
  readonly rateLimit?: number;

  /**
   * How many requests are let through at once: 1 to 5000.
   * @default 100
   */
  readonly burstLimit?: number;
}
