import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { request } from 'node:http';
import { startS3 } from '../../../local/cloud/s3';
import { sqs } from '../../../local/cloud/sqs';
import { ACCOUNT, REGION, startTestCloud } from './support';

let cloud: Awaited<ReturnType<typeof startTestCloud>>;
let queues: ReturnType<typeof sqs>;
let service: Awaited<ReturnType<typeof startS3>>;
let client: S3Client;
const asked: string[] = [];

beforeAll(async () => {
  cloud = await startTestCloud(({ service: name, operation }) => void (name === 's3' && asked.push(operation)));
  const place = { account: ACCOUNT, region: REGION, url: () => cloud.endpoint };
  queues = sqs(place);
  service = await startS3({ ...place, principals: cloud.principals });
  cloud.add(queues.service, service.service);
  client = new S3Client({ ...cloud.client, maxAttempts: 1 });
  await client.send(new CreateBucketCommand({ Bucket: 'bucket' }));
});

afterAll(async () => {
  client.destroy();
  await service.stop();
  queues.stop();
  await cloud.stop();
});

const put = (Key: string, Body: string, more: object = {}) =>
  client.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body, ...more }));
const get = async (Key: string) =>
  (await client.send(new GetObjectCommand({ Bucket: 'bucket', Key }))).Body!.transformToString();

/** A queue that is told of objects. */
const told = async (name: string, configuration: object, service_ = 's3.amazonaws.com') => {
  const queue = queues.create(name);
  const Principal = { Service: service_ };
  queue.policy = { Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Principal, Resource: '*' }] };
  await client.send(new CreateBucketCommand({ Bucket: name }));
  await service.configureNotifications(name, {
    QueueConfigurations: [{ Event: 's3:ObjectCreated:*', Queue: queue.settings.arn, ...configuration }],
  });
  return { queue, next: async () => JSON.parse((await queue.receive(1, 20))[0].message.body) };
};

test('keeps objects with what is said of them', async () => {
  await put('frames/a b.jpg', 'Grüße', { ContentType: 'image/jpeg', Metadata: { camera: 'front' } });
  expect(await get('frames/a b.jpg')).toBe('Grüße');
  const head = await client.send(new HeadObjectCommand({ Bucket: 'bucket', Key: 'frames/a b.jpg' }));
  expect(head).toMatchObject({ ContentType: 'image/jpeg', ContentLength: 7, Metadata: { camera: 'front' } });
  const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: 'bucket', Prefix: 'frames/' }));
  expect(Contents).toMatchObject([{ Key: 'frames/a b.jpg', Size: 7 }]);
});

test('copies and deletes objects', async () => {
  await put('from', 'content');
  await client.send(new CopyObjectCommand({ Bucket: 'bucket', Key: 'to', CopySource: 'bucket/from' }));
  await client.send(new DeleteObjectCommand({ Bucket: 'bucket', Key: 'from' }));
  expect(await get('to')).toBe('content');
  await expect(get('from')).rejects.toMatchObject({ name: 'NoSuchKey' });
});

test('takes uploads in parts', async () => {
  const Body = Buffer.alloc(6 * 1024 * 1024, 'x');
  await new Upload({ client, params: { Bucket: 'bucket', Key: 'large', Body } }).done();
  expect(await get('large')).toHaveLength(Body.length);
});

test('gives an object to whoever has a presigned URL, until it expires', async () => {
  await put('clip.mp4', 'a clip');
  const command = new GetObjectCommand({ Bucket: 'bucket', Key: 'clip.mp4' });
  const url = await getSignedUrl(client, command, { expiresIn: 60 });
  expect(await (await fetch(url)).text()).toBe('a clip');
  const old = await getSignedUrl(client, command, { expiresIn: 60, signingDate: new Date(Date.now() - 61_000) });
  const refused = await fetch(old);
  expect(refused.status).toBe(403);
  expect(await refused.text()).toContain('Request has expired');
  expect((await fetch(url.replace(/X-Amz-Credential=[^%]+/, 'X-Amz-Credential=nobody'))).status).toBe(403);
  expect((await fetch(url.split('?')[0])).status).toBe(403);
});

test('takes the name of the bucket from the host', async () => {
  await put('hosted', 'by name');
  const url = new URL(await getSignedUrl(client, new GetObjectCommand({ Bucket: 'bucket', Key: 'hosted' })));
  const path = `/hosted${url.search}`;
  const body = await new Promise<string>((resolve, reject) => {
    const headers = { host: `bucket.localhost:${url.port}` };
    request({ host: '127.0.0.1', port: url.port, path, headers }, (response) => {
      response.on('data', (chunk: Buffer) => resolve(chunk.toString()));
    })
      .on('error', reject)
      .end();
  });
  expect(body).toBe('by name');
});

test('tells a queue of the objects that it wants to know of, after it has tried', async () => {
  const Filter = { S3Key: { Rules: [{ Name: 'prefix', Value: 'frames/' }] } };
  const { queue, next } = await told('watched', { Filter });
  expect(await next()).toMatchObject({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'watched' });
  await client.send(new PutObjectCommand({ Bucket: 'watched', Key: 'other', Body: '1' }));
  await client.send(new PutObjectCommand({ Bucket: 'watched', Key: 'frames/ü 1+.jpg', Body: '123' }));
  const { Records } = await next();
  expect(Records).toEqual([
    {
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: REGION,
      eventTime: expect.stringMatching(/Z$/),
      eventName: 'ObjectCreated:Put',
      userIdentity: { principalId: expect.any(String) },
      requestParameters: { sourceIPAddress: '127.0.0.1' },
      responseElements: { 'x-amz-request-id': expect.any(String), 'x-amz-id-2': expect.any(String) },
      s3: {
        s3SchemaVersion: '1.0',
        configurationId: expect.any(String),
        bucket: {
          name: 'watched',
          ownerIdentity: { principalId: expect.any(String) },
          arn: 'arn:aws:s3:::watched',
        },
        object: {
          key: 'frames/%C3%BC+1%2B.jpg',
          size: 3,
          eTag: '202cb962ac59075b964b07152d234b70',
          sequencer: expect.stringMatching(/^[0-9A-F]{18}$/),
        },
      },
    },
  ]);
  expect(queue.contents()).toHaveLength(2);
});

test('calls an upload in parts one', async () => {
  const { next } = await told('parts', {});
  await next();
  const Body = Buffer.alloc(6 * 1024 * 1024, 'x');
  await new Upload({ client, params: { Bucket: 'parts', Key: 'large', Body } }).done();
  expect(await next()).toMatchObject({ Records: [{ eventName: 'ObjectCreated:CompleteMultipartUpload' }] });
});

test('tells no queue that does not let it, and nobody else', async () => {
  await expect(told('closed', {}, 'sns.amazonaws.com')).rejects.toThrow('s3.amazonaws.com may not send');
  const others = { LambdaConfigurations: [] } as object;
  await expect(service.configureNotifications('bucket', others)).rejects.toThrow('LambdaConfigurations');
});

test('says what is asked for', async () => {
  asked.length = 0;
  await put('asked', '1');
  await get('asked');
  await client.send(new ListObjectsV2Command({ Bucket: 'bucket' }));
  await client.send(new HeadObjectCommand({ Bucket: 'bucket', Key: 'asked' }));
  expect(asked).toEqual(['PutObject', 'GetObject', 'ListObjectsV2', 'HeadObject']);
});
