import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { AlertFeed } from '../../alert/alert-feed';
import type { Takeover } from '../../viewing/takeover';
import type { ViewerMessages } from '../../viewing/viewer-messages';
import type { ViewingApi } from '../../viewing/viewing-api';
import { OF_CHANNELS, PERIOD, graph, math, ofAll } from './metrics';
import type { Section, Watch } from './watch';

const { SUM } = cloudwatch.Stats;

export interface ViewingParts {
  readonly viewing?: ViewingApi;
  readonly viewerMessages?: ViewerMessages;
  readonly takeover?: Takeover;
  readonly alertFeed?: AlertFeed;
  readonly alarmOnStreams?: boolean;
}

/** Whether people can watch, hear and take control. */
export function viewingSection(watch: Watch, parts: ViewingParts): Section {
  const { viewing, viewerMessages, takeover, alertFeed } = parts;
  const widgets: cloudwatch.IWidget[] = [];
  const alarms: cloudwatch.IAlarm[] = [];
  if (viewing) {
    const sum = (name: string, label: string) => viewing.metric(name, { statistic: SUM, period: PERIOD, label });
    const refused = sum('AccessDenied', 'Refused');
    widgets.push(
      graph('Viewing', [sum('AccessGranted', 'Let in'), refused]),
      graph('Requests that failed', [
        viewing.api.metricServerError({ statistic: SUM, period: PERIOD, label: 'Ours' }),
        viewing.api.metricClientError({ statistic: SUM, period: PERIOD, label: "The caller's" }),
      ]),
    );
    alarms.push(
      viewing.serverErrorAlarm,
      watch.anomaly('RefusedAlarm', refused, 'above', {
        what: 'Viewing: more requests are refused than usual at this time',
        anchor: 'viewers-refused',
      }),
    );
    if (viewing.viewerRole) addSignaling(watch, parts, widgets, alarms);
  }
  if (viewerMessages) {
    widgets.push(
      graph('Messages for viewers', [
        viewerMessages.metric('AccessGranted', { period: PERIOD, label: 'Devices heard' }),
        viewerMessages.metric('ConnectionRefused', { period: PERIOD, label: 'Refused' }),
        viewerMessages.metric('TokenUnverifiable', { period: PERIOD, label: "The issuer's keys could not be had" }),
      ]),
    );
    alarms.push(viewerMessages.failureAlarm);
  }
  if (takeover) {
    widgets.push(
      graph(
        'Control',
        [
          takeover.metric('ControlTaken', { period: PERIOD, label: 'Taken' }),
          takeover.metric('ControlForced', { period: PERIOD, label: 'Taken from another' }),
          takeover.metric('ControlRefused', { period: PERIOD, label: 'Refused' }),
          takeover.metric('ControlLost', { period: PERIOD, label: 'Lost' }),
        ],
        {
          right: [takeover.metricCommandLatency({ period: PERIOD, label: 'Commands, in milliseconds' })],
          rightYAxis: { min: 0, showUnits: false },
        },
      ),
    );
    alarms.push(takeover.deadLetterAlarm);
  }
  if (alertFeed) {
    widgets.push(
      graph('Alerts for viewers, in milliseconds', [
        alertFeed.metric('AlertFeedLatency', { period: PERIOD, label: 'Nine of ten' }),
      ]),
    );
    alarms.push(alertFeed.deadLetterAlarm);
  }
  return { title: 'Viewing', widgets, alarms };
}

/**
 * `Failure` is 1 or 0 for each request, so that its average is the share. Of one operation at a time: a query adds up
 * 10,000 metrics, and each operation of a channel is one.
 */
function addSignaling(
  watch: Watch,
  { alarmOnStreams }: ViewingParts,
  widgets: cloudwatch.IWidget[],
  alarms: cloudwatch.IAlarm[],
): void {
  const average = (metricName: string, operation: string) =>
    ofAll('AVG', metricName, OF_CHANNELS, operation, operation);
  const viewers = math('100 * viewers', { viewers: average('Failure', 'ConnectAsViewer') }, 'Viewers');
  const masters = math('100 * masters', { masters: average('Failure', 'ConnectAsMaster') }, 'Devices');
  widgets.push(
    graph('WebRTC connections that failed, in percent, all channels', [viewers, masters]),
    graph('WebRTC connections, in milliseconds, all channels', [average('Latency', 'ConnectAsViewer')]),
    graph('Minutes relayed by TURN, all channels', [
      ofAll('SUM', 'TURNConnectedMinutes', ['SignalingChannelName'], 'Minutes'),
    ]),
  );
  if (!alarmOnStreams) return;
  alarms.push(
    watch.alarm('SignalingAlarm', viewers, {
      what: 'Viewing: one viewer of ten or more can not connect to live video by WebRTC',
      anchor: 'live-video-fails',
      threshold: 10,
    }),
  );
}
