import { Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { droneFleet } from '../../bin/drone-fleet';
import {
  DeviceIdentity,
  FleetProvisioning,
  MediaStorage,
  ProvisioningMethod,
  SignalingChannel,
  StreamNotifications,
  VideoStream,
} from '../../lib';
import { findingsOf, reportingApp } from '../support/checks';
import { appOfExample, EXAMPLES } from '../support/examples';
import { EVERYTHING } from '../support/nag';

test.each([
  ['by default', undefined],
  ['with everything on', EVERYTHING],
  ['without signaling', { signaling: false }],
  ['in China', { cells: [{ name: 'cell-1', account: '111122223333', region: 'cn-north-1' }] }],
])('the reference fleet %s has no findings', (_what, fleet) => {
  const app = reportingApp({ fleet });
  droneFleet(app);
  // What a construct can't do without, it acknowledges itself.
  expect(findingsOf(app).filter(({ reason }) => reason === undefined)).toEqual([]);
});

test('a fleet that leaves nothing behind says that its key goes, and what it encrypts with it', () => {
  const app = reportingApp({ fleet: { removalPolicy: 'DESTROY' } });
  droneFleet(app);
  const found = findingsOf(app).map(({ rule, path, locations }) => [
    rule,
    path.split('/').slice(2).join('/'),
    ...locations,
  ]);
  expect(found).toEqual([
    ['MediaRemoval', 'Key/Resource', 'DeletionPolicy'],
    ['MediaRemoval', 'Key/Resource', 'UpdateReplacePolicy'],
  ]);
});

describe('constructs that no example has', () => {
  const made = () => {
    const app = reportingApp();
    const stack = new Stack(app, 'Gate');
    const channel = new SignalingChannel(stack, 'Channel');
    new MediaStorage(stack, 'Storage', { channel, stream: new VideoStream(stack, 'Stream') });
    return { app, stack, channel, viewer: new Role(stack, 'Viewer', { assumedBy: new AccountRootPrincipal() }) };
  };

  test('media storage, for those who join its sessions', () => {
    const { app, channel, viewer } = made();
    channel.grants.joinStorageSessionAsViewer(viewer);
    expect(findingsOf(app)).toEqual([]);
  });

  test('media storage is found where viewers expect the device itself', () => {
    const { app, channel, viewer } = made();
    channel.grants.connectAsViewer(viewer);
    expect(findingsOf(app).map(({ rule, path }) => [rule, path])).toEqual([
      ['MediaStoragePeers', 'Gate/Storage/Setting/Resource/Default'],
    ]);
  });

  test('live streams, notifications, and registration by a certificate authority', () => {
    const app = reportingApp();
    const stack = new Stack(app, 'Gate');
    new VideoStream(stack, 'Live', { liveOnly: true }).grants.consumeMedia(
      new Role(stack, 'Consumer', { assumedBy: new AccountRootPrincipal() }),
    );
    const stream = new VideoStream(stack, 'Stream');
    new StreamNotifications(stack, 'Notifications', { stream, topic: new Topic(stack, 'Topic', { enforceSSL: true }) });
    const identity = new DeviceIdentity(stack, 'Identity', { cameras: ['front'] });
    new FleetProvisioning(stack, 'Provisioning', { identity, method: ProvisioningMethod.JITP });
    expect(findingsOf(app)).toEqual([]);
  });

  test('viewing, with recordings that are not live', () => {
    const { app, stack, viewer } = made();
    new VideoStream(stack, 'Live', { liveOnly: true }).grants.hlsPlayback(viewer);
    expect(findingsOf(app).map(({ rule, path }) => [rule, path])).toEqual([['StreamRetention', 'Gate/Live/Resource']]);
  });
});

test.each(EXAMPLES)('the example %s has no findings', async (file) => {
  const app = await appOfExample(file, () => reportingApp());
  expect(findingsOf(app).filter(({ reason }) => reason === undefined)).toEqual([]);
});
