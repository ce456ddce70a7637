import type { Given } from './alarms';

/** When an alarm is to go off, and what is as like it as can be and isn't meant. */
export interface Condition {
  readonly fires: Given[];
  readonly silent: Given[];
}

const at = (metric: string, fires: number, silent: number): Condition => ({
  fires: [{ [metric]: fires }],
  silent: [{ [metric]: silent }, { [metric]: [fires, fires, silent] }],
});

/** At once: a single period is enough. */
const once = (metric: string, fires = 1): Condition => ({
  fires: [{ [metric]: fires }],
  silent: [{ [metric]: fires - 1 }],
});

const below = (metric: string): Condition => ({
  fires: [{ [metric]: 69, lower: 70, upper: 130 }],
  silent: [
    { [metric]: 71, lower: 70, upper: 130 },
    { [metric]: 200, lower: 70, upper: 130 },
    { [metric]: [69, 69, 71], lower: 70, upper: 130 },
  ],
});

const runs: Condition = {
  fires: [{ ExecutionsFailed: 1 }, { ExecutionsTimedOut: 1 }, { ExecutionsFailed: 0, ExecutionsTimedOut: 1 }],
  silent: [{ ExecutionsFailed: 0, ExecutionsTimedOut: 0 }, { ExecutionsFailed: 0 }],
};

/** Of each alarm of the reference fleet and what watches it, by the end of its id. The first that fits counts. */
export const CONDITIONS: Record<string, Condition> = {
  DeadLetterAlarm: once('ApproximateNumberOfMessagesVisible'),
  DeliveryAlarm: once('NumberOfNotificationsFailed'),

  MediaProvisionerPendingAlarm: {
    fires: [{ ApproximateAgeOfOldestMessage: 1800 }],
    silent: [{ ApproximateAgeOfOldestMessage: 1799 }, { ApproximateAgeOfOldestMessage: [9000, 9000, 9000, 9000, 0] }],
  },
  MediaProvisionerThrottledAlarm: at('ApiThrottled', 300, 299),
  ReconcilerRunAlarm: runs,
  ReconcilerOverdueAlarm: {
    fires: [{ DevicesRegistered: 0 }, {}],
    silent: [{ DevicesRegistered: [1, ...Array(47).fill(undefined)] }],
  },
  ReconcilerFailureAlarm: once('ReconcileFailed'),
  CertificatesExpiryAlarm: once('CertificatesExpiring'),
  CertificatesExpiryPendingAlarm: once('CertificateRotationsPending'),
  CertificatesExpiryFailureAlarm: once('Errors'),
  OnboardingFailureAlarm: once('ExecutionsFailed'),
  HookAlarm: once('Errors', 5),
  // Of 10,000 devices.
  DeniedAlarm: once('RegistrationDenied', 100),

  ClipsEmptyAlarm: once('ClipEmpty'),
  ClipsExpiredAlarm: once('ClipExpired'),
  // An hour after the window of a minute and the patience of a quarter of an hour.
  ClipsBacklogAlarm: {
    fires: [{ ApproximateAgeOfOldestMessage: 4561 }],
    silent: [{ ApproximateAgeOfOldestMessage: 4560 }],
  },
  ContinuousRunAlarm: runs,
  ContinuousOverdueAlarm: {
    fires: [{ DevicesToArchive: 0 }, {}],
    silent: [{ DevicesToArchive: [1, ...Array(11).fill(undefined)] }],
  },
  ContinuousFailureAlarm: once('ArchiveFailed'),
  ContinuousLossAlarm: once('ArchiveLost'),
  CanaryAlarm: {
    fires: [{ CanaryFailed: 1 }, { CanaryFailed: [1, undefined] }, {}],
    silent: [{ CanaryFailed: 0 }, { CanaryFailed: [1, 0] }, { CanaryFailed: [undefined, 0] }],
  },

  FailedFragmentsAlarm: at('PutMedia.Success', 0.95, 0.951),
  PersistLatencyAlarm: at('PutMedia.FragmentPersistLatency', 5000, 4999),
  ConnectedAlarm: below('connected'),
  BitrateAlarm: below('TransferRate'),
  StalledAlarm: at('StreamStalled', 0.05, 0.049),
  SilentAlarm: {
    fires: [
      // 1,000 devices report five times in five minutes.
      { connected: 1000, DeviceReported: 4750 },
      { connected: 1000, DeviceReported: 0 },
      { connected: 1000 },
    ],
    silent: [
      { connected: 1000, DeviceReported: 4760 },
      { connected: 1000, DeviceReported: 5100 },
      { connected: 1000, DeviceReported: [0, 0, 5000] },
      { connected: 0, DeviceReported: 0 },
      { DeviceReported: 5000 },
    ],
  },
  BufferAlarm: at('BufferUsage', 80, 79.9),
  BacklogAlarm: at('SendBacklog', 10_000, 9999),
  DroppingAlarm: at('StreamDropping', 0.1, 0.09),

  MotionGateFleetLimitAlarm: once('FleetBudgetExhausted'),
  MotionGateStreamLimitAlarm: once('StreamBudgetExhausted'),
  EscalationUnacknowledgedAlarm: runs,
  StaleFramesAlarm: {
    fires: [{ MessageProcessed: 1000, FrameStale: 100 }],
    silent: [
      { MessageProcessed: 1000, FrameStale: 99 },
      { MessageProcessed: 1000 },
      { MessageProcessed: 0, FrameStale: 0 },
      { MessageProcessed: 1000, FrameStale: [900, 900, 0] },
    ],
  },
  AnalyserAlarm: {
    fires: [{ MessageProcessed: 950, MessageFailed: 50 }, { MessageFailed: 1 }],
    silent: [
      { MessageProcessed: 960, MessageFailed: 40 },
      { MessageProcessed: 1000 },
      { MessageProcessed: 0, MessageFailed: 0 },
      { MessageProcessed: 1000, MessageFailed: [900, 900, 0] },
    ],
  },
  ImageLatencyAlarm: at('AlertLatency', 60_000, 59_999),
  DeviceLatencyAlarm: at('AlertLatency', 10_000, 9999),
  FrameAgeAlarm: at('ApproximateAgeOfOldestMessage', 300, 299),

  ViewingServerErrorAlarm: once('5xx', 5),
  MessagesFailureAlarm: once('Errors', 5),
  RefusedAlarm: {
    fires: [{ AccessDenied: 131, lower: 70, upper: 130 }],
    silent: [
      { AccessDenied: 129, lower: 70, upper: 130 },
      { AccessDenied: 0, lower: 70, upper: 130 },
    ],
  },
  SignalingAlarm: at('Failure', 0.1, 0.09),

  ConcurrencyAlarm: {
    fires: [{ ClaimedAccountConcurrency: 800, quota: 1000 }],
    silent: [
      { ClaimedAccountConcurrency: 799, quota: 1000 },
      { ClaimedAccountConcurrency: 800, quota: 10_000 },
      { ClaimedAccountConcurrency: 800 },
    ],
  },
  StreamQuotaAlarm: once('DevicesRegistered', 9000),
};
