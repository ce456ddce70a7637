import { createHash } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { isNamed } from '../common/errors';
import { forEach } from './source';

/** What is written of a request, in a folder of its own. */
export class Proof {
  constructor(
    private readonly s3: S3Client,
    private readonly bucket: string,
    private readonly requestId: string,
  ) {}

  uri(file: string): string {
    return `s3://${this.bucket}/${this.requestId}/${file}`;
  }

  async write(file: string, content: unknown): Promise<void> {
    await this.put(file, JSON.stringify(content));
  }

  async read(file: string): Promise<unknown> {
    return JSON.parse(await this.text(file));
  }

  /**
   * Writes a file once and for all.
   * @returns what is there: this, or what was written before
   */
  async writeOnce(file: string, content: unknown): Promise<string> {
    const text = `${JSON.stringify(content, null, 2)}\n`;
    try {
      // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
      await this.put(file, text, '*');
      return text;
    } catch (error) {
      if (isNamed(error, 'PreconditionFailed')) return this.text(file);
      throw error;
    }
  }

  /** Writes the checksums of files, as `sha256sum --check` reads them. */
  async noteSums(list: string, files: readonly string[]): Promise<void> {
    const sums = await forEach(files, 20, async (file) => `${sha256(await this.text(file))}  ${file}\n`);
    await this.put(list, sums.join(''));
  }

  /**
   * Puts lists of checksums together.
   * @returns the SHA-256 of the whole list
   */
  async seal(list: string, parts: readonly string[]): Promise<string> {
    const sums = await forEach(parts, 20, (part) => this.text(part));
    const text = sums.join('');
    await this.put(list, text);
    return sha256(text);
  }

  private async put(file: string, Body: string, IfNoneMatch?: string): Promise<void> {
    await this.s3.send(
      new PutObjectCommand({
        Bucket: this.bucket,
        Key: `${this.requestId}/${file}`,
        ContentType: file.endsWith('.json') ? 'application/json' : 'text/plain',
        Body,
        IfNoneMatch,
      }),
    );
  }

  private async text(file: string): Promise<string> {
    const { Body } = await this.s3.send(
      new GetObjectCommand({ Bucket: this.bucket, Key: `${this.requestId}/${file}` }),
    );
    return Body!.transformToString();
  }
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
