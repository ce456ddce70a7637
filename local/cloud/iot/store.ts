import { ServiceError } from '../service';
import type { PolicyDocument } from '../principals';

export interface Thing {
  readonly thingName: string;
  readonly thingId: string;
  readonly thingArn: string;
  thingTypeName?: string;
  attributes: Record<string, string>;
  version: number;
  /** ARNs of certificates. */
  readonly principals: Set<string>;
}

export interface ThingType {
  readonly thingTypeName: string;
  readonly thingTypeId: string;
  readonly thingTypeArn: string;
  readonly thingTypeProperties: object;
  readonly creationDate: Date;
}

export interface ThingGroup {
  readonly thingGroupName: string;
  readonly thingGroupId: string;
  readonly thingGroupArn: string;
  readonly thingGroupProperties: object;
  readonly creationDate: Date;
  readonly things: Set<string>;
}

export type CertificateStatus = 'ACTIVE' | 'INACTIVE' | 'REVOKED' | 'PENDING_ACTIVATION';

export interface DeviceCertificate {
  readonly certificateId: string;
  readonly certificateArn: string;
  readonly certificatePem: string;
  status: CertificateStatus;
  readonly creationDate: Date;
  lastModifiedDate: Date;
  /** Names of policies. */
  readonly policies: Set<string>;
}

export interface IotPolicy {
  readonly policyName: string;
  readonly policyArn: string;
  /** As it was given. */
  readonly text: string;
  readonly document: PolicyDocument;
}

export interface RoleAlias {
  readonly roleAlias: string;
  readonly roleAliasArn: string;
  readonly roleArn: string;
  readonly credentialDurationSeconds: number;
}

export interface Authorizer {
  readonly authorizerName: string;
  readonly authorizerArn: string;
  readonly authorizerFunctionArn: string;
  readonly status: string;
}

/** What an account of AWS IoT has in a region. It is kept in memory, and by the names that AWS IoT knows it by. */
export function createStore(arn: string) {
  return {
    arn,
    things: new Map<string, Thing>(),
    types: new Map<string, ThingType>(),
    groups: new Map<string, ThingGroup>(),
    certificates: new Map<string, DeviceCertificate>(),
    policies: new Map<string, IotPolicy>(),
    roleAliases: new Map<string, RoleAlias>(),
    authorizers: new Map<string, Authorizer>(),
    /** Those of the types of events that are published. */
    events: new Set<string>(),
    /** Grows with each change, for whoever keeps what followed from it. */
    version: 0,
  };
}

export type Store = ReturnType<typeof createStore>;

/** @throws ServiceError if there is none of that name */
export function existing<T>(all: ReadonlyMap<string, T>, kind: string, name = ''): T {
  const found = all.get(name);
  if (found === undefined) throw new ServiceError('ResourceNotFoundException', `${kind} ${name} not found`, 404);
  return found;
}

/** @throws ServiceError if there is one of that name */
export function vacant(all: ReadonlyMap<string, unknown>, kind: string, name = ''): void {
  if (all.has(name)) throw new ServiceError('ResourceAlreadyExistsException', `${kind} ${name} already exists`, 409);
}

export function invalid(message: string): ServiceError {
  return new ServiceError('InvalidRequestException', message, 400);
}

/** As many as AWS IoT gives where it isn't told how many. */
const PAGE_SIZE = 25;

export interface Page {
  readonly maxResults?: number;
  readonly nextToken?: string;
}

/**
 * A page of what there is, which is in an order of its own.
 *
 * @throws ServiceError if the token is none
 */
export function page<T>(all: readonly T[], { maxResults = PAGE_SIZE, nextToken }: Page): { items: T[]; next?: string } {
  const start = nextToken === undefined ? 0 : Number(/^page:(\d+)$/.exec(decode(nextToken))?.[1] ?? -1);
  if (start < 0) throw invalid('Invalid nextToken');
  const end = start + maxResults;
  return {
    items: all.slice(start, end),
    ...(end < all.length && { next: Buffer.from(`page:${end}`).toString('base64') }),
  };
}

function decode(token: string): string {
  return Buffer.from(token, 'base64').toString();
}

/** The certificate of an ARN, if it is one. */
export function certificateOf(store: Store, principal = ''): DeviceCertificate | undefined {
  return store.certificates.get(principal.replace(`${store.arn}:cert/`, ''));
}
