import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import fc, { type Scheduler } from 'fast-check';
import type { Rule } from '../../../lambda/common/encounter';
import { Encounters } from '../../../lambda/common/encounters';
import { VersionedTable } from '../../../lambda/common/versioned-table';
import { LocalDynamoDB } from '../../support/dynamodb';

const NOW = Date.parse('2026-11-24T10:00:00.000Z');
const RULE: Rule = { repeatAfter: 60_000 };

describe('in the table', () => {
  let dynamodb: LocalDynamoDB;
  let tableName: string;
  let now: number;
  const make = () => new Encounters({ table: new VersionedTable(dynamodb.client, tableName), now: () => now });
  const see = (encounters: Encounters, id: string, rule = RULE, device = 'drone-1') =>
    encounters.judge(device, 'person', { id, arrivedAt: now, capturedAt: now, isFaint: false }, rule);

  beforeAll(async () => {
    dynamodb = await LocalDynamoDB.start();
  });
  afterAll(() => dynamodb.stop());
  beforeEach(async () => {
    tableName = await dynamodb.createTable('device', 'obstacle');
    now = NOW;
  });

  test('is what another function has to know', async () => {
    expect(await see(make(), 'a')).toBe('raise');
    expect(await see(make(), 'b')).toBe('suppress');
    expect(await dynamodb.items(tableName)).toEqual([
      {
        device: 'drone-1',
        obstacle: 'person',
        version: 1,
        content: { unconfirmed: [], alerts: [{ id: 'a', arrivedAt: NOW, capturedAt: NOW, lastSeenAt: NOW }] },
        expiresAt: NOW / 1000 + 60 + 3600,
      },
    ]);
  });

  test('it is kept for as long as the longest of its times, and an hour', async () => {
    await see(make(), 'a', { ...RULE, clearAfter: 300_000, confirmation: { sightings: 2, within: 600_500 } });
    expect(await dynamodb.items(tableName)).toMatchObject([{ version: 1, expiresAt: NOW / 1000 + 601 + 3600 }]);
  });

  test('what an older version has left there is overwritten', async () => {
    await dynamodb.client.send(
      new PutCommand({
        TableName: tableName,
        Item: { device: 'drone-1', obstacle: 'person', detectionId: 'old', expiresAt: NOW / 1000 + 5 },
      }),
    );
    expect(await see(make(), 'a')).toBe('raise');
    expect(await see(make(), 'b')).toBe('suppress');
  });

  test('what is faint, and shows nothing that was there before, leaves nothing in it', async () => {
    const faint = { id: 'a', arrivedAt: now, capturedAt: now, isFaint: true };
    expect(await make().judge('drone-1', 'person', faint, RULE)).toBe('ignore');
    expect(await dynamodb.items(tableName)).toEqual([]);
  });

  test('it is asked for what comes long after it had arrived, whatever is known of the time after', async () => {
    const encounters = make();
    await see(encounters, 'a');
    await see(encounters, 'b');
    now -= 60_000;
    expect(await see(encounters, 'c')).toBe('raise');
  });

  test('nobody asks it again for what can not have changed, until it can', async () => {
    const send = jest.spyOn(dynamodb.client, 'send');
    const encounters = make();
    await see(encounters, 'a');
    await see(encounters, 'b');
    send.mockClear();
    for (let index = 0; index < 1000; index++) expect(await see(encounters, `c${index}`)).toBe('suppress');
    expect(send).not.toHaveBeenCalled();

    // It may have to be published again.
    expect(await see(encounters, 'a')).toBe('raise');
    expect(await see(encounters, 'd', RULE, 'drone-2')).toBe('raise');
    now += 60_000;
    expect(await see(encounters, 'e')).toBe('raise');
    send.mockRestore();
  });
});

test('judges anew when somebody else has written meanwhile', async () => {
  const conflict = new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} });
  const alert = { id: 'other', arrivedAt: NOW, capturedAt: NOW, lastSeenAt: NOW };
  let reads = 0;
  const send = async (command: unknown) => {
    if (command instanceof PutCommand) throw conflict;
    return reads++ === 0 ? {} : { Item: { version: 1, content: { unconfirmed: [], alerts: [alert] } } };
  };
  const dynamodb = { send } as unknown as DynamoDBDocumentClient;
  const encounters = new Encounters({ table: new VersionedTable(dynamodb, 'Encounters'), now: () => NOW });
  const sighted = { id: 'a', arrivedAt: NOW, capturedAt: NOW, isFaint: false };
  expect(await encounters.judge('drone-1', 'person', sighted, RULE)).toBe('suppress');
});

test('gives up when others write all the time', async () => {
  const conflict = new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} });
  const send = async (command: unknown) => {
    if (command instanceof PutCommand) throw conflict;
    return {};
  };
  const dynamodb = { send } as unknown as DynamoDBDocumentClient;
  const encounters = new Encounters({ table: new VersionedTable(dynamodb, 'Encounters'), now: () => NOW });
  await expect(
    encounters.judge('drone-1', 'person', { id: 'a', arrivedAt: NOW, capturedAt: NOW, isFaint: false }, RULE),
  ).rejects.toThrow("Too many functions write at once of 'person' seen by 'drone-1'.");
});

/** A table whose calls come to it, and back, in any order. Now and then, a write has its effect but no answer. */
function tableWith(scheduler: Scheduler, unanswered: boolean[]): DynamoDBDocumentClient {
  let item: Record<string, unknown> | undefined;
  const perform = (command: unknown) => {
    if (command instanceof GetCommand) return { Item: item && structuredClone(item) };
    const { Item, ConditionExpression, ExpressionAttributeValues } = (command as PutCommand).input;
    const isAsExpected =
      ConditionExpression === 'attribute_not_exists(version)'
        ? item?.version === undefined
        : item?.version === ExpressionAttributeValues![':version'];
    if (!isAsExpected) throw new ConditionalCheckFailedException({ message: 'No', $metadata: {} });
    item = structuredClone(Item);
    if (unanswered.shift()) throw new Error('The table did not answer.');
    return {};
  };
  const send = async (command: unknown) => {
    await scheduler.schedule(Promise.resolve(), 'request');
    const outcome = new Promise((resolve) => resolve(perform(command)));
    outcome.catch(() => undefined);
    await scheduler.schedule(Promise.resolve(), 'answer');
    return outcome;
  };
  return { send } as unknown as DynamoDBDocumentClient;
}

test('of what several functions see at once, however often each is told, one is the alert', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.boolean(), { maxLength: 6 }),
      async (scheduler, deliveries, functions, needed, unanswered) => {
        const dynamodb = tableWith(scheduler, unanswered);
        const workers = Array.from(
          { length: functions },
          () => new Encounters({ table: new VersionedTable(dynamodb, 'Encounters'), now: () => NOW }),
        );
        const rule = { ...RULE, confirmation: needed > 1 ? { sightings: needed, within: 5000 } : undefined };
        const raised = new Set<string>();
        const deliver = async (id: string, worker: Encounters) => {
          for (let tries = 0; tries < 20; tries++) {
            try {
              const verdict = await worker.judge(
                'drone-1',
                'person',
                { id, arrivedAt: NOW, capturedAt: NOW, isFaint: false },
                rule,
              );
              if (verdict === 'raise') raised.add(id);
              return;
            } catch {
              // The message comes again.
            }
          }
          throw new Error('The message is lost.');
        };
        const work = deliveries.map((id, index) => deliver(`s${id}`, workers[index % functions]));
        await scheduler.waitFor(Promise.all(work));
        expect(raised.size).toBe(new Set(deliveries).size >= needed ? 1 : 0);
      },
    ),
  );
});
