import { anonymousPrincipal } from '@cloud-copilot/iam-simulate';
import { sessionPolicy } from '../../../lambda/common/meeting';
import { viewing } from '../../../lambda/viewing-api/live';
import { viewerPolicies } from '../../../lambda/viewer-messages/policies';
import type { DeployedResource } from '../cloudformation-resolver';
import type { Asking, CloudModel } from '../policy-simulator';
import type { Statement } from '../resource-policies';
import { ACCOUNT, OTHER_ACCOUNT, OTHER_APP, REGION, THE_ACCOUNT, VIEWER, type Cell } from './targets';

/** Somebody, or something, that asks. */
export interface Principal {
  readonly name: string;
  readonly asking: Asking;
  /** The role or policy of the templates that it has. */
  readonly holds: readonly DeployedResource[];
  /** What there are several of, of which some may do the same. */
  readonly family?: string;
  /** Whether a question is for it at all. Each is, unless something else is said. */
  readonly isAsked?: (cell: Cell) => boolean;
}

type NameOf = (resource: DeployedResource) => string;

const IOT = `arn:aws:iot:${REGION}:${ACCOUNT}`;

/** All that could ask: what the templates create, whoever they trust, and strangers. */
export function principalsOf(cloud: CloudModel, nameOf: NameOf): Principal[] {
  return [
    ...devices(cloud),
    ...viewers(cloud),
    ...roles(cloud, nameOf),
    ...services(cloud, nameOf),
    ...strangers(cloud),
  ];
}

function one(cloud: CloudModel, type: string, path: RegExp): DeployedResource {
  const found = cloud.resources.filter((resource) => resource.type === type && path.test(resource.logicalId));
  if (found.length !== 1) throw new Error(`${found.length} of ${type} are called ${path}`);
  return found[0];
}

function askingAs(cloud: CloudModel, resource: DeployedResource, context: Asking['context'] = {}): Asking {
  const id = new RegExp(`^${resource.path}$`);
  const asking = cloud.asking(id, context);
  if (resource.type !== 'AWS::IAM::Role') return asking;
  const ofAws = cloud.identityPolicies(id).awsManaged.flatMap((name) => {
    if (!(name in AWS_MANAGED)) throw new Error(`What ${name} allows (of ${resource.path}) is not in AWS_MANAGED.`);
    return AWS_MANAGED[name];
  });
  return { ...asking, statements: [...asking.statements, ...ofAws] };
}

