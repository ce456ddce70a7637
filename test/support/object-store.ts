import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';

export interface KeptObject {
  readonly content: Buffer;
  readonly contentType?: string;
  readonly parts: number;
  legalHold: boolean;
}

interface Upload {
  readonly input: { Key?: string; ContentType?: string; ObjectLockLegalHoldStatus?: string };
  readonly parts: Map<number, Buffer>;
}

/** S3 in memory: conditional and multipart writes, legal holds, listings of a few keys at a time. */
export class ObjectStore {
  readonly client = new S3Client({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
  });
  readonly mock = mockClient(this.client);
  readonly objects = new Map<string, KeptObject>();
  readonly uploads = new Map<string, Upload>();
  /** Bytes of parts that are on their way at the same time. */
  inFlight = 0;
  mostInFlight = 0;
  /** Is asked before each call, by the name of the operation, and may fail it. */
  before: (operation: string) => void | Promise<void> = () => undefined;
  /** As `before`, when the call has had its effect. */
  after: (operation: string) => void | Promise<void> = () => undefined;
  private made = 0;

  constructor(private readonly pageSize = 3) {
    this.on(PutObjectCommand, 'PutObject', async (input) => {
      if (input.ChecksumAlgorithm !== 'SHA256') throw named('InvalidRequest');
      this.write(input, Buffer.from(input.Body as Uint8Array), 1, input.IfNoneMatch);
      return {};
    });
    this.on(CreateMultipartUploadCommand, 'CreateMultipartUpload', (input) => {
      if (input.ChecksumAlgorithm !== 'SHA256') throw named('InvalidRequest');
      const UploadId = `upload-${++this.made}`;
      this.uploads.set(UploadId, { input, parts: new Map() });
      return { UploadId };
    });
    this.on(UploadPartCommand, 'UploadPart', async (input) => {
      const content = Buffer.from(input.Body as Uint8Array);
      this.inFlight += content.length;
      this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      this.inFlight -= content.length;
      this.uploadOf(input.UploadId).parts.set(input.PartNumber as number, content);
      return { ETag: `"${String(input.PartNumber)}"`, ChecksumSHA256: sha256(content) };
    });
    this.on(CompleteMultipartUploadCommand, 'CompleteMultipartUpload', (input) => {
      const { input: first, parts } = this.uploadOf(input.UploadId);
      const inOrder = [...parts].sort(([one], [other]) => one - other).map(([, content]) => content);
      // Each but the last one.
      if (inOrder.slice(0, -1).some(({ length }) => length < 5 * 1024 * 1024)) throw named('EntityTooSmall');
      this.write(first, Buffer.concat(inOrder), inOrder.length, input.IfNoneMatch);
      this.uploads.delete(input.UploadId as string);
      return {};
    });
    this.on(AbortMultipartUploadCommand, 'AbortMultipartUpload', (input) => {
      this.uploads.delete(input.UploadId as string);
      return {};
    });
    this.on(GetObjectCommand, 'GetObject', ({ Key }) => {
      const { content } = this.find(Key as string);
      const Body = Object.assign(Readable.from([content]), { transformToString: async () => content.toString() });
      return { Body };
    });
    this.on(ListObjectsV2Command, 'ListObjectsV2', ({ Prefix, ContinuationToken }) => {
      const keys = [...this.objects.keys()].filter((key) => key.startsWith(Prefix as string)).sort();
      const start = Number(ContinuationToken ?? 0);
      const NextContinuationToken = start + this.pageSize < keys.length ? String(start + this.pageSize) : undefined;
      const Contents = keys.slice(start, start + this.pageSize).map((Key) => ({ Key }));
      return { Contents, NextContinuationToken, IsTruncated: NextContinuationToken !== undefined };
    });
    this.on(ListObjectVersionsCommand, 'ListObjectVersions', ({ Prefix, KeyMarker }) => {
      const keys = [...this.objects.keys()].filter((key) => key.startsWith(Prefix as string)).sort();
      const rest = keys.filter((key) => key > ((KeyMarker as string | undefined) ?? ''));
      const page = rest.slice(0, this.pageSize);
      const more = rest.length > page.length;
      return {
        Versions: page.map((Key) => ({ Key, VersionId: `version-of-${Key}` })),
        IsTruncated: more,
        ...(more && { NextKeyMarker: page.at(-1), NextVersionIdMarker: '1' }),
      };
    });
    this.on(PutObjectLegalHoldCommand, 'PutObjectLegalHold', ({ Key, VersionId, LegalHold }) => {
      if (VersionId !== `version-of-${String(Key)}`) throw named('NoSuchVersion');
      this.find(Key as string).legalHold = (LegalHold as { Status: string }).Status === 'ON';
      return {};
    });
  }

  /** The content of the object as JSON. */
  json<T>(key: string): T {
    return JSON.parse(this.find(key).content.toString()) as T;
  }

  find(key: string): KeptObject {
    const object = this.objects.get(key);
    if (!object) throw named('NoSuchKey');
    return object;
  }

  private on(
    command: unknown,
    operation: string,
    perform: (input: Record<string, unknown>) => object | Promise<object>,
  ): void {
    // The types of the commands have nothing in common but that they are some.
    this.mock.on(command as typeof PutObjectCommand).callsFake(async (input) => {
      await this.before(operation);
      const answer = await perform(input);
      await this.after(operation);
      return answer;
    });
  }

  private uploadOf(id: unknown): Upload {
    const upload = this.uploads.get(id as string);
    if (!upload) throw named('NoSuchUpload');
    return upload;
  }

  private write(input: Upload['input'], content: Buffer, parts: number, ifNoneMatch: unknown): void {
    const key = input.Key!;
    if (ifNoneMatch === '*' && this.objects.has(key)) throw named('PreconditionFailed');
    const legalHold = input.ObjectLockLegalHoldStatus === 'ON';
    this.objects.set(key, { content, contentType: input.ContentType, parts, legalHold });
  }
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('base64');
}

function named(name: string): Error {
  return Object.assign(new Error(`It is ${name}.`), { name });
}
