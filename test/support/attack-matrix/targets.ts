import type { DeployedResource } from '../cloudformation-resolver';
import type { Asked, CloudModel } from '../policy-simulator';
import { defaultKeyPolicy, type Statement } from '../resource-policies';
import * as known from './actions';

type Context = Record<string, string | string[]>;

/** Something that could be asked of something, in circumstances that are as favourable as can be. */
export interface Cell {
  readonly target: string;
  /** Which of several: whose, what is in it, or through which service. */
  readonly part: string;
  readonly action: string;
  /** The tags that the request carries, where they matter. */
  readonly tags?: string;
  readonly asked: Asked;
  readonly context: Context;
}

export const ACCOUNT = '111122223333';
export const OTHER_ACCOUNT = '444455556666';
export const REGION = 'eu-west-1';
export const FLEET = 'delivery';

/** What actions are asked of that know no resources. */
export const THE_ACCOUNT = 'the account';

const FLEET_TAG = 'cdk-kinesis-video:fleet';
const QUARANTINE_TAG = 'cdk-kinesis-video:quarantine';

/** What there is of each kind of key in the buckets of the fleet, of a device and of one whose name begins like it. */
const OBJECT_KEYS = [
  'frames/drone-1/1.jpg',
  'frames/drone-10/1.jpg',
  'frames/canary/1.jpg',
  'evidence/drone-1/1.jpg',
  'clips/drone-1/1.mp4',
  'clips/drone-10/1.mp4',
  'lists/drones.csv',
  'reports/1.json',
  'runs/1.json',
  'index.html',
];

/** Through which services a key could be used. */
const KEY_USES: readonly (readonly [string, Context])[] = [
  ['directly', {}],
  ...['dynamodb', 'kinesisvideo', 's3', 'sns', 'sqs'].map(
    (service) => [`through ${service}`, { 'kms:ViaService': `${service}.${REGION}.amazonaws.com` }] as const,
  ),
  ['through kinesisvideo of another region', { 'kms:ViaService': 'kinesisvideo.us-east-1.amazonaws.com' }],
];

/** All that could be asked of an app: of what is in its templates, and of what is made when devices register. */
export function cellsOf(cloud: CloudModel, nameOf: (resource: DeployedResource) => string): Cell[] {
  return [
    ...cloud.resources.flatMap((resource) => cellsOfResource(cloud, resource, nameOf(resource))),
    ...strange(cloud),
    ...perDevice(cloud),
    ...all(known.OF_THE_ACCOUNT, THE_ACCOUNT, '', cloud.asked('*')),
  ];
}

function cellsOfResource(cloud: CloudModel, resource: DeployedResource, name: string): Cell[] {
  if (known.PARTS.includes(resource.type)) return [];
  const actions = known.ACTIONS[resource.type];
  if (!actions) throw new Error(`${resource.type} (${name}) is neither in ACTIONS nor in PARTS.`);
  const asked = cloud.asked(resource.arn);
  const part = (suffix: string) => cloud.asked(`${resource.arn}${suffix}`);
  switch (resource.type) {
    case 'AWS::KMS::Key':
      return KEY_USES.flatMap(([use, context]) => all(actions, name, use, asked, context));
    case 'AWS::Logs::LogGroup':
      return [
        ...all(actions, name, '', asked),
        ...all(known.LOG_STREAM, `${name}: streams`, '', cloud.asked(resource.arn.replace(/\*$/, 'log-stream:1'))),
      ];
    case 'AWS::S3::Bucket':
      return [
        ...all(actions, name, '', asked),
        ...['runs/1', 'frames/1', 'frames/canary/'].flatMap((prefix) =>
          all(known.LIST, name, prefix, asked, { 's3:prefix': prefix }),
        ),
        ...OBJECT_KEYS.flatMap((key) => all(known.OBJECT, `${name}: objects`, key, part(`/${key}`))),
      ];
    case 'AWS::StepFunctions::StateMachine': {
      const executions = resource.arn.replace(':stateMachine:', ':execution:');
      const kinds = ['its own', 'Batches', 'Listing', 'Pages'];
      return [
        ...all(actions, name, '', asked),
        ...kinds.flatMap((kind, index) => {
          const execution = cloud.asked(`${executions}${index === 0 ? '' : `/${kind}`}:1`);
          return all(known.EXECUTION, `${name}: executions`, kind, execution);
        }),
      ];
    }
    default:
      return all(actions, name, '', asked);
  }
}

