import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { AlertTopic } from '../alert/alert-topic';
import type { FrameStore } from '../detection/frame-store';
import type { DeviceIdentity } from '../device/device-identity';
import { ABOVE_ZERO } from '../private/alarms';
import { CANARY } from '../private/canary-name';
import { HandlerFunction, handlerMetric } from '../private/handler-function';
import { iotArn } from '../private/topic-rule';
import { queueSubscription } from '../private/queue-subscription';
import { checkDuration, checkPattern, fail, lit } from '../private/validation';
import { ImageGeneration } from '../stream/image-generation';
import { VideoStream } from '../stream/video-stream';
import type { IVideoStream } from '../stream/video-stream-base';

/**
 * How a canary causes an alert, and which.
 */
export interface CanaryAlerts {
  /**
   * The topic that the alert must arrive at. It should have the device of the canary among its `trialDevices`, so that
   * nobody else is told.
   */
  readonly topic: AlertTopic;

  /**
   * What the devices of the fleet are: the canary publishes a detection as one of them does.
   */
  readonly identity: DeviceIdentity;

  /**
   * The label that it says it has seen: one of a class of `OnDeviceDetections` that alerts at the first sighting, and is
   * free to again after less than the interval of the canary.
   */
  readonly label: string;
}

/**
 * Properties of `Canary`.
 */
export interface CanaryProps {
  /**
   * The name of the stream, and of the device that alerts and images are of: 1 to 128 of `a-z A-Z 0-9 _ -`. No device of
   * the fleet may have it. The stream doesn't carry the tag of the fleet, so that the reconciler leaves it alone.
   * @default 'canary'
   */
  readonly deviceName?: string;

  /**
   * How often it flies: whole minutes, from 5 minutes to 1 hour.
   * @default Duration.minutes(15)
   */
  readonly interval?: Duration;

  /**
   * Where images of its stream must appear.
   * @default - images aren't tried
   */
  readonly frames?: FrameStore;

  /**
   * Which alert must arrive.
   * @default - alerts aren't tried
   */
  readonly alerts?: CanaryAlerts;

  /**
   * The key of the stream and the queue: that of the fleet, so that its permissions are tried as well.
   * @default - the stream has a new one, and the queue one that SQS manages
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * What happens when it fails.
   * @default - nothing but the state of the alarm
   */
  readonly alarmActions?: cloudwatch.IAlarmAction[];
}

/**
 * A camera that isn't there: sends a test pattern of six seconds to a stream of its own every some minutes, and looks whether
 * all comes of it that should: the media is kept and can be played by HLS, an image of it appears, and a detection is an
 * alert that arrives.
 *
 * It speaks with the permissions of a function: that devices can register, and get credentials for their certificates,
 * is not tried.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_dataplane_PutMedia.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const canary = new Canary(stack, 'Canary', { interval: Duration.minutes(5) });
 * canary.alarm.addAlarmAction(new AlarmTopic(stack, 'Alarms').action);
 */
export class Canary extends Construct {
  /** The stream that it sends to. */
  public readonly stream: IVideoStream;

  /** The function that is the camera. */
  public readonly handler: lambda.IFunction;

  /** Goes off when it failed twice in a row, or did not fly at all. */
  public readonly alarm: cloudwatch.Alarm;

