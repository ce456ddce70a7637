import { StorageTier } from '../../stream/video-stream';
import { ASSUMED } from '../assumptions';
import { VideoAnalysis } from '../fleet-usage';
import { amount, megabits, percent, time } from '../format';
import type { Load } from '../load';
import { PriceId } from '../price-id';
import { gigabytes } from '../units';
import type { Usage } from './usage';

/** Streams: what they take in, keep and give out. */
export function streamUsage(load: Load): Usage[] {
  const { workload } = load;
  const { streamingPerDay, bitrate, fragmentDuration, retention, storageTier } = workload;
  const streamed = `${amount(load.streams)} streams × ${time(streamingPerDay)} × 30 days`;
  const media = `${streamed} × ${megabits(bitrate)} ÷ 8`;
  const warm = storageTier === StorageTier.WARM;
  const days = `${amount(load.billedDays)} of 30 days`;
  return [
    warm
      ? {
          price: PriceId.KVS_INGEST_WARM,
          name: 'Fragments taken in (WARM)',
          amount: load.fragments,
          formula: `${streamed} ÷ ${time(fragmentDuration)} a fragment`,
        }
      : { price: PriceId.KVS_INGEST, name: 'Media taken in', amount: gigabytes(load.ingested), formula: media },
    {
      price: warm ? PriceId.KVS_STORAGE_WARM : PriceId.KVS_STORAGE,
      name: `Media kept (${storageTier})`,
      amount: gigabytes(load.stored),
      formula: `${media} × ${days}${load.billedDays > load.retentionDays ? `, billed for at least 30, kept for ${time(retention)}` : ''}`,
    },
    {
      price: PriceId.KVS_HLS,
      name: 'Media played by HLS',
      amount: gigabytes(load.played),
      formula: `${amount(workload.viewers)} viewers × ${time(workload.playbackPerDay)} × 30 days × ${megabits(bitrate)} ÷ 8`,
    },
    {
      price: PriceId.KVS_IMAGES,
      name: 'Images made',
      amount: load.images,
      formula: `${streamed} ÷ ${time(workload.imageInterval)} an image`,
    },
    {
      price: PriceId.KVS_CONSUMPTION,
      name: 'Media read by stream processors',
      amount: gigabytes(load.ingested) * (load.processorSeconds / (load.streamSeconds || 1)),
      formula: `${media} × ${percent(workload.analysedShare)} analysed`,
    },
  ];
}

/** Live video from peer to peer. */
export function webrtcUsage(load: Load): Usage[] {
  const { viewers, livePerDay, relayedShare } = load.workload;
  const live = `${amount(viewers)} viewers × ${time(livePerDay)} × 30 days`;
  return [
    {
      price: PriceId.WEBRTC_CHANNEL,
      name: 'Signaling channels',
      amount: load.channels,
      formula: 'one for each stream',
    },
    {
      price: PriceId.WEBRTC_MESSAGES,
      name: 'Signaling messages',
      amount: load.liveSessions * ASSUMED.messagesPerSession,
      formula: `${live} ÷ 15 min a session × ${ASSUMED.messagesPerSession} messages`,
    },
    {
      price: PriceId.WEBRTC_TURN,
      name: 'Live video relayed by TURN',
      amount: load.relayedSeconds / 60,
      formula: `${live} × ${percent(relayedShare)} relayed`,
    },
  ];
}

/** Rekognition, whichever way it looks at the video. */
export function rekognitionUsage(load: Load): Usage[] {
  const { analysedShare, analysis } = load.workload;
  const paced = load.analysed < load.toAnalyse;
  return [
    {
      price: PriceId.REKOGNITION_IMAGES,
      name: 'Images looked at by DetectLabels',
      amount: load.analysed,
      formula: paced
        ? `${amount(load.workload.imagesPerSecond ?? 0)} a second in each cell; ${amount(load.toAnalyse - load.analysed)} more are dropped`
        : `${amount(load.images)} images × ${percent(analysedShare)} analysed`,
    },
    {
      price: PriceId.REKOGNITION_STREAM,
      name: 'Video looked at by stream processors',
      amount: load.processorSeconds / 60,
      formula:
        analysis === VideoAnalysis.STREAM_PROCESSORS
          ? `${amount(load.streams)} streams × ${time(load.workload.streamingPerDay)} × 30 days × ${percent(analysedShare)} analysed`
          : '',
    },
  ];
}
