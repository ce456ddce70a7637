import { App, CfnParameter, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { thingSettings } from '../../lambda/bulk-onboarding/handler';
import { cellMembership } from '../../lambda/common/cells';
import { ApiPacer, BulkOnboarding, DeviceAllowList, DeviceIdentity, type BulkOnboardingProps } from '../../lib';
import { codedError, deployed, environments } from '../support/fleet';
import { Match, Template, testStack, warningIds } from '../support/template';

const MACHINE = 'AWS::StepFunctions::StateMachine';
const BUCKET = 'AWS::S3::Bucket';

function onboardingIn(stack: Stack, props: Partial<BulkOnboardingProps> = {}): BulkOnboarding {
  return new BulkOnboarding(stack, 'Onboarding', {
    allowList: new DeviceAllowList(stack, 'AllowList'),
    identity: new DeviceIdentity(stack, 'Identity'),
    ...props,
  });
}

interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly End?: boolean;
  readonly Choices?: { readonly Condition: string; readonly Next: string }[];
  readonly [field: string]: unknown;
}

interface Flow {
  readonly StartAt: string;
  readonly States: Record<string, State>;
}

/** The definition as it is deployed. */
function definitionIn(stack: Stack): Flow & { readonly QueryLanguage: string } {
  const [machine] = deployed(MACHINE, stack);
  return JSON.parse(machine.get<string>('DefinitionString')!);
}

describe('the state machine', () => {
  const stack = testStack();
  onboardingIn(stack);
  const template = Template.fromStack(stack);
  const definition = definitionIn(stack);
  const { Batches: list } = definition.States;
  const batch = list.ItemProcessor as Flow & { ProcessorConfig: object };
  const bucket = deployed(BUCKET, stack)[0].attribute('Ref');
  const [handler] = deployed('AWS::Lambda::Function', stack);

  test('is one that can be redriven, traced and logged, without what is in the lists', () => {
    template.hasResourceProperties(MACHINE, {
      StateMachineType: Match.absent(),
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: Match.absent() },
    });
    expect(definition).toMatchObject({ QueryLanguage: 'JSONata', StartAt: 'Batches' });
    expect(Object.keys(definition.States)).toEqual(['Batches']);
  });

  test('reads the list that it is started with, a CSV file with a header, in batches', () => {
    expect(list).toMatchObject({
      Type: 'Map',
      End: true,
      MaxConcurrency: 5,
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
        Arguments: { Bucket: bucket, Key: '{% $states.input.key %}' },
      },
      ItemBatcher: {
        MaxItemsPerBatch: 500,
        MaxInputBytesPerBatch: 200_000,
        BatchInput: { execution: '{% $states.context.Execution.Name %}' },
      },
    });
  });

  test('has an execution of its own for each batch, which may be long, and of which none may fail', () => {
    expect(batch.ProcessorConfig).toEqual({ Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' });
    expect(Object.keys(list).filter((field) => field.startsWith('Tolerated'))).toEqual([]);
  });

  test('goes from the function to a report if rows have failed, and only then', () => {
    expect(batch.StartAt).toBe('Onboard');
    expect(batch.States.Onboard).toMatchObject({ Type: 'Task', Next: 'Any failures?' });
    expect(batch.States['Any failures?']).toMatchObject({
      Type: 'Choice',
      Choices: [{ Condition: '{% $states.input.counts.failed > 0 %}', Next: 'Report' }],
      Default: 'No failures',
    });
    expect(batch.States.Report).toMatchObject({ Type: 'Task', End: true });
    expect(batch.States['No failures']).toMatchObject({ Type: 'Pass', End: true });
    const states = Object.values(batch.States);
    const targets = states.flatMap(({ Next, Default, Choices = [] }) => [
      Next,
      Default,
      ...Choices.map((choice) => choice.Next),
    ]);
    const named = [batch.StartAt, ...targets.filter((target) => target !== undefined)];
    expect(Object.keys(batch.States).sort()).toEqual(named.sort());
  });

  test('gives the function the rows, and keeps what it counts and what has failed', () => {
    expect(batch.States.Onboard).toMatchObject({
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: handler.arn, Payload: { rows: '{% [$states.input.Items] %}' } },
      Assign: { execution: '{% $states.input.BatchInput.execution %}' },
      Output: '{% $states.result.Payload %}',
    });
  });

  test('writes a report whose name a second attempt has too', () => {
    expect(batch.States.Report).toMatchObject({
      Resource: 'arn:aws:states:::aws-sdk:s3:putObject',
      Arguments: {
        Bucket: bucket,
        Key: "{% 'reports/' & $execution & '/' & $states.context.Execution.Name & '.json' %}",
        ContentType: 'application/json',
        Body: '{% [$states.input.failures] %}',
      },
    });
  });

  test('puts the sum of all batches out, and where the report is', () => {
    const counts = '{% $states.input.counts %}';
    expect([batch.States.Report.Output, batch.States['No failures'].Output]).toEqual([counts, counts]);
    expect(list.Output).toEqual({
      rows: '{% $sum([$states.result.rows]) %}',
      listed: '{% $sum([$states.result.listed]) %}',
      things: '{% $sum([$states.result.things]) %}',
      otherCells: '{% $sum([$states.result.otherCells]) %}',
      failed: '{% $sum([$states.result.failed]) %}',
      report: `{% 's3://${bucket}/reports/' & $states.context.Execution.Name & '/' %}`,
    });
  });

  test.each(['Onboard', 'Report'])('tries %s again with growing, uneven pauses', (name) => {
    expect(batch.States[name].Retry).toEqual([
      {
        ErrorEquals: ['States.ALL'],
        IntervalSeconds: 5,
        BackoffRate: 2,
        MaxDelaySeconds: 300,
        MaxAttempts: 8,
        JitterStrategy: 'FULL',
      },
    ]);
  });

  test('alarms when an execution fails', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/States',
      MetricName: 'ExecutionsFailed',
      Dimensions: [{ Name: 'StateMachineArn', Value: { Ref: Match.stringLikeRegexp('^OnboardingFlowStateMachine') } }],
      Statistic: 'Sum',
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
    });
  });

  test('is the same under no feature flags', () => {
    const plain = new Stack(new App(), 'Test', { env: { account: '111122223333', region: 'eu-west-1' } });
    onboardingIn(plain);
    expect(definitionIn(plain)).toEqual(definition);
    expect(warningIds(plain)).toEqual([]);
  });
});

