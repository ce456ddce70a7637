import { randomBytes } from 'node:crypto';
import type * as iot from '@aws-sdk/client-iot';
import { IoTClient } from '@aws-sdk/client-iot';
import * as z from 'zod';
import { UnderWay } from '../http';
import type { Authority, Certificate } from './authority';
import type { Answer, Message } from './broker';
import type { Calls } from './calls';
import { register } from './registration';
import { existing, invalid, vacant, type CertificateStatus, type DeviceCertificate, type Store } from './store';
import { CERTIFICATE_ID, parseTemplate, resolveTemplate, wrongParameters, type TemplateBody } from './template-body';

interface ProvisioningTemplate {
  readonly request: iot.CreateProvisioningTemplateRequest;
  readonly templateArn: string;
  readonly body: TemplateBody;
}

export interface ProvisioningProps {
  readonly store: Store;
  readonly authority: Authority;
  readonly calls: Calls;
  /** Keeps a certificate that was made. */
  readonly keep: (certificate: Certificate, status: CertificateStatus) => DeviceCertificate;
}

/** What a device is told that didn't get what it asked for. */
class Rejection extends Error {
  constructor(
    readonly statusCode: number,
    readonly errorCode: string,
    message: string,
  ) {
    super(message);
  }
}

/** Until then a new certificate is to be registered, in milliseconds, and may be again: the answer may have been lost. */
const OWNERSHIP = 3_600_000;

/** As long as AWS IoT waits for a hook, in milliseconds. */
const PATIENCE = 5000;

const CREATE = '$aws/certificates/create/json';
const CREATE_FROM_CSR = '$aws/certificates/create-from-csr/json';
const PROVISION = /^\$aws\/provisioning-templates\/([^/]+)\/provision\/json$/;

const csrRequest = z.object({ certificateSigningRequest: z.string() });
const provisionRequest = z.object({
  certificateOwnershipToken: z.string().min(1),
  parameters: z.record(z.string(), z.string()).default({}),
});
const decision = z.object({
  allowProvisioning: z.boolean(),
  parameterOverrides: z.record(z.string(), z.string()).default({}),
});

/**
 * Fleet provisioning over MQTT, with JSON. https://docs.aws.amazon.com/iot/latest/developerguide/fleet-provision-api.html
 */
