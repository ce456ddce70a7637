import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { ClipArchive } from '../../archive/clip-archive';
import type { ContinuousArchive } from '../../archive/continuous-archive';
import { PERIOD, graph } from './metrics';
import type { Section } from './watch';

const { MAXIMUM } = cloudwatch.Stats;

export interface ArchiveParts {
  readonly clips?: ClipArchive;
  readonly recordings?: ContinuousArchive;
}

/** Whether what happened, or everything, is kept for longer than the streams keep it. */
export function archiveSection({ clips, recordings }: ArchiveParts): Section {
  const widgets: cloudwatch.IWidget[] = [];
  if (clips) {
    const count = (name: string, label: string) => clips.metric(name, { period: PERIOD, label });
    widgets.push(
      graph('Incidents', [
        count('ClipStored', 'Stored'),
        count('ClipEmpty', 'Nothing was recorded'),
        count('ClipExpired', 'Deleted before it was stored'),
        count('MessageFailed', 'Tries that failed'),
      ]),
      graph('From the end of an incident to its clip', [
        clips.metricLatency({ period: PERIOD, label: 'Nine of ten, in milliseconds' }),
      ]),
      graph('Incidents that wait', [
        clips.queue.metricApproximateNumberOfMessagesVisible({
          statistic: MAXIMUM,
          period: PERIOD,
          label: 'Incidents',
        }),
      ]),
    );
  }
  if (recordings) {
    const count = (name: string, label: string) => recordings.metric(name, { period: PERIOD, label });
    widgets.push(
      graph('Segments of the continuous archive', [
        count('SegmentStored', 'Stored'),
        count('ArchiveFailed', 'Streams that failed'),
        count('ArchiveLost', 'Deleted before it was stored'),
      ]),
      graph('Bytes of the continuous archive', [count('SegmentBytes', 'Bytes')]),
    );
  }
  return { title: 'Archive', widgets, alarms: [...(clips?.alarms ?? []), ...(recordings?.alarms ?? [])] };
}
