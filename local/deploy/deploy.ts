import type { Cloud } from '../cloud/cloud';
import { readAssembly } from './assembly';
import { customResource } from './custom-resources';
import { lambda } from './functions';
import { routesOf, type Route } from './http-api';
import { identities } from './identities';
import { queues, topics } from './queues-and-topics';
import type { Provisioners } from './resource';
import { DeployedStack, type DeployedResource } from './stack';
import { buckets, TABLES } from './storage';

/** Types that are in templates and do nothing here. Whoever refers to them gets a name as AWS would give one. */
const NOT_RUN = new Set([
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::CloudFront::Distribution',
  'AWS::CloudFront::OriginAccessControl',
  'AWS::CloudFront::ResponseHeadersPolicy',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::Cognito::UserPool',
  'AWS::Cognito::UserPoolClient',
  'AWS::Cognito::UserPoolDomain',
  'AWS::Cognito::UserPoolGroup',
  'AWS::Events::Rule',
  'AWS::KMS::Key',
  'AWS::Lambda::LayerVersion',
  'AWS::Lambda::Url',
  'AWS::Logs::LogGroup',
  'AWS::Logs::MetricFilter',
  'AWS::S3::BucketPolicy',
  'AWS::Scheduler::Schedule',
  'AWS::StepFunctions::StateMachine',
  'Custom::CDKBucketDeployment',
]);

export interface DeployProps {
  readonly cloud: Cloud;
  /** Further types, or others' ways of making them. */
  readonly provisioners?: Provisioners;
}

export interface Deployed {
  /** By stack and name. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly resources: (type: string) => DeployedResource[];
  readonly routes: readonly Route[];
  /** Types of resources that do nothing here, and how many of each there are. */
  readonly notRun: Readonly<Record<string, number>>;
}

/**
 * Makes what is in the templates of a cloud assembly.
 *
 * @throws Error if there is a type among them that isn't known, or something that isn't stood in for
 */
export async function deploy(directory: string, { cloud, provisioners = {} }: DeployProps): Promise<Deployed> {
  const assembly = readAssembly(directory);
  const assets = new Map(assembly.flatMap((stack) => [...stack.assets]));
  const all: Provisioners = {
    ...identities(cloud),
    ...lambda(cloud, assets),
    ...queues(cloud),
    ...topics(cloud),
    ...buckets(cloud),
    ...TABLES,
    ...provisioners,
  };
  const { account, region, principals, url } = cloud;
  const credentials = principals.ofService('cloudformation.amazonaws.com');
  const client = { region, endpoint: url, credentials };
  const context = { account, region, principals, gatewayUrl: url, client };
  const custom = (type: string) => customResource(cloud, type);
  const stacks: DeployedStack[] = [];
  for (const stack of assembly) {
    const next = new DeployedStack({ stack, others: [...stacks], provisioners: all, custom, notRun: NOT_RUN, context });
    await next.deploy();
    stacks.push(next);
  }
  const resources = stacks.flatMap((stack) => [...stack.resources.values()]);
  const notRun: Record<string, number> = {};
  for (const { type } of resources) if (NOT_RUN.has(type) && !all[type]) notRun[type] = (notRun[type] ?? 0) + 1;
  return {
    outputs: Object.fromEntries(stacks.map((stack) => [stack.name, stack.outputs()])),
    resources: (type) => resources.filter((resource) => resource.type === type),
    routes: routesOf(resources),
    notRun,
  };
}
