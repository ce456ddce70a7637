import { isWildcardOnlyAction } from '@cloud-copilot/iam-simulate';
import type { App, Stack, Stage } from 'aws-cdk-lib';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import type { DroneFleetCell } from '../../lib';
import { defaultFindings } from '../support/default-rules';
import { deployed, environments, referenceFleet } from '../support/fleet';
import type { DeployedResource } from '../support/cloudformation-resolver';
import { snapshotOf } from '../support/snapshot';
import { Match, Template } from '../support/template';

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Condition?: unknown;
}

const [cell] = referenceFleet();
const { state, fleet } = cell;

/** The resources of a type in both stacks. */
function all(type: string): DeployedResource[] {
  return [...deployed(type, state), ...deployed(type, state, fleet)];
}

function statementsOf(resource: DeployedResource, property = 'PolicyDocument'): Statement[] {
  return [resource.get<{ Statement: Statement | Statement[] }>(property)!.Statement].flat();
}

/** Whether a policy refuses everything that doesn't come by TLS. */
function refusesPlainText(statements: Statement[]): boolean {
  return statements.some(
    ({ Effect, Action, Condition }) =>
      Effect === 'Deny' &&
      /^(\w+:\*|sns:Publish)$/.test(String(Action)) &&
      JSON.stringify(Condition) === '{"Bool":{"aws:SecureTransport":"false"}}',
  );
}

function templatesOf({ state, fleet }: DroneFleetCell): string[] {
  return [state, fleet].map((stack) => JSON.stringify(Template.fromStack(stack).toJSON()));
}

describe.each<[string, Stack]>([
  ['the state', state],
  ['the fleet', fleet],
])('%s', (_name, stack) => {
  test('is as it was', () => {
    expect(snapshotOf(stack)).toMatchSnapshot();
  });
});

describe('what devices, people and recordings hold on to', () => {
  test('is protected from deletion, and stays if it is deleted nevertheless', () => {
    expect(state.terminationProtection).toBe(true);
    const { Resources } = Template.fromStack(state).toJSON();
    const kept = Object.entries<{ DeletionPolicy?: string; UpdateReplacePolicy?: string }>(Resources).filter(
      ([, { DeletionPolicy, UpdateReplacePolicy }]) => DeletionPolicy === 'Retain' && UpdateReplacePolicy === 'Retain',
    );
    const ids = kept.map(([id]) => id.replace(/[0-9A-F]{8}$/, ''));
    expect(ids).toEqual(expect.arrayContaining(['Key', 'AllowListTable', 'FramesBucket', 'AlertsTopic']));
    Template.fromStack(state).hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [{ AttributeName: 'serialNumber', KeyType: 'HASH' }],
      DeletionProtectionEnabled: true,
    });
  });

  test('does not know what works on it, which so can be deleted and deployed again', () => {
    const [ofState, ofFleet] = templatesOf(cell);
    for (const intrinsic of ['Fn::GetStackOutput', 'Fn::ImportValue', fleet.stackName]) {
      expect(ofState).not.toContain(intrinsic);
    }
    expect(ofFleet).toContain(`{"Fn::GetStackOutput":{"StackName":"${state.stackName}"`);
    expect([state.dependencies.length, fleet.dependencies.length]).toEqual([0, 1]);
    expect(fleet.terminationProtection).toBe(false);
    const resources = Object.values<{ Type: string; DeletionPolicy?: string }>(JSON.parse(ofFleet).Resources);
    const kept = resources.filter(({ DeletionPolicy = 'Delete' }) => DeletionPolicy !== 'Delete');
    // Lists of devices, and reports.
    expect(kept.map(({ Type }) => Type)).toEqual(['AWS::S3::Bucket', 'AWS::S3::Bucket']);
  });

  test('is nothing that runs', () => {
    Template.fromStack(state).resourceCountIs('AWS::Lambda::Function', 0);
  });
});

