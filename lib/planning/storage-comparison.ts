import type { Load } from './load';
import { PriceId } from './price-id';
import type { PriceList } from './price-list';
import { bytes, byteMonths, gigabytes, seconds } from './units';

/**
 * Where recordings can be kept.
 */
export enum RecordingStore {
  /** In the stream, HOT tier. */
  HOT = 'HOT',

  /** In the stream, WARM tier, billed for 30 days at least. */
  WARM = 'WARM',

  /** A day in the HOT tier, then as clips in S3 Standard-IA, billed for 30 days at least. */
  S3_IA = 'S3_IA',

  /** A day in the HOT tier, then as clips in S3 Glacier Flexible Retrieval, billed for 90 days at least. */
  S3_GLACIER = 'S3_GLACIER',
}

/**
 * What it costs to take in a month of media and keep each day of it for so long, in US dollars.
 */
export interface StorageCost {
  /** For how many days it is kept. */
  readonly days: number;

  /** In the HOT tier, in US dollars. */
  readonly hot: number;

  /** In the WARM tier, in US dollars. */
  readonly warm: number;

  /** As clips in S3 Standard-IA. */
  readonly s3InfrequentAccess: number;

  /** As clips in S3 Glacier Flexible Retrieval. */
  readonly s3Glacier: number;

  /** The one that costs least. */
  readonly cheapest: RecordingStore;
}

/** A clip has 200 fragments and 100 MB at most. https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_reader_GetClip.html */
const CLIP = { fragments: 200, bytes: 100_000_000 };

const MINIMUM_DAYS = { [RecordingStore.WARM]: 30, [RecordingStore.S3_IA]: 30, [RecordingStore.S3_GLACIER]: 90 };
const YEARS_10 = 3650;

/**
 * Compares where recordings are kept: what a month of media costs, from the moment it is taken in to its deletion.
 */
export class StorageComparison {
  /** @internal */
  public static _of(load: Load, prices: PriceList): StorageComparison {
    return new StorageComparison(load, prices);
  }

  private constructor(
    private readonly load: Load,
    private readonly prices: PriceList,
  ) {}

  /**
   * What the media of a month costs in a store, in US dollars.
   *
   * @param store where it is kept
   * @param days for how long: 1 or more; S3 gets it after a day
   */
  public cost(store: RecordingStore, days: number): number {
    switch (store) {
      case RecordingStore.HOT:
        return this.hot(days);
      case RecordingStore.WARM:
        return (
          this.prices.cost(PriceId.KVS_INGEST_WARM, this.load.fragments) +
          this.kept(PriceId.KVS_STORAGE_WARM, Math.max(days, MINIMUM_DAYS[store]))
        );
      case RecordingStore.S3_IA:
        return this.archived(PriceId.S3_IA_PUTS, PriceId.S3_IA_STORAGE, Math.max(days - 1, MINIMUM_DAYS[store]));
      case RecordingStore.S3_GLACIER:
        return this.archived(
          PriceId.S3_GLACIER_PUTS,
          PriceId.S3_GLACIER_STORAGE,
          Math.max(days - 1, MINIMUM_DAYS[store]),
        );
    }
  }

  /**
   * From how many days on one store costs no more than the HOT tier: 1 or more; undefined if not within ten years.
   *
   * @param store the one that is compared
   */
  public breakEvenDays(store: RecordingStore): number | undefined {
    // The HOT tier costs more each day, and the others cost the same until their minimum is over and then less a day than
    // it does. So there is one day on which they cross, or none.
    const gain = (days: number) => this.cost(RecordingStore.HOT, days) - this.cost(store, days);
    if (gain(1) >= 0) return 1;
    if (gain(YEARS_10) < 0) return undefined;
    let [early, late] = [1, YEARS_10];
    for (let step = 0; step < 60; step++) {
      const middle = (early + late) / 2;
      if (gain(middle) < 0) early = middle;
      else late = middle;
    }
    return late;
  }

  /**
   * What it costs by how long it is kept.
   *
   * @param days for how many days, each 1 or more
   */
  public table(days: number[]): StorageCost[] {
    return days.map((kept) => {
      const of = (store: RecordingStore) => this.cost(store, kept);
      const cheapest = Object.values(RecordingStore).reduce((best, store) => (of(store) < of(best) ? store : best));
      return {
        days: kept,
        hot: of(RecordingStore.HOT),
        warm: of(RecordingStore.WARM),
        s3InfrequentAccess: of(RecordingStore.S3_IA),
        s3Glacier: of(RecordingStore.S3_GLACIER),
        cheapest,
      };
    });
  }

  private hot(days: number): number {
    return this.prices.cost(PriceId.KVS_INGEST, gigabytes(this.load.ingested)) + this.kept(PriceId.KVS_STORAGE, days);
  }

  private archived(puts: PriceId, storage: PriceId, days: number): number {
    const { bitrate, fragmentDuration } = this.load.workload;
    const clip = Math.min(CLIP.fragments * seconds(fragmentDuration), CLIP.bytes / (bitrate.toBitsPerSecond() / 8));
    return (
      this.hot(1) +
      this.prices.cost(PriceId.KVS_CONSUMPTION, gigabytes(this.load.ingested)) +
      this.prices.cost(puts, this.load.streamSeconds / clip) +
      this.kept(storage, days)
    );
  }

  private kept(price: PriceId, days: number): number {
    return this.prices.cost(price, gigabytes(byteMonths(bytes(this.load.ingested), days)));
  }
}
