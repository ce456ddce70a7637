import { ASSUMED } from './assumptions';
import type { Load } from './load';
import { seconds } from './units';

/** A quota of AWS, or a limit that a fleet has set itself. */
export interface Quota {
  readonly id: string;
  readonly name: string;
  readonly limit: number;
  /** Whether AWS raises it. */
  readonly adjustable: boolean;
  readonly source: string;
  /** The limit could not be confirmed. */
  readonly assumed?: boolean;
  /** Whether it follows from how many devices there are, and not from how they are used. */
  readonly counted?: boolean;
  readonly needed: number;
  /** What to do about it, beside having it raised. */
  readonly remedy: string;
}

const DOCS = 'https://docs.aws.amazon.com';
const KVS = `${DOCS}/kinesisvideostreams/latest/dg/limits.html`;
const WEBRTC = `${DOCS}/kinesisvideostreams-webrtc-dg/latest/devguide/kvswebrtc-limits.html`;
const IOT = `${DOCS}/general/latest/gr/iot-core.html`;
const REKOGNITION = `${DOCS}/general/latest/gr/rekognition.html`;
const LAMBDA = `${DOCS}/lambda/latest/dg/gettingstarted-limits.html`;
const S3 = `${DOCS}/AmazonS3/latest/userguide/optimizing-performance.html`;
const API = `${DOCS}/apigateway/latest/developerguide/limits.html`;
const OWN = 'a limit of the fleet itself';

const MANY_CHANNELS = ['us-east-1', 'us-west-2'];
const MANY_IMAGES = ['us-east-1', 'us-west-2', 'eu-west-1'];
const CELLS = 'Use more cells';

/** Which quotas there are, and what a cell needs of each. */
export function quotasOf(cell: Load): Quota[] {
  return [...media(cell), ...connections(cell), ...analysis(cell), ...viewing(cell)];
}

function media(cell: Load): Quota[] {
  const { region, storedChannels, bitrate, reconnectWithin } = cell.workload;
  const back = cell.busiestStreams / seconds(reconnectWithin);
  const spread = 'Have devices wait for a random time before they connect again, and set `reconnectWithin`';
  return [
    {
      id: 'stream',
      name: 'Streams',
      limit: 10_000,
      adjustable: true,
      counted: true,
      source: KVS,
      needed: cell.streams,
      remedy: CELLS,
    },
    {
      id: 'channel',
      name: 'Signaling channels',
      limit: MANY_CHANNELS.includes(region) ? 10_000 : 5_000,
      adjustable: true,
      counted: true,
      source: WEBRTC,
      needed: cell.channels,
      remedy: CELLS,
    },
    {
      id: 'storedChannel',
      name: 'Channels with stored sessions',
      limit: 100,
      adjustable: true,
      counted: true,
      source: WEBRTC,
      needed: storedChannels,
      remedy: 'Record by PutMedia beside the live video',
    },
    {
      id: 'describeStream',
      name: 'DescribeStream a second, after an outage',
      limit: 300,
      adjustable: false,
      source: KVS,
      needed: back,
      remedy: spread,
    },
    {
      id: 'getDataEndpoint',
      name: 'GetDataEndpoint a second, after an outage',
      limit: 300,
      adjustable: false,
      source: KVS,
      needed: back + cell.rate(ASSUMED.secondsPerKey),
      remedy: spread,
    },
    {
      id: 'putMedia',
      name: 'PutMedia of a stream, bytes a second',
      limit: 12_500_000,
      adjustable: false,
      source: KVS,
      needed: bitrate.toBitsPerSecond() / 8,
      remedy: 'Lower the bitrate',
    },
  ];
}