describe('queues, topics and buckets', () => {
  test.each([
    ['AWS::SQS::Queue', 'AWS::SQS::QueuePolicy', 'Queues', 9],
    ['AWS::SNS::Topic', 'AWS::SNS::TopicPolicy', 'Topics', 2],
    ['AWS::S3::Bucket', 'AWS::S3::BucketPolicy', 'Bucket', 3],
  ])('%s: reached by TLS only', (type, policyType, targets, count) => {
    const resources = all(type);
    expect(resources).toHaveLength(count);
    for (const resource of resources) {
      const policies = all(policyType).filter((policy) =>
        [policy.get<string | string[]>(targets)].flat().includes(resource.attribute('Ref')),
      );
      const statements = policies.flatMap((policy) => statementsOf(policy));
      expect([resource.path, refusesPlainText(statements)]).toEqual([resource.path, true]);
    }
  });

  test('are encrypted with the key of the fleet, and tables too', () => {
    const [{ arn }] = all('AWS::KMS::Key');
    const keys = [
      ...all('AWS::SQS::Queue').map((queue) => queue.get('KmsMasterKeyId')),
      ...all('AWS::SNS::Topic').map((topic) => topic.get('KmsMasterKeyId')),
      ...all('AWS::DynamoDB::Table').map(
        (table) => table.get<Record<string, string>>('SSESpecification')?.KMSMasterKeyId,
      ),
      ...all('AWS::S3::Bucket').map(
        (bucket) => /"KMSMasterKeyID":"([^"]+)"/.exec(JSON.stringify(bucket.get('BucketEncryption')))?.[1],
      ),
    ];
    expect(keys).toHaveLength(17);
    expect(new Set(keys)).toEqual(new Set([arn]));
  });

  test('the bucket is open to nobody', () => {
    for (const bucket of all('AWS::S3::Bucket')) {
      expect(Object.values(bucket.get<object>('PublicAccessBlockConfiguration')!)).toEqual([true, true, true, true]);
    }
  });

  test('no message is lost in silence: each queue has a dead-letter queue, and each of those an alarm with an action', () => {
    const queues = all('AWS::SQS::Queue');
    const redrives = new Map(
      queues.map((queue) => [
        queue.arn,
        queue.get<{ deadLetterTargetArn: string }>('RedrivePolicy')?.deadLetterTargetArn,
      ]),
    );
    const watched = all('AWS::CloudWatch::Alarm')
      .filter((alarm) => alarm.get<string[]>('AlarmActions')?.length === 1)
      .flatMap((alarm) => alarm.get<{ Name: string; Value: string }[]>('Dimensions') ?? [])
      .filter(({ Name }) => Name === 'QueueName')
      .map(({ Value }) => Value);
    for (const queue of queues) {
      const deadLetterQueue = queues.find(({ arn }) => arn === (redrives.get(queue.arn) ?? queue.arn))!;
      expect([queue.path, watched]).toEqual([
        queue.path,
        expect.arrayContaining([deadLetterQueue.attribute('QueueName')]),
      ]);
    }
    // The five dead-letter queues, and the queue whose age is watched.
    expect(watched).toHaveLength(6);
  });
});

describe('functions', () => {
  test('have a log group that does not grow forever', () => {
    const groups = all('AWS::Logs::LogGroup').map((group) => [group.attribute('Ref'), group.get('RetentionInDays')]);
    const functions = all('AWS::Lambda::Function');
    expect(functions).toHaveLength(13);
    for (const fn of functions) {
      const group = fn.get<{ LogGroup: string }>('LoggingConfig')?.LogGroup;
      expect(groups).toContainEqual([group, 90]);
    }
  });

  test('run what was bundled, on arm64', () => {
    const functions = Object.values(Template.fromStack(fleet).findResources('AWS::Lambda::Function'));
    for (const { Properties } of functions) {
      expect(Properties.Code).toEqual({
        S3Bucket: expect.anything(),
        S3Key: expect.stringMatching(/^[0-9a-f]{64}\.zip$/),
      });
    }
    const handlers = functions.filter(({ Properties }) => Properties.Environment.Variables.POWERTOOLS_SERVICE_NAME);
    expect(handlers.map(({ Properties }) => Properties.Architectures)).toEqual(Array(12).fill(['arm64']));
  });

  test('have an environment within the 4 KB of Lambda, with the longest names too', () => {
    const [long] = referenceFleet({ name: 'n'.repeat(32), cells: [{ name: 'c'.repeat(32) }] });
    for (const [name, variables] of Object.entries(environments(long.state, long.fleet))) {
      expect([name, Buffer.byteLength(Object.entries(variables).flat().join('')) < 4096]).toEqual([name, true]);
    }
  });
});

