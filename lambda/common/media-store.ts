import { createHash } from 'node:crypto';
import { Transform, pipeline, type Readable } from 'node:stream';
import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectLegalHoldCommand,
  paginateListObjectsV2,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { isNamed } from './errors';

export interface StorePorts {
  readonly s3: S3Client;
  readonly bucket: string;
}

/** What is known of an object whose content went through here. */
export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  /** Of the whole content, in hexadecimal. What S3 has of an object in parts is one of the checksums of its parts. */
  readonly sha256: string;
}

export interface Content {
  readonly key: string;
  readonly contentType: string;
  readonly body: Readable | string;
  readonly legalHold?: boolean;
}

/** Of 5 MB each, which is the least that S3 takes: two are sent while a third one fills. */
const PARTS_AT_ONCE = 2;

/** Objects of media, each written once: what is there already stays as it is. */
export class MediaStore {
  constructor(private readonly ports: StorePorts) {}

  /** The keys that begin so. */
  async list(prefix: string): Promise<Set<string>> {
    const keys = new Set<string>();
    for await (const { Contents = [] } of paginateListObjectsV2(
      { client: this.ports.s3 },
      { Bucket: this.ports.bucket, Prefix: prefix },
    )) {
      for (const { Key } of Contents) keys.add(Key!);
    }
    return keys;
  }

  /**
   * Writes an object while its content is read, in as little memory as that takes; or looks at the one that is there.
   *
   * S3 compares the SHA-256 of each part with what arrives. Content that fails on its way leaves nothing behind.
   */
  async put({ key, contentType, body, legalHold }: Content): Promise<StoredObject> {
    const meter = new Meter();
    if (typeof body === 'string') meter.end(body);
    // Whichever of the two fails, the other one is told.
    else pipeline(body, meter, () => undefined);
    try {
      await new Upload({
        client: this.ports.s3,
        queueSize: PARTS_AT_ONCE,
        params: {
          Bucket: this.ports.bucket,
          Key: key,
          Body: meter,
          ContentType: contentType,
          ChecksumAlgorithm: 'SHA256',
          IfNoneMatch: '*',
          ObjectLockLegalHoldStatus: legalHold ? 'ON' : undefined,
        },
      }).done();
    } catch (error) {
      meter.destroy();
      if (isNamed(error, 'PreconditionFailed')) return this.measure(key);
      throw error;
    }
    return { key, ...meter.result() };
  }

  /** Reads an object to its end. */
  async measure(key: string): Promise<StoredObject> {
    const meter = new Meter();
    pipeline(await this.open(key), meter, () => undefined);
    // It is only to be counted.
    for await (const chunk of meter) void chunk;
    return { key, ...meter.result() };
  }

  async read(key: string): Promise<string> {
    const { Body } = await this.ports.s3.send(new GetObjectCommand({ Bucket: this.ports.bucket, Key: key }));
    return Body!.transformToString();
  }

  /**
   * Puts each version of each object that begins so under a legal hold, or takes it away. How many those were.
   *
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
   */
  async hold(prefix: string, isHeld: boolean): Promise<number> {
    const { s3, bucket } = this.ports;
    let count = 0;
    let next: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
    while (next) {
      const page: ListObjectVersionsCommandOutput = await s3.send(
        new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, ...next }),
      );
      for (const { Key, VersionId } of page.Versions ?? []) {
        await s3.send(
          new PutObjectLegalHoldCommand({
            Bucket: bucket,
            Key,
            VersionId,
            LegalHold: { Status: isHeld ? 'ON' : 'OFF' },
          }),
        );
        count++;
      }
      next = page.IsTruncated
        ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
        : undefined;
    }
    return count;
  }

  private async open(key: string): Promise<Readable> {
    const { Body } = await this.ports.s3.send(new GetObjectCommand({ Bucket: this.ports.bucket, Key: key }));
    return Body as Readable;
  }
}

/** Counts and hashes what goes through. */
class Meter extends Transform {
  private readonly hash = createHash('sha256');
  private bytes = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: (error: null, chunk: Buffer) => void): void {
    this.hash.update(chunk);
    this.bytes += chunk.length;
    done(null, chunk);
  }

  result(): Omit<StoredObject, 'key'> {
    return { bytes: this.bytes, sha256: this.hash.digest('hex') };
  }
}
