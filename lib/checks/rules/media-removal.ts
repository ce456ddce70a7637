import { emptiedBuckets, mediaBuckets } from '../kinds';
import { finding, type Rule } from '../rule';
import type { CheckedTemplate, Resource } from '../template';

export const mediaRemoval: Rule = {
  id: 'MediaRemoval',
  severity: 'warning',
  title: 'Media, faces or their key are deleted with the stack',
  why: 'CloudFormation deletes streams with all recordings, and face collections with all faces, unless told otherwise. A key takes with it whatever is encrypted with it. A change of the name replaces a stream, which deletes it as well.',
  fix: 'Set DeletionPolicy and UpdateReplacePolicy to Retain (in the CDK: removalPolicy RETAIN). For what may go with its stack, as in tests, acknowledge this.',
  unseen:
    'Streams that keep nothing, signaling channels (nothing is in them), and buckets that nothing empties: CloudFormation fails to delete those. Which tables and user pools are of value can not be told.',
  link: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html',
  *check(template) {
    for (const resource of valuables(template)) {
      for (const attribute of ['deletionPolicy', 'updateReplacePolicy'] as const) {
        if (resource[attribute]?.startsWith('Retain')) continue;
        yield finding(
          resource,
          attribute.replace(/^./, (first) => first.toUpperCase()),
        );
      }
    }
  },
};

function valuables(template: CheckedTemplate): Resource[] {
  const streams = template
    .all('AWS::KinesisVideo::Stream')
    .filter(({ properties }) => Number(properties.DataRetentionInHours ?? 0) !== 0);
  const buckets = mediaBuckets(template);
  const keys = [
    ...streams.map(({ properties }) => properties.KmsKeyId),
    ...buckets.map(({ properties }) => properties.BucketEncryption),
  ];
  return [
    ...streams,
    ...template.referred(keys, 'AWS::KMS::Key'),
    ...emptiedBuckets(template).filter((bucket) => buckets.includes(bucket)),
    ...template.all('AWS::Rekognition::Collection'),
  ];
}
