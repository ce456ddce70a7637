import { CfnResource, Stack, Token, Validations } from 'aws-cdk-lib';
import type { DroneFleetCell } from '../lib';

/** A finding of cdk-nag that is as it should be. */
export interface Acknowledged {
  /** The packs that have the rule. */
  readonly packs: ('AwsSolutions' | 'HIPAA.Security' | 'NIST.800.53.R5')[];
  /** The rule, with what the finding is about in brackets. */
  readonly rules: string[];
  /** The paths of the resources in the cell, without `/Resource` at the end. */
  readonly at: RegExp;
  /** @default - resources of all types */
  readonly type?: string;
  readonly reason: string;
}

const SOLUTIONS = ['AwsSolutions'] as const;
const HIPAA_AND_NIST = ['HIPAA.Security', 'NIST.800.53.R5'] as const;

/** Whoever looks at the fleet with cdk-nag finds these, and what is to be said to each. `docs/security.md` counts them. */
export function acknowledgements({ state }: DroneFleetCell): Acknowledged[] {
  const here = '<AWS::Region>:<AWS::AccountId>';
  const onArns = (...arns: string[]) => arns.map((arn) => `IAM5[Resource::${arn}]`);
  const ofThings = (format: (name: string) => string) =>
    onArns(...state.identity.mediaNames('<credentials-iot:ThingName>').map(format));
  const execution = (stateMachine: string, ...maps: string[]) =>
    ['', ...maps].map(
      (map) =>
        `IAM5[Resource::arn:<AWS::Partition>:states:${here}:execution:{"Fn::Select":[6,{"Fn::Split":[":",{"Ref":"${stateMachine}"}]}]}${map}:*]`,
    );
  return [
    // Devices
    {
      packs: [...SOLUTIONS],
      rules: ['stream', 'channel'].flatMap((resource) =>
        ofThings((name) => `arn:<AWS::Partition>:kinesisvideo:${here}:${resource}/${name}/*`),
      ),
      at: /^State\/Identity\/Role\/DefaultPolicy$/,
      reason:
        'The ARN of a stream or channel ends in the time of its creation, which nobody knows beforehand. The name before it is that of the device itself.',
    },
    {
      packs: [...SOLUTIONS],
      rules: ofThings((name) => `<FramesBucketD64979AB.Arn>/frames/${name}/*`),
      at: /^State\/Identity\/Role\/DefaultPolicy$/,
      reason: 'The folder of the device itself. Kinesis Video Streams makes the names of the images in it.',
    },
    {
      packs: [...HIPAA_AND_NIST],
      rules: ['IAMPolicyNoStatementsWithFullAccess'],
      at: /^State\/Identity\/Role\/DefaultPolicy$/,
      reason: 'The statement with all actions denies them, to devices in quarantine.',
    },
    // What acts on devices that are not known before they register
    {
      packs: [...SOLUTIONS],
      rules: onArns(`arn:<AWS::Partition>:iot:${here}:thing/*`),
      at: /^Fleet\/Fleet\/((Provisioning|Certificates)\/Role|(MediaProvisioner|Reconciler|Quarantine|Onboarding)\/Handler\/ServiceRole\/DefaultPolicy)$/,
      reason: 'It registers, looks up or describes devices, whose names come with their registration.',
    },
    {
      packs: [...SOLUTIONS],
      rules: onArns(`arn:<AWS::Partition>:iot:${here}:cert/*`),
      at: /^Fleet\/Fleet\/((Provisioning|Certificates)\/Role|(Certificates|Quarantine)\/Handler\/ServiceRole\/DefaultPolicy)$/,
      reason:
        'AWS IoT makes the ids of certificates, and makes them when devices register. AWS IoT has no tags on certificates that a condition could be about.',
    },
    {
      packs: [...SOLUTIONS],
      rules: onArns(`arn:<AWS::Partition>:iot:${here}:client/*`),
      at: /^Fleet\/Fleet\/Quarantine\/Handler\/ServiceRole\/DefaultPolicy$/,
      reason: 'It disconnects devices, whose client IDs are their names, which come with their registration.',
    },
    {
      packs: [...SOLUTIONS],
      rules: onArns(
        `arn:<AWS::Partition>:kinesisvideo:${here}:stream/*`,
        `arn:<AWS::Partition>:kinesisvideo:${here}:channel/*`,
      ),
      at: /^Fleet\/Fleet\/(MediaProvisioner|Reconciler|Quarantine)\/Handler\/ServiceRole\/DefaultPolicy$/,
      reason:
        'Streams and channels are made when devices register. Making, changing and deleting them is on condition of the tag of the fleet, tagging in quarantine of that one tag; only describing is not, because what is not there yet has no tags.',
    },
    // Roles of functions and state machines
    {
      packs: [...SOLUTIONS],
      rules: ['IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]'],
      at: /\/ServiceRole$/,
      reason: 'The managed policy allows to write logs, and nothing else.',
    },
    {
      packs: [...SOLUTIONS],
      rules: onArns('*'),
      at: /^Fleet\/(Fleet\/.+|CdkKinesisVideo-iot-settings\/Handler)\/ServiceRole\/DefaultPolicy$|\/StateMachine\/Role\/DefaultPolicy$|^Fleet\/Fleet\/(Provisioning|Certificates)\/Role$/,
      reason:
        'Traces of X-Ray, lists of streams, channels and things, and settings of the account in AWS IoT: actions that can not be limited to resources. A test (test/stacks) holds each action on `*` against the service authorization reference.',
    },
    {
      packs: [...SOLUTIONS],
      rules: ['IAM5[Action::kms:GenerateDataKey*]', 'IAM5[Action::kms:ReEncrypt*]'],
      at: /^Fleet\/Fleet\/\w+\/((Hook|Handler)\/Service|(Thing)?Rule\/)Role\/DefaultPolicy$/,
      reason: 'How the CDK grants encryption with a key: the variants of one action, on the one key of the fleet.',
    },
    {
      packs: [...SOLUTIONS],
      rules: onArns('<FleetReconcilerBucketB8048C7D.Arn>/runs/*', '<FleetReconcilerBucketB8048C7D.Arn>/reports/*'),
      at: /^Fleet\/Fleet\/Reconciler\/Flow\/StateMachine\/Role\/DefaultPolicy$/,
      reason: 'Its own folders in its own bucket; each run has objects with names of its own.',
    },
    {
      packs: [...SOLUTIONS],
      rules: onArns('<FleetOnboardingBucket3DEF5F38.Arn>/lists/*', '<FleetOnboardingBucket3DEF5F38.Arn>/reports/*'),
      at: /^Fleet\/Fleet\/Onboarding\/Flow\/StateMachine\/Role\/DefaultPolicy$/,
      reason: 'Its own folders in its own bucket; operators name the lists that they put there.',
    },
    {
      packs: [...SOLUTIONS],
      rules: onArns('<FramesBucketD64979AB.Arn>/frames/*', '<FramesBucketD64979AB.Arn>/evidence/*'),
      at: /^Fleet\/Fleet\/ImageDetector\/Handler\/ServiceRole\/DefaultPolicy$/,
      reason: 'It reads the frames of all devices, which is its work, and keeps those that raised an alert.',
    },
    {
      packs: [...SOLUTIONS],
      rules: onArns('<FleetReconcilerHandlerE80451B5.Arn>:*', '<FleetReconcilerListerA345A28E.Arn>:*'),
      at: /^Fleet\/Fleet\/Reconciler\/Flow\/StateMachine\/Role\/DefaultPolicy$/,
      reason: 'Versions and aliases of the function itself, as the CDK grants invocation.',
    },
    {
      packs: [...SOLUTIONS],
      rules: onArns('<FleetOnboardingHandler14F4E366.Arn>:*'),
      at: /^Fleet\/Fleet\/Onboarding\/Flow\/StateMachine\/Role\/DefaultPolicy$/,
      reason: 'Versions and aliases of the function itself, as the CDK grants invocation.',
    },
    {
      packs: [...SOLUTIONS],
      rules: onArns('<CdkKinesisVideoiotsettingsHandlerE56F3B2A.Arn>:*'),
      at: /^Fleet\/CdkKinesisVideo-iot-settings\/Provider\/framework-onEvent\/ServiceRole\/DefaultPolicy$/,
      reason: 'Versions and aliases of the function itself, as the CDK grants invocation.',
    },
    {
      packs: [...SOLUTIONS],
      rules: execution('FleetReconcilerFlowStateMachine3B549EAF', '/Listing', '/Pages'),
      at: /^Fleet\/Fleet\/Reconciler\/Flow\/StateMachine\/DistributedMapPolicy$/,
      reason: 'Its own executions, of which a distributed map starts one for each part of the work.',
    },
    {
      packs: [...SOLUTIONS],
      rules: execution('FleetOnboardingFlowStateMachine3F8699B0', '/Batches'),
      at: /^Fleet\/Fleet\/Onboarding\/Flow\/StateMachine\/DistributedMapPolicy$/,
      reason: 'Its own executions, of which a distributed map starts one for each part of the work.',
    },
    {
      packs: [...HIPAA_AND_NIST],
      rules: ['IAMNoInlinePolicy'],
      at: /./,
      type: 'AWS::IAM::Policy',
      reason:
        'Each policy belongs to one role, made with it and of no use to another. A managed policy could be attached elsewhere, which is more than is meant.',
    },
    {
      packs: [...HIPAA_AND_NIST],
      rules: ['IAMNoInlinePolicy'],
      at: /^Fleet\/Fleet\/(Provisioning|Certificates)\/Role$/,
      reason:
        'Each policy belongs to one role, made with it and of no use to another. A managed policy could be attached elsewhere, which is more than is meant.',
    },
    // Functions
    {
      packs: [...HIPAA_AND_NIST],
      rules: ['LambdaInsideVPC'],
      at: /./,
      type: 'AWS::Lambda::Function',
      reason:
        'It calls APIs of AWS only, by TLS and with credentials of its role, and listens to nothing. In a VPC it would need a NAT gateway, because AWS IoT has no endpoint for its control plane everywhere.',
    },
    {
      packs: [...HIPAA_AND_NIST],
      rules: ['LambdaDLQ'],
      at: /./,
      type: 'AWS::Lambda::Function',
      reason:
        'It is called by whoever waits for the answer, or works off a queue that has a dead-letter queue with an alarm: there is no event that the function itself could lose. The daily search for certificates has an alarm on its failure.',
    },
    {
      packs: [...HIPAA_AND_NIST],
      rules: ['LambdaConcurrency'],
      at: /./,
      type: 'AWS::Lambda::Function',
      reason:
        'A reservation takes concurrency from all other functions of the account, and one that is too small turns devices away. What has to be limited is: queues by the concurrency of their event source, calls of APIs by turns from a table.',
    },
    {
      packs: [...HIPAA_AND_NIST],
      rules: ['CloudWatchLogGroupEncrypted'],
      at: /./,
      type: 'AWS::Logs::LogGroup',
      reason:
        'CloudWatch Logs encrypts with a key of its own. There are names of devices, results and errors in the logs, but neither media nor credentials.',
    },
    // State
    {
      packs: [...SOLUTIONS],
      rules: ['SQS3'],
      at: /^State\/Alerts\/DeadLetterQueue$/,
      reason: 'It is the dead-letter queue of subscriptions, which the rule does not know.',
    },
    {
      packs: [...SOLUTIONS],
      rules: ['DDB3'],
      at: /^State\/Alerts\/History$|^Fleet\/Fleet\/(MediaProvisioner\/Pacer|MotionGate)\/Table$/,
      reason:
        'What is in it is worth nothing after minutes or a day, when it expires, and is made anew by what comes in.',
    },
    {
      packs: [...HIPAA_AND_NIST],
      rules: ['DynamoDBPITREnabled'],
      at: /^State\/Alerts\/History$|^Fleet\/Fleet\/(MediaProvisioner\/Pacer|MotionGate)\/Table$/,
      reason:
        'What is in it is worth nothing after minutes or a day, when it expires, and is made anew by what comes in.',
    },
    {
      packs: [...HIPAA_AND_NIST],
      rules: ['DynamoDBInBackupPlan'],
      at: /./,
      type: 'AWS::DynamoDB::Table',
      reason:
        'The one table that has to be kept, the list of devices, can be restored to any second of the last 35 days, and is protected from deletion. Plans of AWS Backup are made for an account, by tags, and not by the stacks in it.',
    },
    {
      packs: [...SOLUTIONS],
      rules: ['S1'],
      at: /./,
      type: 'AWS::S3::Bucket',
      reason:
        'Who reads objects is told by data events of CloudTrail, which are set for an account and can not be lost. Server access logs come late, if at all, and would need a bucket more.',
    },
    {
      packs: [...HIPAA_AND_NIST],
      rules: ['S3BucketLoggingEnabled'],
      at: /./,
      type: 'AWS::S3::Bucket',
      reason:
        'Who reads objects is told by data events of CloudTrail, which are set for an account and can not be lost. Server access logs come late, if at all, and would need a bucket more.',
    },
    {
      packs: [...HIPAA_AND_NIST],
      rules: ['S3BucketVersioningEnabled', 'S3BucketReplicationEnabled'],
      at: /./,
      type: 'AWS::S3::Bucket',
      reason:
        'Frames, lists and reports are written once, under names that do not come again, and expire by a lifecycle rule. Versions would keep pictures beyond the time that was set for them, and a replica elsewhere as well.',
    },
  ];
}

