import { DescribeStreamCommand, type KinesisVideoClient, type StreamInfo } from '@aws-sdk/client-kinesis-video';
import type * as z from 'zod';
import { isNamed } from '../../common/errors';
import type { PilotDesk } from '../pilot-desk';
import type { Reception } from '../reception';
import { devicesQuery, type deviceAnswer } from '../requests';
import { answer } from '../../common/http-api';
import { mediaName, type Routing } from '../routing';

export interface DeviceRoutePorts {
  readonly kinesisVideo: KinesisVideoClient;
  readonly cameras: readonly string[];
  readonly now: () => number;
}

interface Knowledge {
  readonly reception: Reception;
  /** Nothing if nobody takes control of devices. */
  readonly desk?: PilotDesk;
}

type Status = NonNullable<StreamInfo['Status']> | 'NONE';

/** Which devices there are, and how they are. */
export function addDeviceRoutes(
  { router, access, admit, callerOf, ports }: Routing<DeviceRoutePorts>,
  { reception, desk }: Knowledge,
): void {
  router.get(
    '/devices',
    async ({ event, valid }) => {
      const { limit, nextToken } = valid.req.query;
      const page = await access.list(callerOf(event), limit, nextToken);
      return answer({
        devices: await Promise.all(page.devices.map(({ name }) => describe(name, ports))),
        nextToken: page.nextToken,
      });
    },
    { validation: { req: { query: devicesQuery } } },
  );

  router.get('/devices/:device', async ({ event, params }) => {
    const { device } = params;
    const admission = await admit(event, device, 'list');
    const { caller } = admission;
    const [described, control] = await Promise.all([
      describe(device, ports, (streamName) => reception.lastOf(streamName)),
      desk && access.allows(caller, device, 'control').then((may) => (may ? desk.glance(caller, device) : undefined)),
    ]);
    access.granted(admission, ports.now());
    return answer({ ...described, control } satisfies z.infer<typeof deviceAnswer>);
  });
}

async function describe(
  device: string,
  { cameras, kinesisVideo }: DeviceRoutePorts,
  lastReceived?: (streamName: string) => Promise<string | undefined>,
): Promise<z.infer<typeof deviceAnswer>> {
  const streams = (cameras.length === 0 ? [undefined] : cameras).map(async (camera) => {
    const name = mediaName(device, camera, cameras);
    const [status, receivedAt] = await Promise.all([streamStatus(name, kinesisVideo), lastReceived?.(name)]);
    return { camera, status, receivedAt };
  });
  return { device, streams: await Promise.all(streams) };
}

async function streamStatus(StreamName: string, kinesisVideo: KinesisVideoClient): Promise<Status> {
  try {
    const { StreamInfo } = await kinesisVideo.send(new DescribeStreamCommand({ StreamName }));
    return StreamInfo?.Status ?? 'NONE';
  } catch (error) {
    // What isn't there carries no tag of the fleet, on which the permission depends.
    if (isNamed(error, 'ResourceNotFoundException', 'AccessDeniedException', 'NotAuthorizedException')) return 'NONE';
    throw error;
  }
}
