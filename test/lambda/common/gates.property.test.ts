import { captureOutput } from '../../support/handler-output';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, UpdateCommand, type DynamoDBDocumentClient, type PutCommand } from '@aws-sdk/lib-dynamodb';
import fc, { type Scheduler } from 'fast-check';
import { Gates } from '../../../lambda/common/gates';

captureOutput();
const NOW = Date.parse('2026-11-24T10:00:00.000Z');

/** A table whose calls come to it in any order; now and then one has its effect but no answer. */
class Table {
  readonly items = new Map<string, Record<string, unknown>>();
  /** The seconds of all gates together, as each was opened. */
  openings: { stream: string; from: number; until: number }[] = [];

  constructor(
    private readonly scheduler: Scheduler,
    private readonly unanswered: boolean[],
  ) {}

  readonly client = {
    send: async (command: unknown) => {
      await this.scheduler.schedule(Promise.resolve(), 'request');
      const outcome = new Promise((resolve) => resolve(this.perform(command)));
      outcome.catch(() => undefined);
      await this.scheduler.schedule(Promise.resolve(), 'answer');
      return outcome;
    },
  } as unknown as DynamoDBDocumentClient;

  private perform(command: unknown): object {
    if (command instanceof GetCommand) {
      return { Item: structuredClone(this.items.get(command.input.Key!.stream)) };
    }
    if (command instanceof UpdateCommand) {
      const { ':cost': cost, ':most': most } = command.input.ExpressionAttributeValues!;
      const { stream } = command.input.Key!;
      const spent = (this.items.get(stream)?.spentSeconds as number) ?? 0;
      if (spent > most) throw new ConditionalCheckFailedException({ message: 'No', $metadata: {} });
      this.items.set(stream, { stream, spentSeconds: spent + cost });
    } else {
      const { Item, ExpressionAttributeValues } = (command as PutCommand).input;
      const { stream } = Item!;
      const before = this.items.get(stream);
      if (before?.version !== ExpressionAttributeValues?.[':version']) {
        throw new ConditionalCheckFailedException({ message: 'No', $metadata: {} });
      }
      this.items.set(stream, structuredClone(Item!));
      const { openUntil, openedAt } = Item!.content;
      const was = (before?.content as { openUntil: number } | undefined)?.openUntil ?? 0;
      if (openUntil > was) this.openings.push({ stream, from: Math.max(openedAt, was), until: openUntil });
    }
    if (this.unanswered.shift()) throw new Error('The table did not answer.');
    return {};
  }
}

test('whatever comes at once, and crashes, no limit is passed, and nothing is open that was not charged', async () => {
  const signal = fc.record({ stream: fc.constantFrom('a', 'b', 'c'), at: fc.integer({ min: 0, max: 300_000 }) });
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(signal, { minLength: 1, maxLength: 15 }),
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.boolean(), { maxLength: 12 }),
      async (scheduler, signals, functions, unanswered) => {
        const table = new Table(scheduler, unanswered);
        let now = NOW;
        const settings = { openForSeconds: 30, streamSecondsPerDay: 70, fleetSecondsPerDay: 130, tableName: 'Gates' };
        const workers = Array.from(
          { length: functions },
          () => new Gates({ dynamodb: table.client, settings, now: () => now }),
        );
        const sorted = [...signals].sort((one, other) => one.at - other.at);
        const work = sorted.flatMap(({ stream, at }, index) =>
          // Delivered twice, at once, to whichever function.
          [0, 1].map(async (copy) => {
            await scheduler.schedule(Promise.resolve(), 'message');
            now = Math.max(now, NOW + at);
            await workers[(index + copy) % functions].open(stream, `${index}`).catch(() => undefined);
          }),
        );
        await scheduler.waitFor(Promise.all(work));

        const seconds = (openings: Table['openings']) =>
          openings.reduce((sum, { from, until }) => sum + (until - from) / 1000, 0);
        for (const stream of ['a', 'b', 'c']) {
          expect(seconds(table.openings.filter((opening) => opening.stream === stream))).toBeLessThanOrEqual(70);
        }
        const charged = (table.items.get('#fleet 2026-11-24')?.spentSeconds as number) ?? 0;
        expect(seconds(table.openings)).toBeLessThanOrEqual(charged);
        expect(charged).toBeLessThanOrEqual(130);
      },
    ),
    { numRuns: 300 },
  );
});
