import type { IoTClientConfig } from '@aws-sdk/client-iot';
import type { Principals } from '../principals';

export interface CallsProps {
  readonly principals: Principals;
  readonly gatewayUrl: () => string;
  readonly region: string;
}

/** What every client of the SDK takes. */
export type ClientConfig = Pick<IoTClientConfig, 'region' | 'credentials'> & { readonly endpoint: string };

export type Calls = ReturnType<typeof createCalls>;

/** How AWS IoT calls other services: through the gateway, as the role that it was given, or as itself. */
export function createCalls({ principals, gatewayUrl, region }: CallsProps) {
  return {
    /** For a client that calls as a role does. It fetches new credentials when the present ones run out. */
    as: (roleArn: string, sessionName: string): ClientConfig => ({
      region,
      endpoint: gatewayUrl(),
      credentials: async () => principals.issue(roleArn, { sessionName }),
    }),
    asService: (): ClientConfig => ({
      region,
      endpoint: gatewayUrl(),
      credentials: async () => principals.ofService('iot.amazonaws.com'),
    }),
  };
}
