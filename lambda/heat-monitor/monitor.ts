import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { PutEventsCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { logger, metrics } from '../common/observability';
import { newsOf, type Asset, type Input, type Order } from './alarm-model';
import { Assets, type AssetPorts } from './assets';
import type { Reading } from './baseline';
import type { WatchedAsset } from './settings';
import { WORK_ORDER, workOrderOf } from './work-order';

export interface MonitorPorts extends AssetPorts {
  readonly events: EventBridgeClient;
  readonly eventBusName: string;
  readonly now: () => number;
}

/** CloudWatch takes no older ones. */
const OLDEST_METRIC = 14 * 86_400_000 - 3_600_000;

/** Takes readings and the passing of time in, and gives orders to those who maintain the assets. */
export class Monitor {
  private readonly assets: Assets;

  constructor(private readonly ports: MonitorPorts) {
    this.assets = new Assets(ports);
  }

  /** @throws Error when it has to be tried again later: an order could not be given */
  async read(asset: WatchedAsset, reading: Reading): Promise<void> {
    const now = this.ports.now();
    const { before } = await this.take(asset, { kind: 'READING', reading, now });
    const news = newsOf(reading, before);
    if (news === 'repeated') metrics.addMetric('ReadingRepeated', MetricUnit.Count, 1);
    if (news === 'late') metrics.addMetric('ReadingLate', MetricUnit.Count, 1);
    if (news !== 'repeated') this.add('AssetTemperature', reading.celsius, reading.capturedAt, asset.name);
  }

  /** Looks at all assets: which sensors are silent, and how many assets are in which state. */
  async tick(): Promise<void> {
    const { settings, now } = this.ports;
    const known: Asset[] = [];
    const failures: unknown[] = [];
    for (const asset of settings.assets) {
      try {
        known.push((await this.take(asset, { kind: 'TICK', now: now() })).after);
      } catch (error) {
        // One of which nobody can be told must not hide the others.
        failures.push(error);
      }
    }
    const count = (is: (asset: Asset) => boolean) => known.filter(is).length;
    this.add(
      'AssetsInAlarm',
      count(({ alarm }) => alarm !== undefined),
      now(),
    );
    this.add(
      'AssetsSilent',
      count(({ silentSince }) => silentSince !== undefined),
      now(),
    );
    this.add(
      'AssetsLearning',
      count(({ state }) => state === 'LEARNING'),
      now(),
    );
    if (failures.length > 0) throw failures[0];
  }

  /** What could not be told before is told first, by whichever input comes next. */
  private async take(asset: WatchedAsset, input: Input) {
    const step = await this.assets.apply(asset, input);
    for (const order of step.after.outbox) await this.tell(asset, order);
    return step;
  }

  /** It leaves the outbox afterwards, so that it is told twice rather than not at all. */
  private async tell(asset: WatchedAsset, order: Order): Promise<void> {
    const { events, eventBusName, settings, now } = this.ports;
    const workOrder = workOrderOf(settings.fleet, asset, order);
    const { Entries = [], FailedEntryCount } = await events.send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: eventBusName,
            Source: WORK_ORDER.source,
            DetailType: WORK_ORDER.detailType,
            Time: new Date(order.raisedAt),
            Detail: JSON.stringify(workOrder),
          },
        ],
      }),
    );
    // It answers with 200 to what it didn't take.
    if (FailedEntryCount) {
      const [{ ErrorCode, ErrorMessage }] = Entries;
      throw new Error(`EventBridge did not take the order '${workOrder.id}': ${ErrorCode}: ${ErrorMessage}`);
    }
    logger.info('Work order', { workOrder });
    metrics.addMetric('WorkOrder', MetricUnit.Count, 1);
    await this.assets.told(asset, order, now());
  }

  /** At the time of the reading, so that one that comes late is in its place. */
  private add(name: string, value: number, at: number, asset?: string): void {
    if (at < this.ports.now() - OLDEST_METRIC) return;
    const metric = metrics.singleMetric();
    metric.addDimension('fleet', this.ports.settings.fleet);
    if (asset) metric.addDimension('asset', asset);
    metric.setTimestamp(at);
    metric.addMetric(name, asset ? MetricUnit.NoUnit : MetricUnit.Count, value);
  }
}
