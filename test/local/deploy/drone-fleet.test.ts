import { CreateThingCommand, DescribeEventConfigurationsCommand, IoTClient } from '@aws-sdk/client-iot';
import { DescribeStreamCommand, KinesisVideoClient, type StreamInfo } from '@aws-sdk/client-kinesis-video';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { App } from 'aws-cdk-lib';
import { droneFleet } from '../../../bin/drone-fleet';
import cdkJson from '../../../cdk.json';
import { startCloud, type Cloud } from '../../../local/cloud/cloud';
import { startIot } from '../../../local/cloud/iot';
import { startKinesisVideo, type KinesisVideo } from '../../../local/cloud/kinesis-video';
import { deploy, type Deployed } from '../../../local/deploy/deploy';
import { IOT } from '../../../local/deploy/iot';
import { folder } from '../../support/assemblies';

let cloud: Cloud;
let iot: Awaited<ReturnType<typeof startIot>>;
let video: KinesisVideo;
let deployed: Deployed;
/** Settings of a client, as services of AWS have it. */
let client: { region: string; endpoint: string; credentials: ReturnType<Cloud['principals']['ofService']> };

beforeAll(async () => {
  const context = { ...cdkJson.context, fleet: { pilots: { domainPrefix: 'pilots' } } };
  const app = new App({ outdir: folder(), context: { ...context, 'aws:cdk:disable-asset-staging': true } });
  droneFleet(app);
  cloud = await startCloud();
  const { principals, region, account, url } = cloud;
  const place = { principals, region, account, gatewayUrl: () => url };
  iot = await startIot(place);
  video = await startKinesisVideo(place);
  for (const service of [...iot.services, video.service]) cloud.gateway.add(service);
  client = { region, endpoint: url, credentials: principals.ofService('cloudformation.amazonaws.com') };
  deployed = await deploy(app.synth().directory, { cloud, provisioners: IOT });
});

afterAll(async () => {
  await video.stop();
  await iot.stop();
  await cloud.stop();
});

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

test('its custom resources have asked AWS IoT', async () => {
  const registry = new IoTClient(client);
  const { eventConfigurations } = await registry.send(new DescribeEventConfigurationsCommand({}));
  expect(eventConfigurations).toMatchObject({ THING: { Enabled: true } });
  const { DeviceConfiguration } = deployed.outputs['drone-fleet-cell-1-Fleet'] as Record<string, string>;
  expect(JSON.parse(DeviceConfiguration)).toMatchObject({
    credentialEndpoint: iot.credentialsEndpoint,
    dataEndpoint: iot.dataEndpoint,
  });
  registry.destroy();
});

test('a thing of its type gets its stream, by way of a rule, a queue and a function', async () => {
  const registry = new IoTClient(client);
  const control = new KinesisVideoClient(client);
  const [{ ref: thingTypeName }] = deployed.resources('AWS::IoT::ThingType');
  await registry.send(new CreateThingCommand({ thingName: 'drone-1', thingTypeName }));
  const stream = (): Promise<StreamInfo | undefined> =>
    control.send(new DescribeStreamCommand({ StreamName: 'drone-1' })).then(
      ({ StreamInfo }) => StreamInfo,
      () => undefined,
    );
  while (!(await stream())) await new Promise((resolve) => setTimeout(resolve, 50));
  const [key] = deployed.resources('AWS::KMS::Key');
  expect(await stream()).toMatchObject({ KmsKeyId: expect.stringContaining(`:key/${key.ref}`) });
  registry.destroy();
  control.destroy();
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
  const caller = new LambdaClient({ ...client, credentials });
  const ours = deployed.resources('AWS::Lambda::Function').filter(({ properties }) => {
    const { Environment } = properties as { Environment?: { Variables: Record<string, string> } };
    return Environment?.Variables.POWERTOOLS_SERVICE_NAME;
  });
  for (const { ref } of ours) {
    const { Payload } = await caller.send(new InvokeCommand({ FunctionName: ref, Payload: '{"is":"nothing"}' }));
    const answer = Buffer.from(Payload!).toString();
    expect(`${ref}: ${answer}`).not.toMatch(/environment of this function|Cannot find|Runtime\./);
  }
  caller.destroy();
});
