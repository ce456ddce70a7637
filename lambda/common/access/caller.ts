import * as z from 'zod';
import { Problem } from './problem';

/** The claims of which a caller is made. */
export interface ClaimNames {
  readonly roles: string;
  readonly groups: string;
}

export interface Caller {
  readonly sub: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
}

const claims = z.looseObject({ sub: z.string().min(1).max(256) });

/** As much as is read. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html */
const authorized = z.object({
  requestContext: z.object({
    authorizer: z.object({
      jwt: z.object({ claims }),
    }),
  }),
});

/**
 * Who calls. API Gateway has checked the token; without one, nothing is reached.
 * @throws Problem 401
 */
export function callerOf(event: unknown, names: ClaimNames): Caller {
  const result = authorized.safeParse(event);
  if (!result.success) throw new Problem(401, 'Not signed in', 'The request has no token that says who sent it.');
  return callerWith(result.data.requestContext.authorizer.jwt.claims, names);
}

/**
 * Whose token was verified without API Gateway.
 *
 * @param token what is in the token
 * @throws Problem 401
 */
export function callerOfToken(token: unknown, names: ClaimNames): Caller {
  const result = claims.safeParse(token);
  if (!result.success) throw new Problem(401, 'Not signed in', 'The token does not say whose it is.');
  // Who decides instead of the roles is told of all callers in one form.
  return { ...callerWith(result.data, names), claims: asGateway(result.data) };
}

function callerWith(found: z.infer<typeof claims>, names: ClaimNames): Caller {
  return { sub: found.sub, roles: namesIn(found[names.roles]), groups: namesIn(found[names.groups]), claims: found };
}

/** API Gateway makes texts of all claims, and `[a b]` of a list. */
function asGateway(found: Record<string, unknown>): Record<string, string> {
  const text = (value: unknown): string => {
    if (Array.isArray(value)) return `[${value.map(text).join(' ')}]`;
    return typeof value === 'object' ? JSON.stringify(value) : String(value);
  };
  return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, text(value)]));
}

/** Names of groups, as AWS IoT allows them, and separated by what they can't contain. */
const NAME = /^[\w:-]{1,128}$/;

/** API Gateway writes a list as `[a b]`; an attribute of a user is a text like `a,b`. */
function namesIn(claim: unknown): string[] {
  const parts = Array.isArray(claim) ? claim : typeof claim === 'string' ? unwrapped(claim).split(/[\s,]+/) : [];
  return parts
    .map((part) => (typeof part === 'string' ? part.replace(/^"(.*)"$/, '$1') : ''))
    .filter((part) => NAME.test(part));
}

function unwrapped(text: string): string {
  return text.trim().replace(/^\[(.*)\]$/s, '$1');
}
