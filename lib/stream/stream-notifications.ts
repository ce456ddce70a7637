import { Mixin } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { CfnStream } from 'aws-cdk-lib/aws-kinesisvideo';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { aws_kinesisvideo as refs } from 'aws-cdk-lib/interfaces';
import { Construct, type IConstruct } from 'constructs';
import { ApiSetting, checkKeepsMedia, checkSameRegion } from '../private/api-setting';
import { fail, lit } from '../private/validation';

/**
 * Properties of `StreamNotifications`.
 */
export interface StreamNotificationsProps {
  /**
   * The stream.
   */
  readonly stream: refs.IStreamRef;

  /**
   * The topic, in the region of the stream. FIFO topics aren't supported.
   */
  readonly topic: sns.ITopic;
}

/**
 * Sends a message to a topic when a fragment that the producer tagged `AWS_KINESISVIDEO_NOTIFICATION` is stored.
 *
 * The message is sent in the name of whoever calls PutMedia, so the producer needs the permission to publish: see
 * `grantProducer`. CloudFormation doesn't have this setting, so a custom resource makes it.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/notifications.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
 * import { Topic } from 'aws-cdk-lib/aws-sns';
 *
 * const notifications = new StreamNotifications(stack, 'Notifications', {
 *   stream: new VideoStream(stack, 'Stream'),
 *   topic: new Topic(stack, 'Fragments', { enforceSSL: true }),
 * });
 * // They are sent in the name of whoever sends the video.
 * notifications.grantProducer(new Role(stack, 'Camera', { assumedBy: new AccountRootPrincipal() }));
 */
export class StreamNotifications extends Construct {
  private readonly topic: sns.ITopic;

  /**
   * @throws ValidationError with one of the codes `NotificationTopic`, `StreamKeepsNoMedia` and `OtherRegion`
   */
  constructor(scope: Construct, id: string, props: StreamNotificationsProps) {
    super(scope, id);
    checkSameRegion(this, 'stream', props.stream.env.region);
    checkSameRegion(this, 'topic', props.topic.env.region);
    checkKeepsMedia(this, props.stream);
    if (props.topic.fifo) {
      fail(this, lit`NotificationTopic`, 'Notifications of fragments need a standard topic; the one given is FIFO.');
    }
    this.topic = props.topic;

    new ApiSetting(this, 'Setting', {
      handler: 'video-settings',
      resourceType: 'Custom::KinesisVideoNotifications',
      properties: {
        StreamName: props.stream.streamRef.streamName,
        NotificationConfiguration: {
          Status: 'ENABLED',
          DestinationConfig: { Uri: this.topic.topicArn },
        },
      },
      permissions: [
        {
          actions: ['kinesisvideo:DescribeStream', 'kinesisvideo:UpdateNotificationConfiguration'],
          resources: [CfnStream.arnForStream(props.stream)],
        },
      ],
    });
  }

  /** Lets the producer of the stream publish to the topic, its key included: messages are sent in its name. */
  public grantProducer(grantee: iam.IGrantable): iam.Grant {
    return sns.TopicGrants.fromTopic(this.topic).publish(grantee);
  }
}

/**
 * The same setting as a mixin, for a raw `CfnStream` too: `stream.with(new VideoStreamNotifications(topic))`.
 *
 * @exampleMetadata fixture=stack
 * @example
 * import { CfnStream } from 'aws-cdk-lib/aws-kinesisvideo';
 * import { Topic } from 'aws-cdk-lib/aws-sns';
 *
 * const stream = new CfnStream(stack, 'Stream', { dataRetentionInHours: 24 });
 * Mixins.of(stream).apply(new VideoStreamNotifications(new Topic(stack, 'Fragments', { enforceSSL: true })));
 */
export class VideoStreamNotifications extends Mixin {
  constructor(private readonly topic: sns.ITopic) {
    super();
  }

  /** Streams are supported. */
  public override supports(construct: IConstruct): boolean {
    return CfnStream.isCfnStream(construct);
  }

  /** Makes the setting, as a child of the stream. */
  public applyTo(construct: IConstruct): void {
    const stream = construct as CfnStream;
    new StreamNotifications(stream, 'Notifications', { stream, topic: this.topic });
  }
}
