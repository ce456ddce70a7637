import type { Construct } from 'constructs';
import type { ViewerPool, ViewerPoolOptions } from '../viewing/viewer-pool';
import type { TokenIssuer } from '../viewing/viewing-options';
import { checkPattern, fail, lit } from './validation';

/** Where people get their tokens: of a user pool that is made, or of an issuer that is there. */
export interface TokenSource {
  readonly signIn?: ViewerPoolOptions;
  readonly issuer?: TokenIssuer;
}

/** An API that would take the tokens of whatever application is as good as open. */
export function checkTokenSource(scope: Construct, { signIn, issuer }: TokenSource): void {
  const code = lit`ViewingIssuer`;
  if ((signIn === undefined) === (issuer === undefined)) {
    fail(scope, code, 'Either `signIn` or `issuer` must be given, and not both: people need a token.');
  }
  if (!issuer) return;
  checkPattern(scope, code, 'issuerUrl', issuer.issuerUrl, /^https:\/\/\S+$/, 'the URL of an issuer, https://…');
  if (issuer.audience.length === 0) fail(scope, code, '`audience` is empty; name at least one.');
}

/** The issuer that a user pool is. */
export function issuerOf({ issuerUrl, client }: ViewerPool): TokenIssuer {
  return { issuerUrl, audience: [client.userPoolClientId] };
}
