import type { DeployedResource } from './cloudformation-resolver';

export const POLICY_VERSION = '2012-10-17';

export interface PolicyDocument {
  readonly Version: string;
  readonly Statement: Statement | Statement[];
}

export type Statement = Record<string, unknown>;

/** Where the policies of resources are written, and which ARNs they are about. */
export const RESOURCE_POLICIES: Record<
  string,
  { targets: (resource: DeployedResource) => string[]; document: (resource: DeployedResource) => PolicyDocument }
> = {
  'AWS::IAM::Role': {
    targets: (role) => [role.arn],
    document: (role) => role.get('AssumeRolePolicyDocument')!,
  },
  'AWS::KMS::Key': {
    targets: (key) => [key.arn],
    document: (key) => key.get('KeyPolicy') ?? defaultKeyPolicy(key.stack.account),
  },
  'AWS::Lambda::Permission': {
    targets: (permission) => [functionArn(permission)],
    document: lambdaPolicy,
  },
  'AWS::S3::BucketPolicy': {
    targets: (policy) => [policy.stack.substitute('arn:${AWS::Partition}:s3:::') + policy.get('Bucket')],
    document: (policy) => policy.get('PolicyDocument')!,
  },
  'AWS::SNS::TopicPolicy': {
    targets: (policy) => policy.get('Topics')!,
    document: (policy) => policy.get('PolicyDocument')!,
  },
  'AWS::SQS::QueuePolicy': {
    targets: (policy) =>
      policy.get<string[]>('Queues')!.map((url) => {
        const [, region, account, name] = /sqs\.([^.]+)\.[^/]+\/(\d+)\/(.+)$/.exec(url)!;
        return policy.stack.substitute(`arn:\${AWS::Partition}:sqs:${region}:${account}:${name}`);
      }),
    document: (policy) => policy.get('PolicyDocument')!,
  },
};

/** The policy of a key that isn't given one: the policies of the account's identities decide. */
export function defaultKeyPolicy(account: string): PolicyDocument {
  const root = { AWS: `arn:aws:iam::${account}:root` };
  return { Version: POLICY_VERSION, Statement: { Effect: 'Allow', Principal: root, Action: 'kms:*', Resource: '*' } };
}

function functionArn(permission: DeployedResource): string {
  const name = permission.get<string>('FunctionName')!;
  const arn = `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${name}`;
  return name.startsWith('arn:') ? name : permission.stack.substitute(arn);
}

/** The statement that Lambda makes of a permission. */
function lambdaPolicy(permission: DeployedResource): PolicyDocument {
  const known = ['Action', 'FunctionName', 'Principal', 'SourceAccount', 'SourceArn'];
  const unknown = Object.keys(permission.properties).find((property) => !known.includes(property));
  if (unknown) throw new Error(`${permission.path} has a ${unknown}, which isn't simulated.`);
  const principal = permission.get<string>('Principal')!;
  const sourceArn = permission.get<string>('SourceArn');
  const sourceAccount = permission.get<string>('SourceAccount');
  return {
    Version: POLICY_VERSION,
    Statement: {
      Effect: 'Allow',
      Principal: { [principal.endsWith('.amazonaws.com') ? 'Service' : 'AWS']: principal },
      Action: permission.get('Action'),
      Resource: functionArn(permission),
      Condition: {
        ...(sourceArn && { ArnLike: { 'aws:SourceArn': sourceArn } }),
        ...(sourceAccount && { StringEquals: { 'aws:SourceAccount': sourceAccount } }),
      },
    },
  };
}
