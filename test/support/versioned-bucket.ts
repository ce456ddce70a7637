import type { ListObjectVersionsCommandInput, ListObjectVersionsCommandOutput } from '@aws-sdk/client-s3';
import { ServiceError } from './service-error';

export interface Version {
  readonly key: string;
  readonly versionId: string;
  readonly lastModified: Date;
  readonly isMarker: boolean;
  readonly body: string;
  /** Of Object Lock. */
  readonly hold?: boolean;
  readonly until?: Date;
  /** Whether a policy denies its deletion. */
  readonly denied?: boolean;
}

/** All members that the calls below have. */
interface Input extends Partial<Omit<ListObjectVersionsCommandInput, 'Bucket'>> {
  readonly Bucket?: string;
  readonly Key?: string;
  readonly VersionId?: string;
  readonly Body?: string;
  readonly IfNoneMatch?: string;
  readonly Delete?: { readonly Objects: { readonly Key: string; readonly VersionId?: string }[] };
}

/**
 * A bucket in memory, with versions, markers and locks as S3 has them.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html
 */
export class VersionedBucket {
  /** In the order in which S3 lists them: by key, the newest version first. */
  versions: Version[] = [];
  /** What S3 says next time it is to delete an object of that key, once. */
  readonly hiccups = new Map<string, string>();
  private made = 0;

  constructor(
    readonly name: string,
    private readonly hasVersions: boolean,
    private readonly now: () => number,
  ) {}

  put(key: string, more: Partial<Version> = {}): Version {
    const versionId = this.hasVersions ? `v${++this.made}` : 'null';
    const version = { key, versionId, lastModified: new Date(this.now()), isMarker: false, body: '', ...more };
    const others = this.hasVersions ? this.versions : this.versions.filter((other) => other.key !== key);
    this.versions = [version, ...others].sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
    return version;
  }

  get keys(): string[] {
    return this.versions.map(({ key, versionId }) => (this.hasVersions ? `${key}@${versionId}` : key));
  }

  text(key: string): string {
    const found = this.versions.find((version) => version.key === key);
    if (!found || found.isMarker) throw new ServiceError('NoSuchKey', 404);
    return found.body;
  }

  /** What S3 answers to a call, or throws. */
  call(operation: string, input: Input): object {
    switch (operation) {
      case 'PutObject':
        if (input.IfNoneMatch === '*' && this.versions.some(({ key }) => key === input.Key)) {
          throw new ServiceError('PreconditionFailed', 412);
        }
        this.put(input.Key!, { body: input.Body });
        return {};
      case 'GetObject': {
        const text = this.text(input.Key!);
        return { Body: { transformToString: async () => text } };
      }
      case 'ListObjectVersions':
        return this.list(input);
      case 'DeleteObjects':
        return { Errors: input.Delete!.Objects.flatMap(({ Key, VersionId }) => this.remove(Key, VersionId)) };
      case 'GetObjectLegalHold': {
        const { hold } = this.lockable(input);
        if (hold === undefined) throw new ServiceError('NoSuchObjectLockConfiguration', 404);
        return { LegalHold: { Status: hold ? 'ON' : 'OFF' } };
      }
      case 'GetObjectRetention': {
        const { until } = this.lockable(input);
        if (until === undefined) throw new ServiceError('NoSuchObjectLockConfiguration', 404);
        return { Retention: { Mode: 'GOVERNANCE', RetainUntilDate: until } };
      }
      default:
        throw new Error(`The bucket doesn't know ${operation}.`);
    }
  }

  private list({
    Prefix = '',
    MaxKeys = 1000,
    KeyMarker,
    VersionIdMarker,
  }: Input): Partial<ListObjectVersionsCommandOutput> {
    const all = this.versions.filter(({ key }) => key.startsWith(Prefix));
    const index = all.findIndex(({ key, versionId }) => key === KeyMarker && versionId === VersionIdMarker);
    const start =
      KeyMarker === undefined ? 0 : index >= 0 ? index + 1 : all.filter(({ key }) => key <= KeyMarker).length;
    const page = all.slice(start, start + MaxKeys);
    const last = page.at(-1);
    const shown = (isMarker: boolean) =>
      page
        .filter((version) => version.isMarker === isMarker)
        .map(({ key, versionId, lastModified }) => ({ Key: key, VersionId: versionId, LastModified: lastModified }));
    const IsTruncated = start + MaxKeys < all.length;
    return {
      Versions: shown(false),
      DeleteMarkers: shown(true),
      IsTruncated,
      ...(IsTruncated && { NextKeyMarker: last?.key, NextVersionIdMarker: last?.versionId }),
    };
  }

  private remove(Key: string, VersionId?: string): object[] {
    if (VersionId === undefined) throw new Error('Without a version, a marker would be put on top.');
    const hiccup = this.hiccups.get(Key);
    this.hiccups.delete(Key);
    if (hiccup) return [{ Key, VersionId, Code: hiccup, Message: 'Try again.' }];
    const found = this.versions.find(({ key, versionId }) => key === Key && versionId === VersionId);
    if (!found) return [];
    if (found.denied || found.hold || (found.until && found.until.getTime() > this.now())) {
      return [{ Key, VersionId, Code: 'AccessDenied', Message: 'Access Denied' }];
    }
    this.versions = this.versions.filter((version) => version !== found);
    return [];
  }

  private lockable({ Key, VersionId }: Input): Version {
    const found = this.versions.find(({ key, versionId }) => key === Key && versionId === VersionId);
    if (!found) throw new ServiceError('NoSuchKey', 404);
    if (!this.hasVersions) throw new ServiceError('InvalidRequest');
    if (found.isMarker) throw new ServiceError('MethodNotAllowed', 405);
    return found;
  }
}
