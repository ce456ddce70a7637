import { Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import {
  AlertSeverity,
  Bitrate,
  DroneFleetCell,
  FrameRegion,
  ObstacleClass,
  type PriceId,
  PriceList,
  type DroneFleetCellProps,
  type DroneFleetMonitoringStackOptions,
  type DroneFleetPilotsStackOptions,
  type FleetUsage,
  type MotionGateOptions,
} from '../../lib';
import type { Configuration } from './configuration';

/** The properties of one of the configured cells. */
export function cellProps(
  fleet: Configuration,
  { account, region, ...cell }: Configuration['cells'][number],
): DroneFleetCellProps {
  const cells = fleet.cells.map(({ name }) => name);
  return {
    env: { account, region },
    devices: cell.devices ?? (fleet.devices && DroneFleetCell.expectedDevices(fleet.devices, cells.length)),
    streamQuota: cell.streamQuota,
    channelQuota: cell.channelQuota,
    usage: cellUsage(fleet),
    prices: priceList(fleet, region),
    fleetName: fleet.name,
    cameras: fleet.cameras,
    signaling: fleet.signaling,
    provisioning: {
      registration: fleet.registration,
      attributes: { cell: cell.name },
      cell: cells.length > 1 ? { name: cell.name, cells } : undefined,
    },
    thingsAheadOfBoot: fleet.thingsAheadOfBoot,
    media: {
      retention: Duration.hours(fleet.retentionHours),
      storageTier: fleet.storageTier,
      imageGeneration: { samplingInterval: Duration.millis(fleet.detection.imageIntervalMs) },
    },
    mediaRemoval: fleet.mediaRemoval,
    onDeviceDetection: fleet.detection.onDevice,
    imageDetection: fleet.detection.images,
    imageAnalysis: { callsPerSecond: fleet.detection.framesPerSecond, maxConcurrency: concurrency(fleet) },
    motionGate: motionGate(fleet),
    repeatAlertsAfter: Duration.seconds(fleet.detection.repeatAlertsAfterSeconds),
    obstacles: [...fleet.obstacles.map(obstacleClass), ...(fleet.monitoring?.canary ? [CANARY_OBSTACLE] : [])],
    pilots: pilots(fleet, cell.name),
    monitoring: monitoring(fleet),
    alertEmails: fleet.alertEmails,
    alarmEmails: fleet.alarmEmails,
    removalPolicy: fleet.removalPolicy === 'DESTROY' ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
  };
}

function obstacleClass(configured: Configuration['obstacles'][number]): ObstacleClass {
  const { region, confirmation, clearAfterSeconds, repeatAfterSeconds, ...obstacle } = configured;
  return new ObstacleClass({
    ...obstacle,
    region: region && new FrameRegion(region),
    confirmation: confirmation && {
      sightings: confirmation.sightings,
      within: Duration.seconds(confirmation.withinSeconds),
    },
    clearAfter: seconds(clearAfterSeconds),
    repeatAfter: seconds(repeatAfterSeconds),
  });
}

/** Ten frames are with an invocation, and an analysis takes about a second. */
function concurrency({ detection }: Configuration): number | undefined {
  return detection.framesPerSecond && Math.min(1000, Math.max(2, Math.ceil(detection.framesPerSecond / 5)));
}

function motionGate({ detection: { images, motion } }: Configuration): MotionGateOptions | undefined {
  if (!images || !motion) return undefined;
  return {
    fleetLimitPerDay: Duration.hours(motion.fleetHoursPerDay),
    streamLimitPerDay: motion.streamHoursPerDay === undefined ? undefined : Duration.hours(motion.streamHoursPerDay),
    openFor: seconds(motion.openForSeconds),
  };
}

/** Each cell has a user pool of its own, and names of their pages are unique in a region. */
function pilots({ pilots, cells }: Configuration, cell: string): DroneFleetPilotsStackOptions | undefined {
  if (!pilots) return undefined;
  const { domainPrefix, sessionMinutes, commands, onLapse } = pilots;
  return {
    viewing: {
      signIn: { domainPrefix: cells.length > 1 ? `${domainPrefix}-${cell.toLowerCase()}` : domainPrefix },
      sessionLength: sessionMinutes === undefined ? undefined : Duration.minutes(sessionMinutes),
    },
    takeover: { commands, onLapse },
  };
}

/** What the canary says that it sees, which no camera does. */
const CANARY_OBSTACLE = new ObstacleClass({
  name: 'canary',
  labels: ['Canary'],
  severity: AlertSeverity.INFO,
  repeatAfter: Duration.minutes(1),
});

function monitoring({ monitoring }: Configuration): DroneFleetMonitoringStackOptions | undefined {
  if (!monitoring) return undefined;
  const { telemetryIntervalSeconds, canary, ...options } = monitoring;
  return {
    ...options,
    telemetryInterval: seconds(telemetryIntervalSeconds),
    canaryLabel: canary ? CANARY_OBSTACLE.labels[0] : undefined,
  };
}

function seconds(amount: number | undefined): Duration | undefined {
  return amount === undefined ? undefined : Duration.seconds(amount);
}

/** What all cells are used for together is shared by them. */
function cellUsage({ usage, cells }: Configuration): FleetUsage | undefined {
  if (!usage) return undefined;
  const { streamingHoursPerDay, megabitsPerSecond, fragmentSeconds, reconnectWithinSeconds, imageKilobytes } = usage;
  const { playbackHoursPerDay, liveHoursPerDay, viewers, newDevicesPerMonth, ...rest } = usage;
  const { busiestShare, startsPerDay, analysedShare, messagesPerHour, basicIngest, alertsPerDay } = rest;
  const { relayedShare, viewersPerDevice, quotas } = rest;
  const ofCell = (ofAll: number | undefined) => ofAll && Math.ceil(ofAll / cells.length);
  const hours = (amount: number | undefined) => (amount === undefined ? undefined : Duration.minutes(amount * 60));
  return {
    streamingPerDay: hours(streamingHoursPerDay),
    busiestShare,
    bitrate: megabitsPerSecond === undefined ? undefined : Bitrate.megabitsPerSecond(megabitsPerSecond),
    fragmentDuration: seconds(fragmentSeconds),
    startsPerDay,
    reconnectWithin: seconds(reconnectWithinSeconds),
    imageSize: imageKilobytes === undefined ? undefined : Size.kibibytes(imageKilobytes),
    analysedShare,
    messagesPerHour,
    basicIngest,
    alertsPerDay,
    viewers: ofCell(viewers),
    playbackPerDay: hours(playbackHoursPerDay),
    livePerDay: hours(liveHoursPerDay),
    relayedShare,
    viewersPerDevice,
    newDevicesPerMonth: ofCell(newDevicesPerMonth),
    quotas,
  };
}

function priceList({ prices }: Configuration, region: string | undefined): PriceList | undefined {
  if (!prices) return undefined;
  return Object.entries(prices).reduce(
    (list, [id, price]) => list.withPrice(id as PriceId, price, 'fleet configuration'),
    PriceList.forRegion(region ?? 'any region'),
  );
}
