import { settings } from '../kinds';
import { finding, type Rule } from '../rule';
import { isKnown } from '../values';

export const mediaBucketKey: Rule = {
  id: 'MediaBucketKey',
  severity: 'warning',
  title: 'Images of a stream with a key of its own go to a bucket without one',
  why: 'The video asks for permission on its key, but pictures of it are open to whoever may read the bucket.',
  fix: 'Encrypt the bucket with a key of the account (SSEAlgorithm aws:kms).',
  unseen: 'Streams and buckets of different stacks, and streams that are made by the API.',
  link: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html',
  *check(template) {
    for (const { properties } of settings(template, 'ImageGeneration')) {
      const [stream] = template.referred(properties, 'AWS::KinesisVideo::Stream');
      if (!stream?.properties.KmsKeyId) continue;
      for (const bucket of template.referred(properties, 'AWS::S3::Bucket')) {
        const { BucketEncryption: encryption } = bucket.properties;
        if (!isKnown(encryption?.ServerSideEncryptionConfiguration?.[0]?.ServerSideEncryptionByDefault?.SSEAlgorithm)) {
          continue;
        }
        if (!JSON.stringify(encryption ?? '').includes('aws:kms')) yield finding(bucket, 'Properties.BucketEncryption');
      }
    }
  },
};
