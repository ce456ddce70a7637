import { captureOutput } from '../../support/handler-output';
import { ExecutionAlreadyExists, ExecutionLimitExceeded, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { raiseAlert } from '../../../lambda/common/alerts';
import type { DetectionEvent } from '../../../lambda/common/detection-event';
import { metrics } from '../../../lambda/common/observability';
import { handle } from '../../../lambda/alert-escalation/handler';
import { AlertTarget } from '../../support/alert-target';
import { LocalDynamoDB } from '../../support/dynamodb';
import { TestQueue } from '../../support/work-queue';

const STATE_MACHINE = 'arn:aws:states:eu-west-1:111122223333:stateMachine:Escalation';
const DETECTION: DetectionEvent = {
  schemaVersion: '1.0',
  id: 'drone-1:1:person',
  fleet: 'delivery',
  device: 'drone-1',
  source: 'ON_DEVICE',
  obstacle: 'person',
  severity: 'CRITICAL',
  label: 'Pedestrian',
  confidence: 97.46,
  capturedAt: '2026-11-24T10:00:00.000Z',
  detectedAt: '2026-11-24T10:00:02.000Z',
};
const details = { message: 'No.', $metadata: {} };

const written = captureOutput();
const sfnClient = new SFNClient({ region: 'eu-west-1' });
const sfn = mockClient(sfnClient);
let queue: TestQueue;

beforeEach(() => {
  metrics.clearMetrics();
  sfn.reset();
  sfn.on(StartExecutionCommand).resolves({ executionArn: 'arn', startDate: new Date() });
  queue = new TestQueue((body) => handle(body, { sfn: sfnClient, stateMachineArn: STATE_MACHINE }));
});

const started = () => sfn.commandCalls(StartExecutionCommand).map((call) => call.args[0].input);

test('an alert starts its escalation, with all that is told of it', async () => {
  expect(await queue.process(DETECTION)).toBe('done');
  const [{ stateMachineArn, input }] = started();
  expect(stateMachineArn).toBe(STATE_MACHINE);
  const { detectionId, subject, forms, attributes } = JSON.parse(input!);
  expect({ detectionId, subject }).toEqual({ detectionId: 'drone-1:1:person', subject: 'CRITICAL: person at drone-1' });
  expect(JSON.parse(forms.default)).toEqual(DETECTION);
  expect(forms.email).toContain('Detection:  drone-1:1:person');
  expect(forms.sms).toBe(subject);
  const text = (StringValue: string) => ({ DataType: 'String', StringValue });
  expect(attributes).toEqual({
    device: text('drone-1'),
    label: text('Pedestrian'),
    obstacle: text('person'),
    severity: text('CRITICAL'),
    source: text('ON_DEVICE'),
  });
});

const RULE = { repeatAfter: 60_000 };

describe('what the topic publishes', () => {
  let dynamodb: LocalDynamoDB;
  beforeAll(async () => {
    dynamodb = await LocalDynamoDB.start();
  });
  afterAll(() => dynamodb.stop());

  test('is what the queue gets, as it is', async () => {
    const target = await AlertTarget.in(dynamodb);
    await raiseAlert({ detection: DETECTION, arrivedAt: target.now, isFaint: false, rule: RULE }, target.ports);
    // With raw delivery, and of the forms the one for queues.
    expect(await queue.process(JSON.parse(target.published[0].Message!).default)).toBe('done');
    expect(JSON.parse(started()[0].input!).detectionId).toBe(DETECTION.id);
  });

  test('is kept by the queue of its detector as long as the topic does not answer, and then escalated', async () => {
    const target = await AlertTarget.in(dynamodb);
    const detector = new TestQueue(
      async (body) =>
        void (await raiseAlert(
          { detection: JSON.parse(body), arrivedAt: target.now, isFaint: false, rule: RULE },
          target.ports,
        )),
    );
    target.failure = new Error('The topic did not answer.');
    for (let attempt = 0; attempt < 4; attempt++) expect(await detector.process(DETECTION)).toBe('failed');
    expect(target.published).toEqual([]);
    target.failure = undefined;
    expect(await detector.process(DETECTION)).toBe('done');
    expect(await queue.process(target.events[0])).toBe('done');
    expect(started()).toHaveLength(1);
  });
});

describe('the name of an execution', () => {
  const nameOf = async (id: string) => {
    expect(await queue.process({ ...DETECTION, id })).toBe('done');
    return started().at(-1)!.name!;
  };

  test.each(['drone-1:1:person', 'x', 'x'.repeat(512), 'Größe, {"a":1} <b>', '../../..'])(
    'of %s is what Step Functions takes',
    async (id) => {
      expect(await nameOf(id)).toMatch(/^[0-9A-Za-z_-]{1,80}$/);
    },
  );

  test('is the same for the same alert, and another for another', async () => {
    const first = await nameOf('drone-1:1:person');
    expect(await nameOf('drone-1:1:person')).toBe(first);
    expect(await nameOf('drone-1:1:Person')).not.toBe(first);
    expect(await nameOf('drone-1:11:person')).not.toBe(first);
  });
});

test('an alert that is delivered twice is escalated once', async () => {
  sfn.on(StartExecutionCommand).resolvesOnce({}).rejects(new ExecutionAlreadyExists(details));
  expect(await queue.process(DETECTION)).toBe('done');
  expect(await queue.process(DETECTION)).toBe('done');
  expect(written().metrics).toEqual({ EscalationStarted: [1], MessageProcessed: [1, 1] });
});

test.each([new ExecutionLimitExceeded(details), new Error('Step Functions did not answer.')])(
  'one that can not be started comes again: %s',
  async (error) => {
    sfn.on(StartExecutionCommand).rejectsOnce(error).resolves({});
    expect(await queue.process(DETECTION)).toBe('failed');
    expect(await queue.process(DETECTION)).toBe('done');
    expect(written().metrics).toMatchObject({ EscalationStarted: [1], MessageFailed: [1] });
  },
);

test.each<[string, unknown, RegExp]>([
  ['no JSON', 'fire', /not JSON/],
  ['no detection', { Records: [] }, /schemaVersion/],
  ['an envelope of SNS', { Type: 'Notification', Message: JSON.stringify(DETECTION) }, /schemaVersion/],
  ['an id that no table has as its key', { ...DETECTION, id: 'x'.repeat(513) }, /id/],
])('%s is unusable', async (_what, body, reason) => {
  expect(await queue.process(body)).toBe('unusable');
  expect(queue.reason).toMatch(reason);
  expect(started()).toEqual([]);
});
