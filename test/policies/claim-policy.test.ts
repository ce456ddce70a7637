import { cloudOfCell } from '../support/fleet';

const principal = 'FleetProvisioningClaimPolicy';
const cloud = cloudOfCell({ provisioning: { templateName: 'cameras' } });

function arn(resource: string): string {
  return `arn:aws:iot:eu-west-1:111122223333:${resource}`;
}

/** What a device publishes to to be registered, and what it is answered on. */
const REQUESTS = [
  '$aws/certificates/create/json',
  '$aws/certificates/create/cbor',
  '$aws/certificates/create-from-csr/json',
  '$aws/provisioning-templates/cameras/provision/json',
];
const ANSWERS = REQUESTS.flatMap((topic) => [`${topic}/accepted`, `${topic}/rejected`]);

const ELSEWHERE = [
  '$aws/provisioning-templates/other/provision/json',
  '$aws/provisioning-templates/cameras-2/provision/json',
  '$aws/things/drone-1/shadow/update',
  '$aws/events/thing/drone-1/created',
  'devices/drone-1/detections',
  '#',
];

test('it connects as a claim, and never as a device', async () => {
  const connect = { principal, action: 'iot:Connect' };
  await cloud.expectAllowed({ ...connect, resource: arn('client/claim-0001') });
  for (const client of ['drone-1', 'claim', 'Claim-0001', 'my-claim-0001', '*']) {
    await cloud.expectDenied({ ...connect, resource: arn(`client/${client}`) });
  }
});

test('it asks for a certificate, and to be registered by this template, and for nothing else', async () => {
  const publish = { principal, action: 'iot:Publish' };
  for (const topic of REQUESTS) await cloud.expectAllowed({ ...publish, resource: arn(`topic/${topic}`) });
  for (const topic of ELSEWHERE) await cloud.expectDenied({ ...publish, resource: arn(`topic/${topic}`) });
});

test('it hears the answers, and nothing else', async () => {
  for (const [action, resource] of [
    ['iot:Subscribe', 'topicfilter'],
    ['iot:Receive', 'topic'],
  ]) {
    for (const topic of ANSWERS) {
      await cloud.expectAllowed({ principal, action, resource: arn(`${resource}/${topic}`) });
    }
    for (const topic of ELSEWHERE) {
      await cloud.expectDenied({ principal, action, resource: arn(`${resource}/${topic}`) });
    }
  }
});

test('it gets no credentials', async () => {
  const assume = { action: 'iot:AssumeRoleWithCertificate', resource: 'IdentityRoleAlias' };
  await cloud.expectDenied({ principal, ...assume });
  await cloud.expectAllowed({ principal: 'IdentityPolicy', ...assume });
});
