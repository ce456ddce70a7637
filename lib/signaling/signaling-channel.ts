import { ArnFormat, Duration, Fn, Lazy, RemovalPolicy, Resource, Stack, Tags, type IResource } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { CfnSignalingChannel } from 'aws-cdk-lib/aws-kinesisvideo';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { aws_kinesisvideo as refs } from 'aws-cdk-lib/interfaces';
import type { Construct } from 'constructs';
import { ApiSetting } from '../private/api-setting';
import { checkDuration, checkPattern, fail, lit } from '../private/validation';
import { SignalingChannelGrants } from './signaling-channel-grants';

/**
 * A signaling channel, over which a camera (the master) and its viewers agree on a WebRTC session.
 */
export interface ISignalingChannel extends IResource, refs.ISignalingChannelRef {
  /**
   * The ARN, which ends in the time of the channel's creation.
   * @attribute
   */
  readonly channelArn: string;

  /**
   * The name.
   * @attribute
   */
  readonly channelName: string;

  /** Permissions on the channel. */
  readonly grants: SignalingChannelGrants;

  /**
   * A metric of this channel.
   * @param metricName as in https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/cloudwatch-metrics.html
   * @param props statistic, period and the like; the average over 5 minutes unless told
   */
  metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Requests of an operation that failed. Sum over 5 minutes: a request is 1 or 0, so that the average is the share. */
  metricFailure(operation: SignalingOperation, props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Milliseconds of a request of an operation. 99th percentile over 5 minutes. */
  metricLatency(operation: SignalingOperation, props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Messages between master and viewers. Sum over 5 minutes. */
  metricMessagesTransferred(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Minutes in which media was relayed by TURN. Sum over 5 minutes. */
  metricTurnConnectedMinutes(props?: cloudwatch.MetricOptions): cloudwatch.Metric;
}

/**
 * What is asked of a channel, as CloudWatch names it.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/kvswebrtc-monitoring-cw.html
 */
export enum SignalingOperation {
  /** A camera connects. */
  CONNECT_AS_MASTER = 'ConnectAsMaster',

  /** Somebody who watches connects. */
  CONNECT_AS_VIEWER = 'ConnectAsViewer',

  /** Either asks for relays. */
  GET_ICE_SERVER_CONFIG = 'GetIceServerConfig',
}

/** What all channels have, those of this app and imported ones. */
abstract class SignalingChannelBase extends Resource implements ISignalingChannel {
  public abstract readonly channelArn: string;
  public abstract readonly channelName: string;

  public get signalingChannelRef(): refs.SignalingChannelReference {
    return { signalingChannelArn: this.channelArn, signalingChannelName: this.channelName };
  }

  public get grants(): SignalingChannelGrants {
    return SignalingChannelGrants.fromSignalingChannel(this);
  }

  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/KinesisVideo',
      metricName,
      ...props,
      dimensionsMap: { SignalingChannelName: this.channelName, ...props?.dimensionsMap },
    }).attachTo(this);
  }