function connections(cell: Load): Quota[] {
  const { devices, busiestShare, reconnectWithin, messagesPerHour, onDeviceDetection, viewers, region } = cell.workload;
  const messages = onDeviceDetection ? (devices * busiestShare * messagesPerHour) / 3600 : 0;
  const messageLimit = MANY_IMAGES.includes(region) ? 20_000 : 2_000;
  return [
    {
      id: 'iotConnection',
      name: 'Connections to AWS IoT',
      limit: 500_000,
      adjustable: true,
      assumed: true,
      source: IOT,
      needed: devices * busiestShare + viewers,
      remedy: CELLS,
    },
    {
      id: 'iotConnect',
      name: 'New connections to AWS IoT a second, after an outage',
      limit: 500,
      adjustable: true,
      assumed: true,
      source: IOT,
      needed: (devices * busiestShare) / seconds(reconnectWithin),
      remedy: 'Have devices wait for a random time before they connect again, and set `reconnectWithin`',
    },
    {
      id: 'iotPublish',
      name: 'Messages of devices a second',
      limit: messageLimit,
      adjustable: true,
      assumed: true,
      source: IOT,
      needed: messages,
      remedy: 'Have devices publish less often',
    },
    {
      id: 'iotRule',
      name: 'Rules set off a second',
      limit: messageLimit,
      adjustable: true,
      assumed: true,
      source: IOT,
      needed: messages,
      remedy: 'Have devices publish less often',
    },
  ];
}

function analysis(cell: Load): Quota[] {
  const { imageInterval, analysedShare, imagesPerSecond = Infinity, region } = cell.workload;
  const made = cell.images > 0 ? cell.busiestStreams / seconds(imageInterval) : 0;
  const toAnalyse = made * analysedShare;
  const analysed = Math.min(toAnalyse, imagesPerSecond);
  const fewer = 'Analyse only while something moves, make fewer images, or leave it to models on the devices';
  return [
    ...(Number.isFinite(imagesPerSecond)
      ? [
          {
            id: 'imagePace',
            name: 'Images to analyse a second',
            limit: imagesPerSecond,
            adjustable: false,
            source: OWN,
            needed: toAnalyse,
            remedy: `Those beyond are dropped. ${fewer}; or have the quota of DetectLabels raised, and \`callsPerSecond\` with it`,
          },
        ]
      : []),
    {
      id: 'detectLabels',
      name: 'DetectLabels a second',
      limit: MANY_IMAGES.includes(region) ? 50 : 5,
      adjustable: true,
      source: REKOGNITION,
      needed: analysed,
      remedy: fewer,
    },
    {
      id: 'lambdaConcurrency',
      name: 'Functions that run at once',
      limit: 1_000,
      adjustable: true,
      source: LAMBDA,
      needed: analysed * ASSUMED.secondsPerAnalysis + (made / ASSUMED.messagesPerBatch) * ASSUMED.secondsPerInvocation,
      remedy: fewer,
    },
    {
      id: 's3Put',
      name: 'Frames put a second, in the folder of a stream',
      limit: 3_500,
      adjustable: false,
      source: S3,
      needed: cell.images > 0 ? 1 / seconds(imageInterval) : 0,
      remedy: 'Make fewer images',
    },
  ];
}

function viewing(cell: Load): Quota[] {
  const { viewers, viewersPerDevice, console: site, signaling } = cell.workload;
  const calls = site ? (viewers * ASSUMED.callsPerViewerHour) / 3600 : 0;
  return [
    {
      id: 'hlsSession',
      name: 'Sessions of HLS begun a second, all viewers within a minute',
      limit: 25,
      adjustable: true,
      source: KVS,
      needed: viewers / 60,
      remedy: CELLS,
    },
    {
      id: 'viewersPerChannel',
      name: 'Viewers of a channel at once',
      limit: 10,
      adjustable: true,
      source: WEBRTC,
      needed: signaling ? viewersPerDevice : 0,
      remedy: 'Have the others watch by HLS',
    },
    {
      id: 'viewingApi',
      name: 'Calls of the viewing API a second',
      limit: 50,
      adjustable: false,
      source: OWN,
      needed: calls,
      remedy: 'Raise `rateLimit` of the viewing API',
    },
    {
      id: 'apiGateway',
      name: 'Calls of API Gateway a second',
      limit: 10_000,
      adjustable: true,
      source: API,
      needed: calls,
      remedy: CELLS,
    },
  ];
}
