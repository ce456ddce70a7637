import { captureOutput } from '../../support/handler-output';
import { ListThingsCommand } from '@aws-sdk/client-iot';
import { GetImagesCommand, ListFragmentsCommand } from '@aws-sdk/client-kinesis-video-archived-media';
import type * as z from 'zod';
import * as requests from '../../../lambda/viewing-api/requests';
import type { HttpApiRequest } from '../../../local/console/http-api';
import { ADMIN, ALERT, NOW, viewingOf } from '../../support/viewing';

captureOutput();
const viewing = viewingOf();
const PAST = { from: '2026-11-24T09:00:00Z', to: '2026-11-24T09:02:00Z' };

beforeEach(() => {
  const at = new Date(NOW);
  viewing.iot.on(ListThingsCommand).resolves({ things: [{ thingName: 'drone-1' }], nextToken: 'more' });
  viewing.archivedMedia
    .on(GetImagesCommand)
    .resolves({
      Images: [
        { TimeStamp: at, ImageContent: 'AAAA' },
        { TimeStamp: at, Error: 'MEDIA_ERROR' },
      ],
    })
    .on(ListFragmentsCommand)
    .resolves({
      Fragments: [
        {
          FragmentNumber: '1',
          FragmentSizeInBytes: 1,
          ProducerTimestamp: at,
          ServerTimestamp: at,
          FragmentLengthInMilliseconds: 1,
        },
      ],
    });
});

// Strict, so that what isn't documented isn't given away either.
test.each<[method: string, path: string, HttpApiRequest, z.ZodObject]>([
  ['GET', '', {}, requests.devicesAnswer],
  ['POST', '/drone-1/live', { body: {} }, requests.liveAnswer],
  ['POST', '/drone-1/hls', { body: { mode: 'LIVE' } }, requests.playbackAnswer],
  ['POST', '/drone-1/dash', { body: { mode: 'LIVE' } }, requests.playbackAnswer],
  ['POST', '/drone-1/clip', { body: PAST }, requests.clipAnswer],
  ['GET', '/drone-1/images', { query: PAST }, requests.imagesAnswer],
  ['GET', '/drone-1/fragments', { query: PAST }, requests.fragmentsAnswer],
  ['GET', '/drone-1', {}, requests.deviceAnswer],
  ['GET', '/drone-1/control', {}, requests.controlAnswer],
  ['POST', '/drone-1/control', { body: { action: 'take' } }, requests.controlAnswer],
  ['POST', '/drone-1/commands', { body: { token: 7, id: 'c-1', name: 'HOVER' } }, requests.commandAnswer],
  ['GET', '/drone-1/commands/c-1', {}, requests.commandAnswer],
  ['GET', '/drone-1/alerts', { query: PAST }, requests.alertsAnswer],
  [
    'POST',
    '/drone-1/acknowledgements',
    { body: { detectionId: ALERT.id, capturedAt: ALERT.capturedAt } },
    requests.acknowledgementAnswer,
  ],
])('%s /v1/devices%s answers as documented', async (method, path, request, schema) => {
  const { status, headers, content } = await viewing.send(method, `/v1/devices${path}`, { ...request, claims: ADMIN });
  expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'application/json' });
  expect(schema.strict().safeParse(content).error).toBeUndefined();
});

test('problems are as documented', async () => {
  const { content } = await viewing.get('/v1/devices/drone-99/images', ADMIN, PAST);
  expect(requests.problem.strict().safeParse(content).error).toBeUndefined();
});
