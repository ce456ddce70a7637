import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { PutEventsCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { logger, metrics } from '../common/observability';
import { VersionedTable } from '../common/versioned-table';
import { ruleOf, type MonitorSettings } from './settings';
import { SIGNAL, signalOf } from './signal';
import { missing, newsOf, NO_LINE, pressureOf, take, type Count, type Line, type StaffingRule } from './staffing';

export interface MonitorPorts {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly events: EventBridgeClient;
  readonly settings: MonitorSettings;
  readonly now: () => number;
}

/** As many functions as that don't write at once, unless one of them is stuck. */
const MAX_ATTEMPTS = 20;

/** Of a store that is closed for longer nothing has to be remembered. */
const KEPT = 2 * 86_400_000;

/** CloudWatch takes no older ones. */
const OLDEST_METRIC = 14 * 86_400_000 - 3_600_000;

/** Takes counts in, and says when to open or close a register. What it knows is in a table, which functions share. */
export class Monitor {
  private readonly table: VersionedTable<Line>;
  private readonly rule: StaffingRule;
  private readonly key: { readonly fleet: string };

  constructor(private readonly ports: MonitorPorts) {
    const { dynamodb, settings } = ports;
    this.table = new VersionedTable(dynamodb, settings.tableName);
    this.rule = ruleOf(settings);
    this.key = { fleet: settings.fleet };
  }

  /** @throws Error when it has to be tried again later: others write all the time, or a signal could not be given */
  async take(counts: Count[]): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const { content, version } = await this.table.read(this.key);
      const now = this.ports.now();
      const before = content ?? NO_LINE;
      // One that could not be given when it was decided goes first: another decision would be in its place.
      if (before.decision && !before.decision.isTold) {
        await this.tell(before, version);
        continue;
      }
      const after = take(before, counts, this.rule, now);
      if (after !== before && !(await this.table.write(this.key, after, version, now + KEPT))) continue;
      this.measure(counts, before, after, now);
      if (after.decision && !after.decision.isTold) await this.tell(after, (version ?? 0) + 1);
      return;
    }
    throw new Error(`Too many functions write at once of the lines of '${this.ports.settings.fleet}'.`);
  }

  /** That it is told is remembered afterwards, so that it is told twice rather than not at all. */
  private async tell(line: Line, version: number | undefined): Promise<void> {
    const decision = line.decision!;
    const { events, settings, now } = this.ports;
    const signal = signalOf(settings.fleet, decision);
    const { Entries = [], FailedEntryCount } = await events.send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: settings.eventBusName,
            Source: SIGNAL.source,
            DetailType: SIGNAL.detailType,
            Time: new Date(decision.decidedAt),
            Detail: JSON.stringify(signal),
          },
        ],
      }),
    );
    // It answers with 200 to what it didn't take.
    if (FailedEntryCount) {
      const [{ ErrorCode, ErrorMessage }] = Entries;
      throw new Error(`EventBridge did not take the signal '${signal.id}': ${ErrorCode}: ${ErrorMessage}`);
    }
    logger.info('Staffing signal', { signal });
    metrics.addMetric('StaffingSignal', MetricUnit.Count, 1);
    // Whoever was faster has told of it, too.
    await this.table.write(this.key, { ...line, decision: { ...decision, isTold: true } }, version, now() + KEPT);
  }

  private measure(counts: Count[], before: Line, after: Line, now: number): void {
    for (const count of counts) {
      const news = newsOf(count, before, this.rule, now);
      if (news === 'repeated') metrics.addMetric('CountRepeated', MetricUnit.Count, 1);
      if (news === 'late') metrics.addMetric('CountLate', MetricUnit.Count, 1);
      if (news !== 'repeated') this.add('PeopleWaiting', count.waiting, count.capturedAt, now, count.register);
    }
    if (after === before) return;
    this.add('RegistersMissing', missing(after, this.rule, now).length, now, now);
    const pressure = pressureOf(after, this.rule, now);
    if (pressure) this.add('PeoplePerOpenRegister', pressure.perOpenRegister, now, now);
  }

  /** At the time of the count, so that one that comes late is in its place. */
  private add(name: string, value: number, at: number, now: number, register?: string): void {
    if (at < now - OLDEST_METRIC) return;
    const metric = metrics.singleMetric();
    metric.addDimension('fleet', this.ports.settings.fleet);
    if (register) metric.addDimension('register', register);
    metric.setTimestamp(at);
    metric.addMetric(name, MetricUnit.Count, value);
  }
}