describe('registration', () => {
  test.each([
    ['by default', {}],
    [
      'with long names and many cameras',
      { name: 'n'.repeat(32), cells: [{ name: 'c'.repeat(32) }], cameras: ['a'.repeat(32), 'b'.repeat(32)] },
    ],
  ])('%s: name and body of the template are within what AWS IoT takes', (_what, configuration) => {
    const [other] = referenceFleet(configuration);
    const [template] = deployed('AWS::IoT::ProvisioningTemplate', other.state, other.fleet);
    expect(template.get('TemplateName')).toMatch(/^[\w-]{1,36}$/);
    expect(template.get<string>('TemplateBody')!.length).toBeLessThan(10_240);
  });
});

describe('policies', () => {
  /** All that roles and certificates are allowed. */
  const allowed = [
    ...[...all('AWS::IAM::Policy'), ...all('AWS::IoT::Policy')].flatMap((policy) =>
      statementsOf(policy).map((statement) => ({ path: policy.path, ...statement })),
    ),
    ...all('AWS::IAM::Role').flatMap((role) =>
      (role.get<{ PolicyDocument: { Statement: Statement[] } }[]>('Policies') ?? []).flatMap(({ PolicyDocument }) =>
        PolicyDocument.Statement.map((statement) => ({ path: role.path, ...statement })),
      ),
    ),
  ]
    .filter(({ Effect }) => Effect === 'Allow')
    .map(({ Action, Resource, ...rest }) => ({ ...rest, actions: [Action].flat(), resources: [Resource].flat() }));

  test('allow no action as a whole', () => {
    expect(allowed.length).toBeGreaterThan(20);
    for (const { path, actions } of allowed) {
      // `kms:GenerateDataKey*` and `kms:ReEncrypt*` are how the CDK grants encryption.
      const wide = actions.filter(
        (action) => action.includes('*') && !/^kms:(GenerateDataKey|ReEncrypt)\*$/.test(action),
      );
      expect([path, wide]).toEqual([path, []]);
    }
  });

  test('name what an action is on, unless there is nothing to name', async () => {
    const unnamed = allowed.filter(({ resources }) => resources.includes('*'));
    expect(unnamed.length).toBeGreaterThan(0);
    for (const { path, actions } of unnamed) {
      for (const action of actions) {
        const [service, name] = action.split(':');
        expect([path, action, await isWildcardOnlyAction(service, name)]).toEqual([path, action, true]);
      }
    }
  });

  test('are about actions that exist', async () => {
    const actions = new Set(
      allowed.flatMap((statement) => statement.actions).filter((action) => !action.includes('*')),
    );
    // Known to the policies of AWS IoT only.
    actions.delete('iot:AssumeRoleWithCertificate');
    for (const action of actions) {
      const [service, name] = action.split(':');
      await expect(isWildcardOnlyAction(service, name)).resolves.toEqual(expect.any(Boolean));
    }
  });

  test('of roles let only services in, and those that act for others only for this account', () => {
    for (const role of all('AWS::IAM::Role')) {
      for (const { Condition, ...statement } of statementsOf(role, 'AssumeRolePolicyDocument')) {
        const { Principal } = statement as { Principal?: { Service?: string } };
        expect(Object.keys(Principal!)).toEqual(['Service']);
        if (Principal!.Service === 'lambda.amazonaws.com') continue;
        const { ArnLike, StringEquals } = Condition as Record<string, Record<string, string> | undefined>;
        expect([role.path, StringEquals!['aws:SourceAccount']]).toEqual([role.path, '111122223333']);
        const sourceArn = { ...StringEquals, ...ArnLike }['aws:SourceArn'];
        expect([role.path, sourceArn]).toEqual([
          role.path,
          expect.stringMatching(/^arn:aws:(iot|states|scheduler):eu-west-1:111122223333:[\w-]+[:/].+/),
        ]);
      }
    }
  });

  test('of AWS are none: what they allow is for AWS to change', () => {
    expect(all('AWS::IAM::Role').flatMap((role) => role.get<string[]>('ManagedPolicyArns') ?? [])).toEqual([]);
  });
});

