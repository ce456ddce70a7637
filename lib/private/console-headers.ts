import { Duration, Fn, Names, Stack, Token } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';
import { contentSecurityPolicy, type ConsoleSources } from './console-policy';

export interface ConsolePeers {
  readonly issuerUrl: string;
  /** Where Cognito has its pages, if it is a user pool. */
  readonly signInUrl?: string;
  /** Where messages come from, if they do. */
  readonly messagesUrl?: string;
}

/** Where the console gets recordings from and whom it speaks to, in the region of the stack. */
export function consoleSources({ region, urlSuffix }: Stack, peers: ConsolePeers): ConsoleSources {
  const { issuerUrl, signInUrl, messagesUrl } = peers;
  const media = `*.kinesisvideo.${region}.${urlSuffix}`;
  const known = [issuerUrl, signInUrl, messagesUrl].filter((url) => url !== undefined);
  return {
    media: [`https://${media}`],
    connect: [...known.map(origin), `https://${media}`, `wss://${media}`],
  };
}

export function securityHeaders(scope: Construct, sources: ConsoleSources): cloudfront.ResponseHeadersPolicy {
  // eslint-disable-next-line awscdk/require-passing-this -- it is made for the construct that is given
  return new cloudfront.ResponseHeadersPolicy(scope, 'Headers', {
    responseHeadersPolicyName: regionalName(scope, 'Headers'),
    comment: 'Lets the console load nothing but itself',
    securityHeadersBehavior: {
      contentSecurityPolicy: { contentSecurityPolicy: contentSecurityPolicy(sources), override: true },
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: cloudfront.HeadersFrameOption.DENY, override: true },
      referrerPolicy: { referrerPolicy: cloudfront.HeadersReferrerPolicy.NO_REFERRER, override: true },
      strictTransportSecurity: {
        accessControlMaxAge: Duration.days(730),
        includeSubdomains: true,
        override: true,
      },
    },
    customHeadersBehavior: {
      customHeaders: Object.entries({
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Resource-Policy': 'same-origin',
        'Permissions-Policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
      }).map(([header, value]) => ({ header, value, override: true })),
    },
  });
}

/** The scheme and the host of a URL, whose host may not be known before deployment. */
function origin(url: string): string {
  if (!Token.isUnresolved(url)) return new URL(url).origin;
  const [scheme] = url.split('://', 1);
  return Token.isUnresolved(scheme)
    ? `https://${Fn.parseDomainName(url)}`
    : `${scheme}://${Fn.select(2, Fn.split('/', url))}`;
}

/** A name for what CloudFront knows once in an account, where the same stack may be in several regions. */
export function regionalName(scope: Construct, suffix: string): string {
  const name = Names.uniqueResourceName(scope, { maxLength: 60 - suffix.length - 1, separator: '-' });
  return `${name}-${suffix}-${Stack.of(scope).region}`;
}
