import { App, Stack } from 'aws-cdk-lib';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import {
  AlertTopic,
  DeviceIdentity,
  FleetKey,
  FrameStore,
  ImageDetector,
  ImageGeneration,
  ObstacleClass,
  VideoStream,
} from 'cdk-kinesis-video';

const stack = new Stack(new App(), 'Yard');
const encryptionKey = new FleetKey(stack, 'Key');

// The camera is the thing `yard`: its certificate reaches the stream of that name, and no other.
const stream = new VideoStream(stack, 'Stream', { streamName: 'yard', encryptionKey });
const frames = new FrameStore(stack, 'Frames', { encryptionKey });
new DeviceIdentity(stack, 'Identity', { encryptionKey, images: frames });

// An image each three seconds, which Rekognition looks at.
new ImageGeneration(stack, 'Images', { stream, bucket: frames.bucket, prefix: `${frames.prefix}/yard` });
const alerts = new AlertTopic(stack, 'Alerts', { encryptionKey });
new ImageDetector(stack, 'Detector', {
  fleetName: 'yard',
  frames,
  alerts,
  obstacles: [new ObstacleClass({ name: 'person', labels: ['Person'] })],
});
alerts.subscribe(new EmailSubscription('owner@example.com'));
