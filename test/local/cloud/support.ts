import { startGateway, type GatewayProps } from '../../../local/cloud/gateway';
import { Principals } from '../../../local/cloud/principals';
import type { Service } from '../../../local/cloud/service';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';
export const HERE = `${REGION}:${ACCOUNT}`;
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/tester`;

/** A gateway, and who may call it. To be stopped after all tests. */
export async function startTestCloud(faults?: GatewayProps['faults']) {
  const principals = new Principals();
  principals.role(ROLE, []);
  const gateway = await startGateway({ principals, faults });
  // Clients of S3 have buckets in the path only where the host is an address.
  const endpoint = gateway.url.replace('localhost', '127.0.0.1');
  const settings = { region: REGION, endpoint };
  return {
    principals,
    gateway,
    endpoint,
    add: (...services: readonly Service[]) => services.forEach((service) => gateway.add(service)),
    /** Settings of a client of the SDK, as a role and as a service have it. */
    client: { ...settings, credentials: principals.issue(ROLE, { sessionName: 'test' }) },
    clientOf: (service: string) => ({ ...settings, credentials: principals.ofService(service) }),
    stop: () => gateway.stop(),
  };
}