  public metricFailure(operation: SignalingOperation, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOf(operation, 'Failure', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  public metricLatency(operation: SignalingOperation, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOf(operation, 'Latency', { statistic: cloudwatch.Stats.p(99), ...props });
  }

  public metricMessagesTransferred(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('MessagesTransferred.Count', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  public metricTurnConnectedMinutes(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('TURNConnectedMinutes', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  /** AWS has these by operation only, so that without one nothing would match. */
  private metricOf(operation: SignalingOperation, metricName: string, props: cloudwatch.MetricOptions) {
    return this.metric(metricName, { ...props, dimensionsMap: { Operation: operation, ...props.dimensionsMap } });
  }
}

/**
 * What identifies a channel that exists already. One of the ARN and the name is needed; the ARN is the better one.
 */
export interface SignalingChannelAttributes {
  /**
   * The ARN, with the time of creation at its end.
   * @default - made of the name, with `*` in place of the time of creation
   */
  readonly channelArn?: string;

  /**
   * The name.
   * @default - taken from the ARN
   */
  readonly channelName?: string;
}

/**
 * Properties of a `SignalingChannel`.
 */
export interface SignalingChannelProps {
  /**
   * The name: 1 to 256 of `a-z A-Z 0-9 _ . -`. Changing it replaces the channel.
   * @default - generated
   */
  readonly channelName?: string;

  /**
   * How long a message waits for a side that isn't connected: 5 to 120 whole seconds.
   * @default Duration.seconds(60)
   */
  readonly messageTtl?: Duration;

  /**
   * Tags of the channel. They are put on by the API as well: CloudFormation doesn't read them back, so nobody would see that one
   * is missing. https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1311
   * @default - those of the stack
   */
  readonly tags?: { [key: string]: string };

  /**
   * What becomes of the channel when it leaves the stack. A channel holds no media, but devices know its name.
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * A signaling channel of the type SINGLE_MASTER: one camera, up to ten viewers, media from peer to peer.
 *
 * A fleet's channels are not made with this construct but at registration, by `MediaProvisioner`.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/kvswebrtc-how-it-works.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
 *
 * const channel = new SignalingChannel(stack, 'Channel', { messageTtl: Duration.minutes(2) });
 * channel.grants.connectAsViewer(new Role(stack, 'Viewer', { assumedBy: new AccountRootPrincipal() }));
 */
@propertyInjectable
export class SignalingChannel extends SignalingChannelBase {
  /** Uniquely identifies this class. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-kinesis-video.SignalingChannel';

  /** Imports a channel by its ARN. */
  public static fromChannelArn(scope: Construct, id: string, channelArn: string): ISignalingChannel {
    return SignalingChannel.fromChannelAttributes(scope, id, { channelArn });
  }

  /**
   * Imports a channel by its attributes.
   * @throws ValidationError `ChannelNotIdentified` when neither ARN nor name is given
   */
  public static fromChannelAttributes(
    scope: Construct,
    id: string,
    attrs: SignalingChannelAttributes,
  ): ISignalingChannel {
    const { channelArn, channelName } = attrs;
    if (channelArn === undefined && channelName === undefined) {
      fail(scope, lit`ChannelNotIdentified`, `The channel '${id}' needs a \`channelArn\` or a \`channelName\`.`);
    }
    const arn =
      channelArn ??
      Stack.of(scope).formatArn({ service: 'kinesisvideo', resource: 'channel', resourceName: `${channelName}/*` });

    class Import extends SignalingChannelBase {
      public readonly channelArn = arn;
      // The ARN is `…:channel/<name>/<time of creation>`; splitting works on tokens too.
      public readonly channelName = channelName ?? Fn.select(1, Fn.split('/', arn));
    }
    return new Import(scope, id, channelArn === undefined ? {} : { environmentFromArn: channelArn });
  }

  /** A metric of all the channels of the account in the region. */
  public static metricAll(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({ namespace: 'AWS/KinesisVideo', metricName, ...props });
  }

  private readonly resource: CfnSignalingChannel;

  /**
   * @throws ValidationError with one of the codes `ChannelName` and `ChannelMessageTtl`
   */
  constructor(scope: Construct, id: string, props: SignalingChannelProps = {}) {
    super(scope, id, { physicalName: props.channelName });

    checkPattern(
      this,
      lit`ChannelName`,
      'channelName',
      props.channelName,
      /^[a-zA-Z0-9_.-]{1,256}$/,
      '1 to 256 of a-z A-Z 0-9 _ . -',
    );
    const messageTtlSeconds = checkDuration(
      this,
      lit`ChannelMessageTtl`,
      'messageTtl',
      props.messageTtl ?? Duration.seconds(60),
      { min: 5, max: 120, unit: 'seconds' },
    );

    this.resource = new CfnSignalingChannel(this, 'Resource', {
      name: this.physicalName,
      type: 'SINGLE_MASTER',
      messageTtlSeconds,
    });
    this.resource.applyRemovalPolicy(props.removalPolicy ?? RemovalPolicy.DESTROY);
    for (const [key, value] of Object.entries(props.tags ?? {})) Tags.of(this.resource).add(key, value);

    new ApiSetting(this, 'Tags', {
      handler: 'video-settings',
      removalPolicy: props.removalPolicy,
      resourceType: 'Custom::KinesisVideoChannelTags',
      properties: {
        ChannelArn: this.resource.attrArn,
        // Late, so that the tags of stack and app are among them.
        Tags: Lazy.any({
          produce: () =>
            (this.resource.tags.renderTags() ?? []).map((tag: { key: string; value: string }) => ({
              Key: tag.key,
              Value: tag.value,
            })),
        }),
      },
      permissions: [
        {
          actions: ['kinesisvideo:TagResource', 'kinesisvideo:UntagResource'],
          resources: [this.resource.attrArn],
        },
      ],
    });
  }

  public get channelArn(): string {
    return this.getResourceArnAttribute(this.resource.attrArn, {
      service: 'kinesisvideo',
      resource: 'channel',
      // Across environments the time of creation is unknown.
      resourceName: `${this.physicalName}/*`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
  }

  public get channelName(): string {
    return this.getResourceNameAttribute(this.resource.ref);
  }
}