export function createProvisioning({ store, authority, calls, keep }: ProvisioningProps) {
  const templates = new Map<string, ProvisioningTemplate>();
  const owned = new Map<string, { readonly certificateId: string; readonly until: number }>();
  const underWay = new UnderWay();

  const own = (made: Certificate) => {
    const { certificateId, certificatePem } = keep(made, 'PENDING_ACTIVATION');
    const certificateOwnershipToken = randomBytes(48).toString('base64url');
    owned.set(certificateOwnershipToken, { certificateId, until: Date.now() + OWNERSHIP });
    return { certificateId, certificatePem, certificateOwnershipToken };
  };

  const askHook = async ({ request }: ProvisioningTemplate, event: object) => {
    const { targetArn } = request.preProvisioningHook ?? {};
    if (!targetArn) return {};
    const answer = await calls.invoke(targetArn, event, AbortSignal.timeout(PATIENCE)).catch(() => undefined);
    const decided = decision.safeParse(answer).data;
    if (!decided?.allowProvisioning)
      throw new Rejection(403, 'AccessDenied', 'Access denied by the pre-provisioning hook');
    return decided.parameterOverrides;
  };

  const provision = async (name: string, { payload, clientId = '', principal = '' }: Message): Promise<object> => {
    const template = templates.get(name);
    if (!template?.request.enabled) throw new Rejection(404, 'ResourceNotFound', `There is no template ${name}`);
    const { certificateOwnershipToken, parameters } = read(provisionRequest, payload);
    const proof = owned.get(certificateOwnershipToken);
    const certificate = proof && proof.until > Date.now() ? store.certificates.get(proof.certificateId) : undefined;
    if (!certificate) throw new Rejection(400, 'InvalidCertificateOwnershipToken', 'The token is none, or has expired');
    const wrong = wrongParameters(template.body, parameters);
    if (wrong.length > 0) throw new Rejection(400, 'InvalidParameters', `Missing or unknown: ${wrong.join(', ')}`);
    const { certificateId, certificatePem } = certificate;
    const overrides = await askHook(template, {
      claimCertificateId: principal,
      certificateId,
      certificatePem,
      templateArn: template.templateArn,
      clientId,
      parameters,
    });
    const resolved = resolveTemplate(template.body, { ...parameters, ...overrides, [CERTIFICATE_ID]: certificateId });
    const client = new IoTClient(calls.as(template.request.provisioningRoleArn!, 'provisioning'));
    const thingName = await register(client, resolved, certificate.certificateArn).finally(() => client.destroy());
    return { deviceConfiguration: resolved.deviceConfiguration, thingName };
  };

  const work = async (message: Message): Promise<object> => {
    if (message.topic === CREATE) {
      const { publicKey: _, privateKey, ...made } = await authority.withKeys();
      return { ...own(made), privateKey };
    }
    if (message.topic === CREATE_FROM_CSR) {
      const made = await authority.fromRequest(read(csrRequest, message.payload).certificateSigningRequest);
      if (!made) throw new Rejection(400, 'InvalidCertificateSigningRequest', 'The request is none, or not signed');
      return own(made);
    }
    return provision(PROVISION.exec(message.topic)![1], message);
  };

  const reply = async (message: Message, answer: Answer): Promise<void> => {
    try {
      answer(`${message.topic}/accepted`, await work(message));
    } catch (error) {
      answer(`${message.topic}/rejected`, rejectionOf(error));
    }
  };

  return {
    operations: {
      CreateProvisioningTemplate: (request: iot.CreateProvisioningTemplateRequest) => {
        const { templateName = '', templateBody = '', type = 'FLEET_PROVISIONING' } = request;
        vacant(templates, 'Provisioning template', templateName);
        if (type !== 'FLEET_PROVISIONING') throw invalid(`Templates of the type ${type} are not known here`);
        const templateArn = `${store.arn}:provisioningtemplate/${templateName}`;
        templates.set(templateName, { request, templateArn, body: parseBody(templateBody) });
        return { templateArn, templateName, defaultVersionId: 1 };
      },

      DescribeProvisioningTemplate: ({ templateName }: iot.DescribeProvisioningTemplateRequest) => {
        const { request, templateArn } = existing(templates, 'Provisioning template', templateName);
        return { ...request, templateArn, defaultVersionId: 1 };
      },
    },
    /** Does what is asked for by MQTT, and comes back at once. */
    onMessage: (message: Message, answer?: Answer): void => {
      const isAsked = [CREATE, CREATE_FROM_CSR].includes(message.topic) || PROVISION.test(message.topic);
      if (isAsked && answer) underWay.add(reply(message, answer));
    },
    end: () => underWay.end(),
  };
}

function read<T>(schema: z.ZodType<T>, payload: Buffer): T {
  try {
    return schema.parse(JSON.parse(payload.toString('utf8')));
  } catch (error) {
    throw new Rejection(400, 'InvalidPayload', error instanceof z.ZodError ? z.prettifyError(error) : String(error));
  }
}

function parseBody(text: string): TemplateBody {
  try {
    return parseTemplate(text);
  } catch (error) {
    throw invalid(`The template is not understood: ${error instanceof z.ZodError ? z.prettifyError(error) : error}`);
  }
}

function rejectionOf(error: unknown): object {
  if (error instanceof Rejection) {
    const { statusCode, errorCode, message } = error;
    return { statusCode, errorCode, errorMessage: message };
  }
  const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
  return { statusCode: $metadata?.httpStatusCode ?? 500, errorCode: name, errorMessage: message };
}
