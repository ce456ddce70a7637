import { Duration, type Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { position } from '../../lambda/fleet-lister/handler';
import { page } from '../../lambda/common/page';
import { DeviceIdentity, FleetReconciler, MediaProvisioner, type FleetReconcilerProps } from '../../lib';
import { DeployedStack } from '../support/cloudformation-resolver';
import { Match, Template, testStack, warningIds } from '../support/template';

function reconcilerIn(stack: Construct, props: Partial<FleetReconcilerProps> = {}, signaling = true): FleetReconciler {
  const identity = new DeviceIdentity(stack, 'Identity', { signaling });
  const provisioner = new MediaProvisioner(stack, 'Media', { fleetName: 'delivery', identity });
  return new FleetReconciler(stack, 'Reconciler', { provisioner, ...props });
}

interface State {
  readonly Type: string;
  readonly Resource: string;
  readonly Arguments: Record<string, unknown>;
  readonly Output: unknown;
  readonly Assign?: object;
  readonly Next?: string;
  readonly Choices?: { readonly Condition: string; readonly Next: string }[];
  readonly Default?: string;
  readonly Retry?: object[];
  readonly ItemProcessor?: Graph & { readonly ProcessorConfig: object };
  readonly [field: string]: unknown;
}

interface Graph {
  readonly StartAt: string;
  readonly States: Record<string, State>;
}

/** The definition as it is deployed. */
function definitionIn(stack: Stack): Graph & Record<string, unknown> {
  const { resources } = new DeployedStack(stack, [], {});
  const machine = resources.find(({ type }) => type === 'AWS::StepFunctions::StateMachine')!;
  return JSON.parse(machine.get<string>('DefinitionString')!);
}

/** Every way from one state to another, with its condition. */
function ways({ StartAt, States }: Graph): string[] {
  const ofStates = Object.entries(States).flatMap(([name, { Next, Choices = [], Default }]) => [
    ...(Next ? [`${name} -> ${Next}`] : []),
    ...Choices.map((choice) => `${name} -(${/^\{% (.*) %\}$/.exec(choice.Condition)![1]})-> ${choice.Next}`),
    ...(Default ? [`${name} -(else)-> ${Default}`] : []),
  ]);
  return [`-> ${StartAt}`, ...ofStates];
}

const stack = testStack();
const reconciler = reconcilerIn(stack);
const template = Template.fromStack(stack);
const definition = definitionIn(stack);
const listing = definition.States['List all'];
const pages = definition.States['Reconcile all'];

test('there is nothing to warn of', () => {
  expect(warningIds(stack)).toEqual([]);
});

describe('a run', () => {
  test('lists, and then works off what was listed, unless another one runs', () => {
    expect(ways(definition).sort()).toEqual(
      [
        '-> Find other runs',
        'Find other runs -> Another run?',
        'Another run? -($exists($states.input.oldest) and $states.input.oldest != $states.context.Execution.Id)-> Left to the other run',
        'Another run? -(else)-> List all',
        'List all -> Any pages?',
        'Any pages? -($states.input.pages > 0)-> Reconcile all',
        'Any pages? -(else)-> Done',
        'Reconcile all -> All pages?',
        'All pages? -($states.input.unfinishedPages = 0)-> Done',
        'All pages? -(else)-> Unfinished',
      ].sort(),
    );
    const types = ['Left to the other run', 'Done', 'Unfinished'].map((name) => definition.States[name].Type);
    expect(types).toEqual(['Succeed', 'Succeed', 'Fail']);
  });

  test('looks for the oldest of its own kind that runs', () => {
    expect(definition.States['Find other runs']).toMatchObject({
      Resource: 'arn:aws:states:::aws-sdk:sfn:listExecutions',
      Arguments: { StateMachineArn: '{% $states.context.StateMachine.Id %}', StatusFilter: 'RUNNING' },
      Output: "{% {'oldest': $states.result.Executions[-1].ExecutionArn} %}",
    });
  });

  test('lists each kind in an execution of its own, which may take as long as it needs', () => {
    expect(listing).toMatchObject({
      Items: ['things', 'streams', 'channels'],
      MaxConcurrency: 3,
      ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } },
    });
    expect(listing).not.toHaveProperty('ToleratedFailurePercentage');
  });

  test('without signaling, lists no channels', () => {
    const silent = testStack();
    reconcilerIn(silent, {}, false);
    expect(definitionIn(silent).States['List all'].Items).toEqual(['things', 'streams']);
  });

  test('works five pages off at once, its own only, and none stops another', () => {
    expect(pages).toMatchObject({
      ItemReader: {
        Resource: 'arn:aws:states:::s3:listObjectsV2',
        Arguments: {
          Bucket: 'test-reconcilerbucketad669548',
          Prefix: "{% 'runs/' & $states.context.Execution.Name & '/' %}",
        },
      },
      ItemSelector: { key: '{% $states.context.Map.Item.Value.Key %}' },
      MaxConcurrency: 5,
      ToleratedFailurePercentage: 100,
      ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } },
    });
  });

  test('puts out where the reports are and what was done, and fails if a page is missed', () => {
    expect(listing.Output).toEqual({
      reports: "{% 's3://test-reconcilerbucketad669548/reports/' & $states.context.Execution.Name & '/' %}",
      registered: "{% $sum([0, $states.result[kind = 'things'].total]) %}",
      pages: '{% $sum([0, $states.result.pages]) %}',
    });
    for (const count of Object.keys(page.shape.counts.shape)) {
      expect(pages.Output).toContain(`'${count}': $sum([0, $states.result.${count}])`);
    }
    expect(pages.Output).toContain("'unfinishedPages': $states.input.pages - $count($states.result.checked)");
    expect(definition.States.Unfinished).toMatchObject({
      Error: 'UnfinishedPages',
      Cause: '{% $string($states.input) %}',
    });
  });
});

