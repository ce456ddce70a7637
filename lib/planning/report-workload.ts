import type { FleetPlan } from './fleet-plan';
import { amount, counted, megabits, percent, time } from './format';
import { VideoAnalysis } from './fleet-usage';
import { bytes, gigabytes } from './units';

/** What a plan is of, as a reader would say it. */
export function workloadRows({ _load: load, mediaPerDay }: FleetPlan): [string, string][] {
  const { workload } = load;
  const images = workload.analysis === VideoAnalysis.IMAGES;
  const rows: [string, string | false][] = [
    [
      'Devices',
      `${amount(workload.devices)} with ${counted(workload.camerasPerDevice, 'camera')} each, in ${counted(workload.cells, 'cell')}`,
    ],
    ['Region', workload.region],
    ['Streaming', `${time(workload.streamingPerDay)} a day at ${megabits(workload.bitrate)}`],
    ['At once', `${percent(workload.busiestShare)} of the devices`],
    [
      'Media',
      `${amount(mediaPerDay / 1e12)} TB a day, which is ${amount(gigabytes(bytes(mediaPerDay)))} GB as AWS bills it`,
    ],
    ['Kept', `${time(workload.retention)} in the ${workload.storageTier} tier`],
    ['Fragments', time(workload.fragmentDuration)],
    ['Analysis in the cloud', `${workload.analysis}, ${percent(workload.analysedShare)} of the time`],
    ['Images', images && `one each ${time(workload.imageInterval)}, kept for ${time(workload.imageRetention)}`],
    [
      'Images analysed',
      images &&
        (workload.imagesPerSecond === undefined ? 'all' : `${amount(workload.imagesPerSecond)} a second in each cell`),
    ],
    [
      'Messages',
      `${amount(workload.messagesPerHour)} an hour of each device${workload.basicIngest ? ', by Basic Ingest' : ''}`,
    ],
    ['Alerts', `${amount(workload.alertsPerDay)} a day of each device, mailed to ${amount(workload.alertEmails)}`],
    [
      'Viewers',
      `${amount(workload.viewers)}, each ${time(workload.livePerDay)} live and ${time(workload.playbackPerDay)} of playback a day`,
    ],
    ['Outage', `all back within ${time(workload.reconnectWithin)}`],
  ];
  return rows.filter((row): row is [string, string] => row[1] !== false);
}
