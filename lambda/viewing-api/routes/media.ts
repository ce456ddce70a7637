import { type ArchivedMedia, type MediaPorts } from '../../common/archived-media';
import { meet, type LivePorts } from '../live';
import { Playback } from '../playback';
import { listFragments, listImages, makeClip, type RecordingPorts } from '../recordings';
import { clipRequest, fragmentsQuery, imagesQuery, liveRequest, playbackRequest } from '../requests';
import { answer } from '../../common/http-api';
import { mediaName, type Routing } from '../routing';

export interface MediaRoutePorts extends MediaPorts, Omit<RecordingPorts, 'media'> {
  readonly cameras: readonly string[];
  /** Nothing if the devices have no signaling channels. */
  readonly live?: Pick<LivePorts, 'sts' | 'viewerRoleArn' | 'region' | 'kinesisVideoFor' | 'signalingFor'>;
}

/** To watch a device, live or recorded. */
export function addMediaRoutes({ router, access, admit, ports }: Routing<MediaRoutePorts>, media: ArchivedMedia): void {
  const playback = new Playback({ ...ports, media });
  const recordings = { ...ports, media };
  const { cameras, live } = ports;

  if (live) {
    router.post(
      '/devices/:device/live',
      async ({ event, params, valid }) => {
        const { camera } = valid.req.body;
        const admission = await admit(event, params.device, 'live');
        const channel = mediaName(params.device, camera, cameras);
        const meeting = await meet(channel, admission.caller.sub, { ...ports, ...live });
        access.granted(admission, Date.parse(meeting.expiresAt), { camera, clientId: meeting.clientId });
        return answer(meeting);
      },
      { validation: { req: { body: liveRequest } } },
    );
  }

  for (const format of ['hls', 'dash'] as const) {
    router.post(
      `/devices/:device/${format}`,
      async ({ event, params, valid }) => {
        const request = valid.req.body;
        const admission = await admit(event, params.device, format);
        const stream = mediaName(params.device, request.camera, cameras);
        const session = await playback.open(format, admission.caller.sub, stream, request);
        access.granted(admission, session.expiresAt, { ...request });
        return answer({ url: session.url, expiresAt: new Date(session.expiresAt).toISOString() });
      },
      { validation: { req: { body: playbackRequest } } },
    );
  }

  router.post(
    '/devices/:device/clip',
    async ({ event, params, valid }) => {
      const request = valid.req.body;
      const admission = await admit(event, params.device, 'clip');
      const clip = await makeClip(mediaName(params.device, request.camera, cameras), request, recordings);
      access.granted(admission, clip.expiresAt, { ...request, key: clip.key });
      return answer({ url: clip.url, expiresAt: new Date(clip.expiresAt).toISOString() });
    },
    { validation: { req: { body: clipRequest } } },
  );

  router.get(
    '/devices/:device/images',
    async ({ event, params, valid }) => {
      const { query } = valid.req;
      const admission = await admit(event, params.device, 'images');
      const images = await listImages(mediaName(params.device, query.camera, cameras), query, recordings);
      access.granted(admission, ports.now(), { camera: query.camera, from: query.from, to: query.to });
      return answer(images);
    },
    { validation: { req: { query: imagesQuery } } },
  );

  router.get(
    '/devices/:device/fragments',
    async ({ event, params, valid }) => {
      const { query } = valid.req;
      const admission = await admit(event, params.device, 'fragments');
      const fragments = await listFragments(mediaName(params.device, query.camera, cameras), query, recordings);
      access.granted(admission, ports.now(), { camera: query.camera, from: query.from, to: query.to });
      return answer(fragments);
    },
    { validation: { req: { query: fragmentsQuery } } },
  );
}
