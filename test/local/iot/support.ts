import { createHash } from 'node:crypto';
import { IoTClient } from '@aws-sdk/client-iot';
import * as iotSdk from '@aws-sdk/client-iot';
import * as lambda from '@aws-sdk/client-lambda';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { startGateway } from '../../../local/cloud/gateway';
import { startIot } from '../../../local/cloud/iot';
import { Principals, type PolicyDocument } from '../../../local/cloud/principals';
import { modelled, ServiceError, type Call } from '../../../local/cloud/service';

export const REGION = 'eu-west-1';
export const ACCOUNT = '111122223333';
export const ARN = `arn:aws:iot:${REGION}:${ACCOUNT}`;

/** A message that another service was sent by AWS IoT. */
export interface Sent {
  readonly service: 'sqs' | 'sns' | 'lambda';
  readonly to: string;
  readonly body: string;
  /** Whoever sent it. */
  readonly by: string;
}

export type Cloud = Awaited<ReturnType<typeof startCloud>>;

/** AWS IoT behind a gateway, beside services that only note what they get. */
export async function startCloud() {
  const principals = new Principals();
  principals.role(role('Admin'), []);
  const sent: Sent[] = [];
  /** By ARN: what a function makes of its event. */
  const functions = new Map<string, (event: unknown) => unknown>();
  const broken = new Set<string>();
  const note = (service: Sent['service'], to: string, body: string, { principal }: Call) => {
    if (broken.has(to)) throw new ServiceError('AccessDenied', `${to} is broken`, 403);
    sent.push({ service, to, body, by: principal.roleArn ?? principal.arn });
  };

  const gateway = await startGateway({
    principals,
    services: [
      modelled({
        name: 'sqs',
        protocol: 'json',
        schemas: [sqs],
        operations: {
          SendMessage: ({ QueueUrl, MessageBody }: sqs.SendMessageRequest, call: Call) => {
            note('sqs', QueueUrl!, MessageBody!, call);
            return { MessageId: '1', MD5OfMessageBody: createHash('md5').update(MessageBody!).digest('hex') };
          },
        },
      }),
      modelled({
        name: 'sns',
        protocol: 'query',
        schemas: [sns],
        operations: {
          Publish: ({ TopicArn, Message }: sns.PublishInput, call: Call) => {
            note('sns', TopicArn!, Message!, call);
            return { MessageId: '1' };
          },
        },
      }),
      modelled({
        name: 'lambda',
        protocol: 'rest-json',
        schemas: [lambda],
        operations: {
          Invoke: async ({ FunctionName, Payload }: lambda.InvocationRequest, call: Call) => {
            const body = Buffer.from(Payload as Uint8Array).toString();
            note('lambda', FunctionName!, body, call);
            try {
              const answer = await functions.get(FunctionName!)!(JSON.parse(body));
              return { StatusCode: 200, Payload: Buffer.from(JSON.stringify(answer)) };
            } catch (error) {
              const Payload = Buffer.from(JSON.stringify({ errorMessage: String(error) }));
              return { StatusCode: 200, FunctionError: 'Unhandled', Payload };
            }
          },
        },
      }),
    ],
  });
  const iot = await startIot({ principals, gatewayUrl: () => gateway.url, region: REGION, account: ACCOUNT });
  for (const service of iot.services) gateway.add(service);

  const admin = {
    region: REGION,
    endpoint: gateway.url,
    credentials: principals.issue(role('Admin'), { sessionName: 'admin' }),
  };
  const client = new IoTClient(admin);
  const clients = new Set<MqttClient>();
  let count = 0;

  const connect = async (options: IClientOptions, url = `mqtts://${iot.dataEndpoint}`): Promise<MqttClient> => {
    const made = mqtt.connect(url, { ca: iot.caPem, reconnectPeriod: 0, connectTimeout: 5000, ...options });
    clients.add(made);
    await new Promise<void>((resolve, reject) => {
      made.once('connect', () => resolve());
      made.once('error', reject);
      made.once('close', () => reject(new Error('closed')));
    });
    return made;
  };

  return {
    iot,
    principals,
    /** What clients of the SDK take, of somebody who may do everything. */
    admin,
    client,
    sent,
    functions,
    /** Queues, topics and functions that fail. */
    broken,
    connect,
    /** A certificate that has these policies, active. */
    certificate: async (...documents: PolicyDocument[]) => {
      const made = await client.send(new iotSdk.CreateKeysAndCertificateCommand({ setAsActive: true }));
      for (const document of documents) {
        const policyName = `policy-${++count}`;
        await client.send(new iotSdk.CreatePolicyCommand({ policyName, policyDocument: JSON.stringify(document) }));
        await client.send(new iotSdk.AttachPolicyCommand({ policyName, target: made.certificateArn }));
      }
      return {
        id: made.certificateId!,
        arn: made.certificateArn!,
        /** For a client of MQTT. */
        tls: { cert: made.certificatePem!, key: made.keyPair!.PrivateKey! },
      };
    },
    stop: async () => {
      for (const made of clients) await made.endAsync(true);
      client.destroy();
      await iot.stop();
      await gateway.stop();
    },
  };
}

export function role(name: string): string {
  return `arn:aws:iam::${ACCOUNT}:role/${name}`;
}

export function allow(actions: string | string[], ...resources: string[]): PolicyDocument {
  const Resource = resources.map((resource) => (resource === '*' ? resource : `${ARN}:${resource}`));
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource }] };
}

/** Whatever a client hears. */
export function hear(client: MqttClient): { topic: string; payload: string }[] {
  const heard: { topic: string; payload: string }[] = [];
  client.on('message', (topic, payload) => heard.push({ topic, payload: payload.toString() }));
  return heard;
}

/** Waits for what comes about by itself. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** The end of a connection. */
export function closed(client: MqttClient): Promise<void> {
  return new Promise((resolve) => (client.connected ? client.once('close', () => resolve()) : resolve()));
}
