import type { CloudAssembly, CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';

interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
}

/** What people call the resources that they care about; the others are counted only. */
const KINDS: Record<string, [one: string, many: string]> = {
  'AWS::KMS::Key': ['key', 'keys'],
  'AWS::DynamoDB::Table': ['table', 'tables'],
  'AWS::S3::Bucket': ['bucket', 'buckets'],
  'AWS::SNS::Topic': ['topic', 'topics'],
  'AWS::SNS::Subscription': ['subscription', 'subscriptions'],
  'AWS::SQS::Queue': ['queue', 'queues'],
  'AWS::Lambda::Function': ['function', 'functions'],
  'AWS::IoT::ThingType': ['thing type', 'thing types'],
  'AWS::IoT::RoleAlias': ['role alias', 'role aliases'],
  'AWS::IoT::Policy': ['IoT policy', 'IoT policies'],
  'AWS::IoT::TopicRule': ['IoT rule', 'IoT rules'],
  'AWS::IoT::ProvisioningTemplate': ['provisioning template', 'provisioning templates'],
  'AWS::CloudWatch::Alarm': ['alarm', 'alarms'],
};

/** Tells people what was synthesized: stacks, resources, where state is, and what to do next. */
export function summary(assembly: CloudAssembly, folder: string): string {
  const cells = assembly.nestedAssemblies.map(({ displayName, nestedAssembly }) => ({
    name: displayName,
    stacks: nestedAssembly.stacks,
  }));
  const stacks = cells.flatMap((cell) => cell.stacks);
  const total = stacks.reduce((sum, stack) => sum + resourcesOf(stack).length, 0);
  return [
    `${count(cells.length, 'cell', 'cells')}, ${count(stacks.length, 'stack', 'stacks')}, ${count(total, 'resource', 'resources')}.`,
    'What a device has is made when it registers, so this does not grow with the fleet.',
    ...cells.flatMap((cell) => ['', `${cell.name}  (${whereOf(cell.stacks[0])})`, ...cell.stacks.flatMap(describe)]),
    '',
    'What to do next',
    `  Look at the templates      ${folder}`,
    '  Configure                  write fleet.json, then add -c fleet=fleet.json (see "Configuration" in README.md)',
    `  Deploy                     npx cdk bootstrap && npx cdk deploy '${cells[0]?.name}/*'`,
    '  Let devices in             put their serial numbers into the table AllowListTable (see "Deploy" in README.md)',
  ].join('\n');
}

function describe(stack: CloudFormationStackArtifact): string[] {
  const resources = resourcesOf(stack);
  return [
    '',
    `  ${stack.stackName}: ${count(resources.length, 'resource', 'resources')}${stack.terminationProtection ? ', protected from deletion' : ''}`,
    `    ${(stack.template as { Description?: string }).Description}`,
    `    Has    ${list(resources)}`,
    `    State  ${stateOf(resources)}`,
  ];
}

function stateOf(resources: Resource[]): string {
  const kept = resources.filter(({ DeletionPolicy }) => DeletionPolicy?.startsWith('Retain'));
  if (kept.length > 0) return `${list(kept)}, which stay if the stack goes`;
  const lost = resources.filter(({ Type }) =>
    ['AWS::KMS::Key', 'AWS::DynamoDB::Table', 'AWS::S3::Bucket'].includes(Type),
  );
  return lost.length > 0 ? `${list(lost)}, which go with the stack` : 'none; it can be deleted and deployed again';
}

function resourcesOf(stack: CloudFormationStackArtifact): Resource[] {
  const { Resources = {} } = stack.template as { Resources?: Record<string, Resource> };
  return Object.values(Resources).filter(({ Type }) => Type !== 'AWS::CDK::Metadata');
}

function list(resources: Resource[]): string {
  const known = Object.entries(KINDS).flatMap(([type, [one, many]]) => {
    const { length } = resources.filter(({ Type }) => Type === type);
    return length > 0 ? [count(length, one, many)] : [];
  });
  const others = resources.filter(({ Type }) => !(Type in KINDS)).length;
  return [...known, ...(others > 0 ? [`${others} more (roles, policies, logs)`] : [])].join(', ');
}

function whereOf({ environment }: CloudFormationStackArtifact): string {
  const account = environment.account === 'unknown-account' ? 'any account' : `account ${environment.account}`;
  const region = environment.region === 'unknown-region' ? 'any region' : environment.region;
  return `${account}, ${region}`;
}

function count(amount: number, one: string, many: string): string {
  return `${amount} ${amount === 1 ? one : many}`;
}