describe('the listing of a kind', () => {
  const { States: states, ...graph } = listing.ItemProcessor!;

  test('goes on until all is listed, and writes no empty page', () => {
    expect(ways({ ...graph, States: states }).sort()).toEqual(
      [
        '-> List',
        'List -> Any names?',
        'Any names? -($states.input.size > 0)-> Write page',
        'Any names? -($states.input.done)-> Listed',
        'Any names? -(else)-> List',
        'Write page -> All listed?',
        'All listed? -($states.input.done)-> Listed',
        'All listed? -(else)-> List',
      ].sort(),
    );
  });

  test('begins where the lister begins, and hands on where it has come to', () => {
    const { at } = listing.ItemSelector as { at: { kind: string } };
    expect(at.kind).toBe('{% $states.context.Map.Item.Value %}');
    expect(position.safeParse({ ...at, kind: 'streams' })).toMatchObject({ success: true });
    expect(states.List).toMatchObject({
      Arguments: { FunctionName: expect.stringContaining('lister'), Payload: '{% $states.input.at %}' },
      Output: '{% $merge([$states.input, $states.result.Payload]) %}',
    });
    expect(states['Write page'].Output).toMatchObject({ at: '{% $states.input.at %}' });
  });

  test('writes each page as an object of its own, and keeps nothing of it', () => {
    expect(states['Write page']).toMatchObject({
      Resource: 'arn:aws:states:::aws-sdk:s3:putObject',
      Arguments: {
        Key: "{% 'runs/' & $states.input.run & '/' & $states.input.at.kind & '-' & $states.input.page & '.json' %}",
        Body: '{% $states.input.content %}',
      },
      Output: { page: '{% $states.input.page + 1 %}' },
    });
    expect(states['Write page'].Output).not.toHaveProperty('content');
  });

  test('ends with numbers only', () => {
    expect(Object.keys(states.Listed.Output as object)).toEqual(['kind', 'total', 'pages']);
  });
});

