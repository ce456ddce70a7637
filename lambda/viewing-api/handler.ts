import { NotFoundError, RequestValidationError, Router } from '@aws-lambda-powertools/event-handler/http';
import { DescribeStreamCommand, type StreamInfo } from '@aws-sdk/client-kinesis-video';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type * as z from 'zod';
import { isNamed } from '../common/errors';
import { logger } from '../common/observability';
import { Access } from '../common/access/access';
import { ArchivedMedia, type MediaPorts } from './archived-media';
import type { Action } from '../common/access/authorize';
import type { Authorizer } from '../common/access/authorizer';
import { callerOf, type ClaimNames } from '../common/access/caller';
import { Devices, type DevicePorts } from '../common/access/devices';
import { meet, type LivePorts } from './live';
import { Playback } from './playback';
import { Problem, problemOf, unknownDevice } from '../common/access/problem';
import { listFragments, listImages, makeClip, type RecordingPorts } from './recordings';
import {
  clipRequest,
  devicesQuery,
  fragmentsQuery,
  imagesQuery,
  liveRequest,
  playbackRequest,
  type devicesAnswer,
} from './requests';

export interface Ports extends DevicePorts, MediaPorts, Omit<RecordingPorts, 'media'> {
  readonly authorizer: Authorizer;
  readonly claims: ClaimNames;
  readonly cameras: readonly string[];
  /** Nothing if the devices have no signaling channels. */
  readonly live?: Pick<LivePorts, 'sts' | 'viewerRoleArn' | 'region' | 'kinesisVideoFor' | 'signalingFor'>;
}

export type Api = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

/** What names of devices are made of, so that no path is read in two ways: nothing that would be decoded or resolved. */
const PATH = /^\/v1(\/[a-zA-Z0-9_-]+){1,3}$/;

/** Makes the API of what it works with. It keeps what it knows of devices, and sessions of each viewer, for a moment. */
export function viewingApi(ports: Ports): Api {
  const devices = new Devices(ports);
  const access = new Access(ports.authorizer, devices);
  const media = new ArchivedMedia(ports);
  const playback = new Playback({ ...ports, media });
  const recordings = { ...ports, media };
  const router = new Router({ prefix: '/v1', logger });

  const admit = (event: unknown, device: string, action: Action) =>
    access.admit(callerOf(event, ports.claims), device, action);

  router.get(
    '/devices',
    async ({ event, valid }) => {
      const { limit, nextToken } = valid.req.query;
      const page = await access.list(callerOf(event, ports.claims), limit, nextToken);
      return answer({
        devices: await Promise.all(page.devices.map(({ name }) => describe(name, ports))),
        nextToken: page.nextToken,
      });
    },
    { validation: { req: { query: devicesQuery } } },
  );

  const { live } = ports;
  if (live) {
    router.post(
      '/devices/:device/live',
      async ({ event, params, valid }) => {
        const { camera } = valid.req.body;
        const admission = await admit(event, params.device, 'live');
        const channel = mediaName(params.device, camera, ports);
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
        const stream = mediaName(params.device, request.camera, ports);
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
      const clip = await makeClip(mediaName(params.device, request.camera, ports), request, recordings);
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
      const images = await listImages(mediaName(params.device, query.camera, ports), query, recordings);
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
      const fragments = await listFragments(mediaName(params.device, query.camera, ports), query, recordings);
      access.granted(admission, ports.now(), { camera: query.camera, from: query.from, to: query.to });
      return answer(fragments);
    },
    { validation: { req: { query: fragmentsQuery } } },
  );

  router.errorHandler(RequestValidationError, async (error) => malformed(error).toResponse());
  router.errorHandler(NotFoundError, async () => unknownDevice().toResponse());
  router.errorHandler(Error, async (error) => {
    const problem = problemOf(error) ?? new Problem(500, 'Failed', 'The request failed. It is not your fault.');
    // Problems that are raised here are known; of those that come from AWS the log has the cause.
    if (!(error instanceof Problem)) logger[problem.status >= 500 ? 'error' : 'warn']('Request failed', { error });
    return problem.toResponse();
  });

  return async (event, context) => {
    const { method } = event.requestContext.http;
    const path = PATH.test(event.rawPath) ? event.rawPath : '/v1/none';
    // The router takes no body with GET, which a client may send all the same.
    const body = method === 'GET' ? undefined : event.body;
    return router.resolve({ ...event, rawPath: path, body }, context);
  };
}

function answer(content: object): Response {
  return new Response(JSON.stringify(content), {
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  });
}

function malformed(error: RequestValidationError): Problem {
  const issues = (error.details?.issues ?? []) as { message: string; path?: (string | number)[] }[];
  const detail = issues.map(({ message, path = [] }) => `${path.join('.')}: ${message}`).join('; ');
  return new Problem(400, 'Malformed request', detail || 'The body is not JSON.');
}

/**
 * The name of the stream and the channel of a camera.
 * @throws Problem 400 if there is no such camera
 */
function mediaName(device: string, camera: string | undefined, { cameras }: Ports): string {
  if (cameras.length === 0 && camera === undefined) return device;
  if (camera !== undefined && cameras.includes(camera)) return `${device}.${camera}`;
  const known =
    cameras.length === 0 ? 'The devices have one camera, which has no name' : `One of ${cameras.join(', ')}`;
  throw new Problem(400, 'Malformed request', `${known}: \`camera\` must say so.`);
}

async function describe(device: string, ports: Ports): Promise<z.infer<typeof devicesAnswer>['devices'][number]> {
  const cameras = ports.cameras.length === 0 ? [undefined] : ports.cameras;
  const streams = cameras.map(async (camera) => ({
    camera,
    status: await streamStatus(mediaName(device, camera, ports), ports),
  }));
  return { device, streams: await Promise.all(streams) };
}

async function streamStatus(
  StreamName: string,
  { kinesisVideo }: Ports,
): Promise<NonNullable<StreamInfo['Status']> | 'NONE'> {
  try {
    const { StreamInfo } = await kinesisVideo.send(new DescribeStreamCommand({ StreamName }));
    return StreamInfo?.Status ?? 'NONE';
  } catch (error) {
    // What isn't there carries no tag of the fleet, on which the permission depends.
    if (isNamed(error, 'ResourceNotFoundException', 'AccessDeniedException', 'NotAuthorizedException')) return 'NONE';
    throw error;
  }
}
