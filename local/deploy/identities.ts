import type { Cloud } from '../cloud/cloud';
import type { PolicyDocument } from '../cloud/principals';
import type { Provisioners } from './resource';

/**
 * Roles and their policies. Of policies that AWS manages there are none.
 *
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html
 */
export function identities({ principals }: Cloud): Provisioners {
  const managed = new Map<string, PolicyDocument>();
  const attach = (roles: readonly string[] = [], policy: PolicyDocument) => {
    for (const role of roles) principals.attach(role, policy);
  };
  return {
    'AWS::IAM::Role': (properties, { physicalName, account }) => {
      const { RoleName: name = physicalName(), Path = '/', Policies = [], ManagedPolicyArns = [] } = properties;
      const arn = `arn:aws:iam::${account}:role${Path}${name}`;
      const own = (Policies as { PolicyDocument: PolicyDocument }[]).map((policy) => policy.PolicyDocument);
      principals.role(arn, [...own, ...(ManagedPolicyArns as string[]).flatMap((policy) => managed.get(policy) ?? [])]);
      return { ref: name, attributes: { Arn: arn, RoleId: name } };
    },
    'AWS::IAM::Policy': ({ PolicyName, PolicyDocument, Roles }) => {
      attach(Roles, PolicyDocument);
      return { ref: PolicyName };
    },
    'AWS::IAM::ManagedPolicy': (properties, { physicalName, account }) => {
      const { ManagedPolicyName: name = physicalName(128), PolicyDocument, Roles } = properties;
      const arn = `arn:aws:iam::${account}:policy/${name}`;
      managed.set(arn, PolicyDocument);
      attach(Roles, PolicyDocument);
      return { ref: arn };
    },
  };
}
