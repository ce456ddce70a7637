import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { logger } from '../common/observability';
import { VersionedTable } from '../common/versioned-table';
import { newAsset, step, type Asset, type Input, type Order } from './alarm-model';
import { ruleOf, type HeatSettings, type WatchedAsset } from './settings';

export interface AssetPorts {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly settings: HeatSettings;
}

export interface Step {
  readonly before: Asset;
  readonly after: Asset;
}

/** What is known of assets: in a table, which functions share. Nothing in it expires, or an alarm would. */
export class Assets {
  private readonly table: VersionedTable<Asset>;

  constructor(private readonly ports: AssetPorts) {
    this.table = new VersionedTable(ports.dynamodb, ports.settings.tableName);
  }

  async find({ name }: WatchedAsset): Promise<Asset | undefined> {
    return (await this.table.read({ asset: name })).content;
  }

  /**
   * @param isMeant whether the input is for the asset as it is; without effect if it isn't
   * @throws Error when others write all the time
   */
  async apply(watched: WatchedAsset, input: Input, isMeant: (asset: Asset) => boolean = () => true): Promise<Step> {
    const rule = ruleOf(this.ports.settings, watched);
    return this.change(watched, input.now, (asset) => (isMeant(asset) ? step(asset, input, rule) : asset));
  }

  /** Takes what was told out of the outbox. */
  async told(watched: WatchedAsset, { raisedAt, reason }: Order, now: number): Promise<Step> {
    return this.change(watched, now, (asset) => {
      const outbox = asset.outbox.filter((order) => order.raisedAt !== raisedAt || order.reason !== reason);
      return outbox.length === asset.outbox.length ? asset : { ...asset, outbox };
    });
  }

  private async change({ name }: WatchedAsset, now: number, change: (asset: Asset) => Asset): Promise<Step> {
    const fresh = newAsset(now);
    const { before = fresh, after = fresh } = await this.table.change({ asset: name }, (known) =>
      change(known ?? fresh),
    );
    if (after.state !== before.state) {
      const { state, since, last } = after;
      logger.info('Asset has another state', { asset: name, from: before.state, state, since, last });
    }
    return { before, after };
  }
}
