import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { DescribeThingCommand } from '@aws-sdk/client-iot';
import { unlessNotFound } from '../common/errors';
import { NotYet, bringToOrder, countChanges, type MediaPorts } from '../common/fleet-media';
import { logger, metrics } from '../common/observability';
import { inParallel, page, type Page, type Round } from '../common/page';

export interface Ports extends MediaPorts {
  /** Milliseconds until the function is ended. */
  readonly remaining: () => number;
}

type Kind = Page['kind'];
type Count = keyof Page['counts'];

/** What has begun ends within these five minutes: waiting for a stream that is busy may take one, each time. */
const RESERVE = 300_000;

/** With the longest names and errors, this is within the 256 KiB of a state. */
const MAX_REPORTED = 200;

/**
 * With five pages at once, 20 things keep the pace of the calls, and one name does 200 times DescribeThing in a second,
 * which nothing paces and of which AWS IoT allows 350.
 */
const PARALLEL: Record<Kind, number> = { things: 20, streams: 1, channels: 1 };

/** What of a thing's media is reported by which page, so that nothing is reported by two. */
const MEDIUM: Record<Kind, string | undefined> = { things: undefined, streams: 'stream', channels: 'channel' };

/** Works on a page until it is done, the time is nearly up or the report is full; one bad thing doesn't stop it. */
export async function handle(event: unknown, ports: Ports): Promise<Round> {
  const before = page.parse(event);
  const round = await new PageWork(before, ports).run();
  logger.info('Page worked on', { kind: before.kind, names: before.names.length, progress: round.progress });
  return round;
}

class PageWork {
  private readonly report: Round['report'] = { orphaned: [], failed: [] };
  private readonly late: number[];
  private readonly counts: Page['counts'];
  private next: number;

  constructor(
    private readonly page: Page,
    private readonly ports: Ports,
  ) {
    this.late = [...page.late];
    this.counts = { ...page.counts };
    this.next = page.next;
  }

  async run(): Promise<Round> {
    const { kind, names, round } = this.page;
    const { late, report } = this;
    const width = PARALLEL[kind];
    await inParallel(width, () => (this.goesOn && this.next < names.length ? this.look(this.next++) : undefined));
    await inParallel(width, () => (this.goesOn && late.length > 0 ? this.look(late.shift()!, true) : undefined));
    return {
      progress: { round: round + 1, next: this.next, late, counts: this.counts },
      done: this.next === names.length && late.length === 0,
      reported: this.reported,
      report,
    };
  }

  private get reported(): number {
    return this.report.orphaned.length + this.report.failed.length;
  }

  private get goesOn(): boolean {
    return this.reported < MAX_REPORTED && this.ports.remaining() > RESERVE;
  }

  private async look(index: number, isAgain = false): Promise<void> {
    const thing = this.page.names[index];
    try {
      await this.bringToOrder(thing);
    } catch (error) {
      if (error instanceof NotYet && !isAgain) {
        this.late.push(index);
        return;
      }
      const { name, message } = error as Error;
      logger.error('Media of a thing could not be brought to order', { thing, error: error as Error });
      this.report.failed.push({ thing, error: `${name}: ${message}`.slice(0, 300) });
      metrics.addMetric('ReconcileFailed', MetricUnit.Count, 1);
      this.add('failed', 1);
    }
    if (this.page.kind === 'things') this.add('checked', 1);
  }

  private async bringToOrder(thingName: string): Promise<void> {
    const { kind } = this.page;
    // The media of those that are registered is looked at with the page of things that they are on.
    if (kind !== 'things' && (await this.isRegistered(thingName))) return;
    const found = await bringToOrder(thingName, this.ports);
    const outcome = { ...found, orphaned: found.orphaned.filter((name) => name.split('/')[0] === MEDIUM[kind]) };
    countChanges(thingName, outcome);
    this.report.orphaned.push(...outcome.orphaned);
    for (const change of ['created', 'repaired', 'removed', 'orphaned'] as const) {
      this.add(change, outcome[change].length);
    }
  }

  private async isRegistered(thingName: string): Promise<boolean> {
    const thing = await unlessNotFound(this.ports.iot.send(new DescribeThingCommand({ thingName })));
    return thing !== undefined;
  }

  private add(count: Count, amount: number): void {
    if (amount > 0) this.counts[count] = (this.counts[count] ?? 0) + amount;
  }
}
