import { Resource, type IResource } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import type { aws_kinesisvideo as refs } from 'aws-cdk-lib/interfaces';
import { VideoStreamGrants } from './video-stream-grants';

/**
 * A Kinesis video stream: one camera's media.
 */
export interface IVideoStream extends IResource, refs.IStreamRef, iam.IEncryptedResource {
  /**
   * The ARN, which ends in the time of the stream's creation.
   * @attribute
   */
  readonly streamArn: string;

  /**
   * The name.
   * @attribute
   */
  readonly streamName: string;

  /**
   * The key that encrypts the media.
   * @default - the key is not known, or it is the one that AWS manages
   */
  readonly encryptionKey?: kms.IKeyRef;

  /** Permissions on the stream. */
  readonly grants: VideoStreamGrants;

  /**
   * A metric of this stream.
   * @param metricName as in https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/monitoring-cloudwatch.html
   * @param props statistic, period and the like; the average over 5 minutes unless told
   */
  metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Bytes that PutMedia received. Sum over 5 minutes. */
  metricPutMediaIncomingBytes(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Frames that PutMedia received. Sum over 5 minutes. */
  metricPutMediaIncomingFrames(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Connections of PutMedia that are open. Maximum over 5 minutes. */
  metricPutMediaActiveConnections(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Errors in establishing a PutMedia connection. Sum over 5 minutes. */
  metricPutMediaConnectionErrors(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Error acknowledgements that PutMedia sent to the producer. Sum over 5 minutes. */
  metricPutMediaErrorAckCount(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Milliseconds from the first to the last byte of a fragment. 99th percentile over 5 minutes. */
  metricPutMediaFragmentIngestionLatency(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Milliseconds from receiving a fragment to having it stored. 99th percentile over 5 minutes. */
  metricPutMediaFragmentPersistLatency(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Milliseconds that a GetMedia consumer is behind the head of the stream. Maximum over 5 minutes. */
  metricGetMediaMillisBehindNow(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Share (0 to 1) of fragments that GetMedia delivered without error. Average over 5 minutes. */
  metricGetMediaSuccess(props?: cloudwatch.MetricOptions): cloudwatch.Metric;
}

/**
 * What all streams have, those of this app and imported ones.
 *
 * @internal
 */
export abstract class VideoStreamBase extends Resource implements IVideoStream {
  public abstract readonly streamArn: string;
  public abstract readonly streamName: string;
  public abstract readonly encryptionKey?: kms.IKeyRef;

  public get streamRef(): refs.StreamReference {
    return { streamArn: this.streamArn, streamName: this.streamName };
  }

  public get grants(): VideoStreamGrants {
    return VideoStreamGrants.fromStream(this);
  }

  public grantOnKey(grantee: iam.IGrantable, ...actions: string[]): iam.GrantOnKeyResult {
    if (!this.encryptionKey) return {};
    return { grant: kms.KeyGrants.fromKey(this.encryptionKey, true).actions(grantee, ...actions) };
  }

  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/KinesisVideo',
      metricName,
      ...props,
      dimensionsMap: { StreamName: this.streamName, ...props?.dimensionsMap },
    }).attachTo(this);
  }

  public metricPutMediaIncomingBytes(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('PutMedia.IncomingBytes', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  public metricPutMediaIncomingFrames(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('PutMedia.IncomingFrames', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  public metricPutMediaActiveConnections(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('PutMedia.ActiveConnections', { statistic: cloudwatch.Stats.MAXIMUM, ...props });
  }

  public metricPutMediaConnectionErrors(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('PutMedia.ConnectionErrors', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  public metricPutMediaErrorAckCount(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('PutMedia.ErrorAckCount', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  public metricPutMediaFragmentIngestionLatency(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('PutMedia.FragmentIngestionLatency', { statistic: cloudwatch.Stats.p(99), ...props });
  }

  public metricPutMediaFragmentPersistLatency(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('PutMedia.FragmentPersistLatency', { statistic: cloudwatch.Stats.p(99), ...props });
  }

  public metricGetMediaMillisBehindNow(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('GetMedia.MillisBehindNow', { statistic: cloudwatch.Stats.MAXIMUM, ...props });
  }

  public metricGetMediaSuccess(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('GetMedia.Success', { statistic: cloudwatch.Stats.AVERAGE, ...props });
  }
}
