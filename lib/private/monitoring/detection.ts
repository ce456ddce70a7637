import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { AlertEscalation } from '../../alert/alert-escalation';
import type { AlertTopic } from '../../alert/alert-topic';
import type { FrameStore } from '../../detection/frame-store';
import type { ImageDetector } from '../../detection/image-detector';
import type { MotionGate } from '../../detection/motion-gate';
import type { OnDeviceDetections } from '../../detection/on-device-detections';
import { handlerMetric } from '../handler-function';
import { PERIOD, graph, math } from './metrics';
import type { Section, Watch } from './watch';

const { SUM } = cloudwatch.Stats;

export interface DetectionParts {
  readonly frames?: FrameStore;
  readonly imageDetector?: ImageDetector;
  readonly onDeviceDetections?: OnDeviceDetections;
  readonly motionGate?: MotionGate;
  readonly alerts?: AlertTopic;
  readonly escalation?: AlertEscalation;
}

export interface DetectionThresholds {
  readonly alertLatency: Duration;
}

/** Whether what cameras see becomes alerts, and how soon. */
export function detectionSection(watch: Watch, parts: DetectionParts, thresholds: DetectionThresholds): Section {
  const { frames, imageDetector, onDeviceDetections, motionGate, alerts, escalation } = parts;
  const sections = [
    imageDetector && imagePath(watch, imageDetector, frames, thresholds),
    onDeviceDetections && devicePath(watch, onDeviceDetections),
    motionGate && { widgets: [gates(motionGate)], alarms: motionGate.alarms },
    alerts && { widgets: [delivery(alerts)], alarms: [alerts.deadLetterAlarm, alerts.deliveryAlarm] },
    escalation && { widgets: [], alarms: escalation.alarms },
    frames && { widgets: [], alarms: [frames.deadLetterAlarm] },
  ];
  const found = sections.filter((section) => section !== undefined);
  return {
    title: 'Detection',
    widgets: found.flatMap(({ widgets }) => widgets),
    alarms: found.flatMap(({ alarms }) => alarms),
  };
}

type Path = Pick<Section, 'widgets' | 'alarms'>;

function imagePath(
  watch: Watch,
  { handler }: ImageDetector,
  frames: FrameStore | undefined,
  { alertLatency }: DetectionThresholds,
): Path {
  const metric = (name: string, statistic: string, label: string) =>
    handlerMetric(handler, 'image-detector', name, { statistic, period: PERIOD, label });
  const done = metric('MessageProcessed', SUM, 'Frames');
  const failed = metric('MessageFailed', SUM, 'Tries that failed');
  const stale = metric('FrameStale', SUM, 'Too old');
  const staleShare = math('IF(done > 0, 100 * FILL(stale, 0) / done, 0)', { stale, done }, 'Too old');
  // Where nothing has failed there is nothing to see, and no division by zero.
  const failedShare = math('100 * failed / (FILL(done, 0) + failed)', { failed, done }, 'Tries that fail');
  const latency = metric('AlertLatency', 'p90', 'Images');
  const age = frames?.queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period: PERIOD, label: 'Age' });
  return {
    widgets: [
      graph('Frames', [done, metric('FrameGated', SUM, 'Nothing moves'), stale, failed]),
      graph('Frames in percent', [staleShare, failedShare]),
      graph('From the frame to the alert, in milliseconds', [latency, metric('AlertLatency', 'p50', 'Images, half')]),
      ...(age ? [graph('Age of the oldest frame that waits, in seconds', [age])] : []),
      graph('Rekognition', [
        rekognition('SuccessfulRequestCount', 'Images'),
        rekognition('ThrottledCount', 'Throttled'),
      ]),
    ],
    alarms: [
      watch.alarm('StaleFramesAlarm', staleShare, {
        what: 'Detection: one frame of ten or more is too old when its turn comes, and is dropped',
        anchor: 'frames-dropped',
        threshold: 10,
      }),
      watch.alarm('AnalyserAlarm', failedShare, {
        what: 'Detection: 5 % or more of the frames could not be analysed at the first try',
        anchor: 'frames-not-analysed',
        threshold: 5,
      }),
      watch.alarm('ImageLatencyAlarm', latency, {
        what: `Detection: one alert of ten from images takes ${alertLatency.toSeconds()} seconds or more`,
        anchor: 'late-alerts',
        threshold: alertLatency.toMilliseconds(),
      }),
      ...(age
        ? [
            watch.alarm('FrameAgeAlarm', age, {
              what: 'Detection: frames wait for 5 minutes or more, so nothing works them off',
              anchor: 'frames-wait',
              threshold: 300,
            }),
          ]
        : []),
    ],
  };
}

function devicePath(watch: Watch, { handler, deadLetterAlarm }: OnDeviceDetections): Path {
  const metric = (name: string, statistic: string, label: string) =>
    handlerMetric(handler, 'on-device-detections', name, { statistic, period: PERIOD, label });
  const latency = metric('AlertLatency', 'p90', 'Nine of ten');
  return {
    widgets: [
      graph('Detections of devices', [
        metric('Detected', SUM, 'Detected'),
        metric('AlertRaised', SUM, 'Alerts'),
        metric('AlertSuppressed', SUM, 'Alerted already'),
        metric('MessageLimited', SUM, 'Dropped: too many of a device'),
      ]),
      graph('From the device to the alert, in milliseconds', [metric('AlertLatency', 'p50', 'Half'), latency]),
    ],
    alarms: [
      deadLetterAlarm,
      watch.alarm('DeviceLatencyAlarm', latency, {
        what: 'Detection: one alert of ten from devices takes 10 seconds or more',
        anchor: 'late-alerts',
        threshold: 10_000,
      }),
    ],
  };
}

function gates(motionGate: MotionGate): cloudwatch.IWidget {
  const day = { period: Duration.days(1) };
  return graph(
    'Gates, by day',
    [
      motionGate.metric('GateOpened', { ...day, label: 'Opened' }),
      motionGate.metric('GateExtended', { ...day, label: 'Extended' }),
      motionGate.metric('StreamBudgetExhausted', { ...day, label: 'Limit of a stream' }),
      motionGate.metric('FleetBudgetExhausted', { ...day, label: 'Limit of the fleet' }),
    ],
    day,
  );
}

function delivery({ topic }: AlertTopic): cloudwatch.IWidget {
  const options = { statistic: SUM, period: PERIOD };
  return graph('Alerts', [
    topic.metricNumberOfMessagesPublished({ ...options, label: 'Published' }),
    topic.metricNumberOfNotificationsDelivered({ ...options, label: 'Delivered' }),
    topic.metricNumberOfNotificationsFailed({ ...options, label: 'Not delivered' }),
  ]);
}

/** Of all operations: https://docs.aws.amazon.com/rekognition/latest/dg/cloudwatch-metricsdim.html */
function rekognition(metricName: string, label: string): cloudwatch.Metric {
  return new cloudwatch.Metric({ namespace: 'AWS/Rekognition', metricName, statistic: SUM, period: PERIOD, label });
}