/** What policies of AWS's own allow: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html */
const AWS_MANAGED: Record<string, Statement[]> = {
  'service-role/AWSLambdaBasicExecutionRole': [
    { Effect: 'Allow', Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'], Resource: '*' },
  ],
};

/** Devices have a role for what they do with media, and a policy of AWS IoT for their messages. */
function devices(cloud: CloudModel): Principal[] {
  const role = one(cloud, 'AWS::IAM::Role', /^IdentityRole/);
  const policy = one(cloud, 'AWS::IoT::Policy', /^IdentityPolicy/);
  const quarantine = one(cloud, 'AWS::IoT::Policy', /Quarantine/);
  const claim = one(cloud, 'AWS::IoT::Policy', /ClaimPolicy/);
  const connection = (thing: string) => ({
    'iot:Connection.Thing.ThingName': thing,
    'iot:Connection.Thing.IsAttached': 'true',
    'iot:ClientId': thing,
  });
  const identity = askingAs(cloud, policy, connection('drone-1'));
  const both = [...identity.statements, ...askingAs(cloud, quarantine).statements];
  return [
    ...['drone-1', 'drone-10', 'drone'].flatMap((thing): Principal[] => [
      {
        name: `device ${thing}, by the role`,
        holds: [role],
        asking: askingAs(cloud, role, { 'credentials-iot:ThingName': thing }),
      },
      {
        name: `device ${thing}, by its certificate`,
        holds: [policy],
        asking: askingAs(cloud, policy, connection(thing)),
      },
    ]),
    { name: 'device that names no thing, by the role', holds: [role], asking: askingAs(cloud, role) },
    { name: 'certificate that is attached to no thing', holds: [policy], asking: askingAs(cloud, policy) },
    {
      // Whoever can't connect says and hears nothing.
      name: 'certificate of another device that calls itself drone-1',
      holds: [policy],
      asking: askingAs(cloud, policy, { ...connection('drone-1'), 'iot:Connection.Thing.IsAttached': 'false' }),
      isAsked: ({ action }) => action === 'iot:Connect',
    },
    {
      name: 'device drone-1 in quarantine, by its certificate',
      holds: [policy, quarantine],
      asking: { ...identity, statements: both },
    },
    { name: 'claim certificate', holds: [claim], asking: askingAs(cloud, claim) },
  ];
}

/** People have no policies but those that they are given for a session. */
function viewers(cloud: CloudModel): Principal[] {
  const role = one(cloud, 'AWS::IAM::Role', /^ViewingViewerRole/);
  const channel = cloud.asked(`arn:aws:kinesisvideo:${REGION}:${ACCOUNT}:channel/drone-1/1700000000000`).arn;
  const live = askingAs(cloud, role);
  const session = sessionPolicy([viewing(channel)], new Date('2026-01-01T12:05:00Z'));
  const at = (time: string) => ({ ...live.context, 'aws:CurrentTime': time });
  const messages = viewerPolicies({
    arnPrefix: IOT,
    topicPrefix: 'devices',
    clientId: VIEWER,
    devices: ['drone-1'],
  })!;
  return [
    {
      name: 'pilot who watches drone-1 live',
      holds: [role],
      asking: { ...live, session, context: at('2026-01-01T12:00:00Z') },
    },
    {
      name: 'pilot who watched drone-1 live, when the session is over',
      holds: [role],
      asking: { ...live, session, context: at('2026-01-01T12:05:01Z') },
    },
    {
      name: 'viewer who hears of drone-1',
      holds: [],
      asking: {
        arn: `${IOT}:cert/viewer`,
        statements: messages.flatMap(({ Statement }) => Statement.map((s) => ({ ...s }))),
      },
    },
  ];
}

function roles(cloud: CloudModel, nameOf: NameOf): Principal[] {
  const all = cloud.resources.filter(
    ({ type, logicalId }) => type === 'AWS::IAM::Role' && !/^IdentityRole/.test(logicalId),
  );
  return all.map((role) => ({
    name: nameOf(role).replace(/\/ServiceRole$/, ''),
    holds: [role],
    asking: askingAs(cloud, role),
  }));
}

/** On whose behalf services call, by the service: a type of the templates, and what else there is of that kind. */
const SOURCES: Record<string, readonly (readonly [string, string])[]> = {
  'apigateway.amazonaws.com': [['AWS::ApiGatewayV2::Api', 'another']],
  'cloudfront.amazonaws.com': [['AWS::CloudFront::Distribution', 'ANOTHER']],
  'cloudwatch.amazonaws.com': [['AWS::CloudWatch::Alarm', 'another']],
  'credentials.iot.amazonaws.com': [['AWS::IoT::RoleAlias', 'another']],
  'events.amazonaws.com': [['AWS::Events::Rule', 'another']],
  'iot.amazonaws.com': [
    ['AWS::IoT::Authorizer', 'another'],
    ['AWS::IoT::ProvisioningTemplate', 'another'],
    ['AWS::IoT::TopicRule', 'another'],
  ],
  'lambda.amazonaws.com': [['AWS::Lambda::Function', 'another']],
  's3.amazonaws.com': [['AWS::S3::Bucket', 'another']],
  'scheduler.amazonaws.com': [['AWS::Scheduler::Schedule', 'another']],
  'sns.amazonaws.com': [['AWS::SNS::Topic', 'another']],
  'states.amazonaws.com': [['AWS::StepFunctions::StateMachine', 'another']],
};

/** Services that nothing here trusts. */
const OTHER_SERVICES = ['cloudtrail', 'cognito-idp', 'delivery.logs', 'ec2', 'kinesisvideo', 'rekognition', 'sqs'];

/** On whose behalf a service calls that is in no template. */
export const ANOTHER = 'another one of the account';
export const FOREIGN = 'one of another account';

/** Services, each on behalf of what is in the templates, of something else in the account, and of another account. */
function services(cloud: CloudModel, nameOf: NameOf): Principal[] {
  const calling = (service: string, kind: string, whose: string, arn: string, account: string): Principal => ({
    name: whose,
    family: `${service} for ${kind}`,
    holds: [],
    // What else there is of a key is about callers that come through a service.
    isAsked: ({ part }) => !part.startsWith('through '),
    asking: cloud.asking(service, { 'aws:SourceArn': arn, 'aws:SourceAccount': account }),
  });
  const known = Object.entries(SOURCES).flatMap(([service, kinds]) =>
    kinds.flatMap(([type, another]) => {
      const own = cloud.resources.filter((resource) => resource.type === type);
      const kind = type.replace(/^.*::/, '');
      const stranger = sourceArn(own[0]).replace(/[^:/]+(\/\*.*)?$/, `${another}$1`);
      return [
        ...own.map((resource) => calling(service, kind, nameOf(resource), sourceArn(resource), ACCOUNT)),
        calling(service, kind, ANOTHER, stranger, ACCOUNT),
        calling(service, kind, FOREIGN, stranger.replace(ACCOUNT, OTHER_ACCOUNT), OTHER_ACCOUNT),
      ];
    }),
  );
  const elses = Object.keys(SOURCES).map((service) =>
    calling(service, 'anything else', ANOTHER, `arn:aws:${service.split('.')[0]}:${REGION}:${ACCOUNT}:else/1`, ACCOUNT),
  );
  const others = OTHER_SERVICES.map((name) =>
    calling(`${name}.amazonaws.com`, 'anything', ANOTHER, `arn:aws:${name}:${REGION}:${ACCOUNT}:anything`, ACCOUNT),
  );
  return [...known, ...elses, ...others];
}

/** What services say on whose behalf they call: mostly the ARN of it. */
function sourceArn({ type, arn }: DeployedResource): string {
  if (type === 'AWS::ApiGatewayV2::Api') {
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html
    return arn.replace(/^arn:aws:apigateway:([^:]+)::\/apis\/(.*)$/, `arn:aws:execute-api:$1:${ACCOUNT}:$2/*/*/v1`);
  }
  // A schedule speaks for its group: https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
  if (type === 'AWS::Scheduler::Schedule') return arn.replace(/:schedule\/([^/]+)\/.*/, ':schedule-group/$1');
  return arn;
}

function strangers(cloud: CloudModel): Principal[] {
  const administrator = cloud.asking(ACCOUNT);
  const plain = { ...administrator.context, 'aws:SecureTransport': 'false' };
  const old = { ...administrator.context, 's3:TlsVersion': '1.1' };
  const isHere = (target: string) => target !== THE_ACCOUNT && !target.endsWith(OTHER_APP);
  const isOurs = ({ asked }: Cell) => asked.account === ACCOUNT;
  return [
    { name: 'administrator of another account', holds: [], asking: cloud.asking(OTHER_ACCOUNT), isAsked: isOurs },
    { name: 'anybody', holds: [], asking: { arn: anonymousPrincipal, statements: [] } },
    {
      name: 'administrator of the account, without TLS',
      holds: [],
      asking: { ...administrator, context: plain },
      isAsked: ({ action, target }) => /^(s3:|sqs:|sns:Publish)/.test(action) && isHere(target),
    },
    {
      name: 'administrator of the account, with TLS 1.1',
      holds: [],
      asking: { ...administrator, context: old },
      isAsked: ({ action, target }) => action.startsWith('s3:') && isHere(target),
    },
  ];
}
