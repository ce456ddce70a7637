import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateSignalingChannelCommand, CreateStreamCommand, KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { GetClipCommand, KinesisVideoArchivedMediaClient } from '@aws-sdk/client-kinesis-video-archived-media';
import { startGateway, type Fault, type Gateway } from '../../../local/cloud/gateway';
import { startKinesisVideo, type KinesisVideo } from '../../../local/cloud/kinesis-video';
import { startDrone } from '../../../local/drone/drone';
import { renderFilm } from '../../../local/drone/film';
import { ACCOUNT, REGION, role, until } from '../iot/support';
import { TEMPLATE, startFleet, type Fleet } from './support/iot';

let fleet: Fleet;
let video: KinesisVideo;
let gateway: Gateway;
let fault: Fault | undefined;
let connected: unknown[];

beforeEach(async () => {
  [fault, connected] = [undefined, []];
  fleet = await startFleet();
  const { principals } = fleet;
  const everything = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };
  principals.role(role('Admin'), [everything]);
  video = await startKinesisVideo({
    principals,
    gatewayUrl: () => gateway.url,
    region: REGION,
    account: ACCOUNT,
    onEvent: ({ eventName }) => connected.push(eventName),
  });
  const faults = ({ principal }: { principal: { thingName?: string } }) => (principal.thingName ? fault : undefined);
  gateway = await startGateway({ principals, services: [video.service], faults });
});
afterEach(async () => {
  await gateway.stop();
  await video.stop();
  await fleet.stop();
});

test('what a drone films is in its stream, whole, though the service fails at first; its master is in its channel', async () => {
  const credentials = fleet.principals.issue(role('Admin'), { sessionName: 'admin' });
  const config = { region: REGION, endpoint: gateway.url, credentials };
  const drone = startDrone({
    serialNumber: 'drone-0001',
    claim: fleet.claim,
    endpoints: {
      mqtt: `mqtts://${fleet.iot.dataEndpoint}`,
      credentials: `https://${fleet.iot.credentialsEndpoint}`,
      kinesisVideo: gateway.url,
      ca: fleet.iot.caPem,
    },
    templateName: TEMPLATE,
    film: await renderFilm(),
    storageFile: join(mkdtempSync(join(tmpdir(), 'drone-')), 'device.json'),
  });
  const times = (type: string) =>
    drone.events.filter((event) => event.type === type).map(({ detail }) => detail as number);
  await until(() => times('REGISTERED').length === 1);

  // As the fleet makes them some time later.
  const control = new KinesisVideoClient(config);
  await control.send(new CreateStreamCommand({ StreamName: 'drone-0001', DataRetentionInHours: 24 }));
  await control.send(new CreateSignalingChannelCommand({ ChannelName: 'drone-0001' }));
  await until(() => times('STREAMING').length === 1);
  fault = 'error';
  await until(() => drone.events.some(({ type, detail }) => type === 'FAILED' && /fail/.test(String(detail))));
  fault = undefined;
  await until(() => times('PERSISTED').length === 3);
  await until(() => connected.includes('ConnectAsMaster'));
  await drone.stop();

  const [first, second, third] = times('PERSISTED');
  expect([second - first, third - first]).toEqual([2000, 4000]);
  const archive = new KinesisVideoArchivedMediaClient(config);
  const { Payload } = await archive.send(
    new GetClipCommand({
      StreamName: 'drone-0001',
      ClipFragmentSelector: {
        FragmentSelectorType: 'PRODUCER_TIMESTAMP',
        TimestampRange: { StartTimestamp: new Date(first), EndTimestamp: new Date(third + 1999) },
      },
    }),
  );
  const clip = join(tmpdir(), 'clip.mp4');
  writeFileSync(clip, await Payload!.transformToByteArray());
  const shown = ['-count_frames', '-show_entries', 'stream=codec_name,nb_read_frames', '-of', 'csv=p=0', clip];
  expect(execFileSync('ffprobe', ['-v', 'error', ...shown], { encoding: 'utf8' }).trim()).toBe('h264,60');
});
