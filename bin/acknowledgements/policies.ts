import { Stack, type CfnResource } from 'aws-cdk-lib';
import type { CfnPolicy } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import {
  Canary,
  ClipArchive,
  type Consultations,
  ContinuousArchive,
  DeviceIdentity,
  FrameStore,
  HeatMonitor,
  QueueMonitor,
  Takeover,
  ViewingApi,
} from '../../lib';
import { HERE, HIPAA_AND_NIST, SOLUTIONS, idOf, inAppOf, onArns, type Acknowledged } from './acknowledged';

const AS_GRANTED = 'Versions and aliases of the function itself, as the CDK grants invocation.';
/** Its name, unless another is given. */
const CANARY = 'canary';
const OWN_FOLDERS = 'Its own folders in its own bucket; each run has objects with names of its own.';
const OF_ONE_ROLE =
  'Each policy belongs to one role, made with it and of no use to another. A managed policy could be attached elsewhere, which is more than is meant.';

/** `owner` is what the pattern in `at` says. */
const ofThings = (owner: IConstruct, format: (name: string) => string) =>
  onArns(...(owner as DeviceIdentity).mediaNames('<credentials-iot:ThingName>').map(format));

const foldersIn = (bucket: string, owner: IConstruct, ...names: string[]) =>
  onArns(...names.map((name) => `<${idOf(owner, bucket)}.Arn>/${name}/*`));
const folders = (owner: IConstruct, ...names: string[]) => foldersIn('Bucket', owner, ...names);

const versions = (owner: IConstruct, ...ids: string[]) => onArns(...ids.map((id) => `<${idOf(owner, id)}.Arn>:*`));

const executions = (owner: IConstruct, ...maps: string[]) => {
  const name = `{"Fn::Select":[6,{"Fn::Split":[":",{"Ref":"${idOf(owner, 'Flow', 'StateMachine')}"}]}]}`;
  return onArns(...['', ...maps].map((map) => `arn:<AWS::Partition>:states:${HERE}:execution:${name}${map}:*`));
};

const topics = (identities: Pick<DeviceIdentity, 'topic'>[], channel: string) =>
  onArns(...identities.map((identity) => `arn:<AWS::Partition>:iot:${HERE}:topic/${identity.topic('*', channel)}`));

const mayEncrypt = (policy: CfnResource) =>
  JSON.stringify(Stack.of(policy).resolve((policy as CfnPolicy).policyDocument)).includes('kms:ReEncrypt*');

