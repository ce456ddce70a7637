import { Duration, Size } from 'aws-cdk-lib';
import { StorageTier } from '../stream/video-stream';
import { ASSUMED } from './assumptions';
import { Bitrate } from './bitrate';
import { VideoAnalysis, type FleetWorkload } from './fleet-usage';
import { bytes, byteMonths, DAYS_PER_MONTH, perSecond, seconds, times, type Bytes, type Times } from './units';

/** A workload with all its defaults. */
export type CompleteWorkload = Required<Omit<FleetWorkload, 'imagesPerSecond'>> &
  Pick<FleetWorkload, 'imagesPerSecond'>;

export function complete(workload: FleetWorkload): CompleteWorkload {
  return {
    camerasPerDevice: 1,
    cells: 1,
    region: 'us-east-1',
    streamingPerDay: Duration.hours(8),
    busiestShare: 1,
    bitrate: Bitrate.megabitsPerSecond(2),
    fragmentDuration: Duration.seconds(2),
    startsPerDay: 4,
    reconnectWithin: Duration.minutes(5),
    retention: Duration.days(1),
    storageTier: StorageTier.HOT,
    signaling: true,
    storedChannels: 0,
    analysis: VideoAnalysis.IMAGES,
    imageInterval: Duration.seconds(3),
    imageSize: Size.kibibytes(100),
    imageRetention: Duration.days(7),
    analysedShare: 1,
    onDeviceDetection: true,
    messagesPerHour: 10,
    basicIngest: false,
    alertsPerDay: 1,
    alertEmails: 1,
    viewers: 0,
    playbackPerDay: Duration.hours(1),
    livePerDay: Duration.hours(1),
    relayedShare: 0.2,
    viewersPerDevice: 1,
    newDevicesPerMonth: 0,
    console: false,
    audit: false,
    quotas: {},
    // A property that is there but undefined is one that nobody has given.
    ...(Object.fromEntries(Object.entries(workload).filter(([, value]) => value !== undefined)) as typeof workload),
  };
}

/** What a fleet comes to in a month, and at its busiest. */
export class Load {
  public readonly streams: number;
  public readonly channels: number;

  constructor(public readonly workload: CompleteWorkload) {
    const { devices, camerasPerDevice, signaling } = workload;
    this.streams = devices * camerasPerDevice;
    this.channels = signaling ? this.streams : 0;
  }

  /** What a device streams in a month. */
  private get monthly(): number {
    return seconds(this.workload.streamingPerDay) * DAYS_PER_MONTH;
  }

  /** Seconds of video, all streams together. */
  public get streamSeconds(): number {
    return this.streams * this.monthly;
  }

  public get ingested(): Bytes {
    return bytes((this.workload.bitrate.toBitsPerSecond() / 8) * this.streamSeconds);
  }

  public get fragments(): Times {
    return times(this.streamSeconds / seconds(this.workload.fragmentDuration));
  }

  public get retentionDays(): number {
    return seconds(this.workload.retention) / 86_400;
  }

  /** For how many days media is billed. */
  public get billedDays(): number {
    return this.workload.storageTier === StorageTier.WARM && this.retentionDays > 0
      ? Math.max(this.retentionDays, 30)
      : this.retentionDays;
  }

  public get images(): Times {
    if (this.workload.analysis !== VideoAnalysis.IMAGES) return times(0);
    return times(this.streamSeconds / seconds(this.workload.imageInterval));
  }

  public get stored() {
    return byteMonths(this.ingested, this.billedDays);
  }

  public get storedImages() {
    const { imageSize, imageRetention } = this.workload;
    return byteMonths(bytes(this.images * imageSize.toBytes()), seconds(imageRetention) / 86_400);
  }

  /** Images that would be analysed if that could be done as fast. */
  public get toAnalyse(): Times {
    return times(this.images * this.workload.analysedShare);
  }

  /** Images that are analysed: no more than the detectors of the cells do in the time in which anybody streams. */
  public get analysed(): Times {
    const { imagesPerSecond = Infinity, cells, streamingPerDay, busiestShare } = this.workload;
    const busySeconds = Math.min(86_400, seconds(streamingPerDay) / busiestShare) * DAYS_PER_MONTH;
    return times(Math.min(this.toAnalyse, imagesPerSecond * cells * busySeconds));
  }

  public get processorSeconds(): number {
    const { analysis, analysedShare } = this.workload;
    return analysis === VideoAnalysis.STREAM_PROCESSORS ? this.streamSeconds * analysedShare : 0;
  }

  /** Messages that devices publish. */
  public get messages(): Times {
    const { devices, messagesPerHour, onDeviceDetection } = this.workload;
    return times(onDeviceDetection ? devices * (this.monthly / 3600) * messagesPerHour : 0);
  }

  public get alerts(): Times {
    return times(this.workload.devices * this.workload.alertsPerDay * DAYS_PER_MONTH);
  }

  public get liveSeconds(): number {
    const { viewers, livePerDay, signaling } = this.workload;
    return signaling ? viewers * seconds(livePerDay) * DAYS_PER_MONTH : 0;
  }

  public get playbackSeconds(): number {
    return this.workload.viewers * seconds(this.workload.playbackPerDay) * DAYS_PER_MONTH;
  }

  public get played(): Bytes {
    return bytes((this.workload.bitrate.toBitsPerSecond() / 8) * this.playbackSeconds);
  }

  public get relayedSeconds(): number {
    return this.liveSeconds * this.workload.relayedShare;
  }

  public get liveSessions(): Times {
    return times(this.liveSeconds / ASSUMED.secondsPerSession);
  }

  /** Times that devices start to stream. */
  public get starts(): Times {
    return times(this.streams * this.workload.startsPerDay * DAYS_PER_MONTH);
  }

  /** What is sent through queues. */
  public get queued(): number {
    return this.images + this.messages;
  }

  public get invocations(): Times {
    const batches = this.queued / ASSUMED.messagesPerBatch;
    return times(batches + (this.workload.console ? this.apiCalls : 0) + this.workload.newDevicesPerMonth * 2);
  }

  public get apiCalls(): Times {
    const hours = (this.liveSeconds + this.playbackSeconds) / 3600;
    return times(hours * ASSUMED.callsPerViewerHour);
  }

  /** Streams at the busiest time. */
  public get busiestStreams(): number {
    return this.streams * this.workload.busiestShare;
  }

  /** What each stream does so often, at the busiest time. */
  public rate(everySeconds: number) {
    return perSecond(this.busiestStreams / everySeconds);
  }
}
