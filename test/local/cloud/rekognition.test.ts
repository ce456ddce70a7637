import { DetectLabelsCommand, RekognitionClient } from '@aws-sdk/client-rekognition';
import { startGateway, type Gateway } from '../../../local/cloud/gateway';
import { Principals } from '../../../local/cloud/principals';
import { startRekognition } from '../../../local/cloud/rekognition/rekognition';
import { ServiceError, type Service } from '../../../local/cloud/service';
import { testFrame } from '../../support/frame-detector';
import { picture } from '../../support/pictures';

const ROLE = 'arn:aws:iam::111122223333:role/Detector';
const region = 'eu-west-1';

const principals = new Principals();
principals.role(ROLE, []);

/** A bucket with one frame in it. */
const s3: Service = {
  name: 's3',
  operationOf: () => 'GetObject',
  refuse: ({ response }, error) => void response.writeHead(error.status).end(),
  handle: async ({ request, response }) => {
    if (request.url!.startsWith('/frames/there.jpg')) return void response.end(picture('screenshot-vrm.jpg'));
    if (request.url!.startsWith('/frames/large.jpg')) return void response.end(Buffer.alloc(15 * 1024 * 1024 + 1));
    throw new ServiceError('NoSuchKey', 'There is none.', 404);
  },
};

let gateway: Gateway;
let rekognition: ReturnType<typeof startRekognition>;
let client: RekognitionClient;

beforeAll(async () => {
  gateway = await startGateway({ principals, services: [s3] });
  rekognition = startRekognition({ principals, region, gatewayUrl: () => gateway.url, callsPerSecond: 4 });
  gateway.add(rekognition.service);
  client = new RekognitionClient({
    region,
    endpoint: gateway.url,
    maxAttempts: 1,
    credentials: principals.issue(ROLE, { sessionName: 'test' }),
  });
});
afterAll(async () => {
  await rekognition.stop();
  await gateway.stop();
});

const detect = (image: object, more: object = {}) => client.send(new DetectLabelsCommand({ Image: image, ...more }));

test('sees who stands in a frame of a bucket', async () => {
  const image = { S3Object: { Bucket: 'frames', Name: 'there.jpg' } };
  const { Labels = [] } = await detect(image, { MinConfidence: 50, Features: ['GENERAL_LABELS'] });
  const person = Labels.find(({ Name }) => Name === 'Person')!;
  expect(person.Confidence).toBeGreaterThan(50);
  expect(person.Instances![0].BoundingBox!.Height).toBeGreaterThan(0.5);
  expect((await detect(image, { MinConfidence: 99 })).Labels).toEqual([]);
}, 30_000);

test.each([
  ['there is no such frame', { S3Object: { Bucket: 'frames', Name: 'missing.jpg' } }, 'InvalidS3ObjectException'],
  ['it is no image', { Bytes: Buffer.from('hello') }, 'InvalidImageFormatException'],
  ['it is too large for a request', { Bytes: Buffer.alloc(5 * 1024 * 1024 + 1) }, 'ValidationException'],
  ['it is too large', { S3Object: { Bucket: 'frames', Name: 'large.jpg' } }, 'ImageTooLargeException'],
  ['there is none', {}, 'InvalidParameterException'],
])('refuses as AWS does when %s', async (_, image, name) => {
  await new Promise((resolve) => setTimeout(resolve, 300));
  await expect(detect(image)).rejects.toMatchObject({ name });
});

test('refuses what is out of bounds, and more than its quota', async () => {
  await expect(detect({ Bytes: testFrame('thermal-cool.jpg') }, { MinConfidence: 101 })).rejects.toMatchObject({
    name: 'ValidationException',
  });
  const calls = Array.from({ length: 10 }, () =>
    detect({ Bytes: Buffer.from('hello') }).catch((error: Error) => error.name),
  );
  expect(await Promise.all(calls)).toContain('ProvisionedThroughputExceededException');
});
