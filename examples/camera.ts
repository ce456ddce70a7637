import { App, Duration, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { ImageGeneration, SignalingChannel, VideoStream } from 'cdk-kinesis-video';

const stack = new Stack(new App(), 'Gate');
const stream = new VideoStream(stack, 'Stream', { retention: Duration.days(7) });
const channel = new SignalingChannel(stack, 'Channel');
const images = new ImageGeneration(stack, 'Images', {
  stream,
  bucket: new Bucket(stack, 'Frames', {
    encryption: BucketEncryption.KMS,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
  }),
  samplingInterval: Duration.seconds(1),
});

// The camera streams, is seen live, and has its images made in its name.
const camera = new Role(stack, 'Camera', {
  assumedBy: new ServicePrincipal('credentials.iot.amazonaws.com', {
    conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
  }),
});
stream.grants.putMedia(camera);
channel.grants.connectAsMaster(camera);
images.grantProducer(camera);

// Whoever reviews recordings may watch this one stream, and nothing else.
const reviewer = new Role(stack, 'Reviewer', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
stream.grants.hlsPlayback(reviewer);

stream.metricPutMediaFragmentPersistLatency().createAlarm(stack, 'SlowToPersist', {
  threshold: 5000,
  evaluationPeriods: 3,
});
