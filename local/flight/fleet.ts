import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AddThingToThingGroupCommand,
  CreateThingGroupCommand,
  IoTClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-iot';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { App } from 'aws-cdk-lib';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { droneFleet } from '../../bin/drone-fleet';
import cdkJson from '../../cdk.json';
import { startCloud, type Cloud, type CloudProps } from '../cloud/cloud';
import { startIot } from '../cloud/iot';
import { startKinesisVideo, type KinesisVideoProps } from '../cloud/kinesis-video';
import { startRekognition } from '../cloud/rekognition/rekognition';
import { CLIENT_ID, startIssuer, type User } from '../console/issuer';
import { startWeb } from '../console/web';
import { deploy } from '../deploy/deploy';
import { startDrone, type Drone, type DroneProps } from '../drone/drone';
import { IOT } from '../deploy/iot';
import { queues } from '../deploy/queues-and-topics';
import type { Provisioners } from '../deploy/resource';
import { siteOf } from './site';

export const REGION = 'eu-west-1';
const ACCOUNT = '111122223333';

/** Where the people's accounts are, as their tokens say. */
const POOL = `https://cognito-idp.${REGION}.amazonaws.com/${REGION}_Flight`;

/** The group that all devices are in, and its pilots. */
const GROUP = 'north';

/** Who may sign in. */
export const USERS = [
  { name: 'pilot', roles: ['pilot'], groups: GROUP },
  { name: 'reviewer', roles: ['reviewer'], groups: GROUP },
  { name: 'admin', roles: ['admin'] },
] as const satisfies readonly User[];

export interface FleetProps {
  /** That of the reference fleet, as `-c fleet` has it. */
  readonly configuration?: object;
  /** What goes wrong with calls. */
  readonly faults?: CloudProps['faults'];
  readonly functions?: CloudProps['functions'];
  readonly kinesisVideo?: Pick<KinesisVideoProps, 'onEvent' | 'onFragment'>;
  /** After how many seconds a message that failed is visible again, at most. @default - as the templates say */
  readonly redeliverAfterSeconds?: number;
  readonly port?: number;
}

type Kill = NonNullable<NonNullable<CloudProps['functions']>['kill']>;

export type Fleet = Awaited<ReturnType<typeof startFleet>>;

/**
 * The reference fleet, deployed on this machine: its own templates and functions, and services that are embedded.
 *
 * The console is at `url`. `switchOn` lets devices in, which then register with the claim that they have in common.
 */