/** Acknowledges them, each at the resource that it is about. */
export function acknowledgeFindings(cell: DroneFleetCell): void {
  const entries = acknowledgements(cell);
  for (const resource of cell.node.findAll().filter((construct) => CfnResource.isCfnResource(construct))) {
    const path = resource.node.path.slice(cell.node.path.length + 1).replace(/\/Resource$/, '');
    for (const { packs, rules, at, type, reason } of entries) {
      if (!at.test(path) || (type ?? resource.cfnResourceType) !== resource.cfnResourceType) continue;
      for (const rule of packs.flatMap((pack) => rules.map((id) => `${pack}-${id}`))) {
        Validations.of(resource).acknowledge({ id: deployedAs(rule, Stack.of(resource)), reason });
      }
    }
  }
}

/** In a stack whose environment is known, ARNs have it in the place of intrinsics; those of managed policies do not. */
function deployedAs(id: string, { partition, region, account }: Stack): string {
  if (!id.includes('IAM5[')) return id;
  const known = { '<AWS::Partition>': partition, '<AWS::Region>': region, '<AWS::AccountId>': account };
  return Object.entries(known).reduce(
    (text, [intrinsic, value]) => (Token.isUnresolved(value) ? text : text.replaceAll(intrinsic, value)),
    id,
  );
}
