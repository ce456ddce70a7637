import 'reflect-metadata';
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import * as x509 from '@peculiar/x509';
import type { CdkCustomResourceEvent } from 'aws-lambda';
import type { MqttClient } from 'mqtt';
import { handle as handleSettings } from '../../../lambda/iot-settings/handler';
import { IOT } from '../../../local/deploy/iot';
import type { DeployContext } from '../../../local/deploy/resource';
import { thingEvent } from '../../events/iot-registry';
import { ruleOutput } from '../../events/iot-rule';
import type { DeployedResource } from '../../support/cloudformation-resolver';
import { deployed, referenceFleet } from '../../support/fleet';
import { ACCOUNT, hear, REGION, startCloud, until, type Cloud } from './support';

const DRONE = 'drone-1';

let cloud: Cloud;
let resources: DeployedResource[];

/** Of AWS IoT, by how its logical id begins. */
const find = (logicalId: string) => resources.find((one) => one.logicalId.startsWith(logicalId))!;

/** Where a rule sends what it makes of messages. */
function queueOf(rule: string): string {
  const { Actions } = find(rule).get<{ Actions: { Sqs: { QueueUrl: string } }[] }>('TopicRulePayload')!;
  return Actions[0].Sqs.QueueUrl;
}

async function received(rule: string): Promise<object> {
  const arrived = () => cloud.sent.filter(({ to }) => to === queueOf(rule));
  await until(() => arrived().length > 0);
  return JSON.parse(arrived()[0].body) as object;
}

/** Asks AWS IoT by MQTT. */
async function ask(client: MqttClient, topic: string, request: object): Promise<Record<string, string>> {
  const heard = hear(client);
  await client.subscribeAsync([`${topic}/accepted`, `${topic}/rejected`], { qos: 1 });
  await client.publishAsync(topic, JSON.stringify(request), { qos: 1 });
  await until(() => heard.some((one) => one.topic.startsWith(`${topic}/`)));
  const answer = heard.find((one) => one.topic.startsWith(`${topic}/`))!;
  expect(answer.topic).toBe(`${topic}/accepted`);
  return JSON.parse(answer.payload) as Record<string, string>;
}

const hyphenless = (text: string) => text.replaceAll('-', '_');

const provision = (client: MqttClient, template: string, certificateOwnershipToken: string) =>
  ask(client, `$aws/provisioning-templates/${find(template).attribute('Ref')}/provision/json`, {
    certificateOwnershipToken,
    parameters: { SerialNumber: DRONE },
  });

/** The parts of AWS IoT that the templates of the reference fleet with pilots have; whatever they refer to is only named. */
beforeAll(async () => {
  cloud = await startCloud();
  const [{ state, fleet, pilots }] = referenceFleet({ pilots: { domainPrefix: 'pilots' } });
  const stacks = [[state], [state, fleet], [state, fleet, pilots!]];
  const all = (type: string) => stacks.flatMap((upTo) => deployed(type, ...upTo));
  for (const role of all('AWS::IAM::Role')) cloud.principals.role(role.arn, []);
  resources = Object.keys(IOT).flatMap(all);
  for (const resource of resources) {
    const name = resource.attribute('Ref');
    const properties = Object.fromEntries(Object.keys(resource.properties).map((key) => [key, resource.get(key)]));
    const context = { account: ACCOUNT, region: REGION, client: cloud.admin, physicalName: () => name };
    const { ref, attributes } = await IOT[resource.type](properties, context as unknown as DeployContext);
    const arn = attributes?.Arn ?? attributes?.RoleAliasArn ?? attributes?.TemplateArn;
    // The names of rules have no hyphens.
    const isRule = resource.type === 'AWS::IoT::TopicRule';
    const expected = [name, resource.arn].map((text) => (isRule ? text.replace(/[^:/]+$/, hyphenless) : text));
    expect([ref, arn]).toEqual(expected);
    const hook = resource.get<{ TargetArn: string }>('PreProvisioningHook');
    if (hook) cloud.functions.set(hook.TargetArn, () => ({ allowProvisioning: true }));
  }
  const event = { RequestType: 'Create', ResourceType: 'Custom::IotThingEvents' } as CdkCustomResourceEvent;
  await handleSettings(event, { iot: cloud.client, pause: async () => undefined });
});
afterAll(() => cloud.stop());

test('all that is in the templates is made', () => {
  const types = ['Authorizer', 'Policy', 'ProvisioningTemplate', 'RoleAlias', 'ThingType', 'TopicRule'];
  expect([...new Set(resources.map(({ type }) => type))].sort()).toEqual(types.map((type) => `AWS::IoT::${type}`));
});

test('a drone registers, detects, hears its commands, and changes its certificate', async () => {
  const { certificatePem, privateKey } = await cloud.iot.createClaim(
    find('FleetProvisioningClaimPolicy').attribute('Ref'),
  );
  const claimant = await cloud.connect({ cert: certificatePem, key: privateKey, clientId: 'claim-1' });
  const first = await ask(claimant, '$aws/certificates/create/json', {});
  const registered = await provision(claimant, 'FleetProvisioningTemplate', first.certificateOwnershipToken);
  expect(registered).toEqual({
    thingName: DRONE,
    deviceConfiguration: expect.objectContaining({
      roleAlias: find('IdentityRoleAlias').attribute('Ref'),
      detectionsTopic: 'devices/{thing}/detections',
    }),
  });
  const {
    eventId: _,
    timestamp: __,
    thingId: ___,
    attributes: ____,
    ...expected
  } = thingEvent({
    operation: 'CREATED',
    thingName: DRONE,
    thingTypeName: find('IdentityThingType').attribute('Ref'),
  });
  expect(await received('FleetMediaProvisionerThingRule')).toMatchObject(expected);

  const tls = { cert: first.certificatePem, key: first.privateKey };
  const drone = await cloud.connect({ ...tls, clientId: DRONE });
  await drone.publishAsync(`devices/${DRONE}/detections`, '{"a":1}', { qos: 1 });
  expect(await received('FleetOnDeviceDetectionsRule')).toEqual(ruleOutput(DRONE, '{"a":1}'));

  const heard = hear(drone);
  await drone.subscribeAsync(`devices/${DRONE}/commands`, { qos: 1 });
  const data = new IoTDataPlaneClient(cloud.admin);
  await data.send(new PublishCommand({ topic: `devices/${DRONE}/commands`, qos: 1, payload: Buffer.from('hover') }));
  data.destroy();
  await until(() => heard.length > 0);
  expect(heard[0].payload).toBe('hover');

  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const csr = { name: `CN=${DRONE}`, keys, signingAlgorithm: algorithm };
  const request = (await x509.Pkcs10CertificateRequestGenerator.create(csr)).toString('pem');
  const next = await ask(drone, '$aws/certificates/create-from-csr/json', { certificateSigningRequest: request });
  await provision(drone, 'FleetCertificatesTemplate', next.certificateOwnershipToken);
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  const renewed = await cloud.connect({ cert: next.certificatePem, key, clientId: DRONE });
  await renewed.publishAsync(`devices/${DRONE}/certificate-rotated`, '', { qos: 1 });
  expect(await received('FleetCertificatesRule')).toEqual({ thingName: DRONE, certificateId: next.certificateId });
});
