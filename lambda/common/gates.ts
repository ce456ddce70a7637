import { MetricUnit, Metrics } from '@aws-lambda-powertools/metrics';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { LRUCache } from 'lru-cache';
import * as z from 'zod';
import { claimed, dayOf, extend, isOpenForLong, type Gate } from './gate';
import { VersionedTable } from './versioned-table';

/** What `MotionGate` puts into the environment of a function. */
export const gateSettings = z.object({
  tableName: z.string(),
  openForSeconds: z.number(),
  streamSecondsPerDay: z.number(),
  fleetSecondsPerDay: z.number(),
});

export interface GatePorts {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly settings: z.infer<typeof gateSettings>;
  readonly now: () => number;
}

const METRICS = {
  opened: 'GateOpened',
  extended: 'GateExtended',
  already: 'GateOpenAlready',
  streamExhausted: 'StreamBudgetExhausted',
  fleetExhausted: 'FleetBudgetExhausted',
} as const;

export type Opening = keyof typeof METRICS;

/** Under one name, whichever function opens gates, so that an alarm sees all of them. */
const metrics = new Metrics({ serviceName: 'motion-gate', singleMetric: true });

/** A gate and a budget are of no use two days later. */
const KEPT = 2 * 86_400_000;

const MAX_ATTEMPTS = 10;

/**
 * The gates of all streams, and what the fleet may spend in a day, in a table.
 *
 * A gate is claimed, then the fleet's budget is charged, and then it is opened. A crash between these leaves a charge for
 * nothing at worst; nothing is ever open that wasn't charged.
 */
export class Gates {
  private readonly table: VersionedTable<Gate>;
  /** Until when a gate is open at least. */
  private readonly known = new LRUCache<string, number>({ max: 10_000 });

  constructor(private readonly ports: GatePorts) {
    this.table = new VersionedTable(ports.dynamodb, ports.settings.tableName);
  }

  /**
   * Opens the gate of a stream for some time, or keeps it open.
   * @param id of what asks for it, the same when it is asked again
   * @throws Error when somebody else is about to open it, so that it has to be tried again
   */
  async open(stream: string, id: string): Promise<Opening> {
    const opening = await this.tryToOpen(stream, id);
    metrics.addMetric(METRICS[opening], MetricUnit.Count, 1);
    return opening;
  }

  /** Whether the gate of the stream is open, or was when the frame was captured. */
  async isOpen(stream: string, capturedAt: number): Promise<boolean> {
    const { now } = this.ports;
    if (now() <= (this.known.get(stream) ?? 0)) return true;
    const { content: gate } = await this.read(stream);
    if (!gate) return false;
    const { openedAt, openUntil } = gate;
    this.known.set(stream, openUntil);
    return now() <= openUntil || (capturedAt >= openedAt && capturedAt <= openUntil);
  }

  /** Until when the gate of the stream is open, or was when it was so the last time. */
  async openUntil(stream: string): Promise<number> {
    return (await this.read(stream)).content?.openUntil ?? 0;
  }

  private async tryToOpen(stream: string, id: string): Promise<Opening> {
    const { now, settings } = this.ports;
    if (isOpenForLong(this.known.get(stream), now(), settings)) return 'already';
    const claim = await this.claim(stream, id);
    if (claim === 'already' || claim === 'streamExhausted') return claim;
    if (!(await this.charge(claim.costSeconds))) {
      await this.write(stream, claim.before, claim.version);
      return 'fleetExhausted';
    }
    const { gate } = claim;
    if (!(await this.write(stream, gate, claim.version))) {
      const { content } = await this.read(stream);
      // Without an answer, the SDK has written a second time; or it took so long that somebody else has opened it.
      if (!content || content.openUntil < gate.openUntil) throw new Error(`The gate of '${stream}' was taken over.`);
    }
    this.known.set(stream, gate.openUntil);
    return gate.openedAt === claim.before.openedAt ? 'extended' : 'opened';
  }

  private async claim(stream: string, id: string) {
    const { now, settings } = this.ports;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const { content, version } = await this.read(stream);
      const at = now();
      const extension = extend(content, id, at, settings);
      if (extension.verdict === 'claimed') throw new Error(`The gate of '${stream}' is being opened.`);
      if (extension.verdict === 'exhausted') return 'streamExhausted';
      if (extension.verdict === 'already') return 'already';
      const before = claimed(content, id, at);
      if (await this.write(stream, before, version)) {
        return { ...extension, before: withoutClaim(before), version: (version ?? 0) + 1 };
      }
    }
    throw new Error(`Too many functions want to open the gate of '${stream}' at once.`);
  }

  /** Whether there was enough left of the fleet's budget of the day. */
  private async charge(costSeconds: number): Promise<boolean> {
    const { dynamodb, settings, now } = this.ports;
    const most = settings.fleetSecondsPerDay - costSeconds;
    try {
      await dynamodb.send(
        new UpdateCommand({
          TableName: settings.tableName,
          // No stream can be called so.
          Key: { stream: `#fleet ${dayOf(now())}` },
          UpdateExpression: 'ADD spentSeconds :cost SET expiresAt = :expiresAt',
          ConditionExpression: 'attribute_not_exists(spentSeconds) OR spentSeconds <= :most',
          ExpressionAttributeValues: {
            ':cost': costSeconds,
            ':most': most,
            ':expiresAt': Math.ceil((now() + KEPT) / 1000),
          },
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  private read(stream: string) {
    return this.table.read({ stream });
  }

  private write(stream: string, gate: Gate, version: number | undefined): Promise<boolean> {
    return this.table.write({ stream }, gate, version, this.ports.now() + KEPT);
  }
}

function withoutClaim({ claim: _claim, ...gate }: Gate): Gate {
  return gate;
}
