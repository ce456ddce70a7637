import { Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { CfnProvisioningTemplate } from 'aws-cdk-lib/aws-iot';
import type { Construct } from 'constructs';
import type { DeviceAllowList } from '../device/device-allow-list';
import type { DeviceIdentity } from '../device/device-identity';
import { HandlerFunction } from './handler-function';
import { iotArn } from './topic-rule';
import { checkPattern, fail, lit } from './validation';

/** Checks the names that a provisioning template and its things are given. */
export function checkProvisioningNames(
  scope: Construct,
  { templateName, thingNamePrefix }: { templateName?: string; thingNamePrefix?: string },
): void {
  const name = /^[a-zA-Z0-9_-]{1,36}$/;
  checkPattern(scope, lit`ProvisioningTemplateName`, 'templateName', templateName, name, '1 to 36 of a-z A-Z 0-9 _ -');
  const prefix = /^(?!claim-)[a-zA-Z0-9_-]{0,64}$/;
  const rule = "up to 64 of a-z A-Z 0-9 _ -, and not start with 'claim-'";
  checkPattern(scope, lit`ThingNamePrefix`, 'thingNamePrefix', thingNamePrefix, prefix, rule);
}

/** The attributes of things, which AWS IoT takes in these characters only. */
export function checkAttributes(scope: Construct, attributes: { [key: string]: string } = {}): void {
  const characters = 'a-z A-Z 0-9 _ . , @ / : # -';
  for (const [key, value] of Object.entries(attributes)) {
    const name = /^[a-zA-Z0-9_.,@/:#-]{1,128}$/;
    checkPattern(scope, lit`ThingAttributes`, 'attributes', key, name, `1 to 128 of ${characters}`);
    const content = /^[a-zA-Z0-9_.,@/:#-]{0,800}$/;
    checkPattern(scope, lit`ThingAttributes`, `attributes.${key}`, value, content, `up to 800 of ${characters}`);
  }
  // Of the 10,240 characters that the body of the template may have.
  const { length } = JSON.stringify(attributes);
  if (length <= 6000) return;
  fail(scope, lit`ThingAttributes`, `\`attributes\` has ${length} characters as JSON; 6000 are allowed. Use fewer.`);
}

export interface ProvisioningRoleProps {
  readonly identity: DeviceIdentity;
  readonly templateName: string;
  readonly description: string;
  /** Whether there may be no thing yet. */
  readonly createsThings: boolean;
}

/**
 * What AWS IoT does in the name of this role. The managed policy `AWSIoTThingsRegistration` allows more, and all of it on
 * every resource.
 */
export class ProvisioningRole extends iam.Role {
  constructor(scope: Construct, id: string, props: ProvisioningRoleProps) {
    const { identity, templateName, createsThings } = props;
    super(scope, id, {
      description: props.description,
      assumedBy: new iam.ServicePrincipal('iot.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Stack.of(scope).account },
          ArnLike: { 'aws:SourceArn': iotArn(scope, 'provisioningtemplate', templateName) },
        },
      }),
      inlinePolicies: {
        Registration: new iam.PolicyDocument({
          statements: [
            ...(createsThings ? creation(scope, identity) : []),
            new iam.PolicyStatement({
              actions: ['iot:DescribeThing', 'iot:ListThingPrincipals'],
              resources: [iotArn(scope, 'thing', '*')],
            }),
            new iam.PolicyStatement({
              actions: [
                'iot:AttachPolicy',
                'iot:AttachThingPrincipal',
                'iot:DescribeCertificate',
                'iot:DetachPolicy',
                'iot:DetachThingPrincipal',
                'iot:ListPrincipalThings',
                'iot:UpdateCertificate',
              ],
              resources: [iotArn(scope, 'cert', '*')],
            }),
            new iam.PolicyStatement({
              actions: ['iot:GetPolicy', 'iot:ListTargetsForPolicy'],
              resources: [iotArn(scope, 'policy', identity.policyName)],
            }),
            new iam.PolicyStatement({
              // These have no resource types in the service authorization reference.
              actions: ['iot:ListAttachedPolicies', 'iot:RegisterCertificate'],
              resources: ['*'],
            }),
          ],
        }),
      },
    });
  }
}

function creation(scope: Construct, identity: DeviceIdentity): iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({
      actions: ['iot:CreateThing', 'iot:UpdateThing'],
      resources: [iotArn(scope, 'thing', '*')],
    }),
    new iam.PolicyStatement({
      actions: ['iot:DescribeThingType'],
      resources: [iotArn(scope, 'thingtype', identity.thingTypeName)],
    }),
  ];
}

export interface ProvisioningHookProps {
  readonly template: CfnProvisioningTemplate;
  readonly templateName: string;
  readonly handler: 'certificate-rotation' | 'fleet-provisioning';
  readonly description: string;
  readonly allowList: DeviceAllowList;
  readonly environment: Record<string, string>;
}

/** The function that AWS IoT asks before it does what a template says. */
export class ProvisioningHook extends HandlerFunction {
  constructor(scope: Construct, id: string, props: ProvisioningHookProps) {
    const { template, templateName } = props;
    const { table } = props.allowList;
    super(scope, id, {
      ...props,
      // AWS IoT waits for five seconds; the function gives up, and denies, before.
      timeout: Duration.seconds(5),
      // More memory is more CPU, and a cold start is within the five seconds.
      memorySize: 512,
      environment: { ALLOW_LIST_TABLE: table.tableName, TEMPLATE_NAME: templateName, ...props.environment },
    });
    table.grant(this, 'dynamodb:UpdateItem');
    table.encryptionKey?.grantEncryptDecrypt(this);
    this.addPermission('Provisioning', {
      principal: new iam.ServicePrincipal('iot.amazonaws.com'),
      sourceAccount: Stack.of(this).account,
      sourceArn: iotArn(this, 'provisioningtemplate', templateName),
    });
    template.preProvisioningHook = { payloadVersion: '2020-04-01', targetArn: this.functionArn };
    template.node.addDependency(this);
  }
}

/** What a certificate needs to get another one from AWS IoT over MQTT, and to have it registered by the template. */
export function provisioningStatements(
  scope: Construct,
  templateName: string,
  ...ways: string[]
): iam.PolicyStatement[] {
  const topics = [
    ...ways.map((way) => `$aws/certificates/${way}/*`),
    `$aws/provisioning-templates/${templateName}/provision/*`,
  ];
  return [
    new iam.PolicyStatement({
      actions: ['iot:Publish', 'iot:Receive'],
      resources: topics.map((topic) => iotArn(scope, 'topic', topic)),
    }),
    new iam.PolicyStatement({
      actions: ['iot:Subscribe'],
      resources: topics.map((topic) => iotArn(scope, 'topicfilter', topic)),
    }),
  ];
}
