import type * as iot from '@aws-sdk/client-iot';
import type { PolicyDocument } from '../principals';
import { ServiceError } from '../service';
import type { Authority, Certificate } from './authority';
import {
  certificateOf,
  existing,
  invalid,
  page,
  vacant,
  type CertificateStatus,
  type DeviceCertificate,
  type Store,
} from './store';

/** https://docs.aws.amazon.com/general/latest/gr/iot-core.html#security-limits */
const MAX_POLICIES = 10;
const MAX_CHARACTERS = 2048;

/** Certificates, and the policies that are attached to them. */
export function certificateOperations(store: Store, authority: Authority) {
  const find = (id?: string) => existing(store.certificates, 'Certificate', id);
  const targetOf = (arn?: string) => {
    const target = certificateOf(store, arn);
    if (target) return target;
    throw new ServiceError('ResourceNotFoundException', `The target ${arn} is no certificate of this account`, 404);
  };
  const thingsOf = ({ certificateArn }: DeviceCertificate) =>
    [...store.things.values()].filter(({ principals }) => principals.has(certificateArn));

  const keep = ({ id, pem }: Certificate, status: CertificateStatus): DeviceCertificate => {
    const certificate: DeviceCertificate = {
      certificateId: id,
      certificateArn: `${store.arn}:cert/${id}`,
      certificatePem: pem,
      status,
      creationDate: new Date(),
      lastModifiedDate: new Date(),
      policies: new Set(),
    };
    store.certificates.set(id, certificate);
    return certificate;
  };
  const identify = ({ certificateId, certificateArn, certificatePem }: DeviceCertificate) => ({
    certificateId,
    certificateArn,
    certificatePem,
  });

  const operations = {
    CreateKeysAndCertificate: async ({ setAsActive }: iot.CreateKeysAndCertificateRequest) => {
      const made = await authority.withKeys();
      const keyPair = { PublicKey: made.publicKey, PrivateKey: made.privateKey };
      return { ...identify(keep(made, setAsActive ? 'ACTIVE' : 'INACTIVE')), keyPair };
    },

    CreateCertificateFromCsr: async ({
      certificateSigningRequest = '',
      setAsActive,
    }: iot.CreateCertificateFromCsrRequest) => {
      const made = await authority.fromRequest(certificateSigningRequest);
      if (!made) throw invalid('The certificate signing request is none, or not signed with its key');
      return identify(keep(made, setAsActive ? 'ACTIVE' : 'INACTIVE'));
    },

    DescribeCertificate: ({ certificateId }: iot.DescribeCertificateRequest): iot.DescribeCertificateResponse => {
      const { policies: _, ...certificate } = find(certificateId);
      return {
        certificateDescription: { ...certificate, ownedBy: store.arn.split(':')[4], certificateMode: 'DEFAULT' },
      };
    },

    UpdateCertificate: ({ certificateId, newStatus }: iot.UpdateCertificateRequest) => {
      if (newStatus !== 'ACTIVE' && newStatus !== 'INACTIVE' && newStatus !== 'REVOKED') {
        throw invalid(`The status of a certificate can't become ${newStatus}`);
      }
      Object.assign(find(certificateId), { status: newStatus, lastModifiedDate: new Date() });
      return {};
    },

    DeleteCertificate: ({ certificateId, forceDelete }: iot.DeleteCertificateRequest) => {
      const certificate = find(certificateId);
      if (certificate.status === 'ACTIVE') {
        throw new ServiceError('CertificateStateException', 'An active certificate can not be deleted', 406);
      }
      const isInUse = thingsOf(certificate).length > 0 || (certificate.policies.size > 0 && !forceDelete);
      if (isInUse) throw new ServiceError('DeleteConflictException', 'Something is attached to the certificate', 409);
      store.certificates.delete(certificate.certificateId);
      return {};
    },

    CreatePolicy: ({ policyName = '', policyDocument = '' }: iot.CreatePolicyRequest): iot.CreatePolicyResponse => {
      vacant(store.policies, 'Policy', policyName);
      const policyArn = `${store.arn}:policy/${policyName}`;
      store.policies.set(policyName, { policyName, policyArn, text: policyDocument, document: parse(policyDocument) });
      return { policyName, policyArn, policyDocument, policyVersionId: '1' };
    },

    GetPolicy: ({ policyName }: iot.GetPolicyRequest): iot.GetPolicyResponse => {
      const { text, policyArn } = existing(store.policies, 'Policy', policyName);
      return { policyName, policyArn, policyDocument: text, defaultVersionId: '1' };
    },

    DeletePolicy: ({ policyName = '' }: iot.DeletePolicyRequest) => {
      existing(store.policies, 'Policy', policyName);
      if ([...store.certificates.values()].some(({ policies }) => policies.has(policyName))) {
        throw new ServiceError('DeleteConflictException', `Policy ${policyName} is attached to a principal`, 409);
      }
      store.policies.delete(policyName);
      return {};
    },

    AttachPolicy: ({ policyName, target }: iot.AttachPolicyRequest) => {
      const policy = existing(store.policies, 'Policy', policyName);
      const { policies } = targetOf(target);
      if (policies.size >= MAX_POLICIES && !policies.has(policy.policyName)) {
        throw new ServiceError('LimitExceededException', `${target} has ${MAX_POLICIES} policies`, 410);
      }
      policies.add(policy.policyName);
      return {};
    },

    DetachPolicy: ({ policyName, target }: iot.DetachPolicyRequest) => {
      targetOf(target).policies.delete(existing(store.policies, 'Policy', policyName).policyName);
      return {};
    },

    ListAttachedPolicies: ({ target, pageSize, marker }: iot.ListAttachedPoliciesRequest) => {
      const { items, next } = page([...targetOf(target).policies], { maxResults: pageSize, nextToken: marker });
      const policies = items.map((name) => existing(store.policies, 'Policy', name));
      return { policies: policies.map(({ policyName, policyArn }) => ({ policyName, policyArn })), nextMarker: next };
    },

    ListTargetsForPolicy: ({ policyName = '', pageSize, marker }: iot.ListTargetsForPolicyRequest) => {
      existing(store.policies, 'Policy', policyName);
      const all = [...store.certificates.values()].filter(({ policies }) => policies.has(policyName));
      const { items, next } = page(all, { maxResults: pageSize, nextToken: marker });
      return { targets: items.map(({ certificateArn }) => certificateArn), nextMarker: next };
    },
  };
  return { operations, keep };
}

/** @throws ServiceError as for what is no policy */
function parse(text: string): PolicyDocument {
  const refuse = (why: string) => new ServiceError('MalformedPolicyException', why, 400);
  if (text.replaceAll(/\s/g, '').length > MAX_CHARACTERS) {
    throw refuse(`A policy has at most ${MAX_CHARACTERS} characters, white space apart`);
  }
  try {
    const document = JSON.parse(text) as PolicyDocument;
    const statements = [document.Statement].flat() as Record<string, unknown>[];
    const isComplete = statements.every(({ Effect, Action, Resource }) => Effect && Action && Resource);
    if (document.Version && statements.length > 0 && isComplete) return document;
  } catch {
    throw refuse('The policy is no JSON');
  }
  throw refuse('The policy lacks its version or a statement with effect, action and resource');
}
