import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { BUNDLE } from '../../../lambda/bundle';

/** A metric as an alarm or widget asks for it. */
export interface MetricUse {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Record<string, unknown>;
}

interface Documented {
  readonly link: string;
  /** The names of its dimensions, in the order of the alphabet. */
  readonly dimensions: string[];
  readonly names: string[];
}

const AWS: Record<string, Documented[]> = {
  'AWS/ApiGateway': [
    {
      link: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html',
      dimensions: ['ApiId'],
      names: ['4xx', '5xx', 'Count', 'Latency'],
    },
  ],
  'AWS/IoTFleetMetrics': [
    {
      link: 'https://docs.aws.amazon.com/iot/latest/developerguide/fleet-metrics-get-started.html',
      dimensions: ['AggregationType'],
      // Whoever makes one names it.
      names: ['*'],
    },
  ],
  'AWS/KinesisVideo': [
    {
      link: 'https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/monitoring-cloudwatch.html',
      dimensions: ['StreamName'],
      names: [
        'PutMedia.ConnectionErrors',
        'PutMedia.ErrorAckCount',
        'PutMedia.FragmentIngestionLatency',
        'PutMedia.FragmentPersistLatency',
        'PutMedia.IncomingBytes',
        'PutMedia.Success',
      ],
    },
    {
      link: 'https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/kvswebrtc-monitoring-cw.html',
      dimensions: ['Operation', 'SignalingChannelName'],
      names: ['Failure', 'Latency'],
    },
    {
      link: 'https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/kvswebrtc-monitoring-cw.html',
      dimensions: ['SignalingChannelName'],
      names: ['MessagesTransferred.Count', 'TURNConnectedMinutes'],
    },
  ],
  'AWS/Lambda': [
    {
      link: 'https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html',
      dimensions: ['FunctionName'],
      names: ['Errors', 'Throttles', 'Duration', 'Invocations'],
    },
    {
      link: 'https://docs.aws.amazon.com/lambda/latest/dg/monitoring-concurrency.html',
      dimensions: [],
      names: ['ClaimedAccountConcurrency', 'ConcurrentExecutions', 'Throttles'],
    },
  ],
  'AWS/Rekognition': [
    {
      link: 'https://docs.aws.amazon.com/rekognition/latest/dg/cloudwatch-metricsdim.html',
      dimensions: [],
      names: ['SuccessfulRequestCount', 'ThrottledCount'],
    },
  ],
  'AWS/SNS': [
    {
      link: 'https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html',
      dimensions: ['TopicName'],
      names: ['NumberOfMessagesPublished', 'NumberOfNotificationsDelivered', 'NumberOfNotificationsFailed'],
    },
  ],
  'AWS/SQS': [
    {
      link: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html',
      dimensions: ['QueueName'],
      names: ['ApproximateAgeOfOldestMessage', 'ApproximateNumberOfMessagesVisible'],
    },
  ],
  'AWS/States': [
    {
      link: 'https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html',
      dimensions: ['StateMachineArn'],
      names: ['ExecutionsFailed', 'ExecutionsTimedOut'],
    },
  ],
};

/** What is wrong with asking for the metric; nothing if AWS documents it, or the handler that it names emits it. */
export function complaint({ namespace, name, dimensions }: MetricUse): string | undefined {
  const keys = Object.keys(dimensions).sort();
  if (namespace === 'KinesisVideoFleet') {
    const { service } = dimensions;
    if (keys.join() !== 'service') return `${namespace}/${name} has the dimensions ${keys.join() || 'none'}`;
    return emittedBy(String(service)).has(name) ? undefined : `${String(service)} emits no ${name}`;
  }
  const documented = AWS[namespace]?.some(
    ({ names, dimensions: known }) =>
      known.join() === keys.join() && names.some((each) => each === name || each === '*'),
  );
  return documented ? undefined : `${namespace}/${name} with the dimensions ${keys.join() || 'none'} is not documented`;
}

const root = join(__dirname, '..', '..', '..');
const emitted = new Map<string, Set<string>>();

/** The names in those of a handler's own files that add metrics, be they written there or taken from a table. */
function emittedBy(handler: string): Set<string> {
  const known = emitted.get(handler);
  if (known) return known;
  const { metafile } = buildSync({
    ...BUNDLE,
    entryPoints: [join('lambda', handler, 'index.ts')],
    packages: 'external',
    write: false,
    metafile: true,
  });
  const names = new Set<string>();
  for (const file of Object.keys(metafile!.inputs)) {
    const text = readFileSync(join(root, file), 'utf8');
    if (!/\baddMetric\(/.test(text)) continue;
    for (const [, literal, key] of text.matchAll(/'([A-Z][a-z]+[A-Za-z]*)'|\b([A-Z][a-z]+[A-Za-z]*):/g))
      names.add(literal ?? key);
  }
  emitted.set(handler, names);
  return names;
}
