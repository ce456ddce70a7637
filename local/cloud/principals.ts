import { randomBytes, randomUUID } from 'node:crypto';

/** As the templates have it. */
export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: object | readonly object[];
}

/** Who makes a call. */
export interface Principal {
  /** Of the session of a role, or the name of a service of AWS. */
  readonly arn: string;
  /** None for services of AWS, which may do everything. */
  readonly roleArn?: string;
  /** Of a device that has its credentials from the credentials provider. */
  readonly thingName?: string;
  readonly policies: readonly PolicyDocument[];
  /** Bounds what the policies allow. */
  readonly sessionPolicy?: PolicyDocument;
}

export interface IssuedCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

export interface Session {
  readonly sessionName: string;
  /** How long its credentials are good for. @default 3600 */
  readonly seconds?: number;
  readonly thingName?: string;
  readonly sessionPolicy?: PolicyDocument;
}

/** Roles, and who holds credentials of them. Who may assume a role isn't looked at. */
export class Principals {
  private readonly roles = new Map<string, PolicyDocument[]>();
  private readonly issued = new Map<
    string,
    { readonly principal: Principal; readonly credentials: IssuedCredentials }
  >();

  role(arn: string, policies: readonly PolicyDocument[]): void {
    this.roles.set(arn, [...policies]);
  }

  /** Policies are resources of their own in a template, and come after the role. */
  attach(roleName: string, policy: PolicyDocument): void {
    const arn = [...this.roles.keys()].find((role) => role.endsWith(`/${roleName}`));
    if (!arn) throw new Error(`There is no role '${roleName}'.`);
    this.roles.get(arn)!.push(policy);
  }

  has(roleArn: string): boolean {
    return this.roles.has(roleArn);
  }

  /** @throws Error if there is no such role */
  issue(roleArn: string, { sessionName, seconds = 3600, thingName, sessionPolicy }: Session): IssuedCredentials {
    const policies = this.roles.get(roleArn);
    if (!policies) throw new Error(`There is no role ${roleArn}.`);
    const [, , , , account, path] = roleArn.split(':');
    const arn = `arn:aws:sts::${account}:assumed-role/${path.split('/').at(-1)}/${sessionName}`;
    return this.give({ arn, roleArn, thingName, policies, sessionPolicy }, seconds);
  }

  /** Of a service of AWS itself, like `iot.amazonaws.com`. */
  ofService(name: string): IssuedCredentials {
    return this.give({ arn: name, policies: [] }, 86_400);
  }

  /** Whose access key it is, as long as its credentials haven't expired. */
  find(accessKeyId: string): (IssuedCredentials & { readonly principal: Principal }) | undefined {
    const found = this.issued.get(accessKeyId);
    if (!found) return undefined;
    if (found.credentials.expiration.getTime() > Date.now())
      return { ...found.credentials, principal: found.principal };
    this.issued.delete(accessKeyId);
    return undefined;
  }

  private give(principal: Principal, seconds: number): IssuedCredentials {
    const credentials = {
      accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString('base64url'),
      sessionToken: randomUUID(),
      expiration: new Date(Date.now() + 1000 * seconds),
    };
    this.issued.set(credentials.accessKeyId, { principal, credentials });
    return credentials;
  }
}
