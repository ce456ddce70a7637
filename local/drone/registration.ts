import type { MqttClient } from 'mqtt';
import * as z from 'zod';
import { backOff, sleep } from '../../console/src/back-off';
import { openConnection, type Certificate } from './connection';
import type { Identity, Storage } from './storage';

export interface RegistrationProps {
  readonly url: string;
  readonly ca: string;
  readonly claim: Certificate;
  readonly serialNumber: string;
  readonly templateName: string;
  readonly storage: Storage;
  readonly signal: AbortSignal;
  /** Each time that it didn't work, or was refused. */
  readonly onFailure?: (error: Error) => void;
}

const created = z.object({
  certificatePem: z.string(),
  privateKey: z.string(),
  certificateOwnershipToken: z.string(),
});

const provisioned = z.object({
  thingName: z.string(),
  deviceConfiguration: z.record(z.string(), z.string()),
});

const rejected = z.object({ statusCode: z.number(), errorCode: z.string(), errorMessage: z.string() });

/** What AWS IoT didn't do, and why. */
export class Rejected extends Error {
  constructor(
    readonly statusCode: number,
    readonly errorCode: string,
    message: string,
  ) {
    super(message);
  }

  /** Whether it may be otherwise in a moment; else somebody has to do something first. */
  get isPassing(): boolean {
    return this.statusCode === 429 || this.statusCode >= 500;
  }
}

/** How long an answer may take, in milliseconds: the hook has five seconds, and AWS IoT its things to do. */
const PATIENCE = 15_000;

/** A certificate that isn't a thing's by then can't become one: its token is good for an hour. */
const PENDING = 50 * 60_000;

/** Who was refused tries again all the same: its serial number may come onto the list. From 30 seconds to ten minutes. */
const REFUSED = { first: 30_000, most: 600_000 };

/**
 * Registers a device by its claim, unless it has been before: docs/devices.md.
 *
 * @see https://docs.aws.amazon.com/iot/latest/developerguide/fleet-provision-api.html
 * @throws Error if it is to stop before it has succeeded
 */
export async function register(props: RegistrationProps): Promise<Identity> {
  const { storage, signal, onFailure } = props;
  for (let attempt = 0; !signal.aborted; attempt++) {
    const { identity } = storage.read();
    if (identity) return identity;
    try {
      return await attemptOnce(props);
    } catch (error) {
      onFailure?.(error as Error);
      const isSpent = error instanceof Rejected && error.errorCode === 'InvalidCertificateOwnershipToken';
      if (isSpent) storage.write({ pending: undefined });
      const isRefused = error instanceof Rejected && !error.isPassing && !isSpent;
      await sleep(backOff(attempt, isRefused ? REFUSED : {}), signal);
    }
  }
  throw new Error('The registration was stopped.');
}

async function attemptOnce({
  url,
  ca,
  claim,
  serialNumber,
  templateName,
  storage,
}: RegistrationProps): Promise<Identity> {
  const client = openConnection({ url, ca, ...claim, clientId: `claim-${serialNumber}` });
  try {
    const pending = storage.read().pending;
    // A hook that lets a device in once does so again with the same certificate only.
    if (!pending || Date.now() - pending.createdAt > PENDING) {
      const { certificatePem, privateKey, certificateOwnershipToken } = created.parse(
        await ask(client, '$aws/certificates/create/json', {}),
      );
      storage.write({
        pending: {
          certificate: certificatePem,
          privateKey,
          ownershipToken: certificateOwnershipToken,
          createdAt: Date.now(),
        },
      });
    }
    const { certificate, privateKey, ownershipToken } = storage.read().pending!;
    const { thingName, deviceConfiguration } = provisioned.parse(
      await ask(client, `$aws/provisioning-templates/${templateName}/provision/json`, {
        certificateOwnershipToken: ownershipToken,
        parameters: { SerialNumber: serialNumber },
      }),
    );
    const identity = { thing: thingName, certificate, privateKey, configuration: deviceConfiguration };
    storage.write({ identity, pending: undefined });
    return identity;
  } finally {
    await client.endAsync(true);
  }
}

/** Publishes a request and waits for the answer, on the topics that belong to that of the request. */
async function ask(client: MqttClient, topic: string, request: object): Promise<unknown> {
  const [accepted, refused] = [`${topic}/accepted`, `${topic}/rejected`];
  let late: NodeJS.Timeout | undefined;
  const answer = new Promise<unknown>((resolve, reject) => {
    late = setTimeout(() => reject(new Error(`Nobody answered to ${topic}.`)), PATIENCE);
    client.on('error', reject);
    client.on('close', () => reject(new Error('The connection was closed.')));
    client.on('message', (answeredTo, payload) => {
      if (answeredTo === accepted) resolve(JSON.parse(payload.toString()));
      if (answeredTo !== refused) return;
      const { statusCode, errorCode, errorMessage } = rejected.parse(JSON.parse(payload.toString()));
      reject(new Rejected(statusCode, errorCode, errorMessage));
    });
  });
  try {
    // Who isn't subscribed before misses the answer.
    const asked = client
      .subscribeAsync([accepted, refused], { qos: 1 })
      .then(() => client.publishAsync(topic, JSON.stringify(request), { qos: 1 }));
    const [, content] = await Promise.all([asked, answer]);
    return content;
  } finally {
    clearTimeout(late);
  }
}
