import { request } from 'node:https';
import type { AwsCredentialIdentity } from '@smithy/types';
import * as z from 'zod';
import { backOff, sleep } from '../../console/src/back-off';
import type { Certificate } from './connection';

export interface CredentialsProps extends Certificate {
  /** Of the credentials provider, as `https://localhost:8443`. */
  readonly url: string;
  readonly ca: string;
  readonly roleAlias: string;
  readonly thing: string;
}

/** https://docs.aws.amazon.com/iot/latest/developerguide/authorizing-direct-aws.html */
const answered = z.object({
  credentials: z.object({
    accessKeyId: z.string(),
    secretAccessKey: z.string(),
    sessionToken: z.string(),
    expiration: z.iso.datetime(),
  }),
});

/** How long before they expire new ones are fetched, in milliseconds. */
const AHEAD = 60_000;

const ATTEMPTS = 4;
const PATIENCE = 10_000;

/** What the credentials provider refuses, as of a device that is shut out. */
export class CredentialsRefused extends Error {}

/** The credentials of a device's role, which it gets for its certificate: fetched when they are asked for, and kept until they nearly expire. */
export function deviceCredentials(props: CredentialsProps): () => Promise<AwsCredentialIdentity> {
  let current: AwsCredentialIdentity | undefined;
  let fetching: Promise<AwsCredentialIdentity> | undefined;
  return () => {
    if (current && current.expiration!.getTime() - AHEAD > Date.now()) return Promise.resolve(current);
    fetching ??= fetchPatiently(props)
      .then((fetched) => (current = fetched))
      .finally(() => (fetching = undefined));
    return fetching;
  };
}

async function fetchPatiently(props: CredentialsProps): Promise<AwsCredentialIdentity> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetchOnce(props);
    } catch (error) {
      if (error instanceof CredentialsRefused || attempt === ATTEMPTS) throw error;
      await sleep(backOff(attempt - 1, { first: 500, most: 4000 }));
    }
  }
}

function fetchOnce({
  url,
  ca,
  certificate,
  privateKey,
  roleAlias,
  thing,
}: CredentialsProps): Promise<AwsCredentialIdentity> {
  return new Promise((resolve, reject) => {
    const asking = request(new URL(`/role-aliases/${roleAlias}/credentials`, url), {
      ca,
      cert: certificate,
      key: privateKey,
      // Policies know the thing by it.
      headers: { 'x-amzn-iot-thingname': thing },
      timeout: PATIENCE,
      agent: false,
    });
    asking.on('error', reject);
    asking.on('timeout', () => asking.destroy(new Error('The credentials provider did not answer.')));
    asking.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('error', reject);
      response.on('data', (text: string) => (body += text));
      response.on('end', () => {
        const status = response.statusCode!;
        if (status >= 400 && status < 500 && status !== 429) {
          return reject(
            new CredentialsRefused(`The credentials provider answered with ${status}: ${body.slice(0, 200)}`),
          );
        }
        if (status !== 200) return reject(new Error(`The credentials provider answered with ${status}.`));
        try {
          const { credentials } = answered.parse(JSON.parse(body));
          resolve({ ...credentials, expiration: new Date(credentials.expiration) });
        } catch (error) {
          reject(error as Error);
        }
      });
    });
    asking.end();
  });
}
