import * as sdk from '@aws-sdk/client-iot';
import { startCloud, role, allow, ARN, REGION } from '../../iot/support';

export const TEMPLATE = 'drones';
export const ROLE_ALIAS = 'drone';
export const HOOK = 'arn:aws:lambda:eu-west-1:111122223333:function:hook';
const PREFIX = 'devices';

/** As `DeviceIdentity` has it: what is called as the thing. */
const DEVICE = {
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Action: [
      ...['DescribeStream', 'GetDataEndpoint', 'PutMedia'],
      ...['DescribeSignalingChannel', 'GetSignalingChannelEndpoint', 'GetIceServerConfig', 'ConnectAsMaster'],
    ].map((action) => `kinesisvideo:${action}`),
    Resource: ['stream', 'channel'].map((kind) => `arn:aws:kinesisvideo:*:*:${kind}/\${credentials-iot:ThingName}/*`),
  },
};

/** What a device is told: docs/devices.md. */
const CONFIGURATION = {
  region: REGION,
  credentialEndpoint: 'c2example.credentials.iot.eu-west-1.amazonaws.com',
  dataEndpoint: 'example-ats.iot.eu-west-1.amazonaws.com',
  roleAlias: ROLE_ALIAS,
  streams: '{thing}',
  channels: '{thing}',
  detectionsTopic: `${PREFIX}/{thing}/detections`,
};

/** AWS IoT with what a fleet has there: a claim, a template with a hook, and what devices may do. */
export async function startFleet() {
  const cloud = await startCloud();
  const { client, iot, principals } = cloud;
  const state = { allows: true, failing: false };
  cloud.functions.set(HOOK, () => {
    if (state.failing) throw new Error('The hook failed');
    return { allowProvisioning: state.allows };
  });
  principals.role(role('Provisioning'), [allow('iot:*', '*')]);
  principals.role(role('Device'), [DEVICE]);
  const own = (rest: string) => `topic/${PREFIX}/\${iot:Connection.Thing.ThingName}/${rest}`;
  const policies = {
    claim: [
      { Action: 'iot:Connect', Resource: `${ARN}:client/claim-*` },
      ...['iot:Publish', 'iot:Receive'].map((Action) => ({ Action, Resource: provisioning('topic') })),
      { Action: 'iot:Subscribe', Resource: provisioning('topicfilter') },
    ],
    device: [
      { Action: 'iot:Connect', Resource: `${ARN}:client/\${iot:Connection.Thing.ThingName}` },
      { Action: 'iot:AssumeRoleWithCertificate', Resource: `${ARN}:rolealias/${ROLE_ALIAS}` },
      { Action: 'iot:Publish', Resource: [`${ARN}:${own('*')}`, `${ARN}:topic/$aws/rules/*`] },
      { Action: 'iot:Receive', Resource: `${ARN}:${own('commands')}` },
      { Action: 'iot:Subscribe', Resource: `${ARN}:${own('commands').replace('topic/', 'topicfilter/')}` },
    ],
  };
  for (const [policyName, statements] of Object.entries(policies)) {
    const Statement = statements.map((statement) => ({ Effect: 'Allow', ...statement }));
    const policyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await client.send(new sdk.CreatePolicyCommand({ policyName, policyDocument }));
  }
  await client.send(
    new sdk.CreateRoleAliasCommand({ roleAlias: ROLE_ALIAS, roleArn: role('Device'), credentialDurationSeconds: 900 }),
  );
  await client.send(
    new sdk.CreateProvisioningTemplateCommand({
      templateName: TEMPLATE,
      enabled: true,
      provisioningRoleArn: role('Provisioning'),
      preProvisioningHook: { targetArn: HOOK, payloadVersion: '2020-04-01' },
      templateBody: JSON.stringify(templateBody()),
    }),
  );
  const { certificatePem: certificate, privateKey } = await iot.createClaim('claim');
  return { ...cloud, state, configuration: CONFIGURATION, claim: { certificate, privateKey } };
}

export type Fleet = Awaited<ReturnType<typeof startFleet>>;

function provisioning(kind: 'topic' | 'topicfilter'): string[] {
  return ['certificates/create', `provisioning-templates/${TEMPLATE}/provision`].map(
    (path) => `${ARN}:${kind}/$aws/${path}/*`,
  );
}

/** As `FleetProvisioning` has it. */
function templateBody(): object {
  return {
    Parameters: { SerialNumber: { Type: 'String' }, 'AWS::IoT::Certificate::Id': { Type: 'String' } },
    Resources: {
      thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: { Ref: 'SerialNumber' } } },
      certificate: {
        Type: 'AWS::IoT::Certificate',
        Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'Active' },
      },
      policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: 'device' } },
    },
    DeviceConfiguration: CONFIGURATION,
  };
}
