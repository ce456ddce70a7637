import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import * as z from 'zod';
import {
  acknowledgementAnswer,
  acknowledgementRequest,
  alertsAnswer,
  alertsQuery,
  clipAnswer,
  clipRequest,
  commandAnswer,
  commandParameters,
  commandRequest,
  controlAnswer,
  controlRequest,
  deviceAnswer,
  devicesAnswer,
  devicesQuery,
  fragmentsAnswer,
  fragmentsQuery,
  imagesAnswer,
  imagesQuery,
  liveAnswer,
  liveRequest,
  playbackAnswer,
  playbackRequest,
  problem,
} from './requests';

const device = z.object({
  device: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,128}$/)
    .describe('The name of the thing.'),
});

const PROBLEM = problem.meta({ id: 'Problem' });

const PROBLEMS = {
  400: 'The request is malformed, or asks for more than there may be.',
  401: 'There is no valid token.',
  403: 'None of the roles allows this, with whatever device.',
  404: 'There is no such device, or none that the caller may do this with; or nothing of it.',
  409: 'The device, its channel or its stream is not in a state for this, or somebody else is in control.',
  429: 'Too many requests, here or at AWS.',
  502: 'AWS, or the function that decides, did not answer as it should.',
};

function answers(schema: z.ZodType): ZodOpenApiOperationObject['responses'] {
  const problems = Object.entries(PROBLEMS).map(([status, description]) => [
    status,
    { description, content: { 'application/problem+json': { schema: PROBLEM } } },
  ]);
  return {
    200: { description: 'What was asked for.', content: { 'application/json': { schema } } },
    ...Object.fromEntries(problems),
  };
}

interface Operation {
  readonly id: string;
  readonly summary: string;
  readonly answer: z.ZodType;
}

const read = (requestParams: { path?: z.ZodObject; query?: z.ZodObject }, { id, summary, answer }: Operation) => ({
  get: { operationId: id, summary, requestParams, responses: answers(answer) },
});

const order = (body: z.ZodType, { id, summary, answer }: Operation) => ({
  post: {
    operationId: id,
    summary,
    requestParams: { path: device },
    requestBody: { content: { 'application/json': { schema: body } } },
    responses: answers(answer),
  },
});

const paths: ZodOpenApiPathsObject = {
  '/v1/devices': read(
    { query: devicesQuery },
    { id: 'listDevices', summary: 'The devices that the caller may see', answer: devicesAnswer },
  ),
  '/v1/devices/{device}': read(
    { path: device },
    { id: 'getDevice', summary: 'How a device is, and who is in control of it', answer: deviceAnswer },
  ),
  '/v1/devices/{device}/live': order(liveRequest, {
    id: 'meet',
    summary: 'To meet the device by WebRTC',
    answer: liveAnswer,
  }),
  '/v1/devices/{device}/hls': order(playbackRequest, {
    id: 'openHls',
    summary: 'To watch by HLS',
    answer: playbackAnswer,
  }),
  '/v1/devices/{device}/dash': order(playbackRequest, {
    id: 'openDash',
    summary: 'To watch by MPEG-DASH',
    answer: playbackAnswer,
  }),
  '/v1/devices/{device}/clip': order(clipRequest, { id: 'makeClip', summary: 'A part as a file', answer: clipAnswer }),
  '/v1/devices/{device}/images': read(
    { path: device, query: imagesQuery },
    { id: 'listImages', summary: 'Images of a part', answer: imagesAnswer },
  ),
  '/v1/devices/{device}/fragments': read(
    { path: device, query: fragmentsQuery },
    { id: 'listFragments', summary: 'What is recorded when', answer: fragmentsAnswer },
  ),
  '/v1/devices/{device}/control': {
    ...read({ path: device }, { id: 'getControl', summary: 'Who is in control', answer: controlAnswer }),
    ...order(controlRequest, { id: 'control', summary: 'To take control and give it back', answer: controlAnswer }),
  },
  '/v1/devices/{device}/commands': order(commandRequest, {
    id: 'command',
    summary: 'To have the device do something',
    answer: commandAnswer,
  }),
  '/v1/devices/{device}/commands/{id}': read(
    { path: commandParameters.extend(device.shape) },
    { id: 'getCommand', summary: 'What the device has answered', answer: commandAnswer },
  ),
  '/v1/devices/{device}/alerts': read(
    { path: device, query: alertsQuery },
    { id: 'listAlerts', summary: 'What the device has met', answer: alertsAnswer },
  ),
  '/v1/devices/{device}/acknowledgements': order(acknowledgementRequest, {
    id: 'acknowledge',
    summary: 'That somebody sees to an alert',
    answer: acknowledgementAnswer,
  }),
};

/** The API in terms of OpenAPI, made of what the handler itself checks. */
export function viewingApiDocument() {
  return createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'Viewing API',
        version: '1.0.0',
        description: 'To watch the devices of a fleet, live or recorded, in sessions that end by themselves.',
      },
      security: [{ token: [] }],
      paths,
      components: {
        securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
    },
    {
      override: ({ jsonSchema }) => {
        // The format says it in a word.
        if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      },
    },
  );
}