describe('the work on a page', () => {
  const { States: states, ...graph } = pages.ItemProcessor!;

  test('goes on until the page is done, and reports each round that has something to report', () => {
    expect(ways({ ...graph, States: states }).sort()).toEqual(
      [
        '-> Read page',
        'Read page -> Reconcile',
        'Reconcile -> Anything to report?',
        'Anything to report? -($states.input.reported > 0)-> Report',
        'Anything to report? -(else)-> Page done?',
        'Report -> Page done?',
        'Page done? -($states.input.done)-> Reconciled',
        'Page done? -(else)-> Reconcile',
      ].sort(),
    );
  });

  test('begins with a page and a progress that the function takes', () => {
    expect(states['Read page']).toMatchObject({
      Resource: 'arn:aws:states:::aws-sdk:s3:getObject',
      Arguments: { Key: '{% $states.input.key %}' },
      Assign: { key: '{% $states.input.key %}', page: '{% $parse($states.result.Body) %}' },
    });
    const { progress } = states['Read page'].Output as { progress: object };
    expect(page.safeParse({ kind: 'things', names: ['drone-1'], ...progress })).toMatchObject({ success: true });
    expect(states.Reconcile).toMatchObject({
      Arguments: {
        FunctionName: expect.stringContaining('handler'),
        Payload: '{% $merge([$page, $states.input.progress]) %}',
      },
      Output: '{% $states.result.Payload %}',
    });
  });

  test('has an object for the report of each round', () => {
    expect(states.Report).toMatchObject({
      Resource: 'arn:aws:states:::aws-sdk:s3:putObject',
      Arguments: {
        Key: "{% $replace($replace($key, /^runs/, 'reports'), /\\.json$/, '-' & $states.input.progress.round & '.json') %}",
        Body: '{% $states.input.report %}',
      },
      Output: '{% $states.input %}',
    });
  });

  test('ends with its counts only, of which there may be thousands', () => {
    expect(states.Reconciled).toMatchObject({ Type: 'Succeed', Output: '{% $states.input.progress.counts %}' });
  });
});

test('whatever is called is called again when it fails', () => {
  const graphs = [definition, listing.ItemProcessor!, pages.ItemProcessor!];
  const tasks = graphs.flatMap(({ States }) => Object.values(States)).filter(({ Type }) => Type === 'Task');
  expect(tasks).toHaveLength(6);
  for (const { Retry } of tasks) expect(Retry).toEqual([expect.objectContaining({ ErrorEquals: ['States.ALL'] })]);
});

describe('the state machine', () => {
  test('is logged without the names, and traced', () => {
    template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      StateMachineType: Match.absent(),
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
      TracingConfiguration: { Enabled: true },
    });
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: Match.stringLikeRegexp('^/aws/vendedlogs/states/'),
      RetentionInDays: 90,
    });
  });

  test('two in one stack have different names', () => {
    const two = testStack();
    reconcilerIn(two);
    reconcilerIn(new Construct(two, 'Second'));
    const names = Object.values(Template.fromStack(two).findResources('AWS::StepFunctions::StateMachine')).map(
      ({ Properties }) => Properties.StateMachineName,
    );
    expect(new Set(names).size).toBe(2);
  });
});

describe('functions', () => {
  const environmentOf = (name: string) => {
    const found = Object.values(template.findResources('AWS::Lambda::Function'))
      .map(({ Properties }) => Properties)
      .find(({ Environment }) => Environment?.Variables.POWERTOOLS_SERVICE_NAME === name);
    return found!;
  };

  test('the reconciler has the configuration and the pace of the provisioner, and as long as a function may take', () => {
    const { Environment, Timeout } = environmentOf('fleet-reconciler');
    const { MEDIA, PACER } = environmentOf('media-provisioner').Environment.Variables;
    expect(Environment.Variables).toMatchObject({ MEDIA, PACER });
    expect(Timeout).toBe(900);
  });

  test('the lister knows the type of the things, and nothing else', () => {
    const { Variables } = environmentOf('fleet-lister').Environment;
    const [thingType] = Object.keys(template.findResources('AWS::IoT::ThingType'));
    expect(Variables).toMatchObject({ THING_TYPE: { Ref: thingType } });
    expect(Variables).not.toHaveProperty('MEDIA');
  });
});

describe('the bucket', () => {
  test('is private, encrypted, reached by TLS only, and empties itself', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      LifecycleConfiguration: {
        Rules: [
          { Prefix: 'runs/', ExpirationInDays: 7, Status: 'Enabled' },
          { Prefix: 'reports/', ExpirationInDays: 30, Status: 'Enabled' },
        ],
      },
    });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    });
  });

  test('is encrypted with the key that is given', () => {
    const keyed = testStack();
    const encryptionKey = new kms.Key(keyed, 'Key');
    reconcilerIn(keyed, { encryptionKey });
    Template.fromStack(keyed).hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: {
              SSEAlgorithm: 'aws:kms',
              KMSMasterKeyID: keyed.resolve(encryptionKey.keyArn),
            },
          },
        ],
      },
    });
  });
});