export async function startFleet(props: FleetProps = {}) {
  // It warns of Node.js before 22, which whoever looks at a flight can do without.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const folder = mkdtempSync(join(tmpdir(), 'flight-'));
  const assembly = synthesize(join(folder, 'cdk.out'), props.configuration);
  const issuer = await startIssuer(USERS, { name: POOL });
  // A deployment that fails is rolled back, and not of interest here.
  const state = { isReady: false };
  const kill: Kill = (...invocation) => (state.isReady ? props.functions?.kill?.(...invocation) : undefined);
  const cloud = await startCloud({
    account: ACCOUNT,
    region: REGION,
    faults: (call) => (state.isReady ? props.faults?.(call) : undefined),
    functions: { ...props.functions, kill, pages: { [POOL]: `${issuer.url}${new URL(POOL).pathname}` } },
  });
  const { principals, url: endpoint } = cloud;
  const place = { principals, gatewayUrl: () => endpoint, region: REGION, account: ACCOUNT };
  const [iot, kinesisVideo] = await Promise.all([
    startIot(place),
    startKinesisVideo({ ...place, ...props.kinesisVideo }),
  ]);
  const rekognition = startRekognition(place);
  for (const service of [...iot.services, kinesisVideo.service, rekognition.service]) cloud.gateway.add(service);
  const impatient = props.redeliverAfterSeconds === undefined ? {} : redelivering(cloud, props.redeliverAfterSeconds);
  const deployed = await deploy(assembly, { cloud, provisioners: { ...IOT, ...PEOPLE, ...impatient } });

  const as = (service: string) => ({ region: REGION, endpoint, credentials: principals.ofService(service) });
  const functions = new LambdaClient(as('apigateway.amazonaws.com'));
  const operator = as('operator');
  const [registry, dynamodb] = [new IoTClient(operator), new DynamoDBClient(operator)];
  await registry.send(new CreateThingGroupCommand({ thingGroupName: GROUP }));
  const output = (name: string) => {
    const found = Object.values(deployed.outputs).find((outputs) => name in outputs);
    if (!found) throw new Error(`The fleet has no output ${name}.`);
    return String(found[name]);
  };

  /** As API Gateway calls the function of a route. */
  const api = async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
    const { method } = event.requestContext.http;
    const route = deployed.routes.find((it) => it.method === method && matches(it.path, event.rawPath));
    if (!route) return { statusCode: 404, body: '{"message":"Not Found"}' };
    const Payload = Buffer.from(JSON.stringify(event));
    const answer = await functions.send(new InvokeCommand({ FunctionName: route.functionArn, Payload }));
    if (answer.FunctionError) return { statusCode: 500, body: '{"message":"Internal Server Error"}' };
    return JSON.parse(answer.Payload!.transformToString()) as APIGatewayProxyStructuredResultV2;
  };
  const site = siteOf(assembly, deployed);
  const web = await startWeb({
    folder: site.folder,
    issuer,
    api,
    config: () => site.config,
    media: [endpoint],
    sockets: [`ws://${iot.dataEndpoint}`, kinesisVideo.signaling.origin],
    replace: () => ({
      [POOL]: issuer.url,
      [site.config.signOutUrl ?? POOL]: issuer.signOutUrl,
      [`wss://${iot.dataEndpoint}`]: `ws://${iot.dataEndpoint}`,
    }),
    port: props.port,
  });

  // With what all devices leave the factory.
  const claim = await iot.createClaim(output('ClaimPolicy'));
  state.isReady = true;
  return {
    url: web.url,
    issuer,
    cloud,
    iot,
    kinesisVideo,
    deployed,
    /** Lets a device register, which is what an operator does, and switches it on for the first time. */
    switchOn: async (serialNumber: string, device: Pick<DroneProps, 'film'> & Partial<DroneProps>): Promise<Drone> => {
      const Item = { serialNumber: { S: serialNumber } };
      await dynamodb.send(new PutItemCommand({ TableName: output('AllowListTable'), Item }));
      return startDrone({
        serialNumber,
        claim: { certificate: claim.certificatePem, privateKey: claim.privateKey },
        endpoints: {
          mqtt: `mqtts://${iot.dataEndpoint}`,
          credentials: `https://${iot.credentialsEndpoint}`,
          kinesisVideo: endpoint,
          ca: iot.caPem,
        },
        templateName: output('ProvisioningTemplate'),
        storageFile: join(folder, `${serialNumber}.json`),
        ...device,
      });
    },
    /** Gives a device to the pilots. @returns nothing if it hasn't registered yet */
    giveToPilots: async (thingName: string): Promise<true | undefined> => {
      try {
        await registry.send(new AddThingToThingGroupCommand({ thingGroupName: GROUP, thingName }));
        return true;
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return undefined;
        throw error;
      }
    },
    /** What a person's browser has who has signed in. */
    cookieOf: issuer.cookieOf,
    stop: async () => {
      await web.stop();
      await iot.stop();
      await kinesisVideo.stop();
      await cloud.stop();
      await rekognition.stop();
      await issuer.stop();
      for (const it of [registry, functions, dynamodb]) it.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The pool and its client, of which there is a stand-in. */
const PEOPLE: Provisioners = {
  'AWS::Cognito::UserPool': () => ({ ref: `${REGION}_Flight`, attributes: { ProviderURL: POOL } }),
  'AWS::Cognito::UserPoolClient': () => ({ ref: CLIENT_ID }),
};

/** Queues as they are, but for how long it takes until a message is handled again. */
function redelivering(cloud: Cloud, seconds: number): Provisioners {
  const make = queues(cloud)['AWS::SQS::Queue'];
  return {
    'AWS::SQS::Queue': ({ VisibilityTimeout = 30, ...properties }, context) =>
      make({ ...properties, VisibilityTimeout: Math.min(VisibilityTimeout, seconds) }, context),
  };
}

/** @returns the folder of the assembly */
function synthesize(outdir: string, configuration: object = {}): string {
  const pilots = { domainPrefix: 'flight', commands: ['HOVER', 'RETURN_HOME', 'LAND'] };
  const fleet = { pilots, ...configuration };
  // What is deployed is in the assembly, whatever else may say that it needn't be.
  const postCliContext = { 'aws:cdk:disable-asset-staging': false };
  const app = new App({ outdir, context: { ...cdkJson.context, fleet }, postCliContext });
  droneFleet(app);
  return app.synth().directory;
}

/** Whether a path is one of a route, which has names in braces. */
function matches(route: string, path: string): boolean {
  const parts = path.split('/');
  const own = route.split('/');
  return own.length === parts.length && own.every((part, index) => part.startsWith('{') || part === parts[index]);
}
