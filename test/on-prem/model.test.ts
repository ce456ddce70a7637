import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { UnusableMessage } from '../../lambda/common/queue-worker';
import { model } from '../../on-prem/model';
import { FRAME, testFrame } from '../support/frame-detector';

let server: Server;
let url: string;
let answer: { status: number; body: string };
const asked: { path?: string; type?: string; body: Buffer }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    void buffer(request).then((body) => {
      asked.push({ path: request.url, type: request.headers['content-type'], body });
      response.writeHead(answer.status).end(answer.body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const IMAGE = testFrame('thermal-cool.jpg');
const analyse = (labels?: string[], image = IMAGE) => model({ url, labels }, async () => image).analyse(FRAME);

test('it is asked as a container of SageMaker is, and answers in the form of this project', async () => {
  const detections = [{ label: 'person', confidence: 90 }];
  answer = { status: 200, body: JSON.stringify({ schemaVersion: '1.0', detections }) };
  expect(await analyse()).toEqual(detections);
  expect(asked.at(-1)).toEqual({ path: '/invocations', type: 'image/jpeg', body: IMAGE });
});

test('or in that of the object detection of SageMaker', async () => {
  answer = { status: 200, body: JSON.stringify({ prediction: [[1, 0.9, 0, 0, 0.5, 0.5]] }) };
  expect(await analyse(['cat', 'person'])).toEqual([
    { label: 'person', confidence: 90, boundingBox: { left: 0, top: 0, width: 0.5, height: 0.5 } },
  ]);
});

test.each([
  [415, true],
  [400, true],
  [429, false],
  [408, false],
  [500, false],
  [503, false],
])('a frame that it answers with %d: is it unusable? %s', async (status, isUnusable) => {
  answer = { status, body: 'no' };
  const error = await analyse().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(Error);
  expect(error instanceof UnusableMessage).toBe(isUnusable);
});

test.each(['', 'nothing', '{"detections": 1}'])("an answer that isn't one is refused: '%s'", async (body) => {
  answer = { status: 200, body };
  await expect(analyse()).rejects.toThrow(UnusableMessage);
});

test('what is no image is not asked about', async () => {
  const before = asked.length;
  await expect(analyse(undefined, Buffer.from('text'))).rejects.toThrow(UnusableMessage);
  expect(asked).toHaveLength(before);
});
