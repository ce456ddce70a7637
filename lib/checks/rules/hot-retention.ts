import { finding, type Rule } from '../rule';
import { isKnown } from '../values';

/** The WARM tier bills for 30 days at least, so up to there it can't be cheaper. */
const HOURS = 30 * 24;

export const hotRetention: Rule = {
  id: 'HotRetention',
  severity: 'warning',
  title: 'A stream keeps media on the HOT tier for more than 30 days',
  why: 'HOT is for reads at the lowest latency. What is kept for longer than 30 days, the least that WARM is billed for, costs a multiple of what it does there.',
  fix: 'Set StreamStorageConfiguration.DefaultStorageTier to WARM.',
  unseen: 'How often old media is read, which may outweigh the price of storage.',
  link: 'https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/tiered-storage.html',
  *check(template) {
    for (const stream of template.all('AWS::KinesisVideo::Stream')) {
      const { DataRetentionInHours: hours, StreamStorageConfiguration: storage } = stream.properties;
      if (!isKnown(storage) || (storage?.DefaultStorageTier ?? 'HOT') !== 'HOT') continue;
      if (Number(hours) > HOURS) yield finding(stream, 'Properties.DataRetentionInHours', `${hours} hours`);
    }
  },
};
