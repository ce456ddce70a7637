import {
  CreateAuthorizerCommand,
  CreatePolicyCommand,
  CreateProvisioningTemplateCommand,
  CreateRoleAliasCommand,
  CreateThingGroupCommand,
  CreateThingTypeCommand,
  CreateTopicRuleCommand,
  IoTClient,
  type TopicRulePayload,
} from '@aws-sdk/client-iot';
import type { DeployContext, Made, Provisioner, Provisioners } from './resource';

/** Runs what makes a resource with a client that is closed after it. */
function making(
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  make: (client: IoTClient, properties: any, context: DeployContext) => Promise<Made>,
): Provisioner {
  return async (properties, context) => {
    const client = new IoTClient(context.client);
    try {
      return await make(client, properties, context);
    } finally {
      client.destroy();
    }
  };
}

/**
 * Resources of AWS IoT, by its own API as CloudFormation makes them.
 *
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IoT.html
 */
export const IOT: Provisioners = {
  'AWS::IoT::Policy': making(async (client, { PolicyName, PolicyDocument }, { physicalName }) => {
    const policyDocument = typeof PolicyDocument === 'string' ? PolicyDocument : JSON.stringify(PolicyDocument);
    const policyName = PolicyName ?? physicalName();
    const { policyArn } = await client.send(new CreatePolicyCommand({ policyName, policyDocument }));
    return { ref: policyName, attributes: { Arn: policyArn, Id: policyName } };
  }),

  'AWS::IoT::ThingType': making(async (client, { ThingTypeName, ThingTypeProperties = {} }, { physicalName }) => {
    const thingTypeName = ThingTypeName ?? physicalName();
    const thingTypeProperties = { thingTypeDescription: ThingTypeProperties.ThingTypeDescription };
    const command = new CreateThingTypeCommand({ thingTypeName, thingTypeProperties });
    const { thingTypeArn, thingTypeId } = await client.send(command);
    return { ref: thingTypeName, attributes: { Arn: thingTypeArn, Id: thingTypeId } };
  }),

  'AWS::IoT::ThingGroup': making(async (client, { ThingGroupName, ThingGroupProperties = {} }, { physicalName }) => {
    const thingGroupName = ThingGroupName ?? physicalName();
    const thingGroupProperties = { thingGroupDescription: ThingGroupProperties.ThingGroupDescription };
    const command = new CreateThingGroupCommand({ thingGroupName, thingGroupProperties });
    const { thingGroupArn, thingGroupId } = await client.send(command);
    return { ref: thingGroupName, attributes: { Arn: thingGroupArn, Id: thingGroupId } };
  }),

  'AWS::IoT::RoleAlias': making(async (client, { RoleAlias, RoleArn, CredentialDurationSeconds }, { physicalName }) => {
    const command = new CreateRoleAliasCommand({
      roleAlias: RoleAlias ?? physicalName(),
      roleArn: RoleArn,
      credentialDurationSeconds: CredentialDurationSeconds,
    });
    const { roleAlias, roleAliasArn } = await client.send(command);
    return { ref: roleAlias!, attributes: { RoleAliasArn: roleAliasArn } };
  }),

  'AWS::IoT::ProvisioningTemplate': making(async (client, properties, { physicalName }) => {
    const { TemplateName, PreProvisioningHook: hook } = properties;
    const command = new CreateProvisioningTemplateCommand({
      templateName: TemplateName ?? physicalName(36),
      templateBody: properties.TemplateBody,
      enabled: properties.Enabled,
      type: properties.TemplateType,
      provisioningRoleArn: properties.ProvisioningRoleArn,
      preProvisioningHook: hook && { targetArn: hook.TargetArn, payloadVersion: hook.PayloadVersion },
    });
    const { templateName, templateArn } = await client.send(command);
    return { ref: templateName!, attributes: { TemplateArn: templateArn } };
  }),

  'AWS::IoT::TopicRule': making(async (client, { RuleName, TopicRulePayload }, { physicalName, account, region }) => {
    // The names of rules have no hyphens.
    const ruleName = RuleName ?? physicalName().replaceAll('-', '_');
    const topicRulePayload = asMembers(TopicRulePayload) as TopicRulePayload;
    await client.send(new CreateTopicRuleCommand({ ruleName, topicRulePayload }));
    return { ref: ruleName, attributes: { Arn: `arn:aws:iot:${region}:${account}:rule/${ruleName}` } };
  }),

  'AWS::IoT::Authorizer': making(async (client, properties, { physicalName }) => {
    const command = new CreateAuthorizerCommand({
      authorizerName: properties.AuthorizerName ?? physicalName(),
      authorizerFunctionArn: properties.AuthorizerFunctionArn,
      status: properties.Status,
      signingDisabled: properties.SigningDisabled,
    });
    const { authorizerName, authorizerArn } = await client.send(command);
    return { ref: authorizerName!, attributes: { Arn: authorizerArn } };
  }),
};

/** The names of members as the API has them: `QueueUrl` is `queueUrl`. Payloads of rules have no maps, whose keys stay. */
function asMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asMembers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name[0].toLowerCase() + name.slice(1), asMembers(member)]),
  );
}
