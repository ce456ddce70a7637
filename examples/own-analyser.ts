import { App, Duration, Stack } from 'aws-cdk-lib';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { AlertSeverity, AlertTopic, FrameAnalyser, FrameStore, ImageDetector, ObstacleClass } from 'cdk-kinesis-video';

const stack = new Stack(new App(), 'PowerLines');
const frames = new FrameStore(stack, 'Frames', { evidenceRetention: Duration.days(365) });
const alerts = new AlertTopic(stack, 'Alerts');

// Gets `schemas/frame-analysis-request.v1.json`, and returns `schemas/frame-analysis.v1.json`. A model goes here.
const model = new Function(stack, 'Model', {
  runtime: Runtime.NODEJS_24_X,
  handler: 'index.handler',
  memorySize: 2048,
  timeout: Duration.seconds(20),
  code: Code.fromInline(`
    exports.handler = async ({ bucket, key }) => ({
      schemaVersion: '1.0',
      detections: [{ label: 'wire', confidence: 91.5, boundingBox: { left: 0.1, top: 0.2, width: 0.5, height: 0.05 } }],
    });
  `),
});

new ImageDetector(stack, 'Detector', {
  fleetName: 'power-lines',
  frames,
  alerts,
  analyser: FrameAnalyser.function(model),
  obstacles: [new ObstacleClass({ name: 'wire', labels: ['wire'], severity: AlertSeverity.CRITICAL })],
  // What the model can do, and how long a wire that was seen is worth telling of.
  callsPerSecond: 20,
  maxConcurrency: 10,
  maximumAge: Duration.seconds(20),
});
