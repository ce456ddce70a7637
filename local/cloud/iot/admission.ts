import { randomUUID, X509Certificate } from 'node:crypto';
import * as z from 'zod';
import type { PolicyDocument } from '../principals';
import type { Admission, Admit, Connecting } from './broker';
import { allowedBy, type Context, type May } from './policies';
import type { DeviceCertificate, Store } from './store';

/**
 * Lets in who has an active certificate, as the policies of the certificate say at any time.
 *
 * The thing is the one whose name is the client id, if the certificate is attached to it.
 * https://docs.aws.amazon.com/iot/latest/developerguide/thing-policy-variables.html
 */
export function certificateAdmission(store: Store): Admit {
  return async ({ clientId, certificateId = '' }) => {
    const certificate = store.certificates.get(certificateId);
    return certificate && { principal: certificateId, may: mayOf(store, certificate, clientId) };
  };
}

/** What a certificate allows by the policies that it has whenever it is asked. */
export function mayOf(store: Store, certificate: DeviceCertificate, clientId?: string, thingName = clientId): May {
  let version = -1;
  let may: May;
  return (action, resource) => {
    if (version !== store.version) {
      version = store.version;
      const documents = [...certificate.policies].map((name) => store.policies.get(name)!.document);
      const context = contextOf(store, certificate, clientId, thingName);
      may = allowedBy({ arn: store.arn, documents, context });
    }
    return certificate.status === 'ACTIVE' && may(action, resource);
  };
}

/** https://docs.aws.amazon.com/iot/latest/developerguide/iot-policy-variables.html */
function contextOf(store: Store, certificate: DeviceCertificate, clientId?: string, thingName = ''): Context {
  const thing = store.things.get(thingName);
  const isAttached = thing?.principals.has(certificate.certificateArn) === true;
  const { subject } = new X509Certificate(certificate.certificatePem);
  const commonName = /^CN=(.*)$/m.exec(subject)?.[1];
  return {
    ...(clientId !== undefined && { 'iot:ClientId': clientId }),
    ...(commonName !== undefined && { 'iot:Certificate.Subject.CommonName': commonName }),
    'iot:CertificateId': certificate.certificateId,
    'iot:Connection.Thing.IsAttached': String(isAttached),
    ...(isAttached && { 'iot:Connection.Thing.ThingName': thing.thingName }),
    ...(isAttached && thing.thingTypeName && { 'iot:Connection.Thing.ThingTypeName': thing.thingTypeName }),
    ...(isAttached &&
      Object.fromEntries(
        Object.entries(thing.attributes).map(([name, value]) => [`iot:Connection.Thing.Attributes[${name}]`, value]),
      )),
  };
}

/** Between five minutes and a day. */
const seconds = z.number().int().min(300).max(86_400);

/** What AWS IoT takes. https://docs.aws.amazon.com/iot/latest/developerguide/custom-auth-lambda.html */
const response = z.object({
  isAuthenticated: z.boolean(),
  principalId: z.string().regex(/^[a-zA-Z0-9]{1,128}$/),
  disconnectAfterInSeconds: seconds,
  refreshAfterInSeconds: seconds,
  policyDocuments: z
    .array(
      z
        .union([z.string(), z.object({}).loose()])
        .transform((text) => (typeof text === 'string' ? text : JSON.stringify(text))),
    )
    .max(10)
    .refine((documents) => documents.every(({ length }) => length <= 2048)),
});

export interface AuthorizerProps {
  /** As in `arn:aws:iot:eu-west-1:111122223333`. */
  readonly arn: string;
  /** What the authorizer of this name answers, if there is such an authorizer. */
  readonly ask: (authorizer: string, event: object) => Promise<unknown>;
}

/** Lets in whom a function lets in, which decides by name and password, and from time to time again. */
export function customAdmission({ arn, ask }: AuthorizerProps): Admit {
  const decide = async (connecting: Connecting, id: string) => {
    const { username = '' } = connecting;
    const name = new URLSearchParams(username.slice(username.indexOf('?') + 1)).get('x-amz-customauthorizer-name');
    if (!name) return undefined;
    const answer = response.safeParse(await ask(name, authorizerEvent(connecting, id))).data;
    return answer?.isAuthenticated ? answer : undefined;
  };

  return async (connecting): Promise<Admission | undefined> => {
    const id = randomUUID();
    const first = await decide(connecting, id);
    if (!first) return undefined;
    const mayNow = ({ policyDocuments }: typeof first): May => {
      const documents = policyDocuments.map((text) => JSON.parse(text) as PolicyDocument);
      return allowedBy({
        arn,
        documents,
        context: { 'iot:ClientId': connecting.clientId },
      });
    };
    let may = mayNow(first);
    const refresh = async () => {
      const next = await decide(connecting, id).catch(() => undefined);
      if (next) may = mayNow(next);
      else connecting.close();
    };
    const end = setTimeout(connecting.close, 1000 * first.disconnectAfterInSeconds);
    const again = setInterval(() => void refresh(), 1000 * first.refreshAfterInSeconds);
    return {
      principal: first.principalId,
      may: (action, resource) => may(action, resource),
      onClose: () => {
        clearTimeout(end);
        clearInterval(again);
      },
    };
  };
}

function authorizerEvent({ clientId, username, password, request }: Connecting, id: string): object {
  const { headers = {}, url = '' } = request ?? {};
  const query = url.includes('?') ? url.slice(url.indexOf('?')) : '';
  return {
    signatureVerified: false,
    protocols: ['tls', 'http', 'mqtt'],
    protocolData: {
      tls: { serverName: headers.host },
      http: { headers, queryString: query },
      mqtt: { username, password: password?.toString('base64'), clientId },
    },
    connectionMetadata: { id },
  };
}
