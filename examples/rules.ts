import { App, Duration, Stack } from 'aws-cdk-lib';
import {
  AlertSeverity,
  AlertTopic,
  DeviceIdentity,
  FrameRegion,
  FrameStore,
  ImageDetector,
  MotionGate,
  ObstacleClass,
  OnDeviceDetections,
} from 'cdk-kinesis-video';

const stack = new Stack(new App(), 'Site');
const frames = new FrameStore(stack, 'Frames');
const identity = new DeviceIdentity(stack, 'Identity', { images: frames });
const alerts = new AlertTopic(stack, 'Alerts', { repeatAfter: Duration.minutes(5) });
const fleetName = 'site';

// Frames are analysed while something moves, 200 hours a day all together at most.
const gate = new MotionGate(stack, 'Gate', { fleetName, identity, fleetLimitPerDay: Duration.hours(200) });

new ImageDetector(stack, 'Images', {
  fleetName,
  frames,
  alerts,
  gate,
  motionShare: 0.01,
  obstacles: [
    // Somebody on the ground at night: seen in three frames within 15 seconds, and one alert until nobody is there for a minute.
    new ObstacleClass({
      name: 'intruder',
      labels: ['Person', 'Car', 'Truck'],
      severity: AlertSeverity.CRITICAL,
      confirmation: { sightings: 3, within: Duration.seconds(15) },
      clearAfter: Duration.minutes(1),
      releaseConfidence: 50,
    }),
    // A queue: five people before the till.
    new ObstacleClass({
      name: 'queue',
      labels: ['Person'],
      severity: AlertSeverity.INFO,
      region: new FrameRegion({ left: 0, top: 0.5, width: 0.4, height: 0.5 }),
      minimumCount: 5,
      confirmation: { sightings: 4, within: Duration.minutes(1) },
      clearAfter: Duration.minutes(2),
    }),
  ],
});

new OnDeviceDetections(stack, 'OnDevice', {
  fleetName,
  identity,
  alerts,
  obstacles: [
    // Of a microphone: a sound has no place in a frame.
    new ObstacleClass({
      name: 'gunshot',
      labels: ['gunshot'],
      severity: AlertSeverity.CRITICAL,
      minimumConfidence: 70,
    }),
    // Of a thermal camera, which measures by itself: `value` is in °C.
    new ObstacleClass({ name: 'overheating', labels: ['hotspot'], minimumValue: 85, clearAfter: Duration.minutes(10) }),
  ],
});
