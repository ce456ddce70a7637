import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { DeviceConnectivity } from '../../monitoring/device-connectivity';
import type { ProducerTelemetry } from '../../monitoring/producer-telemetry';
import { OF_STREAMS, PERIOD, graph, math, ofAll, statisticsOf } from './metrics';
import type { Section, Watch } from './watch';

export interface IngestParts {
  readonly telemetry?: ProducerTelemetry;
  readonly connectivity?: DeviceConnectivity;
  readonly alarmOnStreams?: boolean;
}

export interface IngestThresholds {
  readonly silentPercent: number;
  readonly stalledPercent: number;
  readonly bufferPercent: number;
  readonly backlogMilliseconds: number;
}

/** Whether media arrives, as AWS sees it, and who is silent. */
export function ingestSection(watch: Watch, parts: IngestParts, thresholds: IngestThresholds): Section {
  const failed = math(
    '100 * (1 - success)',
    { success: ofAll('AVG', 'PutMedia.Success', OF_STREAMS, 'Success') },
    'Fragments that failed, in percent',
  );
  const persistLatency = ofAll('AVG', 'PutMedia.FragmentPersistLatency', OF_STREAMS, 'To be archived');
  const alarms = parts.alarmOnStreams
    ? [
        watch.alarm('FailedFragmentsAlarm', failed, {
          what: 'Ingest: of all fragments that devices send, 5 % or more fail',
          anchor: 'failed-fragments',
          threshold: 5,
        }),
        watch.alarm('PersistLatencyAlarm', persistLatency, {
          what: 'Ingest: fragments take 5 seconds or more to be archived',
          anchor: 'slow-archiving',
          threshold: 5000,
        }),
      ]
    : [];
  return {
    title: 'Ingest',
    text: 'What AWS has for each stream is added up over **all streams of the account in this region**, the first 10,000 of them.',
    widgets: [
      graph('Bytes per second, all streams', [
        math(
          `bytes / ${PERIOD.toSeconds()}`,
          { bytes: ofAll('SUM', 'PutMedia.IncomingBytes', OF_STREAMS, 'Bytes') },
          'Bytes/s',
        ),
      ]),
      graph('Errors, all streams', [
        ofAll('SUM', 'PutMedia.ConnectionErrors', OF_STREAMS, 'Connections refused'),
        ofAll('SUM', 'PutMedia.ErrorAckCount', OF_STREAMS, 'Fragments refused'),
      ]),
      graph('Fragments that failed, in percent', [failed]),
      graph('Latency of fragments, in milliseconds', [
        ofAll('AVG', 'PutMedia.FragmentIngestionLatency', OF_STREAMS, 'To arrive, average'),
        ofAll('MAX', 'PutMedia.FragmentIngestionLatency', OF_STREAMS, 'To arrive, longest'),
        persistLatency,
      ]),
      ...silence(parts),
    ],
    alarms: [...alarms, ...silenceAlarms(watch, parts, thresholds)],
  };
}

function silence({ telemetry, connectivity }: IngestParts) {
  if (!telemetry && !connectivity) return [];
  const stalled = telemetry && math('100 * stalled', { stalled: stalledShare(telemetry) }, 'Streams stalled');
  return [
    graph('Devices', [
      ...(connectivity ? [connectivity.metricConnectedDevices()] : []),
      ...(telemetry ? [telemetry.metricReportingDevices()] : []),
    ]),
    ...(stalled
      ? [
          graph('Silent, in percent', [
            ...(connectivity && telemetry ? [silentShare(telemetry, connectivity)] : []),
            stalled,
          ]),
        ]
      : []),
  ];
}

