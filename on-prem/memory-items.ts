import { LRUCache } from 'lru-cache';
import type { Key, Versioned, VersionedItems } from '../lambda/common/versioned-table';

/** Items in the memory of the one process that there is. When it starts anew, an alert may be told once more. */
export class MemoryItems<T extends object> implements VersionedItems<T> {
  private readonly items = new LRUCache<string, Required<Versioned<T>>>({ max: 100_000 });

  async read(key: Key): Promise<Versioned<T>> {
    return this.items.get(JSON.stringify(key)) ?? {};
  }

  async write(key: Key, content: T, version: number | undefined): Promise<boolean> {
    const name = JSON.stringify(key);
    if (this.items.get(name)?.version !== version) return false;
    this.items.set(name, { content, version: (version ?? 0) + 1 });
    return true;
  }
}
