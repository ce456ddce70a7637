import { CustomResource, Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as cr from 'aws-cdk-lib/custom-resources';
import { CfnStream } from 'aws-cdk-lib/aws-kinesisvideo';
import type { aws_kinesisvideo as refs } from 'aws-cdk-lib/interfaces';
import { Construct } from 'constructs';
import { HandlerFunction } from './handler-function';
import { fail, lit } from './validation';

export interface ApiSettingProps {
  /** The function that makes the calls: one for each service, so that neither has the other's permissions. */
  readonly handler: 'video-settings' | 'iot-settings';
  /** The type, `Custom::…`, by which the function knows what to do. */
  readonly resourceType: string;
  readonly properties: Record<string, unknown>;
  /** @default - it is taken away with its resource in the template */
  readonly removalPolicy?: RemovalPolicy;
  /** What the function needs for this very setting. */
  readonly permissions: { readonly actions: string[]; readonly resources: string[] }[];
}

/** A setting that AWS's API has and CloudFormation doesn't, as a custom resource of one function for each stack. */
export class ApiSetting extends Construct {
  private readonly resource: CustomResource;

  constructor(scope: Construct, id: string, props: ApiSettingProps) {
    super(scope, id);

    const provider = SettingsProvider.of(this, props.handler);
    this.resource = new CustomResource(this, 'Resource', {
      serviceToken: provider.serviceToken,
      resourceType: props.resourceType,
      properties: props.properties,
      removalPolicy: props.removalPolicy,
    });
    for (const { actions, resources } of props.permissions) {
      const added = provider.role.addToPrincipalPolicy(new iam.PolicyStatement({ actions, resources }));
      // Without this the permission could come after the call, or go before the last one.
      if (added.policyDependable) this.resource.node.addDependency(added.policyDependable);
    }
  }

  public getAttString(name: string): string {
    return this.resource.getAttString(name);
  }
}

class SettingsProvider extends Construct {
  public static of(scope: Construct, handler: string): SettingsProvider {
    const stack = Stack.of(scope);
    const id = `CdkKinesisVideo-${handler}`;
    return (stack.node.tryFindChild(id) as SettingsProvider) ?? new SettingsProvider(stack, id, handler);
  }

  public readonly serviceToken: string;
  public readonly role: iam.IRole;

  private constructor(scope: Construct, id: string, handler: string) {
    super(scope, id);
    const fn = new HandlerFunction(this, 'Handler', {
      handler,
      description: 'Settings that AWS has in its API only, on behalf of CloudFormation',
      // Long enough to wait until a stream that is being updated is active again.
      timeout: Duration.minutes(5),
    });
    const logGroup = new logs.LogGroup(this, 'ProviderLogs', {
      retention: logs.RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const frameworkOnEventRole = new iam.Role(this, 'ProviderRole', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    });
    logGroup.grants.write(frameworkOnEventRole);
    const provider = new cr.Provider(this, 'Provider', { onEventHandler: fn, logGroup, frameworkOnEventRole });
    this.serviceToken = provider.serviceToken;
    this.role = fn.role!;
  }
}

/** Media that isn't kept can't be made images of, notified of or stored into. */
export function checkKeepsMedia(scope: Construct, stream: refs.IStreamRef): void {
  const resource = [stream, stream.node.defaultChild].find((child) => CfnStream.isCfnStream(child));
  if (!resource || ((resource as CfnStream).dataRetentionInHours ?? 0) !== 0) return;
  fail(
    scope,
    lit`StreamKeepsNoMedia`,
    `The stream '${stream.node.path}' keeps no media; this needs a retention of at least 1 hour.`,
  );
}

/** The function of a setting calls its own region, so the resource that it sets must be there too. */
export function checkSameRegion(scope: Construct, what: string, region: string): void {
  const own = Stack.of(scope).region;
  if (Token.isUnresolved(region) || Token.isUnresolved(own) || region === own) return;
  fail(scope, lit`OtherRegion`, `The ${what} is in ${region}, but the stack in ${own}; both must be in one region.`);
}