/** What is to be said about policies of roles. */
export const ON_POLICIES: Acknowledged[] = [
  // Devices
  {
    packs: SOLUTIONS,
    rules: (owner) =>
      ['stream', 'channel'].flatMap((resource) =>
        ofThings(owner, (name) => `arn:<AWS::Partition>:kinesisvideo:${HERE}:${resource}/${name}/*`),
      ),
    at: /^DeviceIdentity\/Role\/DefaultPolicy$/,
    reason:
      'The ARN of a stream or channel ends in the time of its creation, which nobody knows beforehand. The name before it is that of the device itself.',
  },
  {
    packs: SOLUTIONS,
    rules: (owner) =>
      inAppOf(owner, FrameStore).flatMap((frames) =>
        ofThings(owner, (name) => `<${idOf(frames, 'Bucket')}.Arn>/frames/${name}/*`),
      ),
    at: /^DeviceIdentity\/Role\/DefaultPolicy$/,
    reason: 'The folder of the device itself. Kinesis Video Streams makes the names of the images in it.',
  },
  {
    packs: HIPAA_AND_NIST,
    rules: ['IAMPolicyNoStatementsWithFullAccess'],
    at: /^DeviceIdentity\/Role\/DefaultPolicy$/,
    reason: 'The statement with all actions denies them, to devices in quarantine.',
  },
  // What acts on devices that are not known before they register
  {
    packs: SOLUTIONS,
    rules: onArns(`arn:<AWS::Partition>:iot:${HERE}:thing/*`),
    at: /^((FleetProvisioning|CertificateRotation)\/Role|(MediaProvisioner|FleetReconciler|DeviceQuarantine|BulkOnboarding|ViewingApi|ViewerMessages)\/Handler\/ServiceRole\/DefaultPolicy)$/,
    reason: 'It registers, looks up or describes devices, whose names come with their registration.',
  },
  {
    packs: SOLUTIONS,
    rules: onArns(`arn:<AWS::Partition>:iot:${HERE}:cert/*`),
    at: /^((FleetProvisioning|CertificateRotation)\/Role|(CertificateRotation|DeviceQuarantine)\/Handler\/ServiceRole\/DefaultPolicy)$/,
    reason:
      'AWS IoT makes the ids of certificates, and makes them when devices register. AWS IoT has no tags on certificates that a condition could be about.',
  },
  {
    packs: SOLUTIONS,
    rules: onArns(`arn:<AWS::Partition>:iot:${HERE}:client/*`),
    at: /^DeviceQuarantine\/Handler\/ServiceRole\/DefaultPolicy$/,
    reason: 'It disconnects devices, whose client IDs are their names, which come with their registration.',
  },
  {
    packs: SOLUTIONS,
    rules: onArns(
      `arn:<AWS::Partition>:kinesisvideo:${HERE}:stream/*`,
      `arn:<AWS::Partition>:kinesisvideo:${HERE}:channel/*`,
    ),
    at: /^(MediaProvisioner|FleetReconciler|DeviceQuarantine)\/Handler\/ServiceRole\/DefaultPolicy$/,
    reason:
      'Streams and channels are made when devices register. Making, changing and deleting them is on condition of the tag of the fleet, tagging in quarantine of that one tag; only describing is not, because what is not there yet has no tags.',
  },
  {
    packs: SOLUTIONS,
    rules: onArns(
      `arn:<AWS::Partition>:kinesisvideo:${HERE}:stream/*`,
      `arn:<AWS::Partition>:kinesisvideo:${HERE}:channel/*`,
    ),
    at: /^ViewingApi\/Handler\/ServiceRole\/DefaultPolicy$/,
    reason:
      'It makes sessions of whichever device of the fleet somebody may watch. All of it is on condition of the tag of the fleet.',
  },
  {
    packs: SOLUTIONS,
    rules: onArns(`arn:<AWS::Partition>:kinesisvideo:${HERE}:channel/*`),
    at: /^ViewingApi\/ViewerRole\/DefaultPolicy$/,
    reason:
      'On condition of the tag of the fleet, and each session is narrowed down by a policy of its own to the one channel that is watched.',
  },
  {
    packs: SOLUTIONS,
    rules: (owner) =>
      onArns(
        ...['stream', 'channel'].map(
          (resource) =>
            `arn:<AWS::Partition>:kinesisvideo:${HERE}:${resource}/${(owner as Consultations).fleetName}-*/*`,
        ),
      ),
    at: /^Consultations\/((Handler|Closer)\/ServiceRole|(Patient|Clinician)Role)\/DefaultPolicy$/,
    reason:
      'Rooms are made when people come, long after the deployment, and their ARNs end in the time of that. Names begin with that of the fleet, and all but making and describing is on condition of its tag; sessions of people are narrowed down to one room.',
  },
  {
    packs: SOLUTIONS,
    rules: onArns(`arn:<AWS::Partition>:iot:${HERE}:thinggroup/*`),
    at: /^ViewingApi\/Handler\/ServiceRole\/DefaultPolicy$/,
    reason: 'It lists the devices of the groups of whoever asks. People make groups, long after the deployment.',
  },
  {
    packs: SOLUTIONS,
    rules: (owner) => topics(inAppOf(owner, DeviceIdentity), 'alerts'),
    at: /^AlertFeed\/Handler\/ServiceRole\/DefaultPolicy$/,
    reason: 'It tells those who watch a device of its alerts: the one topic for that of each device, and no other.',
  },
  {
    packs: SOLUTIONS,
    rules: (owner) => topics(inAppOf(owner, DeviceIdentity), 'commands'),
    at: /^Takeover\/Handler\/ServiceRole\/DefaultPolicy$/,
    reason:
      'It sends commands to whichever device a pilot has taken: the one topic for that of each device, and no other.',
  },
  {
    packs: SOLUTIONS,
    rules: (owner) => inAppOf(owner, Takeover).flatMap((takeover) => versions(takeover, 'Handler')),
    at: /^ViewingApi\/Handler\/ServiceRole\/DefaultPolicy$/,
    reason: AS_GRANTED,
  },
  {
    packs: SOLUTIONS,
    rules: (owner) => foldersIn('Clips', owner, 'clips'),
    at: /^ViewingApi\/Handler\/ServiceRole\/DefaultPolicy$/,
    reason: 'Its own folder in its own bucket; each clip has a name of its own.',
  },
  // Roles of functions and state machines
  {
    packs: SOLUTIONS,
    rules: onArns('*'),
    at: /^\w+\/((CdkKinesisVideo-[\w-]+|Expiry)\/)?(Hook|Lister|Closer|(Acknowledgement|Command|Decision|Hold)?Handler)\/ServiceRole\/DefaultPolicy$|\/StateMachine\/Role\/DefaultPolicy$|^(FleetProvisioning|CertificateRotation)\/Role$/,
    reason:
      'Traces of X-Ray, lists of streams, channels and things, and settings of the account in AWS IoT: actions that can not be limited to resources. A test (test/stacks) holds each action on `*` against the service authorization reference.',
  },
  {
    packs: SOLUTIONS,
    rules: ['IAM5[Action::kms:GenerateDataKey*]', 'IAM5[Action::kms:ReEncrypt*]'],
    at: /^\w+\/((Hook|(Acknowledgement|Command|Decision|Hold)?Handler)\/Service|(Thing)?Rule\/)Role\/DefaultPolicy$/,
    only: mayEncrypt,
    reason: 'How the CDK grants encryption with a key: the variants of one action, on the one key of the fleet.',
  },
  {
    packs: SOLUTIONS,
    rules: (owner) => folders(owner, 'runs', 'reports'),
    at: /^FleetReconciler\/Flow\/StateMachine\/Role\/DefaultPolicy$/,
    reason: OWN_FOLDERS,
  },
  {
    packs: SOLUTIONS,
    rules: (owner) => folders(owner, 'lists', 'reports'),
    at: /^BulkOnboarding\/Flow\/StateMachine\/Role\/DefaultPolicy$/,
    reason: 'Its own folders in its own bucket; operators name the lists that they put there.',
  },
  {
    packs: SOLUTIONS,
    rules: (owner) =>
      inAppOf(owner, FrameStore).flatMap((frames) =>
        folders(frames, 'frames', ...(owner instanceof QueueMonitor ? [] : ['evidence'])),
      ),
    at: /^(ImageDetector|QualityInspector|QueueMonitor)\/Handler\/ServiceRole\/DefaultPolicy$/,
    reason:
      'It reads the frames of all devices, which is its work. A detector or inspector keeps those that were worth an alert or a signal; what counts people deletes them.',
  },
  {
    packs: SOLUTIONS,
    rules: (owner) => [
      'IAM5[Action::s3:Abort*]',
      ...inAppOf(owner, FrameStore).flatMap((frames) => folders(frames, `frames/${CANARY}`)),
    ],
    at: /^Canary\/Handler\/ServiceRole\/DefaultPolicy$/,
    reason:
      'How the CDK grants writing into a bucket; only into the folder of the canary, where Kinesis Video Streams makes the names of images.',
  },
  {
    packs: SOLUTIONS,
    rules: (stack) => inAppOf(stack, Canary).flatMap((canary) => versions(canary, 'Handler')),
    at: /^Stack\/SchedulerRoleForTarget-\w+\/DefaultPolicy$/,
    only: (policy) => inAppOf(policy, Canary).some((canary) => Stack.of(canary) === Stack.of(policy)),
    reason: AS_GRANTED,
  },
  {
    packs: SOLUTIONS,
    rules: (owner) => folders(owner, 'snapshots'),
    at: /^FieldWatch\/Handler\/ServiceRole\/DefaultPolicy$/,
    reason: 'Its own folder in its own bucket; each picture has the name of its sighting.',
  },
  {
    packs: SOLUTIONS,
    rules: ['IAM5[Action::kms:GenerateDataKey*]'],
    at: /^Stack\/SchedulerRoleForTarget-\w+\/DefaultPolicy$/,
    only: (policy) => inAppOf(policy, HeatMonitor).some((monitor) => Stack.of(monitor) === Stack.of(policy)),
    reason: 'How the CDK lets a schedule send to a queue: the variants of one action, on the one key of the queue.',
  },
  {
    packs: SOLUTIONS,
    rules: (owner) => folders(owner, 'clips'),
    at: /^ClipArchive\/(Hold)?Handler\/ServiceRole\/DefaultPolicy$/,
    reason: OWN_FOLDERS,
  },
  {
    packs: SOLUTIONS,
    rules: onArns(`arn:<AWS::Partition>:kinesisvideo:${HERE}:stream/*`),
    at: /^(ClipArchive|ContinuousArchive|MediaErasure)\/Handler\/ServiceRole\/DefaultPolicy$/,
    reason:
      'It stores or erases what whichever device of the fleet has filmed. All of it is on condition of the tag of the fleet, but for describing: what is not there yet, or no longer, has no tags.',
  },
  {
    packs: SOLUTIONS,
    rules: (owner) => folders(owner, 'continuous'),
    at: /^ContinuousArchive\/Handler\/ServiceRole\/DefaultPolicy$/,
    reason: OWN_FOLDERS,
  },
  {
    packs: SOLUTIONS,
    rules: (owner) => foldersIn('Runs', owner, 'runs', 'reports'),
    at: /^ContinuousArchive\/Flow\/StateMachine\/Role\/DefaultPolicy$/,
    reason: OWN_FOLDERS,
  },
  {
    packs: SOLUTIONS,
    rules: (owner) => [
      ...onArns(`<${idOf(owner, 'Proofs')}.Arn>/*`),
      ...inAppOf(owner, FrameStore).flatMap((frames) => folders(frames, 'frames', 'evidence')),
      ...inAppOf(owner, ClipArchive).flatMap((archive) => folders(archive, 'clips')),
      ...inAppOf(owner, ContinuousArchive).flatMap((archive) => folders(archive, 'continuous')),
      ...inAppOf(owner, ViewingApi).flatMap((viewing) => foldersIn('Clips', viewing, 'clips')),
    ],
    at: /^MediaErasure\/Handler\/ServiceRole\/DefaultPolicy$/,
    reason:
      'The folders that it was given, in which it erases whatever is of a device or of a time, and its own bucket of proofs.',
  },
  {
    packs: SOLUTIONS,
    rules: (owner) => versions(owner, 'Handler'),
    at: /^MediaErasure\/Flow\/StateMachine\/Role\/DefaultPolicy$/,
    reason: AS_GRANTED,
  },
  {
    packs: SOLUTIONS,
    rules: (owner) => versions(owner, 'Handler', 'Lister'),
    at: /^(FleetReconciler|ContinuousArchive)\/Flow\/StateMachine\/Role\/DefaultPolicy$/,
    reason: AS_GRANTED,
  },
  {
    packs: SOLUTIONS,
    rules: (owner) => versions(owner, 'Handler'),
    at: /^BulkOnboarding\/Flow\/StateMachine\/Role\/DefaultPolicy$/,
    reason: AS_GRANTED,
  },
  ...['iot-settings', 'video-settings'].map((handler) => ({
    packs: SOLUTIONS,
    rules: (stack: IConstruct) => onArns(`<${idOf(stack, `CdkKinesisVideo-${handler}`, 'Handler')}.Arn>:*`),
    at: new RegExp(`^Stack/CdkKinesisVideo-${handler}/ProviderRole/DefaultPolicy$`),
    reason: AS_GRANTED,
  })),
  {
    packs: SOLUTIONS,
    rules: (owner) => executions(owner, '/Listing', '/Pages'),
    at: /^(FleetReconciler|ContinuousArchive)\/Flow\/StateMachine\/DistributedMapPolicy$/,
    reason: 'Its own executions, of which a distributed map starts one for each part of the work.',
  },
  {
    packs: SOLUTIONS,
    rules: (owner) => executions(owner, '/Batches'),
    at: /^BulkOnboarding\/Flow\/StateMachine\/DistributedMapPolicy$/,
    reason: 'Its own executions, of which a distributed map starts one for each part of the work.',
  },
  {
    packs: SOLUTIONS,
    rules: (owner) => [
      ...['s3:GetBucket*', 's3:GetObject*', 's3:List*', 's3:Abort*', 's3:DeleteObject*'].map(
        (action) => `IAM5[Action::${action}]`,
      ),
      ...onArns(
        'arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/*',
        `<${idOf(owner, 'Bucket')}.Arn>/*`,
      ),
    ],
    at: /^PilotConsole\/Files\/Role\/DefaultPolicy$/,
    reason:
      'How the CDK grants reading of assets and writing into a bucket. It acts at deployment only, on the bucket of the console, whose files are the same for everybody.',
  },
  {
    packs: SOLUTIONS,
    rules: (owner) =>
      onArns(
        `arn:<AWS::Partition>:logs:${HERE}:log-group:<${idOf(owner, 'Live')}>:log-stream:<AWS::AccountId>_CloudTrail_<AWS::Region>*`,
      ),
    at: /^MediaAuditTrail\/DeliveryRole\/DefaultPolicy$/,
    reason: 'CloudTrail makes the names of its log streams, all of which begin like this, in the log of this trail.',
  },
  {
    packs: SOLUTIONS,
    rules: [
      ...onArns(`arn:<AWS::Partition>:logs:${HERE}:log-group:/aws/sagemaker/Endpoints/*`),
      // To ask for a token of the registry knows no resource.
      ...onArns('*'),
    ],
    at: /^ModelEndpoint\/Role\/DefaultPolicy$/,
    reason:
      'SageMaker names the log of an endpoint by the endpoint, which is made after the role. A token of the registry is for no resource.',
  },
  {
    packs: HIPAA_AND_NIST,
    rules: ['IAMNoInlinePolicy'],
    at: /./,
    type: 'AWS::IAM::Policy',
    reason: OF_ONE_ROLE,
  },
  {
    packs: HIPAA_AND_NIST,
    rules: ['IAMNoInlinePolicy'],
    at: /^(FleetProvisioning|CertificateRotation)\/Role$/,
    reason: OF_ONE_ROLE,
  },
];