describe('the schedule', () => {
  test('is every night', () => {
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'cron(17 2 * * ? *)',
      ScheduleExpressionTimezone: 'Etc/UTC',
      State: 'ENABLED',
      Target: Match.objectLike({ Arn: stack.resolve(reconciler.stateMachine.stateMachineArn) }),
    });
  });

  test('is another one if so wished', () => {
    const weekly = testStack();
    reconcilerIn(weekly, { schedule: scheduler.ScheduleExpression.rate(Duration.days(3)) });
    Template.fromStack(weekly).hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(3 days)',
    });
  });
});

describe('alarms', () => {
  const machine = [{ Name: 'StateMachineArn', Value: stack.resolve(reconciler.stateMachine.stateMachineArn) }];
  const metricOf = (MetricName: string) =>
    Match.objectLike({
      MetricStat: Match.objectLike({
        Metric: { Namespace: 'AWS/States', MetricName, Dimensions: machine },
        Stat: 'Sum',
      }),
    });

  test('a run that failed, or took too long', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Metrics: Match.arrayWith([
        Match.objectLike({ Expression: 'FILL(failed, 0) + FILL(timedOut, 0)', ReturnData: true }),
        metricOf('ExecutionsFailed'),
        metricOf('ExecutionsTimedOut'),
      ]),
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Threshold: 1,
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
    });
  });

  test('no run for two days', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'KinesisVideoFleet',
      MetricName: 'DevicesRegistered',
      Dimensions: [{ Name: 'service', Value: 'fleet-lister' }],
      Statistic: 'SampleCount',
      Period: 3600,
      EvaluationPeriods: 48,
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      TreatMissingData: 'breaching',
    });
  });

  test('a device that could not be brought to order', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'KinesisVideoFleet',
      MetricName: 'ReconcileFailed',
      Dimensions: [{ Name: 'service', Value: 'fleet-reconciler' }],
      Statistic: 'Sum',
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Threshold: 1,
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
    });
  });

  test('are all in one list', () => {
    expect(reconciler.alarms).toEqual([reconciler.runAlarm, reconciler.overdueAlarm, reconciler.failureAlarm]);
  });
});

describe('when a run is overdue', () => {
  test('it is ended, and the alarm goes off', () => {
    const hourly = testStack();
    reconcilerIn(hourly, { overdueAfter: Duration.hours(168) });
    expect(definitionIn(hourly).TimeoutSeconds).toBe(604_800);
    Template.fromStack(hourly).hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'DevicesRegistered',
      EvaluationPeriods: 168,
    });
    expect(definition.TimeoutSeconds).toBe(172_800);
  });

  test.each([Duration.hours(1), Duration.hours(169), Duration.minutes(150)])('%s is out of range', (overdueAfter) => {
    expect(() => reconcilerIn(testStack(), { overdueAfter })).toThrow(
      expect.objectContaining({
        name: 'ReconcilerOverdue',
        message: expect.stringContaining('between 2 and 168 hours'),
      }),
    );
  });

  test.each([Duration.hours(2), Duration.hours(168)])('%s is in range', (overdueAfter) => {
    expect(() => reconcilerIn(testStack(), { overdueAfter })).not.toThrow();
  });
});

describe('metrics', () => {
  test.each([
    ['fleet-reconciler', 'MediaRepaired', 'Sum', reconciler.metric('MediaRepaired', { statistic: 'Sum' })],
    ['fleet-lister', 'DevicesRegistered', 'Maximum', reconciler.metricDevicesRegistered()],
    ['fleet-lister', 'DevicesRegistered', 'Average', reconciler.metricDevicesRegistered({ statistic: 'Average' })],
  ])('%s writes %s, of which it takes the %s', (service, metricName, statistic, metric) => {
    expect(metric).toMatchObject({
      namespace: 'KinesisVideoFleet',
      metricName,
      statistic,
      dimensions: { service },
    });
  });
});
