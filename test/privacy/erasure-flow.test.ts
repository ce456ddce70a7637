import type { Step } from '../../lambda/media-erasure/handler';
import { invocation } from '../../lambda/media-erasure/handler';
import { START } from '../../lambda/media-erasure/progress';
import { ErasureFlow } from '../../lib/private/erasure-flow';
import { HandlerFunction } from '../../lib/private/handler-function';
import { TaskFailure, StateMachineModel, definitionIn } from '../support/state-machine';
import { testStack } from '../support/template';

const stack = testStack();
new ErasureFlow(stack, 'Flow', {
  handler: new HandlerFunction(stack, 'Handler', { handler: 'media-erasure', description: 'Erases' }),
});
const definition = definitionIn(stack);

const CONTEXT = {
  Id: 'arn:aws:states:eu-west-1:111122223333:execution:Flow:r-1',
  Name: 'r-1',
  StartTime: '2026-03-01T12:00:00.000Z',
};
const REQUEST = { requestId: 'r-1', device: 'drone-1', reason: 'Asked for', requestedBy: 'x' };
const ENDING = { certificate: 's3://proofs/r-1/certificate.json', certificateSha256: '0', deleted: 1, left: 0 };

/** Executes with a function that answers so, one after the other. */
function executed(...answers: (Partial<Step> | Error)[]) {
  const inputs: unknown[] = [];
  const model = new StateMachineModel(
    definition,
    {
      'lambda:invoke': ({ Payload }) => {
        inputs.push(Payload);
        const answer = answers.shift()!;
        if (answer instanceof Error) throw answer;
        return { Payload: { progress: START, ...answer } };
      },
    },
    CONTEXT,
  );
  return { model, inputs, ending: model.execute(REQUEST) };
}

const done = (outcome: string): Partial<Step> => ({ next: 'DONE', ending: { ...ENDING, outcome } as Step['ending'] });

test.each(['ERASED', 'ERASED_IN_PART', 'PLANNED'])(
  '%s is a success, whose output says where the certificate is',
  async (outcome) => {
    expect(await executed(done(outcome)).ending).toEqual({ status: 'SUCCEEDED', output: { ...ENDING, outcome } });
  },
);

test('INCOMPLETE fails, and says where the certificate is', async () => {
  const { status, error, cause } = await executed(done('INCOMPLETE')).ending;
  expect({ status, error }).toEqual({ status: 'FAILED', error: 'ErasureIncomplete' });
  expect(JSON.parse(cause!)).toEqual({ ...ENDING, outcome: 'INCOMPLETE' });
});

test('the function gets the request, the execution and how far it has come', async () => {
  const further = { ...START, place: 3 };
  const { inputs, ending } = executed({ next: 'WORK', progress: further }, done('ERASED'));
  await ending;
  const execution = { id: CONTEXT.Id, name: 'r-1', startedAt: CONTEXT.StartTime };
  expect(inputs).toEqual([
    { request: REQUEST, execution, progress: null },
    { request: REQUEST, execution, progress: further },
  ]);
  for (const input of inputs) expect(invocation.safeParse(input).error).toBeUndefined();
});

test('what is being deleted is waited for', async () => {
  const { model, ending } = executed({ next: 'WAIT' }, { next: 'WORK' }, done('ERASED'));
  await ending;
  expect(model.now).toBe(15);
  expect(model.steps).toEqual([
    'Begin',
    'Work',
    'What is next?',
    'Wait',
    'Work',
    'What is next?',
    'Work',
    'What is next?',
    'Certified',
  ]);
});

test('an outage of ten minutes passes', async () => {
  const { model, ending } = executed(...Array(8).fill(new TaskFailure('Lambda.Unknown')), done('ERASED'));
  expect(await ending).toMatchObject({ status: 'SUCCEEDED' });
  expect(model.now).toBeGreaterThan(600);
});

test('a request that is wrong is not tried again', async () => {
  const { inputs, ending } = executed(new TaskFailure('InvalidErasureRequest'), done('ERASED'));
  await expect(ending).rejects.toThrow('InvalidErasureRequest');
  expect(inputs).toHaveLength(1);
});

test('a week of it is within what an execution may have', () => {
  // Of an attempt of a task five events, of a choice two, of a pause two: each quarter of an hour, or for each pause.
  const rounds = definition.TimeoutSeconds! / 900;
  expect(definition.TimeoutSeconds).toBe(7 * 86_400);
  expect(rounds * 9 + 120 * 9).toBeLessThan(25_000);
});