describe('the bucket', () => {
  test('is by default one that nobody else reaches, survives the stack, and keeps reports for 90 days', () => {
    const stack = testStack();
    onboardingIn(stack);
    const template = Template.fromStack(stack);
    template.hasResource(BUCKET, {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        LifecycleConfiguration: {
          Rules: [
            { Prefix: 'reports/', ExpirationInDays: 90, Status: 'Enabled' },
            { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Prefix: Match.absent(), Status: 'Enabled' },
          ],
        },
      },
    });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({ Effect: 'Deny', Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } } }),
        ]),
      },
    });
  });

  test('has the key, the retention and the end that it is given', () => {
    const stack = testStack();
    const encryptionKey = new kms.Key(stack, 'Key');
    onboardingIn(stack, { encryptionKey, reportRetention: Duration.days(7), removalPolicy: RemovalPolicy.DESTROY });
    Template.fromStack(stack).hasResource(BUCKET, {
      DeletionPolicy: 'Delete',
      Properties: {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            {
              BucketKeyEnabled: true,
              ServerSideEncryptionByDefault: {
                SSEAlgorithm: 'aws:kms',
                KMSMasterKeyID: stack.resolve(encryptionKey.keyArn),
              },
            },
          ],
        },
        LifecycleConfiguration: { Rules: Match.arrayWith([Match.objectLike({ ExpirationInDays: 7 })]) },
      },
    });
  });

  test('may be one that is there', () => {
    const stack = testStack();
    const bucket = s3.Bucket.fromBucketName(stack, 'Mine', 'amzn-s3-demo-bucket');
    const onboarding = onboardingIn(stack, { bucket });
    expect(onboarding.bucket).toBe(bucket);
    Template.fromStack(stack).resourceCountIs(BUCKET, 0);
    expect(definitionIn(stack).States.Batches).toMatchObject({
      ItemReader: { Arguments: { Bucket: 'amzn-s3-demo-bucket' } },
    });
  });
});

