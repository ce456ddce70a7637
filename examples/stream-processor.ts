import { App, Stack, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import {
  AlertSeverity,
  AlertTopic,
  ConnectedHomeLabel,
  FaceCollection,
  FaceDetections,
  FaceSearch,
  FrameRegion,
  LabelDetections,
  LabelDetector,
  ObstacleClass,
  VideoStream,
} from 'cdk-kinesis-video';

const stack = new Stack(new App(), 'Gate', { env: { region: 'eu-west-1' } });
const alerts = new AlertTopic(stack, 'Alerts');
const starter = new Role(stack, 'Starter', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });

// People and parcels at the gate, told of once in each session that the starter begins.
const labels = new LabelDetections(stack, 'Labels', {
  fleetName: 'gates',
  obstacles: [new ObstacleClass({ name: 'visitor', labels: ['PERSON', 'PACKAGE'], minimumConfidence: 60 })],
  alerts,
});
const gate = new LabelDetector(stack, 'Gate', {
  stream: new VideoStream(stack, 'GateStream', { streamName: 'gate-1' }),
  labels: [ConnectedHomeLabel.PERSON, ConnectedHomeLabel.PACKAGE],
  minimumConfidence: 60,
  regions: [new FrameRegion({ left: 0, top: 0.5, width: 1, height: 0.5 })],
  bucket: new Bucket(stack, 'Frames', {
    encryption: BucketEncryption.KMS,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
  }),
  prefix: 'labels',
  topic: labels.topic,
});
gate.grants.startStop(starter);

// Faces in the hall that are in the collection as `banned`, and those that nobody knows.
const faces = new FaceDetections(stack, 'Faces', {
  fleetName: 'gates',
  obstacles: [
    new ObstacleClass({ name: 'banned', labels: ['banned'], severity: AlertSeverity.CRITICAL }),
    new ObstacleClass({ name: 'stranger', labels: ['unknown face'], severity: AlertSeverity.INFO }),
  ],
  alerts,
});
const hall = new FaceSearch(stack, 'Hall', {
  stream: new VideoStream(stack, 'HallStream', { streamName: 'hall-1' }),
  collection: new FaceCollection(stack, 'Known'),
  dataStream: faces.dataStream,
  matchThreshold: 90,
});
hall.grants.startStop(starter);

const reason = 'The account has used stream processors since before April 2026.';
for (const processor of [gate, hall]) {
  Validations.of(processor).acknowledge({ id: 'cdk-kinesis-video:streamProcessorAvailability', reason });
}