  /**
   * @throws ValidationError with one of the codes `CanaryDevice` and `CanaryInterval`
   */
  constructor(scope: Construct, id: string, props: CanaryProps = {}) {
    super(scope, id);
    const { deviceName = CANARY, interval = Duration.minutes(15), encryptionKey, frames, alerts } = props;
    const pattern = /^[a-zA-Z0-9_-]{1,128}$/;
    checkPattern(this, lit`CanaryDevice`, 'deviceName', deviceName, pattern, '1 to 128 of a-z A-Z 0-9 _ -');
    const seconds = checkDuration(this, lit`CanaryInterval`, 'interval', interval, {
      min: 300,
      max: 3600,
      unit: 'seconds',
    });
    if (seconds % 60 !== 0) fail(this, lit`CanaryInterval`, '`interval` has seconds; it must be whole minutes.');

    this.stream = new VideoStream(this, 'Stream', {
      streamName: deviceName,
      retention: Duration.hours(1),
      encryptionKey,
      // It holds a test pattern; and its name would be taken, were it made again.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(this.stream).acknowledge({
      id: 'KinesisVideoChecks::MediaRemoval',
      reason: 'It holds a test pattern.',
    });
    const handler = new HandlerFunction(this, 'Handler', {
      handler: 'canary',
      description: `Flies as ${deviceName}, and looks what comes of it`,
      timeout: Duration.minutes(4),
      environment: { DEVICE: deviceName },
    });
    // A flight that took too long isn't made up for: it would meet the next, and hide that there was none.
    handler.configureAsyncInvoke({ retryAttempts: 0 });
    this.handler = handler;
    this.stream.grants.putMedia(handler);
    this.stream.grants.hlsPlayback(handler);
    if (frames) this.tryImages(handler, deviceName, frames);
    if (alerts) this.tryAlerts(handler, deviceName, alerts, encryptionKey);

    new scheduler.Schedule(this, 'Schedule', {
      description: `Lets ${deviceName} fly`,
      schedule: scheduler.ScheduleExpression.rate(interval),
      // One that comes late would meet the next.
      target: new LambdaInvoke(handler, { retryAttempts: 0, maxEventAge: Duration.minutes(1) }),
    });
    this.alarm = this.failed(interval);
    if (props.alarmActions) this.alarm.addAlarmAction(...props.alarmActions);
  }

  /**
   * A metric in the namespace `KinesisVideoFleet`. `CanaryFailed` is 1 or 0 for each flight; so are `MediaFailed`,
   * `PlaybackFailed`, `ImageFailed` and `AlertFailed`, as their maximum. `MediaLatency`, `PlaybackLatency`,
   * `ImageLatency` and `AlertLatency` are the milliseconds that each took, as their average.
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    const statistic = metricName.endsWith('Latency') ? cloudwatch.Stats.AVERAGE : cloudwatch.Stats.MAXIMUM;
    return handlerMetric(this, 'canary', metricName, { statistic, ...props });
  }

  private tryImages(handler: lambda.Function, deviceName: string, { bucket, prefix }: FrameStore): void {
    const images = new ImageGeneration(this, 'Images', {
      stream: this.stream,
      bucket,
      prefix: `${prefix}/${deviceName}`,
    });
    images.grantProducer(handler);
    handler.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [bucket.bucketArn],
        conditions: { StringEquals: { 's3:prefix': `${prefix}/${deviceName}/` } },
      }),
    );
    const where = { bucket: bucket.bucketName, prefix: `${prefix}/${deviceName}/` };
    handler.addEnvironment('IMAGES', Stack.of(this).toJsonString(where));
  }

  private tryAlerts(
    handler: lambda.Function,
    deviceName: string,
    { topic, identity, label }: CanaryAlerts,
    encryptionKey?: kms.IKey,
  ): void {
    const queue = new sqs.Queue(this, 'Queue', {
      encryptionMasterKey: encryptionKey,
      enforceSSL: true,
      retentionPeriod: Duration.hours(1),
      visibilityTimeout: Duration.seconds(30),
    });
    topic.subscribe(queueSubscription(queue), { devices: [deviceName] });
    queue.grants.consumeMessages(handler);
    const detections = identity.topic(deviceName, 'detections');
    handler.addToRolePolicy(
      new iam.PolicyStatement({ actions: ['iot:Publish'], resources: [iotArn(this, 'topic', detections)] }),
    );
    const settings = { topic: detections, label, queueUrl: queue.queueUrl };
    handler.addEnvironment('ALERTS', Stack.of(this).toJsonString(settings));
  }

  /** One failure may be the network; a camera that does not fly says nothing, which is no good sign. */
  private failed(interval: Duration): cloudwatch.Alarm {
    return this.metric('CanaryFailed', { period: interval }).createAlarm(this, 'Alarm', {
      alarmDescription: 'Canary: what a camera sends is not kept, shown, seen or told of, or the canary does not fly',
      ...ABOVE_ZERO,
      evaluationPeriods: 2,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    });
  }
}
