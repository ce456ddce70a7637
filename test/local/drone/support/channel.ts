import { CreateSignalingChannelCommand, KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { sign } from '../../../../local/cloud/kinesis-video/signaling';
import { startMaster } from '../../../../local/drone/master';
import { REGION, startWorld } from '../../kinesis-video/world';

export { REGION } from '../../kinesis-video/world';

const NAME = 'drone-1';

/** A signaling channel, and the master of a drone in it. */
export async function startChannel(onFailure: (error: Error) => void) {
  const world = await startWorld();
  const { ChannelARN } = await world.control.send(new CreateSignalingChannelCommand({ ChannelName: NAME }));
  await world.settled(NAME);
  const { signaling } = world.video;
  const credentials = () => Promise.resolve(world.admin);
  const master = startMaster({
    kinesisVideo: new KinesisVideoClient({ region: REGION, endpoint: world.gateway.url, credentials }),
    credentials,
    region: REGION,
    channelName: NAME,
    when: '0',
    onFailure,
  });
  return {
    arn: ChannelARN!,
    master,
    /** What a viewer opens. */
    urlOf: async (clientId: string) => {
      const signing = { region: REGION, credentials: world.admin, host: new URL(signaling.origin).host };
      const query = { 'X-Amz-ChannelARN': ChannelARN!, 'X-Amz-ClientId': clientId };
      return `${signaling.origin}/?${new URLSearchParams(await sign(signing, query))}`;
    },
    dropMaster: () => signaling.dropMaster(ChannelARN!),
    stop: async () => {
      await master.stop();
      await world.stop();
    },
  };
}
