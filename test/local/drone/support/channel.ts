import * as kinesisVideo from '@aws-sdk/client-kinesis-video';
import * as signaling from '@aws-sdk/client-kinesis-video-signaling';
import { startGateway } from '../../../../local/cloud/gateway';
import { sign, startSignaling } from '../../../../local/cloud/kinesis-video/signaling';
import { Principals } from '../../../../local/cloud/principals';
import { modelled } from '../../../../local/cloud/service';

const ROLE = 'arn:aws:iam::111122223333:role/device';
export const REGION = 'eu-west-1';
export const CHANNEL = 'arn:aws:kinesisvideo:eu-west-1:111122223333:channel/drone-1/1';

/** A signaling channel, and the gateway at which its master finds it. */
export async function startChannel() {
  const principals = new Principals();
  principals.role(ROLE, []);
  const credentials = principals.issue(ROLE, { sessionName: 'drone-1' });
  const channel = await startSignaling({ region: REGION, secretOf: (accessKeyId) => principals.find(accessKeyId) });
  const gateway = await startGateway({
    principals,
    services: [
      modelled({
        name: 'kinesisvideo',
        protocol: 'rest-json',
        schemas: [kinesisVideo, signaling],
        operations: {
          DescribeSignalingChannel: () => ({ ChannelInfo: { ChannelARN: CHANNEL, ChannelStatus: 'ACTIVE' } }),
          GetSignalingChannelEndpoint: () => ({
            ResourceEndpointList: [
              { Protocol: 'HTTPS', ResourceEndpoint: gateway.url },
              { Protocol: 'WSS', ResourceEndpoint: channel.origin },
            ],
          }),
          GetIceServerConfig: () => ({ IceServerList: [] }),
        },
      }),
    ],
  });
  /** What a viewer opens. */
  const urlOf = async (arn: string, clientId: string) => {
    const query = { 'X-Amz-ChannelARN': arn, 'X-Amz-ClientId': clientId };
    const { host } = new URL(channel.origin);
    return `${channel.origin}/?${new URLSearchParams(await sign({ region: REGION, credentials, host }, query))}`;
  };
  return {
    ...channel,
    urlOf,
    gatewayUrl: gateway.url,
    credentials,
    stop: async () => {
      await gateway.stop();
      await channel.stop();
    },
  };
}