/** How the names of what other apps have end. */
export const OTHER_APP = 'of another app';

/** What other apps of the account have: one of each type. */
function strange(cloud: CloudModel): Cell[] {
  const key = all(known.ACTIONS['AWS::KMS::Key'], `key ${OTHER_APP}`, '', {
    ...cloud.asked(`arn:aws:kms:${REGION}:${ACCOUNT}:key/another`),
    statements: [defaultKeyPolicy(ACCOUNT).Statement].flat() as Statement[],
  });
  const role = all(known.ACTIONS['AWS::IAM::Role'], `role ${OTHER_APP}`, '', {
    ...cloud.asked(`arn:aws:iam::${ACCOUNT}:role/another`),
    statements: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'sts:*' }],
  });
  const types = Object.keys(known.ACTIONS).filter((type) => !['AWS::KMS::Key', 'AWS::IAM::Role'].includes(type));
  const others = types.flatMap((type) => {
    const own = cloud.resources.find((resource) => resource.type === type);
    if (!own) return [];
    const arn = own.arn.replace(/[^:/]+(:\*)?$/, 'another$1');
    return all(
      known.ACTIONS[type],
      `${type.replace('AWS::', '').replace('::', ' ')} ${OTHER_APP}`,
      '',
      cloud.asked(arn),
    );
  });
  const viaServices = KEY_USES.flatMap(([use, context]) => key.map((cell) => ({ ...cell, part: use, context })));
  const objects = ['arn:aws:s3:::another', `arn:aws:s3:::cdk-hnb659fds-assets-${ACCOUNT}-${REGION}`].flatMap((arn) =>
    all(
      known.OBJECT,
      `objects in ${arn.replace('arn:aws:s3:::', '')} ${OTHER_APP}`,
      '',
      cloud.asked(`${arn}/frames/drone-1/1.jpg`),
    ),
  );
  return [...viaServices, ...role, ...others, ...objects];
}

/** Streams and channels, and who they belong to: `drone-1`, one whose name begins like that, and others. */
const MEDIA: readonly (readonly [string, string, Context])[] = [
  ['drone-1', `${REGION}:${ACCOUNT}:#/drone-1`, tagged(FLEET)],
  ['drone-10', `${REGION}:${ACCOUNT}:#/drone-10`, tagged(FLEET)],
  [
    'drone-1 in quarantine',
    `${REGION}:${ACCOUNT}:#/drone-1`,
    { ...tagged(FLEET), [resourceTag(QUARANTINE_TAG)]: 'true' },
  ],
  ['drone-1, made by somebody else', `${REGION}:${ACCOUNT}:#/drone-1`, {}],
  ['a doorbell', `${REGION}:${ACCOUNT}:#/doorbell`, {}],
  ['another fleet', `${REGION}:${ACCOUNT}:#/parcel-1`, tagged('parcels')],
  ['drone-1 in another region', `us-east-1:${ACCOUNT}:#/drone-1`, tagged(FLEET)],
  ['drone-1 in another account', `${REGION}:${OTHER_ACCOUNT}:#/drone-1`, tagged(FLEET)],
];

/** With which tags something is made, or tagged. */
const REQUEST_TAGS: readonly (readonly [string, Context])[] = [
  ['no tag', {}],
  ['the tag of the fleet', requested({ [FLEET_TAG]: FLEET })],
  ['the tag of another fleet', requested({ [FLEET_TAG]: 'parcels' })],
  ['the tag of quarantine', requested({ [QUARANTINE_TAG]: 'true' })],
  ['a tag of its own', requested({ colour: 'red' })],
];

