import { RemovalPolicy } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/**
 * Properties of `FleetKey`.
 */
export interface FleetKeyProps {
  /**
   * What becomes of the key when it leaves the stack. Without it, everything that it encrypts is lost.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * The one key of a fleet, rotated every year: a key per stream would cost more than the streams, and streams are made at
 * registration, where no key can be made with care.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/how-kms.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const encryptionKey = new FleetKey(stack, 'Key');
 * new FrameStore(stack, 'Frames', { encryptionKey });
 * new AlertTopic(stack, 'Alerts', { encryptionKey });
 */
export class FleetKey extends kms.Key {
  constructor(scope: Construct, id: string, props: FleetKeyProps = {}) {
    super(scope, id, {
      description: 'Media, frames, alerts and registration of a video fleet',
      enableKeyRotation: true,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    });
  }
}
