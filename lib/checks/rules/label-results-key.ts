import { finding, type Rule } from '../rule';

export const labelResultsKey: Rule = {
  id: 'LabelResultsKey',
  severity: 'warning',
  title: 'Frames of a stream with a key of its own are written without one',
  why: 'A label detector writes frames of the video to a bucket. Without KmsKeyId they are encrypted as the bucket is by default, and so open to whoever may read the bucket, while the stream itself asks for permission on its key.',
  fix: 'Set KmsKeyId of the stream processor.',
  unseen: 'Streams of other stacks, and buckets that encrypt with a key by default: those are no finding.',
  link: 'https://docs.aws.amazon.com/rekognition/latest/dg/streaming-labels-setting-up.html',
  *check(template) {
    for (const processor of template.all('AWS::Rekognition::StreamProcessor')) {
      const { S3Destination: destination, KinesisVideoStream: source, KmsKeyId: key } = processor.properties;
      const [bucket] = template.referred(destination, 'AWS::S3::Bucket');
      if (!destination || key || JSON.stringify(bucket?.properties.BucketEncryption ?? '').includes('aws:kms'))
        continue;
      const [stream] = template.referred(source, 'AWS::KinesisVideo::Stream');
      if (stream?.properties.KmsKeyId) yield finding(processor, 'Properties.KmsKeyId');
    }
  },
};
