import { App, CfnOutput, Duration, Stack, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  AlertTopic,
  DeviceIdentity,
  FleetKey,
  FrameStore,
  ImageDetector,
  ImageGeneration,
  MediaProvisioner,
  MediaStorage,
  ObstacleClass,
  SignalingChannel,
  StorageTier,
  VideoStream,
  ViewingApi,
} from 'cdk-kinesis-video';

const stack = new Stack(new App(), 'Questions');
const encryptionKey = new FleetKey(stack, 'Key');
const frames = new FrameStore(stack, 'Frames', { encryptionKey });

// A thing, and the streams of its cameras: <thing>.front and <thing>.down.
const identity = new DeviceIdentity(stack, 'Identity', {
  cameras: ['front', 'down'],
  images: frames,
  encryptionKey,
});

// Which endpoints devices use, in the output of the stack.
new CfnOutput(stack, 'DeviceConfiguration', { value: stack.toJsonString(identity.configuration(stack)) });

// A stream that is played must keep something. What is kept for long is cheaper on the WARM tier.
const stream = new VideoStream(stack, 'Stream', {
  streamName: 'yard',
  retention: Duration.days(90),
  storageTier: StorageTier.WARM,
  encryptionKey,
});

// Images, and the permission of whoever sends the video.
const images = new ImageGeneration(stack, 'Images', { stream, bucket: frames.bucket, prefix: 'frames/yard' });
const camera = new Role(stack, 'YardCamera', {
  assumedBy: new ServicePrincipal('credentials.iot.amazonaws.com', {
    conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
  }),
});
stream.grants.putMedia(camera);
images.grantProducer(camera);

// Tags of a channel, which are put on by the API as well.
const channel = new SignalingChannel(stack, 'Channel', { tags: { team: 'yard' } });

// Sessions of this channel are stored, and nobody is connected peer to peer any more.
const storage = new MediaStorage(stack, 'Storage', { channel, stream });
Validations.of(storage).acknowledge({
  id: 'cdk-kinesis-video:mediaStorageDisablesPeerToPeer',
  reason: 'A doorbell: who rings is recorded, and half a second more is no matter.',
});

// Streams and channels of devices are made when things register, so that none is in a template.
new MediaProvisioner(stack, 'Media', { fleetName: 'delivery', identity });

// A stream that exists already, by its name: its ARN ends in `*`, whatever the time of creation is.
const lobby = VideoStream.fromStreamAttributes(stack, 'Lobby', { streamName: 'lobby' });
const reviewer = new Role(stack, 'LobbyReviewer', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
lobby.grants.hlsPlayback(reviewer);

// Images of all streams, looked at by Rekognition's labels: open to every account.
new ImageDetector(stack, 'Detector', {
  fleetName: 'delivery',
  frames,
  alerts: new AlertTopic(stack, 'Alerts', { encryptionKey }),
  obstacles: [new ObstacleClass({ name: 'person', labels: ['Person'] })],
});

// Reviewers watch by HLS, as many as there are; pilots live, over the channel.
new ViewingApi(stack, 'Viewing', {
  fleetName: 'delivery',
  identity,
  encryptionKey,
  signIn: { domainPrefix: 'delivery-viewers', callbackUrls: ['https://watch.example.com'] },
});
