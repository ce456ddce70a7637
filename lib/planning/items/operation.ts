import { ASSUMED } from '../assumptions';
import { amount, counted, megabits, time } from '../format';
import type { Load } from '../load';
import { PriceId } from '../price-id';
import { DAYS_PER_MONTH, gigabytes, seconds } from '../units';
import { sum, type Usage } from './usage';

/** What it takes to run it all: keys, metrics, alarms, the trail. */
export function operationUsage(load: Load): Usage[] {
  const { cells, audit } = load.workload;
  const cellsText = counted(cells, 'cell');
  const keyUses = load.streamSeconds / ASSUMED.secondsPerKey;
  const connections = load.starts + keyUses;
  const masters = (load.channels * seconds(load.workload.streamingPerDay) * DAYS_PER_MONTH) / ASSUMED.secondsPerMaster;
  return [
    { price: PriceId.KMS_KEYS, name: 'Keys', amount: cells, formula: `one for each of ${cellsText}` },
    sum(PriceId.KMS_REQUESTS, 'Uses of keys', [
      ['streams', connections, `${amount(load.starts)} starts + ${amount(keyUses)} times 45 min`],
      [
        'queues',
        cells * ASSUMED.queuesPerCell * ASSUMED.keyUsesPerQueue,
        `${cellsText} × ${ASSUMED.queuesPerCell} × ${amount(ASSUMED.keyUsesPerQueue)}`,
      ],
    ]),
    {
      price: PriceId.METRICS,
      name: 'Metrics of functions',
      amount: cells * ASSUMED.metricsPerCell,
      formula: `${cellsText} × ${ASSUMED.metricsPerCell}`,
    },
    {
      price: PriceId.ALARMS,
      name: 'Alarms',
      amount: cells * ASSUMED.alarmsPerCell,
      formula: `${cellsText} × ${ASSUMED.alarmsPerCell}`,
    },
    sum(PriceId.CLOUDTRAIL_EVENTS, 'Who used media (CloudTrail)', [
      ['PutMedia', audit ? connections : 0, amount(connections)],
      ['masters of channels, each hour', audit ? masters : 0, amount(masters)],
      ['live sessions', audit ? load.liveSessions * 3 : 0, `${amount(load.liveSessions)} × 3`],
    ]),
  ];
}

/** What people take who watch. */
export function viewingUsage(load: Load): Usage[] {
  const { viewers, playbackPerDay, bitrate, console: site } = load.workload;
  return [
    {
      price: PriceId.API_REQUESTS,
      name: 'Calls of the viewing API',
      amount: site ? load.apiCalls : 0,
      formula: `${amount((load.liveSeconds + load.playbackSeconds) / 3600)} h watched × ${ASSUMED.callsPerViewerHour}`,
    },
    {
      price: PriceId.CLOUDFRONT_REQUESTS,
      name: 'Files of the console',
      amount: site ? viewers * ASSUMED.filesPerViewerDay * DAYS_PER_MONTH : 0,
      formula: `${amount(viewers)} viewers × ${ASSUMED.filesPerViewerDay} × 30 days`,
    },
    sum(PriceId.TRANSFER_OUT, 'Out to the internet', [
      [
        'playback',
        gigabytes(load.played),
        `${amount(viewers)} viewers × ${time(playbackPerDay)} × 30 days × ${megabits(bitrate)} ÷ 8`,
      ],
    ]),
  ];
}
