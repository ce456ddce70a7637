import { randomUUID } from 'node:crypto';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { S3EventRecord } from 'aws-lambda';
import { UnderWay } from './http';
import type { Principals } from './principals';

/** As CloudFormation has it. */
export interface NotificationConfiguration {
  readonly QueueConfigurations?: readonly QueueConfiguration[];
}

interface QueueConfiguration {
  readonly Event: string;
  readonly Queue: string;
  readonly Filter?: {
    readonly S3Key: { readonly Rules: readonly { readonly Name: string; readonly Value: string }[] };
  };
}

export interface NotificationsProps {
  readonly account: string;
  readonly region: string;
  readonly principals: Principals;
  readonly url: () => string;
}

/**
 * Tells queues of objects.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
 */
export function s3Notifications({ account, region, principals, url }: NotificationsProps) {
  const buckets = new Map<string, readonly QueueConfiguration[]>();
  const underWay = new UnderWay();
  let client: SQSClient | undefined;
  let sequence = 0;

  const tell = async (queueArn: string, content: object): Promise<void> => {
    const credentials = async () => principals.ofService('s3.amazonaws.com');
    client ??= new SQSClient({ region, endpoint: url(), credentials, maxAttempts: 10 });
    const QueueUrl = `${url()}/${account}/${queueArn.split(':').at(-1)}`;
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(content) }));
  };

  return {
    /** @throws Error if a queue doesn't let it, or if something else than queues is to be told */
    configure: async (bucket: string, { QueueConfigurations = [], ...others }: NotificationConfiguration) => {
      const [unknown] = Object.keys(others);
      if (unknown) throw new Error(`${unknown} of ${bucket} are not stood in for: only queues are told of objects.`);
      for (const { Queue } of QueueConfigurations) {
        const about = { Service: 'Amazon S3', Event: 's3:TestEvent', Time: new Date().toISOString(), Bucket: bucket };
        await tell(Queue, { ...about, RequestId: requestId(), HostId: randomUUID() });
      }
      buckets.set(bucket, QueueConfigurations);
    },
    /** What has become of an object, as the store says it. */
    notify: ({ eventTime, eventName, s3: { bucket, object } }: S3EventRecord): void => {
      // It takes uploads in parts for forms.
      const name = eventName.replace(/:Post$/, ':CompleteMultipartUpload');
      for (const configuration of buckets.get(bucket.name) ?? []) {
        if (!applies(configuration, name, object.key)) continue;
        const record = {
          eventVersion: '2.1',
          eventSource: 'aws:s3',
          awsRegion: region,
          eventTime,
          eventName: name,
          userIdentity: { principalId: `AWS:${account}` },
          requestParameters: { sourceIPAddress: '127.0.0.1' },
          responseElements: { 'x-amz-request-id': requestId(), 'x-amz-id-2': randomUUID() },
          s3: {
            s3SchemaVersion: '1.0',
            configurationId: `${bucket.name}-${configuration.Event}`,
            bucket: { name: bucket.name, ownerIdentity: { principalId: account }, arn: `arn:aws:s3:::${bucket.name}` },
            object: {
              key: encoded(object.key),
              ...(object.size !== undefined && { size: object.size, eTag: object.eTag }),
              sequencer: (Date.now() * 1000 + (sequence++ % 1000)).toString(16).toUpperCase().padStart(18, '0'),
            },
          },
        };
        underWay.add(tell(configuration.Queue, { Records: [record] }));
      }
    },
    stop: async () => {
      await underWay.end();
      client?.destroy();
    },
  };
}

function applies({ Event, Filter }: QueueConfiguration, eventName: string, key: string): boolean {
  const isMeant =
    Event === `s3:${eventName}` || (Event.endsWith('*') && `s3:${eventName}`.startsWith(Event.slice(0, -1)));
  const rules = Filter?.S3Key.Rules ?? [];
  const isHere = rules.every(({ Name, Value }) =>
    Name.toLowerCase() === 'prefix' ? key.startsWith(Value) : key.endsWith(Value),
  );
  return isMeant && isHere;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
function encoded(key: string): string {
  return encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');
}

function requestId(): string {
  return randomUUID().replaceAll('-', '').slice(0, 16).toUpperCase();
}