describe('the function', () => {
  test('only puts devices on the list by default, and has no pacer', () => {
    const stack = testStack();
    onboardingIn(stack);
    const environment = environments(stack)['bulk-onboarding'];
    const [table, ...others] = deployed('AWS::DynamoDB::Table', stack);
    expect(others).toEqual([]);
    expect(environment).toMatchObject({ ALLOW_LIST_TABLE: table.attribute('Ref'), THING_NAME_PREFIX: '' });
    expect([environment.THINGS, environment.CELL, environment.PACER]).toEqual(['null', 'null', undefined]);
  });

  test('is told in its own terms of things, prefix and cell', () => {
    const stack = testStack();
    onboardingIn(stack, {
      things: true,
      thingNamePrefix: 'drone-',
      attributes: { fleet: 'delivery' },
      cell: { name: 'east', cells: ['west', 'east'] },
    });
    const environment = environments(stack)['bulk-onboarding'];
    expect(environment.THING_NAME_PREFIX).toBe('drone-');
    expect(thingSettings.parse(JSON.parse(environment.THINGS))).toEqual({
      thingTypeName: deployed('AWS::IoT::ThingType', stack)[0].attribute('Ref'),
      attributes: { fleet: 'delivery' },
    });
    expect(cellMembership.parse(JSON.parse(environment.CELL))).toEqual({ name: 'east', cells: ['west', 'east'] });
    expect(JSON.parse(environment.PACER)).toMatchObject({ rates: { CreateThing: 15 } });
  });

  test('takes its turns with others', () => {
    const stack = testStack();
    const pacer = new ApiPacer(stack, 'Shared', { rates: { createThing: 3 } });
    onboardingIn(stack, { things: true, pacer });
    const { PACER } = environments(stack)['bulk-onboarding'];
    const [shared] = deployed('AWS::DynamoDB::Table', stack).filter(({ logicalId }) => logicalId.startsWith('Shared'));
    expect(JSON.parse(PACER)).toMatchObject({ tableName: shared.attribute('Ref'), rates: { CreateThing: 3 } });
    Template.fromStack(stack).resourceCountIs('AWS::DynamoDB::Table', 2);
  });

  test('has as long as a function may have', () => {
    const stack = testStack();
    onboardingIn(stack);
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', { Timeout: 900 });
  });
});

test.each([1, 100])('%d batches may be worked on at once', (maxConcurrency) => {
  const stack = testStack();
  onboardingIn(stack, { maxConcurrency });
  expect(definitionIn(stack).States.Batches.MaxConcurrency).toBe(maxConcurrency);
});

test('metrics are those of the function', () => {
  const metric = onboardingIn(testStack()).metric('RowRejected', { statistic: 'Sum' });
  expect(metric).toMatchObject({
    namespace: 'KinesisVideoFleet',
    metricName: 'RowRejected',
    statistic: 'Sum',
    dimensions: { service: 'bulk-onboarding' },
  });
});

describe('bad input', () => {
  test.each<[string, Partial<BulkOnboardingProps>, code: string, RegExp]>([
    ['a prefix with a dot', { thingNamePrefix: 'a.' }, 'ThingNamePrefix', /`thingNamePrefix` is 'a\.'/],
    ['a prefix of a claim', { thingNamePrefix: 'claim-' }, 'ThingNamePrefix', /not start with 'claim-'/],
    ['too long a prefix', { thingNamePrefix: 'x'.repeat(65) }, 'ThingNamePrefix', /up to 64/],
    ['a cell of another fleet', { cell: { name: 'east', cells: ['west'] } }, 'Cell', /must include 'east'/],
    ['no concurrency', { maxConcurrency: 0 }, 'OnboardingConcurrency', /between 1 and 100/],
    ['too much concurrency', { maxConcurrency: 101 }, 'OnboardingConcurrency', /between 1 and 100/],
    ['half a batch', { maxConcurrency: 1.5 }, 'OnboardingConcurrency', /a whole number/],
    ['no retention', { reportRetention: Duration.hours(23) }, 'ReportRetention', /`reportRetention` is 23 hours/],
  ])('%s names path, value and range', (_what, props, code, message) => {
    const stack = testStack();
    let thrown: unknown;
    try {
      onboardingIn(stack, props);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toEqual(codedError(code, message, 'Test/Onboarding'));
  });

  test('tokens pass', () => {
    const stack = testStack();
    onboardingIn(stack, {
      thingNamePrefix: new CfnParameter(stack, 'Prefix').valueAsString,
      maxConcurrency: new CfnParameter(stack, 'Concurrency', { type: 'Number' }).valueAsNumber,
    });
    expect(() => Template.fromStack(stack)).not.toThrow();
  });
});
