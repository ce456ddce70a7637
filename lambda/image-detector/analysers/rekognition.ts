import type { RekognitionClient } from '@aws-sdk/client-rekognition';
import { isNamed } from '../../common/errors';
import { UnusableMessage } from '../../common/queue-worker';
import type { Frame } from '../frame';

export interface RekognitionPorts {
  readonly rekognition: RekognitionClient;
  /** Of the least demanding class, in percent. */
  readonly minimumConfidence: number;
}

/** Rekognition reads the frame itself. */
export function imageOf({ bucket, key }: Frame): { S3Object: { Bucket: string; Name: string } } {
  return { S3Object: { Bucket: bucket, Name: key } };
}

/**
 * What Rekognition answers.
 * @throws UnusableMessage when it can't read the frame as an image
 */
export async function ask<T>({ bucket, key }: Frame, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (isNamed(error, 'InvalidImageFormatException', 'ImageTooLargeException')) {
      throw new UnusableMessage(`Rekognition can't read s3://${bucket}/${key}: ${error.message}`);
    }
    throw error;
  }
}
