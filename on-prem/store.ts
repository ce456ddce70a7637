import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  CreateBucketCommand,
  HeadBucketCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { isNamed } from '../lambda/common/errors';
import { logger } from '../lambda/common/observability';

/** Of recordings and frames, each in the folder of its device. */
const FOLDERS = { recordings: 'recordings', frames: 'frames' };

/** A store that speaks the protocol of S3. */
export class MediaStore {
  readonly s3: S3Client;

  constructor(
    url: string,
    private readonly bucket: string,
  ) {
    this.s3 = new S3Client({
      endpoint: url,
      // Any will do, but the signature needs one.
      region: process.env.AWS_REGION ?? 'us-east-1',
      forcePathStyle: true,
      // Not all stores know the checksums that came after 2024.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  /** Makes the bucket if there is none, and has it forget what is older. */
  async prepare(retentionDays: number): Promise<void> {
    const { s3, bucket } = this;
    try {
      await s3.send(new HeadBucketCommand({ Bucket: bucket }));
    } catch (error) {
      if (!isNamed(error, 'NotFound', 'NoSuchBucket')) throw error;
      await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    }
    const rule = { ID: 'retention', Status: 'Enabled' as const, Filter: { Prefix: '' } };
    const lifecycle = { Rules: [{ ...rule, Expiration: { Days: retentionDays } }] };
    try {
      await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket: bucket, LifecycleConfiguration: lifecycle }));
    } catch (error) {
      if (!isNamed(error, 'NotImplemented')) throw error;
      logger.warn('The store forgets nothing by itself: delete what is too old', { bucket, retentionDays });
    }
  }

  /**
   * Stores a frame, named as Kinesis Video Streams names its images.
   * @returns what S3 would notify of
   */
  async putFrame(device: string, jpeg: Buffer, capturedAt: Date): Promise<object> {
    const random = randomBytes(4).toString('hex');
    const key = `${FOLDERS.frames}/${device}/site_${device}_${capturedAt.getTime()}_${random}.jpg`;
    await this.put(key, jpeg, 'image/jpeg');
    const s3 = { bucket: { name: this.bucket }, object: { key } };
    return { Records: [{ eventTime: new Date().toISOString(), s3 }] };
  }

  /** Stores a recording, and deletes the file. */
  async putFragment(device: string, file: string): Promise<void> {
    const { size } = await stat(file);
    await this.put(
      `${FOLDERS.recordings}/${device}/${basename(file)}`,
      createReadStream(file),
      'video/x-matroska',
      size,
    );
    await rm(file);
  }

  private async put(key: string, body: Buffer | NodeJS.ReadableStream, type: string, size?: number): Promise<void> {
    await this.s3.send(
      new PutObjectCommand({
        Bucket: this.bucket,
        Key: key,
        Body: body as Buffer,
        ContentType: type,
        ContentLength: size,
      }),
    );
  }
}
