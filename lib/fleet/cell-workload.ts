import { Duration, Token } from 'aws-cdk-lib';
import { VideoAnalysis, type FleetWorkload } from '../planning/fleet-usage';
import { MOTION_SHARE } from '../planning/levers';
import type { DroneFleetCellProps } from './drone-fleet-cell';

/** What so many devices in a cell are configured to do and said to be used for; none if that is known at deployment only. */
export function cellWorkload(
  devices: number,
  props: DroneFleetCellProps,
  region: string | undefined,
): FleetWorkload | undefined {
  const { cameras = [], media = {}, usage = {}, streamQuota, channelQuota } = props;
  const { retention = Duration.days(1), imageGeneration } = media;
  const interval = imageGeneration?.samplingInterval;
  const durations = [retention, interval, props.frameRetention];
  if ([devices, streamQuota, channelQuota].some((value) => Token.isUnresolved(value))) return undefined;
  if (durations.some((duration) => duration?.isUnresolved())) return undefined;

  const streams = devices * Math.max(1, cameras.length);
  return {
    alertEmails: props.alertEmails?.length ?? 0,
    ...usage,
    devices,
    camerasPerDevice: Math.max(1, cameras.length),
    region: region && !Token.isUnresolved(region) ? region : 'any region',
    retention,
    storageTier: media.storageTier,
    signaling: props.signaling,
    analysis: (props.imageDetection ?? true) ? VideoAnalysis.IMAGES : VideoAnalysis.NONE,
    analysedShare: analysedShare(props, streams),
    imageInterval: interval,
    imageRetention: props.frameRetention,
    imagesPerSecond: imagesPerSecond(props),
    onDeviceDetection: props.onDeviceDetection,
    console: props.pilots !== undefined,
    quotas: {
      ...usage.quotas,
      ...(streamQuota !== undefined && { stream: streamQuota }),
      ...(channelQuota !== undefined && { channel: channelQuota }),
    },
  };
}

/** With DetectLabels, five a second unless told; other analysers are only paced if they are told to be. */
function imagesPerSecond({ imageAnalysis = {} }: DroneFleetCellProps): number | undefined {
  const { callsPerSecond, analyser } = imageAnalysis;
  const pace = callsPerSecond ?? (analyser ? undefined : 5);
  return Token.isUnresolved(pace) ? undefined : pace;
}

/** What a gate lets through: what moves, and never more than its limits of the day. */
function analysedShare({ motionGate, usage = {} }: DroneFleetCellProps, streams: number): number | undefined {
  if (!motionGate) return usage.analysedShare;
  const { fleetLimitPerDay, streamLimitPerDay = Duration.hours(4) } = motionGate;
  const streamed = (usage.streamingPerDay ?? Duration.hours(8)).toMinutes({ integral: false });
  if (streamed === 0 || fleetLimitPerDay.isUnresolved() || streamLimitPerDay.isUnresolved()) return usage.analysedShare;
  return Math.min(
    usage.analysedShare ?? MOTION_SHARE,
    fleetLimitPerDay.toMinutes({ integral: false }) / (streamed * streams),
    streamLimitPerDay.toMinutes({ integral: false }) / streamed,
  );
}
