import * as iot from '@aws-sdk/client-iot';
import * as iotData from '@aws-sdk/client-iot-data-plane';
import dataBounds from '../bounds/iot-data-plane.json';
import bounds from '../bounds/iot.json';
import type { Principals } from '../principals';
import { modelled, type Service } from '../service';
import { certificateAdmission, customAdmission } from './admission';
import { createAuthority } from './authority';
import { startBroker } from './broker';
import { createCalls } from './calls';
import { certificateOperations } from './certificates';
import { startCredentialsProvider } from './credentials-provider';
import { dataOperations } from './data-plane';
import { groupOperations } from './groups';
import { createProvisioning } from './provisioning';
import { createRules } from './rules/engine';
import { settingOperations } from './settings';
import { createStore } from './store';
import { thingOperations } from './things';

export interface IotProps {
  readonly principals: Principals;
  /** Is asked when AWS IoT calls another service, as the gateway may come later. */
  readonly gatewayUrl: () => string;
  readonly region: string;
  readonly account: string;
}

/**
 * AWS IoT Core on this machine: registry, certificates and policies, broker, rules, fleet provisioning by claim, and the
 * credentials provider. Everything is in memory, and gone when it stops.
 */
export async function startIot({ principals, gatewayUrl, region, account }: IotProps) {
  const arn = `arn:aws:iot:${region}:${account}`;
  const store = createStore(arn);
  const authority = await createAuthority();
  const calls = createCalls({ principals, gatewayUrl, region });
  const tls = { ca: authority.caPem, ...(await authority.forServer()) };

  /** What the function of an authorizer says, if there is one that works. */
  const ask = async (name: string, event: object): Promise<unknown> => {
    const authorizer = store.authorizers.get(name);
    return authorizer?.status === 'ACTIVE' ? calls.invoke(authorizer.authorizerFunctionArn, event) : undefined;
  };

  const { operations: certificates, keep } = certificateOperations(store, authority);
  const rules = createRules({ arn, calls });
  const provisioning = createProvisioning({ store, authority, calls, keep });
  const broker = await startBroker({
    tls,
    devices: certificateAdmission(store),
    paths: { '/mqtt': customAdmission({ arn, ask }) },
    onMessage: (message, answer) => {
      provisioning.onMessage(message, answer);
      rules.onMessage(message);
    },
  });
  const credentials = await startCredentialsProvider({ store, principals, tls });

  const operations = {
    ...thingOperations(store, (topic, event) => void broker.publish(topic, JSON.stringify(event))),
    ...groupOperations(store),
    ...settingOperations(store, { data: () => broker.host, credentials: () => credentials.host }),
    ...rules.operations,
    ...provisioning.operations,
    ...certificates,
    /** Whoever has a connection by a certificate loses it with the certificate. */
    UpdateCertificate: (request: iot.UpdateCertificateRequest) => {
      const updated = certificates.UpdateCertificate(request);
      if (request.newStatus !== 'ACTIVE') broker.disconnectAll(request.certificateId!);
      return updated;
    },
  };

  return {
    services: [
      modelled({
        name: 'iot',
        protocol: 'rest-json',
        schemas: [iot],
        bounds,
        invalid: 'InvalidRequestException',
        operations: watched(operations, () => store.version++),
      }),
      modelled({
        name: 'iotdata',
        protocol: 'rest-json',
        schemas: [iotData],
        bounds: dataBounds,
        invalid: 'InvalidRequestException',
        operations: dataOperations(broker),
      }),
    ] satisfies Service[],
    /** The authority that devices and browsers have to trust, in PEM. */
    caPem: authority.caPem,
    /** Host and port of MQTT: `mqtts://` with a certificate, `ws://` or `wss://` with `/mqtt` for browsers. */
    dataEndpoint: broker.host,
    /** Host and port of the credentials provider, by HTTPS. */
    credentialsEndpoint: credentials.host,
    /** A certificate for many devices, which may do what a policy says. */
    createClaim: async (policyName: string): Promise<{ certificatePem: string; privateKey: string }> => {
      const made = await authority.withKeys();
      const { certificateArn, certificatePem } = keep(made, 'ACTIVE');
      certificates.AttachPolicy({ policyName, target: certificateArn });
      store.version++;
      return { certificatePem, privateKey: made.privateKey };
    },
    /** The ids of the clients that are connected. */
    clients: () => broker.clients(),
    /** Ends a connection as a lost network does. @returns whether there is one */
    drop: (clientId: string) => broker.drop(clientId),
    /** Once what is under way has come to its end. */
    stop: async () => {
      await broker.stop();
      await credentials.stop();
      await Promise.all([rules.end(), provisioning.end()]);
      calls.stop();
    },
  };
}

type Operations = Record<string, (input: never) => unknown>;

/** Tells of each operation that may change something, once it has. */
function watched<T extends Operations>(operations: T, onChange: () => void): T {
  return Object.fromEntries(
    Object.entries(operations).map(([name, work]) => [
      name,
      /^(Describe|Get|List)/.test(name)
        ? work
        : (input: never) => {
            const result = work(input);
            onChange();
            return result;
          },
    ]),
  ) as T;
}
