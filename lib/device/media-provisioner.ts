import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ApiSetting } from '../private/api-setting';
import { FLEET_TAG, mediaArn, ofFleet } from '../private/fleet-tag';
import { handlerMetric } from '../private/handler-function';
import { renderMedia } from '../private/media-settings';
import { TopicRule, iotArn } from '../private/topic-rule';
import { checkFleetName } from '../private/validation';
import { QueueWorker, WorkQueue } from '../private/work-queue';
import { ApiPacer } from './api-pacer';
import type { DeviceIdentity } from './device-identity';
import { MediaRemoval, type FleetMedia } from './fleet-media';

/**
 * Properties of `MediaProvisioner`.
 */
export interface MediaProvisionerProps {
  /**
   * The name of the fleet, which each stream and channel carries as the tag `cdk-kinesis-video:fleet`. The provisioner
   * can't change or delete what doesn't carry it. 1 to 64 of `a-z A-Z 0-9 _ -`.
   */
  readonly fleetName: string;

  /**
   * What the devices are.
   */
  readonly identity: DeviceIdentity;

  /**
   * What each device gets.
   * @default - a stream for a day, and a channel if the identity has signaling
   */
  readonly media?: FleetMedia;

  /**
   * What becomes of the media when the thing is deleted.
   * @default MediaRemoval.KEEP
   */
  readonly removal?: MediaRemoval;

  /**
   * What paces the calls. Fleets of one account and region should share it.
   * @default - a new one, at AWS's quotas
   */
  readonly pacer?: ApiPacer;

  /**
   * The key of the queues and of the pacer.
   * @default - keys that the services manage
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * Gives each new thing of a fleet its streams, its signaling channels and their settings, and takes them away again, if
 * so wished, when the thing is deleted.
 *
 * It follows the events of the IoT registry, for things of the identity's type. An event only says that something may
 * have changed: what is to be done is read from the registry itself, so that events may come twice or out of order.
 *
 * @see https://docs.aws.amazon.com/iot/latest/developerguide/registry-events.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const media = new MediaProvisioner(stack, 'Media', {
 *   fleetName: 'delivery',
 *   identity: new DeviceIdentity(stack, 'Identity'),
 *   media: { retention: Duration.days(7), tags: { team: 'delivery' } },
 * });
 */
export class MediaProvisioner extends Construct {
  /** The function that makes the media. */
  public readonly handler: lambda.IFunction;

  /** Events that wait. */
  public readonly queue: sqs.IQueue;

  /** Events that could not be processed. */
  public readonly deadLetterQueue: sqs.IQueue;

  /** Goes off when an event is in the dead-letter queue. */
  public readonly deadLetterAlarm: cloudwatch.Alarm;

  /** All alarms: dead letters, a device that waits for too long, and calls that AWS throttles. */
  public readonly alarms: cloudwatch.Alarm[];

  /** What paces the calls. */
  public readonly pacer: ApiPacer;

  /** What the devices are. */
  public readonly identity: DeviceIdentity;

  /** The name of the fleet, which each stream and channel carries as the tag `cdk-kinesis-video:fleet`. */
  public readonly fleetName: string;

  private readonly props: MediaProvisionerProps;
  private readonly configuration: object;

  /**
   * @throws ValidationError with one of the codes `FleetName`, `StreamRetention`, `StreamMediaType`, `StreamTags`,
   * `ChannelMessageTtl` and those of `ImageGeneration`
   */
  constructor(scope: Construct, id: string, props: MediaProvisionerProps) {
    super(scope, id);
    const { fleetName } = props;
    checkFleetName(this, fleetName);
    this.fleetName = fleetName;

    const work = new WorkQueue(this, 'Work', {
      content: 'registry events',
      workTimeout: Duration.minutes(2),
      encryptionKey: props.encryptionKey,
    });
    this.queue = work.queue;
    this.deadLetterQueue = work.deadLetterQueue;
    this.deadLetterAlarm = work.deadLetterAlarm;
    this.pacer = props.pacer ?? new ApiPacer(this, 'Pacer', { encryptionKey: props.encryptionKey });
    this.props = props;
    this.identity = props.identity;
    this.configuration = renderMedia(this, props);
    const handler = new QueueWorker(this, 'Handler', {
      work,
      handler: 'media-provisioner',
      description: `Gives the devices of ${fleetName} their streams and channels`,
      // Each takes ten things at once and waits for the slowest stream: what keeps the pace of 50 a second (see bench/).
      maxConcurrency: 40,
    });
    this._connect(handler);
    this.handler = handler;
    this.alarms = this.makeAlarms(work);

    new ApiSetting(this, 'ThingEvents', {
      handler: 'iot-settings',
      resourceType: 'Custom::IotThingEvents',
      properties: {},
      // The call has no resource to name: it is a setting of the account.
      permissions: [{ actions: ['iot:UpdateEventConfigurations'], resources: ['*'] }],
    });
    new TopicRule(this, 'ThingRule', {
      description: `Things of ${fleetName} that are created, changed or deleted`,
      sql: `SELECT * FROM '$aws/events/thing/+/+' WHERE thingTypeName = '${props.identity.thingTypeName}'`,
      target: work,
    });
  }