function perDevice(cloud: CloudModel): Cell[] {
  const iot = (kind: string, names: readonly string[], actions: readonly string[], target: string) =>
    names.flatMap((name) =>
      all(actions, target, name, cloud.asked(`arn:aws:iot:${REGION}:${ACCOUNT}:${kind}/${name}`)),
    );
  const media = (kind: 'stream' | 'channel', actions: readonly string[], tagging: readonly string[]) =>
    MEDIA.flatMap(([whose, arn, context]) => {
      const asked = cloud.asked(`arn:aws:kinesisvideo:${arn.replace('#', kind)}/1700000000000`);
      return [
        ...all(actions, kind, whose, asked, context),
        ...REQUEST_TAGS.flatMap(([tags, given]) =>
          all(tagging, kind, whose, asked, { ...context, ...given }).map((cell) => ({ ...cell, tags })),
        ),
      ];
    });
  const names = topics(cloud);
  const elsewhere = (kind: string, actions: readonly string[], target: string) =>
    all(actions, target, 'of another region', cloud.asked(`arn:aws:iot:us-east-1:${ACCOUNT}:${kind}/drone-1`));
  return [
    ...media('stream', known.STREAM, known.STREAM_TAGGING),
    ...media('channel', known.CHANNEL, known.CHANNEL_TAGGING),
    ...iot('thing', ['drone-1', 'drone-10'], known.THING, 'thing'),
    ...elsewhere('thing', known.THING, 'thing'),
    ...elsewhere('thinggroup', known.THING_GROUP, 'thing group'),
    ...elsewhere('cert', known.CERTIFICATE, 'certificate'),
    ...elsewhere('client', known.CLIENT, 'client'),
    ...iot('thinggroup', ['north'], known.THING_GROUP, 'thing group'),
    ...iot('cert', ['of a device'], known.CERTIFICATE, 'certificate'),
    ...iot('index', ['AWS_Things'], known.INDEX, 'index'),
    ...elsewhere('index', known.INDEX, 'index'),
    ...iot('client', ['drone-1', 'drone-10', 'claim-1', VIEWER, 'anybody'], known.CLIENT, 'client'),
    ...iot('topic', names, known.TOPIC, 'topic'),
    ...iot('topicfilter', [...names, ...WIDE_FILTERS], known.TOPIC_FILTER, 'topic filter'),
  ];
}

export const VIEWER = `viewer:${'0'.repeat(32)}:1`;

const WIDE_FILTERS = ['#', 'devices/+/alerts', 'devices/+/commands', 'devices/drone-1/#', '$aws/#'];

/** Topics that devices and pilots have, those of provisioning, and those that a device must not touch. */
function topics(cloud: CloudModel): string[] {
  const named = (type: string, property: string) =>
    cloud.resources.flatMap((resource) =>
      resource.type === type ? [resource.get<string>(property) ?? resource.attribute('Ref')] : [],
    );
  const suffixes = [
    'alerts',
    'certificate-rotated',
    'commands',
    'commands/acks',
    'detections',
    'motion',
    'something-else',
  ];
  return [
    ...['drone-1', 'drone-10', 'canary'].flatMap((name) => suffixes.map((suffix) => `devices/${name}/${suffix}`)),
    ...named('AWS::IoT::ProvisioningTemplate', 'TemplateName').map(
      (template) => `$aws/provisioning-templates/${template}/provision/json`,
    ),
    '$aws/provisioning-templates/another/provision/json',
    '$aws/certificates/create/json',
    '$aws/certificates/create-from-csr/json',
    ...named('AWS::IoT::TopicRule', 'RuleName').flatMap((rule) => [
      `$aws/rules/${rule}`,
      ...['drone-1', 'drone-10'].map((name) => `$aws/rules/${rule}/devices/${name}/telemetry`),
    ]),
    '$aws/events/thing/drone-1/created',
    '$aws/things/drone-1/shadow/update',
    '$aws/things/drone-1/jobs/start-next',
  ];
}

function all(actions: readonly string[], target: string, part: string, asked: Asked, context: Context = {}): Cell[] {
  return actions.map((action) => ({ target, part, action, asked, context }));
}

function resourceTag(tag: string): string {
  return `aws:ResourceTag/${tag}`;
}

function tagged(fleet: string): Context {
  return { [resourceTag(FLEET_TAG)]: fleet };
}

function requested(tags: Record<string, string>): Context {
  const values = Object.entries(tags).map(([tag, value]) => [`aws:RequestTag/${tag}`, value]);
  return { ...Object.fromEntries(values), 'aws:TagKeys': Object.keys(tags) };
}
