import type { Cloud } from '../cloud/cloud';
import type { PolicyDocument } from '../cloud/principals';
import type { Provisioners } from './resource';

/**
 * Roles and their policies. Of policies that AWS manages there are none.
 *
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html
 */
export function identities({ principals }: Cloud): Provisioners {
  const attach = (roles: readonly string[] = [], policy: PolicyDocument) => {
    for (const role of roles) principals.attach(role, policy);
  };
  return {
    'AWS::IAM::Role': ({ RoleName, Path = '/', Policies = [] }, { physicalName, account }) => {
      const name = RoleName ?? physicalName();
      const arn = `arn:aws:iam::${account}:role${Path}${name}`;
      principals.role(
        arn,
        (Policies as { PolicyDocument: PolicyDocument }[]).map((policy) => policy.PolicyDocument),
      );
      return { ref: name, attributes: { Arn: arn, RoleId: name } };
    },
    'AWS::IAM::Policy': ({ PolicyName, PolicyDocument, Roles }) => {
      attach(Roles, PolicyDocument);
      return { ref: PolicyName };
    },
    'AWS::IAM::ManagedPolicy': ({ ManagedPolicyName, PolicyDocument, Roles }, { physicalName, account }) => {
      attach(Roles, PolicyDocument);
      return { ref: `arn:aws:iam::${account}:policy/${ManagedPolicyName ?? physicalName(128)}` };
    },
  };
}