function silenceAlarms(watch: Watch, { telemetry, connectivity }: IngestParts, thresholds: IngestThresholds) {
  const alarms = [];
  if (connectivity) {
    alarms.push(
      watch.anomaly('ConnectedAlarm', connectivity.metricConnectedDevices(), 'below', {
        what: 'Ingest: fewer devices are connected than usual at this time',
        anchor: 'fewer-devices-than-usual',
      }),
    );
  }
  if (telemetry) {
    alarms.push(
      telemetry.deadLetterAlarm,
      watch.anomaly(
        'BitrateAlarm',
        telemetry.metric('TransferRate', { statistic: Stats.SUM, period: PERIOD }),
        'below',
        {
          what: 'Ingest: devices send less than usual at this time',
          anchor: 'fewer-devices-than-usual',
        },
      ),
      watch.alarm('StalledAlarm', math('100 * stalled', { stalled: stalledShare(telemetry) }, 'Streams stalled'), {
        what: `Ingest: of ${thresholds.stalledPercent} % of the streams or more, nothing is sent`,
        anchor: 'silent-devices',
        threshold: thresholds.stalledPercent,
      }),
    );
  }
  if (telemetry && connectivity) {
    alarms.push(
      watch.alarm('SilentAlarm', silentShare(telemetry, connectivity), {
        what: `Ingest: ${thresholds.silentPercent} % of the devices or more are connected and do not report`,
        anchor: 'silent-devices',
        threshold: thresholds.silentPercent,
      }),
    );
  }
  return alarms;
}

function stalledShare(telemetry: ProducerTelemetry) {
  return telemetry.metric('StreamStalled', { statistic: Stats.AVERAGE, period: PERIOD });
}

function silentShare(telemetry: ProducerTelemetry, connectivity: DeviceConnectivity) {
  const share = telemetry.interval.toSeconds() / PERIOD.toSeconds();
  return math(
    `IF(connected > 0, 100 * (connected - FILL(reports, 0) * ${share}) / connected, 0)`,
    {
      connected: connectivity.metricConnectedDevices({ period: PERIOD }),
      reports: telemetry.metric('DeviceReported', { statistic: Stats.SUM, period: PERIOD }),
    },
    'Devices that are connected and do not report',
  );
}

/** What the devices say of their memory and of what they could not send. */
export function producerSection(watch: Watch, telemetry: ProducerTelemetry, thresholds: IngestThresholds): Section {
  const usage = (statistic: string) => telemetry.metric('BufferUsage', { statistic, period: PERIOD });
  const backlog = (statistic: string) => telemetry.metric('SendBacklog', { statistic, period: PERIOD });
  const sum = (name: string, label: string) => telemetry.metric(name, { statistic: Stats.SUM, period: PERIOD, label });
  const dropping = math(
    '100 * dropping',
    { dropping: telemetry.metric('StreamDropping', { statistic: Stats.AVERAGE, period: PERIOD }) },
    'Streams that drop frames, in percent',
  );
  return {
    title: 'Producers',
    text: 'What devices say of themselves, of this fleet alone.',
    widgets: [
      graph('Memory in use, in percent', statisticsOf(usage, 'p50', 'p90', 'p99')),
      graph('What waits to be sent, in milliseconds of media', statisticsOf(backlog, 'p50', 'p90', 'p99')),
      graph('Frames and fragments lost', [
        sum('FramesDropped', 'Dropped'),
        sum('PutFrameErrors', 'Not taken by the buffer'),
        sum('ErrorAcks', 'Fragments that AWS refused'),
      ]),
    ],
    alarms: [
      watch.alarm('BufferAlarm', usage('p90'), {
        what: `Producers: one device of ten has ${thresholds.bufferPercent} % or more of its memory in use`,
        anchor: 'memory-pressure',
        threshold: thresholds.bufferPercent,
      }),
      watch.alarm('BacklogAlarm', backlog('p90'), {
        what: `Producers: one stream of ten is ${thresholds.backlogMilliseconds / 1000} seconds or more behind`,
        anchor: 'memory-pressure',
        threshold: thresholds.backlogMilliseconds,
      }),
      watch.alarm('DroppingAlarm', dropping, {
        what: 'Producers: one stream of ten drops frames',
        anchor: 'memory-pressure',
        threshold: 10,
      }),
    ],
  };
}
