import type { BoundingBox as RekognitionBox, RekognitionClient } from '@aws-sdk/client-rekognition';
import type { BoundingBox } from '../../common/detection-event';
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

/** Rekognition's boxes may reach over the edge of the frame. */
export function withinFrame({ Left = 0, Top = 0, Width = 1, Height = 1 }: RekognitionBox): BoundingBox {
  const clamp = (share: number) => Math.min(1, Math.max(0, share));
  const [left, top] = [clamp(Left), clamp(Top)];
  return { left, top, width: clamp(Left + Width) - left, height: clamp(Top + Height) - top };
}