describe('size', () => {
  const quotas = { streamQuota: 50_000, channelQuota: 50_000 };
  const ofDevices = (devices: number) => referenceFleet({ cells: [{ name: 'cell-1', devices, ...quotas }] })[0];
  const countOf = (which: DroneFleetCell) =>
    templatesOf(which)
      .map((text) => Object.keys(JSON.parse(text).Resources).length)
      .reduce((sum, count) => sum + count);

  test('is the same for one device and for 50,000, to the byte', () => {
    const one = ofDevices(1);
    expect(templatesOf(ofDevices(50_000))).toEqual(templatesOf(one));
    expect(templatesOf(one)).toEqual(templatesOf(cell));
    expect(countOf(one)).toBe(142);
  });

  test('is the same for one camera and for four', () => {
    expect(countOf(referenceFleet({ cameras: ['front', 'down', 'left', 'right'] })[0])).toBe(142);
  });

  test('of each of several cells is that of one', () => {
    const cells = referenceFleet({ cells: ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name })) });
    expect(cells.map(countOf)).toEqual(Array(5).fill(142));
    const lengths = cells.map((one) => templatesOf(one).map(({ length }) => length));
    expect(new Set(lengths.map(String)).size).toBe(1);
  });
});

describe('what the rules of the CDK find in the templates', () => {
  const reportOf = (which: DroneFleetCell) => defaultFindings(which.node.root as App);

  test.each([
    ['by default', {}],
    ['in an account and region', { cells: [{ name: 'cell-1', account: '111122223333', region: 'us-east-1' }] }],
    ['in China', { cells: [{ name: 'cell-1', account: '111122223333', region: 'cn-north-1' }] }],
    [
      'with all that can be chosen',
      {
        cameras: ['front', 'down'],
        signaling: false,
        registration: 'REUSABLE',
        retentionHours: 87_600,
        storageTier: 'WARM',
        mediaRemoval: 'DELETE',
        alertEmails: ['pilot@example.com'],
        alarmEmails: ['operator@example.com'],
        removalPolicy: 'DESTROY',
      },
    ],
    ['without detection', { detection: { onDevice: false, images: false } }],
  ])('%s is nothing', (_what, configuration) => {
    expect(reportOf(referenceFleet(configuration)[0])).toEqual([]);
  });

  test('would be an error that names the resource', () => {
    const [broken] = referenceFleet();
    const hook = broken.fleet.fleet.provisioning.hook!.node.defaultChild as CfnFunction;
    hook.addPropertyOverride('MemorySize', 'plenty');
    expect(() => reportOf(broken)).toThrow(/MemorySize.*\n *drone-fleet-cell-1\/Fleet\/Fleet\/Provisioning\/Hook/);
  });
});

test('needs no account: nothing is looked up, and nothing is bound to a place', () => {
  const assembly = (cell.node.root as Stage).synth();
  expect(assembly.manifest.missing).toBeUndefined();
  for (const { environment } of assembly.nestedAssemblies.flatMap(({ nestedAssembly }) => nestedAssembly.stacks)) {
    expect(environment.name).toBe('aws://unknown-account/unknown-region');
  }
  for (const text of templatesOf(cell)) expect(text).not.toMatch(/\b\d{12}\b|\b(eu|us)-\w+-\d\b|arn:aws:/);
});

test('of the alarms each has a topic to go to, by which e-mails are sent', () => {
  const [{ state: withEmails }] = referenceFleet({ alarmEmails: ['operator@example.com'] });
  const [topicArn] = all('AWS::SNS::Topic')
    .filter(({ logicalId }) => logicalId.startsWith('Alarms'))
    .map(({ arn }) => arn);
  expect(all('AWS::CloudWatch::Alarm').map((alarm) => alarm.get('AlarmActions'))).toEqual(Array(15).fill([topicArn]));
  Template.fromStack(withEmails).hasResourceProperties('AWS::SNS::Subscription', {
    Protocol: 'email',
    Endpoint: 'operator@example.com',
    TopicArn: { Ref: Match.stringLikeRegexp('^AlarmsTopic') },
  });
});
