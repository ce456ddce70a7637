import { createPrivateKey, X509Certificate } from 'node:crypto';
import {
  CreatePolicyCommand,
  CreateProvisioningTemplateCommand,
  CreateThingTypeCommand,
  DescribeCertificateCommand,
  DescribeThingCommand,
  ListThingPrincipalsCommand,
  UpdateThingCommand,
} from '@aws-sdk/client-iot';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { hookRequest } from '../../../lambda/common/provisioning-hook';
import { hookInput } from '../../events/provisioning-hook';
import { ACCOUNT, allow, ARN, hear, REGION, role, startCloud, until, type Cloud } from './support';

const HOOK = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:hook`;
const CREATE = '$aws/certificates/create/json';
const FROM_CSR = '$aws/certificates/create-from-csr/json';
const PROVISION = '$aws/provisioning-templates/fleet/provision/json';
const TOPICS = ['$aws/certificates/create/*', '$aws/certificates/create-from-csr/*', '$aws/provisioning-templates/*'];

const BODY = {
  Parameters: { SerialNumber: { Type: 'String' }, 'AWS::IoT::Certificate::Id': { Type: 'String' } },
  Resources: {
    thing: {
      Type: 'AWS::IoT::Thing',
      Properties: {
        ThingName: { 'Fn::Join': ['', ['cam-', { Ref: 'SerialNumber' }]] },
        ThingTypeName: 'camera',
        AttributePayload: { fleet: 'delivery', serialNumber: { Ref: 'SerialNumber' } },
      },
      OverrideSettings: { AttributePayload: 'MERGE', ThingTypeName: 'REPLACE', ThingGroups: 'DO_NOTHING' },
    },
    certificate: {
      Type: 'AWS::IoT::Certificate',
      Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'Active' },
    },
    policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: 'device' } },
  },
  DeviceConfiguration: { region: REGION, streams: '{thing}' },
};

let cloud: Cloud;
let claim: { cert: string; key: string };

interface Answer {
  readonly topic: string;
  readonly body: Record<string, string>;
}

/** Somebody who holds the claim certificate. */
async function claimant(clientId: string) {
  const client = await cloud.connect({ ...claim, clientId });
  const heard = hear(client);
  await client.subscribeAsync(
    [CREATE, FROM_CSR, PROVISION].map((topic) => `${topic}/+`),
    { qos: 1 },
  );
  const ask = async (topic: string, request: object | string = {}): Promise<Answer> => {
    const before = heard.length;
    await client.publishAsync(topic, typeof request === 'string' ? request : JSON.stringify(request), { qos: 1 });
    await until(() => heard.length > before);
    const { topic: at, payload } = heard[before];
    return { topic: at, body: JSON.parse(payload) as Record<string, string> };
  };
  return {
    client,
    heard,
    ask,
    provision: (certificateOwnershipToken: string, parameters: object) =>
      ask(PROVISION, { certificateOwnershipToken, parameters }),
  };
}

beforeAll(async () => {
  cloud = await startCloud();
  cloud.principals.role(role('Provisioning'), []);
  await cloud.client.send(new CreateThingTypeCommand({ thingTypeName: 'camera' }));
  const policies = {
    device: allow('iot:Connect', 'client/${iot:Connection.Thing.ThingName}'),
    claim: {
      Version: '2012-10-17',
      Statement: [
        allow('iot:Connect', 'client/claim-*'),
        allow(['iot:Publish', 'iot:Receive'], ...TOPICS.map((topic) => `topic/${topic}`)),
        allow('iot:Subscribe', ...TOPICS.map((topic) => `topicfilter/${topic}`)),
      ].flatMap(({ Statement }) => Statement),
    },
  };
  for (const [policyName, document] of Object.entries(policies)) {
    await cloud.client.send(new CreatePolicyCommand({ policyName, policyDocument: JSON.stringify(document) }));
  }
  await cloud.client.send(
    new CreateProvisioningTemplateCommand({
      templateName: 'fleet',
      templateBody: JSON.stringify(BODY),
      enabled: true,
      provisioningRoleArn: role('Provisioning'),
      preProvisioningHook: { targetArn: HOOK, payloadVersion: '2020-04-01' },
    }),
  );
  const { certificatePem, privateKey } = await cloud.iot.createClaim('claim');
  claim = { cert: certificatePem, key: privateKey };
});
beforeEach(() => cloud.functions.set(HOOK, () => ({ allowProvisioning: true })));
afterAll(() => cloud.stop());

test('a device gets a certificate for a claim, is registered with it, and comes as a thing', async () => {
  const { ask, provision } = await claimant('claim-1');
  const created = await ask(CREATE);
  expect(created.topic).toBe(`${CREATE}/accepted`);
  const { certificateId, certificatePem, privateKey, certificateOwnershipToken } = created.body;
  expect(new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(privateKey))).toBe(true);
  const { certificateDescription: before } = await cloud.client.send(new DescribeCertificateCommand({ certificateId }));
  expect(before!.status).toBe('PENDING_ACTIVATION');
  const tls = { cert: certificatePem, key: privateKey };
  await expect(cloud.connect({ ...tls, clientId: 'cam-s1' })).rejects.toThrow(/Not authorized/);

  expect(await provision(certificateOwnershipToken, { SerialNumber: 's1' })).toEqual({
    topic: `${PROVISION}/accepted`,
    body: { deviceConfiguration: { region: REGION, streams: '{thing}' }, thingName: 'cam-s1' },
  });
  expect(await cloud.client.send(new DescribeThingCommand({ thingName: 'cam-s1' }))).toMatchObject({
    thingTypeName: 'camera',
    attributes: { fleet: 'delivery', serialNumber: 's1' },
    version: 1,
  });
  await cloud.connect({ ...tls, clientId: 'cam-s1' });
});

test('the hook is asked what AWS documents', async () => {
  const { ask, provision } = await claimant('claim-2');
  const { certificateId, certificatePem, certificateOwnershipToken } = (await ask(CREATE)).body;
  await provision(certificateOwnershipToken, { SerialNumber: 's2' });
  const { body, by } = cloud.sent.at(-1)!;
  const event = JSON.parse(body) as object;
  expect(by).toBe('iot.amazonaws.com');
  expect(hookRequest.safeParse(event).success).toBe(true);
  expect(event).toEqual({
    ...hookInput('s2', certificateId),
    certificatePem,
    claimCertificateId: expect.stringMatching(/^[0-9a-f]{64}$/),
    templateArn: `${ARN}:provisioningtemplate/fleet`,
    clientId: 'claim-2',
  });
});

test('what the hook denies is rejected, and nothing is made; with the same token it may be tried again', async () => {
  const { ask, provision } = await claimant('claim-3');
  const { certificateId, certificateOwnershipToken } = (await ask(CREATE)).body;
  cloud.functions.set(HOOK, () => ({ allowProvisioning: false }));
  const denied = await provision(certificateOwnershipToken, { SerialNumber: 's3' });
  expect(denied.topic).toBe(`${PROVISION}/rejected`);
  expect(denied.body).toMatchObject({ statusCode: 403, errorCode: 'AccessDenied' });
  await expect(cloud.client.send(new DescribeThingCommand({ thingName: 'cam-s3' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  const { certificateDescription } = await cloud.client.send(new DescribeCertificateCommand({ certificateId }));
  expect(certificateDescription!.status).toBe('PENDING_ACTIVATION');

  cloud.functions.set(HOOK, () => {
    throw new Error('failed');
  });
  expect((await provision(certificateOwnershipToken, { SerialNumber: 's3' })).body.errorCode).toBe('AccessDenied');
  cloud.functions.set(HOOK, () => ({ allowProvisioning: true }));
  expect((await provision(certificateOwnershipToken, { SerialNumber: 's3' })).topic).toBe(`${PROVISION}/accepted`);
});

test('a device that missed the answer asks again with the same token, within an hour', async () => {
  const { ask, provision } = await claimant('claim-11');
  const { certificateOwnershipToken } = (await ask(CREATE)).body;
  const first = await provision(certificateOwnershipToken, { SerialNumber: 's11' });
  expect(await provision(certificateOwnershipToken, { SerialNumber: 's11' })).toEqual(first);
  const now = Date.now();
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => now + 3_600_000);
  const late = await provision(certificateOwnershipToken, { SerialNumber: 's11' });
  clock.mockRestore();
  expect(late.body).toMatchObject({ statusCode: 400, errorCode: 'InvalidCertificateOwnershipToken' });
});

test('a hook that takes more than five seconds denies', async () => {
  const { ask, provision } = await claimant('claim-4');
  const { certificateOwnershipToken } = (await ask(CREATE)).body;
  const timeout = jest.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => {
    expect(milliseconds).toBe(5000);
    return AbortSignal.abort();
  });
  const { body } = await provision(certificateOwnershipToken, { SerialNumber: 's4' });
  timeout.mockRestore();
  expect(body.errorCode).toBe('AccessDenied');
});

test('a device with a key of its own asks with a signing request', async () => {
  const { ask, provision } = await claimant('claim-5');
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=camera',
    keys,
    signingAlgorithm: algorithm,
  });
  const created = await ask(FROM_CSR, { certificateSigningRequest: request.toString('pem') });
  expect(created.topic).toBe(`${FROM_CSR}/accepted`);
  expect(created.body).not.toHaveProperty('privateKey');
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  expect((await provision(created.body.certificateOwnershipToken, { SerialNumber: 's5' })).body.thingName).toBe(
    'cam-s5',
  );
  await cloud.connect({ cert: created.body.certificatePem, key, clientId: 'cam-s5' });
  expect((await ask(FROM_CSR, { certificateSigningRequest: 'none' })).body).toMatchObject({ statusCode: 400 });
});

test('a thing that is there keeps what the template does not replace, and gets the new certificate too', async () => {
  const { ask, provision } = await claimant('claim-6');
  const thingName = 'cam-s6';
  const registerAgain = async () =>
    provision((await ask(CREATE)).body.certificateOwnershipToken, { SerialNumber: 's6' });
  await registerAgain();
  const own = { attributes: { floor: '2', fleet: 'another' }, merge: true };
  await cloud.client.send(new UpdateThingCommand({ thingName, attributePayload: own }));
  await registerAgain();
  expect(await cloud.client.send(new DescribeThingCommand({ thingName }))).toMatchObject({
    attributes: { floor: '2', fleet: 'delivery', serialNumber: 's6' },
    version: 3,
  });
  const { principals } = await cloud.client.send(new ListThingPrincipalsCommand({ thingName }));
  expect(principals).toHaveLength(2);
});

test.each([
  ['no JSON', PROVISION, 'none', 400, 'InvalidPayload'],
  ['no token', PROVISION, {}, 400, 'InvalidPayload'],
  ['another token', PROVISION, { certificateOwnershipToken: 'x' }, 400, 'InvalidCertificateOwnershipToken'],
])('what has %s is rejected', async (_, topic, request, statusCode, errorCode) => {
  const { ask } = await claimant('claim-7');
  const { topic: at, body } = await ask(topic, request);
  expect(at).toBe(`${topic}/rejected`);
  expect(body).toMatchObject({ statusCode, errorCode, errorMessage: expect.any(String) });
});

test('what lacks a parameter is rejected', async () => {
  const { ask, provision } = await claimant('claim-8');
  const { body } = await provision((await ask(CREATE)).body.certificateOwnershipToken, {});
  expect(body).toMatchObject({ statusCode: 400, errorCode: 'InvalidParameters' });
});

test('who has the same claim does not hear the answer to another', async () => {
  const other = await claimant('claim-9-other');
  const { ask } = await claimant('claim-9');
  await ask(CREATE);
  await ask(CREATE);
  expect(other.heard).toEqual([]);
});

test.each([
  ['may not hear', allow('iot:Receive', 'topic/last'), [`${PROVISION}/rejected`, 'last']],
  ['is not subscribed to', allow('iot:Receive', '*'), ['last']],
])('nobody gets an answer that it %s', async (_, receive, filters) => {
  const { tls } = await cloud.certificate(allow(['iot:Connect', 'iot:Publish', 'iot:Subscribe'], '*'), receive);
  const client = await cloud.connect({ ...tls, clientId: 'claim-10' });
  const heard = hear(client);
  await client.subscribeAsync(filters, { qos: 1 });
  await client.publishAsync(PROVISION, 'none', { qos: 1 });
  await client.publishAsync('last', '', { qos: 1 });
  await until(() => heard.some(({ topic }) => topic === 'last'));
  expect(heard.map(({ topic }) => topic)).toEqual(['last']);
  await client.endAsync();
});

test.each([
  ['of a form that is not understood', { ...BODY, Mappings: {} }, 'FLEET_PROVISIONING' as const],
  ['for a CA of one’s own', BODY, 'JITP' as const],
])('a template %s is refused', async (_, body, type) => {
  const command = new CreateProvisioningTemplateCommand({
    templateName: 'refused',
    templateBody: JSON.stringify(body),
    provisioningRoleArn: role('Provisioning'),
    type,
  });
  await expect(cloud.client.send(command)).rejects.toMatchObject({ name: 'InvalidRequestException' });
});
