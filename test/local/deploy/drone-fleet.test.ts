import * as iot from '@aws-sdk/client-iot';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { App } from 'aws-cdk-lib';
import { droneFleet } from '../../../bin/drone-fleet';
import cdkJson from '../../../cdk.json';
import { startCloud, type Cloud } from '../../../local/cloud/cloud';
import { modelled } from '../../../local/cloud/service';
import { deploy, type Deployed } from '../../../local/deploy/deploy';
import type { Provisioner } from '../../../local/deploy/resource';
import { folder } from '../../support/assemblies';

let cloud: Cloud;
let deployed: Deployed;
const switchedOn: unknown[] = [];

/** Makes nothing, and says how it would be called. */
const named: Provisioner = (_, { logicalId, physicalName }) => {
  const arn = `arn:aws:iot:eu-west-1:111122223333:thing/${logicalId}`;
  return { ref: physicalName(), attributes: { Arn: arn, RoleAliasArn: arn, TemplateArn: arn } };
};

beforeAll(async () => {
  const context = { ...cdkJson.context, fleet: { pilots: { domainPrefix: 'pilots' } } };
  const app = new App({ outdir: folder(), context: { ...context, 'aws:cdk:disable-asset-staging': true } });
  droneFleet(app);
  cloud = await startCloud();
  const endpoint = ({ endpointType }: { endpointType: string }) => ({ endpointAddress: `localhost/${endpointType}` });
  const operations = {
    DescribeEndpoint: endpoint,
    UpdateEventConfigurations: ({ eventConfigurations }: { eventConfigurations: unknown }) => {
      switchedOn.push(eventConfigurations);
      return {};
    },
  };
  cloud.gateway.add(modelled({ name: 'iot', protocol: 'rest-json', schemas: [iot], operations }));
  const types = ['Authorizer', 'Policy', 'ProvisioningTemplate', 'RoleAlias', 'ThingType', 'TopicRule'];
  const provisioners = Object.fromEntries(types.map((type) => [`AWS::IoT::${type}`, named]));
  deployed = await deploy(app.synth().directory, { cloud, provisioners });
});

afterAll(() => cloud.stop());

test('the reference fleet is deployed, and what of it does nothing is told', () => {
  expect(deployed.resources('AWS::Lambda::Function').length).toBeGreaterThan(20);
  expect(Object.keys(deployed.notRun).sort()).toEqual([
    'AWS::ApiGatewayV2::Api',
    'AWS::ApiGatewayV2::Authorizer',
    'AWS::ApiGatewayV2::Integration',
    'AWS::ApiGatewayV2::Route',
    'AWS::ApiGatewayV2::Stage',
    'AWS::CloudFront::Distribution',
    'AWS::CloudFront::OriginAccessControl',
    'AWS::CloudFront::ResponseHeadersPolicy',
    'AWS::CloudWatch::Alarm',
    'AWS::Cognito::UserPool',
    'AWS::Cognito::UserPoolClient',
    'AWS::Cognito::UserPoolDomain',
    'AWS::Cognito::UserPoolGroup',
    'AWS::Events::Rule',
    'AWS::KMS::Key',
    'AWS::Lambda::LayerVersion',
    'AWS::Lambda::Url',
    'AWS::Logs::LogGroup',
    'AWS::S3::BucketPolicy',
    'AWS::Scheduler::Schedule',
    'AWS::StepFunctions::StateMachine',
    'Custom::CDKBucketDeployment',
  ]);
});

test('its custom resources have asked AWS IoT', () => {
  expect(switchedOn).toEqual([{ THING: { Enabled: true } }]);
  const [{ DeviceConfiguration }] = Object.entries(deployed.outputs)
    .filter(([name]) => name.endsWith('-Fleet'))
    .map(([, outputs]) => outputs as Record<string, string>);
  expect(JSON.parse(DeviceConfiguration)).toMatchObject({
    credentialEndpoint: 'localhost/iot:CredentialProvider',
    dataEndpoint: 'localhost/iot:Data-ATS',
  });
});

test('its HTTP API has routes that ask for tokens', () => {
  expect(deployed.routes).toHaveLength(14);
  expect(deployed.routes).toContainEqual({
    method: 'POST',
    path: '/v1/devices/{device}/control',
    functionArn: expect.stringMatching(/^arn:aws:lambda:.*viewinghandler/),
    payloadVersion: '2.0',
    authorizer: { issuer: expect.stringContaining('cognito-idp'), audience: [expect.any(String)] },
  });
});

test('each of its functions finds its environment in order', async () => {
  const [role] = deployed.resources('AWS::IAM::Role');
  const credentials = cloud.principals.issue(role.attributes.Arn as string, { sessionName: 'test' });
  const client = new LambdaClient({ region: cloud.region, endpoint: cloud.url, credentials });
  const ours = deployed.resources('AWS::Lambda::Function').filter(({ properties }) => {
    const { Environment } = properties as { Environment?: { Variables: Record<string, string> } };
    return Environment?.Variables.POWERTOOLS_SERVICE_NAME;
  });
  for (const { ref } of ours) {
    const { Payload } = await client.send(new InvokeCommand({ FunctionName: ref, Payload: '{"is":"nothing"}' }));
    const answer = Buffer.from(Payload!).toString();
    expect(`${ref}: ${answer}`).not.toMatch(/environment of this function|Cannot find|Runtime\./);
  }
  client.destroy();
});
