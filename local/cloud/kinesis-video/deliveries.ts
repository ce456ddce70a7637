import { randomUUID } from 'node:crypto';
import type { ImageGenerationConfiguration } from '@aws-sdk/client-kinesis-video';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { UnderWay } from '../http';
import type { IssuedCredentials } from '../principals';
import { framesOf, type Decoder } from './frames';
import type { Medium } from './medium';
import { startOf, type Fragment } from './recordings';

const TAGS = {
  image: 'AWS_KINESISVIDEO_IMAGE_GENERATION',
  prefix: 'AWS_KINESISVIDEO_IMAGE_PREFIX',
  notification: 'AWS_KINESISVIDEO_NOTIFICATION',
};

export interface DeliveryPorts {
  readonly decoder: Decoder;
  readonly endpoint: () => string;
  readonly region: string;
}

/** A fragment, and by whose leave what is made of it is delivered. */
interface Received {
  readonly stream: Medium;
  readonly fragment: Fragment;
  /** Of whoever called PutMedia. */
  readonly credentials: IssuedCredentials;
}

/**
 * What streams make of fragments with tags: images in a bucket, and messages to a topic. It all happens with the credentials
 * of the producer, and nobody is told when they don't suffice.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/images.html
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/notifications.html
 */
export class Deliveries {
  /** For those who look why nothing comes. */
  readonly counts = { images: 0, notifications: 0, failed: 0 };
  lastFailure?: Error;
  private readonly underWay = new UnderWay();
  /** When the last image of a stream was taken. */
  private readonly last = new Map<string, number>();

  constructor(private readonly ports: DeliveryPorts) {}

  receive(received: Received): void {
    const { stream, fragment } = received;
    const { images, notifications, retention = 0 } = stream.settings;
    const has = (tag: string) => fragment.tags.some(({ name }) => name === tag);
    if (retention === 0) return;
    if (images?.Status === 'ENABLED' && has(TAGS.image)) this.start(this.makeImages(received, images));
    if (notifications?.Status === 'ENABLED' && has(TAGS.notification)) this.start(this.notify(received));
  }

  /** Until nothing is under way. */
  async end(): Promise<void> {
    await this.underWay.end();
  }

  private start(work: Promise<void>): void {
    const counted = work.catch((error: Error) => {
      this.counts.failed++;
      this.lastFailure = error;
    });
    this.underWay.add(counted);
  }

  private async makeImages({ stream, fragment, credentials }: Received, wanted: ImageGenerationConfiguration) {
    const { ImageSelectorType, SamplingInterval = 3000, Format, FormatConfig, DestinationConfig } = wanted;
    const clock = ImageSelectorType === 'SERVER_TIMESTAMP' ? 'SERVER_TIMESTAMP' : 'PRODUCER_TIMESTAMP';
    const start = startOf(fragment, clock);
    const times = framesOf(fragment).map((at) => Math.round(start + at));
    const due = this.due(stream.arn, times, SamplingInterval);
    if (due.length === 0) return;
    const pictures = await this.ports.decoder.pictures(fragment, due, {
      format: Format === 'PNG' ? 'PNG' : 'JPEG',
      quality: FormatConfig?.JPEGQuality === undefined ? undefined : Number(FormatConfig.JPEGQuality),
      width: wanted.WidthPixels,
      height: wanted.HeightPixels,
    });
    if (pictures.length < due.length) throw new Error(`Of ${due.length} images, ${pictures.length} were decoded.`);
    const [, bucket, folder] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(DestinationConfig!.Uri!)!;
    const account = stream.arn.split(':')[4];
    const prefix = fragment.tags.find(({ name }) => name === TAGS.prefix)?.value ?? '';
    const s3 = new S3Client({ ...this.client(credentials), forcePathStyle: true });
    for (const [index, picture] of pictures.entries()) {
      const [extension, type] = Format === 'PNG' ? ['png', 'image/png'] : ['jpg', 'image/jpeg'];
      const name = `${prefix}_${account}_${stream.name}_${times[due[index]]}_${randomUUID()}.${extension}`;
      await s3.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: folder ? `${folder}/${name}` : name,
          Body: picture,
          ContentType: type,
          Metadata: {
            aws_kinesisvideo_fragment_number: fragment.number,
            aws_kinesisvideo_producer_timestamp: String(Math.round(fragment.producedAt + times[due[index]] - start)),
            aws_kinesisvideo_server_timestamp: String(Math.round(fragment.receivedAt + times[due[index]] - start)),
            ...Object.fromEntries(custom(fragment)),
          },
        }),
      );
      this.counts.images++;
    }
    s3.destroy();
  }

  /** Which frames are to be images. A clock that went back begins anew. */
  private due(streamArn: string, times: readonly number[], interval: number): number[] {
    return [...times.keys()].filter((index) => {
      const last = this.last.get(streamArn) ?? -Infinity;
      const isDue = times[index] >= last + interval || times[index] < last;
      if (isDue) this.last.set(streamArn, times[index]);
      return isDue;
    });
  }

  private async notify({ stream, fragment, credentials }: Received): Promise<void> {
    const sns = new SNSClient(this.client(credentials));
    await sns.send(
      new PublishCommand({
        TopicArn: stream.settings.notifications!.DestinationConfig!.Uri,
        Subject: 'Kinesis Video Streams Notification',
        Message: JSON.stringify({
          StreamArn: stream.arn,
          FragmentNumber: fragment.number,
          FragmentStartProducerTimestamp: fragment.producedAt,
          FragmentStartServerTimestamp: fragment.receivedAt,
          NotificationType: 'PERSISTED',
          NotificationPayload: Object.fromEntries(custom(fragment)),
        }),
      }),
    );
    sns.destroy();
    this.counts.notifications++;
  }

  private client(credentials: IssuedCredentials) {
    return { region: this.ports.region, endpoint: this.ports.endpoint(), credentials, maxAttempts: 2 };
  }
}

/** What a producer says of a fragment beside what is to be made of it. */
function custom({ tags }: Fragment): [string, string][] {
  return tags.filter(({ name }) => !name.startsWith('AWS_KINESISVIDEO_')).map(({ name, value }) => [name, value]);
}