  /**
   * A metric of the functions that keep media in order, in the namespace `KinesisVideoFleet`: `MediaCreated`,
   * `MediaRepaired`, `MediaRemoved`, `MessageProcessed`, `MessageFailed`, `MessageUnusable`, `ApiThrottled`.
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return handlerMetric(this, 'media-provisioner', metricName, props);
  }

  /**
   * Lets one of this package's functions keep media in order, at the common pace.
   * @internal
   */
  public _connect(fn: lambda.Function): void {
    fn.addEnvironment('MEDIA', Stack.of(fn).toJsonString(this.configuration));
    this.pacer._connect(fn);
    this.allow(fn.role!, this.props);
  }

  private makeAlarms(work: WorkQueue): cloudwatch.Alarm[] {
    const age = work.queue.metricApproximateAgeOfOldestMessage({
      statistic: cloudwatch.Stats.MAXIMUM,
      period: Duration.minutes(1),
    });
    const throttled = this.metric('ApiThrottled', { statistic: cloudwatch.Stats.SUM });
    return [
      work.deadLetterAlarm,
      age.createAlarm(this, 'PendingAlarm', {
        alarmDescription: 'Registration: a device waits for its media for more than half an hour',
        threshold: 1800,
        evaluationPeriods: 5,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      }),
      throttled.createAlarm(this, 'ThrottledAlarm', {
        alarmDescription:
          'Registration: Kinesis Video Streams throttles the fleet, so somebody else uses the quotas too',
        threshold: 300,
        evaluationPeriods: 3,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      }),
    ];
  }

  /** The names of things aren't known, so it is the fleet's tag that limits what the function can touch. */
  private allow(role: iam.IRole, props: MediaProvisionerProps): void {
    const { fleetName, identity } = props;
    const { signaling, encryptionKey } = identity;
    const ofChannels = (...actions: string[]) => (signaling ? actions : []);
    const ofImages = (...actions: string[]) => (identity.images ? actions : []);
    const media = [mediaArn(this, 'stream'), ...(signaling ? [mediaArn(this, 'channel')] : [])];
    const requestTag = { [`aws:RequestTag/${FLEET_TAG}`]: fleetName };
    const add = (actions: string[], resources: string[], conditions?: Record<string, Record<string, string>>) =>
      role.addToPrincipalPolicy(new iam.PolicyStatement({ actions, resources, conditions }));

    add(['iot:DescribeThing'], [iotArn(this, 'thing', '*')]);
    add(
      [
        ...ofImages('kinesisvideo:DescribeImageGenerationConfiguration'),
        'kinesisvideo:DescribeStream',
        'kinesisvideo:DescribeStreamStorageConfiguration',
        'kinesisvideo:ListTagsForStream',
        ...ofChannels('kinesisvideo:DescribeSignalingChannel', 'kinesisvideo:ListTagsForResource'),
      ],
      media,
    );
    add(['kinesisvideo:CreateStream', ...ofChannels('kinesisvideo:CreateSignalingChannel')], media, {
      StringEquals: requestTag,
    });
    // Tags that are part of a creation; what carries another fleet's tag stays that fleet's.
    add(['kinesisvideo:TagStream', ...ofChannels('kinesisvideo:TagResource')], media, {
      StringEquals: requestTag,
      StringEqualsIfExists: ofFleet(fleetName).StringEquals,
    });
    add(
      [
        'kinesisvideo:UpdateDataRetention',
        ...ofImages('kinesisvideo:UpdateImageGenerationConfiguration'),
        'kinesisvideo:UpdateStream',
        'kinesisvideo:UpdateStreamStorageConfiguration',
        ...ofChannels('kinesisvideo:UpdateSignalingChannel'),
      ],
      media,
      ofFleet(fleetName),
    );
    if (props.removal === MediaRemoval.DELETE) {
      const actions = ['kinesisvideo:DeleteStream', ...ofChannels('kinesisvideo:DeleteSignalingChannel')];
      add(actions, media, ofFleet(fleetName));
    }
    if (encryptionKey) add(['kms:DescribeKey', 'kms:GenerateDataKey'], [encryptionKey.keyRef.keyArn]);
  }
}
