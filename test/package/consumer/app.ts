import { App, Duration, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ImageGeneration, SignalingChannel, VideoStream } from 'cdk-kinesis-video';

const app = new App();
const stack = new Stack(app, 'Consumer');

const stream = new VideoStream(stack, 'Stream', { retention: Duration.days(7) });
new ImageGeneration(stack, 'Images', { stream, bucket: new Bucket(stack, 'Bucket') });
new SignalingChannel(stack, 'Channel');

app.synth();
