import { setTimeout as pause } from 'node:timers/promises';
import {
  DeleteObjectsCommand,
  GetObjectLegalHoldCommand,
  GetObjectRetentionCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import * as z from 'zod';
import { isNamed } from '../common/errors';
import type { Interval } from '../common/fragments';
import { timeOfImage } from '../common/image-name';
import { exactly, isConcerned, ofDay, type ErasureRequest } from './request';
import { forEach, type Item, type Keep, type Page, type Source } from './source';

export interface Folder {
  readonly bucket: string;
  /** With the slash or the dot after the name of the device, so that no other device's objects begin so. */
  readonly prefix: string;
}

/** What DeleteObjects takes, and ListObjectVersions gives, at once. */
const BATCH = 1000;

const MAX_ATTEMPTS = 4;

const marker = z.tuple([z.string(), z.string().nullable()]);

/**
 * Nobody locks where there is no lock, or none that applies; and markers can't be locked.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html
 */
const NOT_LOCKED = [
  'NoSuchObjectLockConfiguration',
  'InvalidRequest',
  'ObjectLockConfigurationNotFoundError',
  'MethodNotAllowed',
];

/**
 * Objects of a device in a bucket: all versions, and the markers of those that were deleted before.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
 */
export class ObjectSource implements Source {
  readonly name: string;

  constructor(
    private readonly folder: Folder,
    private readonly request: Pick<ErasureRequest, 'from' | 'to'>,
    private readonly startedAt: number,
    private readonly s3: S3Client,
  ) {
    this.name = `s3://${folder.bucket}/${folder.prefix}`;
  }

  async find(token?: string): Promise<Page> {
    const [KeyMarker, VersionIdMarker] = token === undefined ? [] : marker.parse(JSON.parse(token));
    const {
      Versions = [],
      DeleteMarkers = [],
      IsTruncated,
      ...next
    } = await this.s3.send(
      new ListObjectVersionsCommand({
        Bucket: this.folder.bucket,
        Prefix: this.folder.prefix,
        MaxKeys: BATCH,
        KeyMarker,
        VersionIdMarker: VersionIdMarker ?? undefined,
      }),
    );
    const items = [...Versions, ...DeleteMarkers]
      .filter(({ Key, LastModified }) => {
        const moment = { captured: captureTime(Key!), storedAt: LastModified!.getTime() };
        return isConcerned(this.request, moment, this.startedAt);
      })
      .map(({ Key, VersionId }) => ({ id: { key: Key!, versionId: VersionId! } }));
    return {
      items,
      token: IsTruncated ? JSON.stringify([next.NextKeyMarker, next.NextVersionIdMarker ?? null]) : undefined,
    };
  }

  async erase(ids: readonly Item['id'][]): Promise<(Keep | undefined)[]> {
    const refused = new Set<Item['id']>();
    for (let attempt = 0, rest = ids; rest.length > 0; attempt++) {
      if (attempt === MAX_ATTEMPTS) throw new Error(`S3 doesn't delete ${rest.length} objects of ${this.name}.`);
      if (attempt > 0) await pause(250 * 2 ** attempt);
      const { denied, failed } = await this.remove(rest);
      for (const id of denied) refused.add(id);
      rest = failed;
    }
    return forEach(ids, 20, async (id) => (refused.has(id) ? this.keepOf(id) : undefined));
  }

  private async remove(ids: readonly Item['id'][]) {
    const { Errors = [] } = await this.s3.send(
      new DeleteObjectsCommand({
        Bucket: this.folder.bucket,
        Delete: { Objects: ids.map(({ key, versionId }) => ({ Key: key, VersionId: versionId })), Quiet: true },
      }),
    );
    const byName = new Map(ids.map((id) => [nameOf(id.key, id.versionId), id]));
    const denied: Item['id'][] = [];
    const failed: Item['id'][] = [];
    for (const { Key, VersionId, Code, Message } of Errors) {
      const id = byName.get(nameOf(Key, VersionId));
      if (!id) throw new Error(`S3 doesn't delete from ${this.name}: ${Code}: ${Message}`);
      if (Code === 'NoSuchKey' || Code === 'NoSuchVersion') continue;
      (Code === 'AccessDenied' ? denied : failed).push(id);
    }
    return { denied, failed };
  }

  /**
   * S3 says the same of what is locked and of what isn't allowed.
   * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
   */
  private async keepOf({ key, versionId }: Item['id']): Promise<Keep> {
    const object = { Bucket: this.folder.bucket, Key: key, VersionId: versionId };
    const hold = await unlessNotLocked(this.s3.send(new GetObjectLegalHoldCommand(object)));
    if (hold?.LegalHold?.Status === 'ON') return { reason: 'LEGAL_HOLD' };
    const lock = await unlessNotLocked(this.s3.send(new GetObjectRetentionCommand(object)));
    const until = lock?.Retention?.RetainUntilDate;
    return until ? { reason: 'LOCKED', until: until.toISOString() } : { reason: 'REFUSED' };
  }
}

/** Of a bucket without versions, the one that there is has the version `null`. */
function nameOf(key: string | undefined, versionId = 'null'): string {
  return JSON.stringify([key, versionId]);
}

async function unlessNotLocked<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isNamed(error, ...NOT_LOCKED)) return undefined;
    throw error;
  }
}

/**
 * Of an image, by the clock that those of a stream are chosen by; of an incident, its day by the clock of the device. Other
 * clips don't say.
 */
function captureTime(key: string): Interval | undefined {
  const time = timeOfImage(key);
  if (time !== undefined) return exactly(time);
  const [, year, month, day] = /\/(\d{4})\/(\d{2})\/(\d{2})\/[^/]+-[0-9a-f]{16}\/[^/]+$/.exec(key) ?? [];
  return year === undefined ? undefined : ofDay(Date.UTC(Number(year), Number(month) - 1, Number(day)));
}
