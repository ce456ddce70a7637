import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { isNamed } from '../common/errors';
import { UnusableMessage } from '../common/queue-worker';

/** Where an object is. */
export interface S3Location {
  readonly bucket: string;
  readonly key: string;
}

/**
 * The bytes of a frame.
 * @throws UnusableMessage when there are more of them than `maxBytes`, or none
 */
export async function read(s3: S3Client, { bucket, key }: S3Location, maxBytes: number): Promise<Buffer> {
  try {
    const { Body } = await s3.send(
      // One more than is allowed tells that there are more, however many there are.
      new GetObjectCommand({ Bucket: bucket, Key: key, Range: `bytes=0-${maxBytes}` }),
    );
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    if (bytes.length > maxBytes)
      throw new UnusableMessage(`s3://${bucket}/${key} has more than the ${maxBytes} bytes that the analyser takes.`);
    return bytes;
  } catch (error) {
    if (isNamed(error, 'InvalidRange')) throw new UnusableMessage(`s3://${bucket}/${key} is empty.`);
    throw error;
  }
}

/** Whether there is no such object any more. */
export async function isGone(s3: S3Client, { bucket, key }: S3Location): Promise<boolean> {
  try {
    await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return false;
  } catch (error) {
    return isNamed(error, 'NotFound', 'NoSuchKey');
  }
}

/** By what the bytes begin with: names and content types say what somebody meant. */
export function contentType(bytes: Buffer): 'image/jpeg' | 'image/png' | undefined {
  if (bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return 'image/jpeg';
  if (bytes.subarray(0, 8).equals(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))) return 'image/png';
  return undefined;
}
