/** Why something isn't erased. */
export type Reason =
  /** Object Lock has a legal hold on it. */
  | 'LEGAL_HOLD'
  /** Object Lock keeps it until a time. */
  | 'LOCKED'
  /** It is media of a time, of which Kinesis Video Streams erases no part. It expires. */
  | 'PART_OF_STREAM'
  /** A stream that has the name of the device, but not the tag of the fleet. */
  | 'FOREIGN'
  /** A face that belongs to a user of the collection, which has to be deleted first. */
  | 'FACE_OF_USER'
  /** The service refused, and nothing says that it had to. */
  | 'REFUSED';

/** For these, whoever is responsible has to act; with the others it is as it must be. */
export const DEFECTS: readonly Reason[] = ['FACE_OF_USER', 'REFUSED'];

export interface Keep {
  readonly reason: Reason;
  /** When it is gone by itself, or can be erased, in ISO 8601. */
  readonly until?: string;
}

/** One thing to erase, as the manifest has it. */
export interface Item {
  /** What names this very thing, and no other that comes after it. */
  readonly id: Readonly<Record<string, string>>;
  /** Set if it is known from the start that it stays. */
  readonly keep?: Keep;
}

export interface Page {
  readonly items: Item[];
  /** Where the next page begins, unless this is the last. */
  readonly token?: string;
  /** Something is being deleted, and it can be said only later whether it is gone. */
  readonly isUnsettled?: boolean;
}

/** A place where there is something to erase. */
export interface Source {
  /** As the certificate calls it. */
  readonly name: string;
  /** A page of what the request is about, as it is now. */
  find(token?: string): Promise<Page>;
  /**
   * Erases these. To erase what is gone already is no mistake, and nothing is erased that came in its place.
   * @returns for each of them, why it is kept, if it is
   */
  erase(ids: readonly Item['id'][]): Promise<(Keep | undefined)[]>;
}

/** Does something with each, so many at once. */
export async function forEach<T, R>(items: readonly T[], width: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return results;
}
