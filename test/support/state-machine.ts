import type { Stack } from 'aws-cdk-lib';
import jsonata from 'jsonata';
import { DeployedStack } from './cloudformation-resolver';

export interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Arguments?: unknown;
  readonly Output?: unknown;
  readonly Assign?: object;
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: { readonly Condition: string; readonly Next: string }[];
  readonly Seconds?: unknown;
  readonly Error?: string;
  readonly Cause?: string;
  readonly Retry?: Retrier[];
  readonly Catch?: { readonly ErrorEquals: string[]; readonly Next: string; readonly Assign?: object }[];
}

export interface Retrier {
  readonly ErrorEquals: string[];
  readonly IntervalSeconds: number;
  readonly MaxAttempts: number;
  readonly BackoffRate: number;
  readonly MaxDelaySeconds?: number;
}

export interface Definition {
  readonly StartAt: string;
  readonly States: Record<string, State>;
  readonly TimeoutSeconds?: number;
}

/** How an execution ended. */
export interface Ending {
  readonly status: 'SUCCEEDED' | 'FAILED';
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
}

/** What a task fails with: the name that retriers and catchers know. */
export class TaskFailure extends Error {
  constructor(override readonly name: string) {
    super(name);
  }
}

/** The definition as it is deployed, of the one state machine of the stack. */
export function definitionIn(stack: Stack): Definition {
  const { resources } = new DeployedStack(stack, [], {});
  const machines = resources.filter(({ type }) => type === 'AWS::StepFunctions::StateMachine');
  if (machines.length !== 1) throw new Error(`The stack has ${machines.length} state machines.`);
  return JSON.parse(machines[0].get<string>('DefinitionString')!);
}

/**
 * Executes state machines without branches, in virtual time and without jitter, with JSONata's own implementation. What it
 * doesn't know is an error.
 * https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
export class StateMachineModel {
  /** In seconds since the start. */
  now = 0;
  /** What became of each state and each attempt. */
  readonly steps: string[] = [];
  private variables: Record<string, unknown> = {};
  private given: unknown;

  /**
   * @param tasks what the integrations do, by the last two parts of their names, like `sns:publish`
   * @param context what `$states.context` has of the execution, beside its input
   */
  constructor(
    private readonly definition: Definition,
    private readonly tasks: Record<string, (argument: Record<string, unknown>) => unknown>,
    private readonly context: { readonly Id?: string; readonly Name?: string; readonly StartTime?: string } = {},
  ) {}

  async execute(input: unknown): Promise<Ending> {
    this.given = input;
    let name = this.definition.StartAt;
    let content = input;
    for (;;) {
      this.steps.push(name);
      const state = this.definition.States[name];
      switch (state.Type) {
        case 'Succeed':
          return { status: 'SUCCEEDED', output: await this.evaluate(state.Output, { input: content }) };
        case 'Fail':
          return {
            status: 'FAILED',
            error: state.Error,
            cause: (await this.evaluate(state.Cause, { input: content })) as string,
          };
        default:
          [name, content] = await this.run(state, content);
      }
    }
  }

  private async run(state: State, input: unknown): Promise<[next: string, output: unknown]> {
    switch (state.Type) {
      case 'Pass':
        return this.leave(state, { input });
      case 'Wait':
        this.now += (await this.evaluate(state.Seconds, { input })) as number;
        return this.leave(state, { input });
      case 'Choice':
        return [await this.choose(state, input), input];
      case 'Task':
        return this.perform(state, input);
      default:
        throw new Error(`States of the type ${state.Type} are not known here.`);
    }
  }

  private async choose({ Choices = [], Default }: State, input: unknown): Promise<string> {
    for (const { Condition, Next } of Choices) {
      const holds = await this.evaluate(Condition, { input });
      if (typeof holds !== 'boolean') throw new Error(`${Condition} is ${JSON.stringify(holds)}.`);
      if (holds) return Next;
    }
    return Default!;
  }

  private async perform(state: State, input: unknown): Promise<[next: string, output: unknown]> {
    const task = this.tasks[state.Resource!.split(':').slice(-2).join(':')];
    const attempts = new Map<Retrier, number>();
    for (;;) {
      try {
        const argument = (await this.evaluate(state.Arguments, { input })) as Record<string, unknown>;
        return await this.leave(state, { input, result: await task(argument) });
      } catch (error) {
        if (!(error instanceof TaskFailure)) throw error;
        const applies = ({ ErrorEquals }: { ErrorEquals: string[] }) =>
          ErrorEquals.some((known) => known === 'States.ALL' || known === error.name);
        const retrier = state.Retry?.find(applies);
        const made = retrier && (attempts.get(retrier) ?? 0);
        if (retrier && made! < retrier.MaxAttempts) {
          attempts.set(retrier, made! + 1);
          const { IntervalSeconds, BackoffRate, MaxDelaySeconds = Infinity } = retrier;
          this.now += Math.min(IntervalSeconds * BackoffRate ** made!, MaxDelaySeconds);
          continue;
        }
        const catcher = state.Catch?.find(applies);
        if (!catcher) throw error;
        return this.leave(catcher, { input, errorOutput: { Error: error.name } });
      }
    }
  }

  private async leave(
    { Assign = {}, Output, Next }: Pick<State, 'Assign' | 'Output' | 'Next'>,
    states: { input: unknown; result?: unknown; errorOutput?: object },
  ): Promise<[next: string, output: unknown]> {
    // Both see the variables as they were.
    const assigned = (await this.evaluate(Assign, states)) as object;
    const output =
      Output === undefined
        ? (states.errorOutput ?? states.result ?? states.input)
        : await this.evaluate(Output, states);
    this.variables = { ...this.variables, ...assigned };
    return [Next!, output];
  }

  /** Expressions within anything that is JSON; one without a value is an error, as it is in Step Functions. */
  private async evaluate(template: unknown, states: object): Promise<unknown> {
    if (Array.isArray(template)) return Promise.all(template.map((item) => this.evaluate(item, states)));
    if (typeof template === 'object' && template !== null) {
      const entries = Object.entries(template).map(async ([key, item]) => [key, await this.evaluate(item, states)]);
      return Object.fromEntries(await Promise.all(entries));
    }
    const [, expression] = /^\{%([^]*)%\}$/.exec(String(template)) ?? [];
    if (typeof template !== 'string' || expression === undefined) return template;
    const context = { Execution: { ...this.context, Input: this.given } };
    const value = await jsonata(expression).evaluate(undefined, { ...this.variables, states: { ...states, context } });
    if (value === undefined) throw new Error(`${template} has no value.`);
    return JSON.parse(JSON.stringify(value));
  }
}
