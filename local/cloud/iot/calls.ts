import type { IoTClientConfig } from '@aws-sdk/client-iot';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
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
  const made = new Set<{ destroy(): void }>();

  /** A client that is made when it is needed first, as the gateway may come later, and is there until all ends. */
  const client = <T extends { destroy(): void }>(make: () => T): (() => T) => {
    let present: T | undefined;
    return () => {
      present ??= make();
      made.add(present);
      return present;
    };
  };
  const asService = (): ClientConfig => ({
    region,
    endpoint: gatewayUrl(),
    credentials: async () => principals.ofService('iot.amazonaws.com'),
  });
  const functions = client(() => new LambdaClient(asService()));

  return {
    client,
    /** For a client that calls as a role does. It fetches new credentials when the present ones run out. */
    as: (roleArn: string, sessionName: string): ClientConfig => ({
      region,
      endpoint: gatewayUrl(),
      credentials: async () => principals.issue(roleArn, { sessionName }),
    }),
    asService,
    /** What a function answers, or nothing if it fails. */
    invoke: async (FunctionName: string, event: object, abortSignal?: AbortSignal): Promise<unknown> => {
      const command = new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)) });
      const { FunctionError, Payload } = await functions().send(command, { abortSignal });
      return FunctionError || !Payload ? undefined : JSON.parse(Buffer.from(Payload).toString('utf8'));
    },
    stop: (): void => made.forEach((one) => one.destroy()),
  };
}
