import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  HeadBucketCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { created, frameOf } from '../../lambda/image-detector/frame';
import { MediaStore } from '../../on-prem/store';
import { captureOutput } from '../support/handler-output';

captureOutput();

const store = new MediaStore('http://127.0.0.1:1', 'media');
const s3 = mockClient(store.s3);
const failure = (name: string) => Object.assign(new Error(name), { name });

beforeEach(() => s3.reset());

test('the bucket is made where there is none', async () => {
  s3.on(HeadBucketCommand).rejects(failure('NotFound'));
  await store.prepare(7);
  expect(s3).toHaveReceivedCommandWith(CreateBucketCommand, { Bucket: 'media' });
  const [{ args }] = s3.commandCalls(PutBucketLifecycleConfigurationCommand);
  expect(args[0].input.LifecycleConfiguration?.Rules).toMatchObject([{ Status: 'Enabled', Expiration: { Days: 7 } }]);
});

test('and left where there is one', async () => {
  await store.prepare(7);
  expect(s3).not.toHaveReceivedCommand(CreateBucketCommand);
});

test('a bucket that may not be seen is told, and none made', async () => {
  s3.on(HeadBucketCommand).rejects(failure('Forbidden'));
  await expect(store.prepare(7)).rejects.toThrow('Forbidden');
  expect(s3).not.toHaveReceivedCommand(CreateBucketCommand);
});

test('a store that can forget nothing is a store all the same', async () => {
  s3.on(PutBucketLifecycleConfigurationCommand).rejects(failure('NotImplemented'));
  await store.prepare(7);
  s3.on(PutBucketLifecycleConfigurationCommand).rejects(failure('AccessDenied'));
  await expect(store.prepare(7)).rejects.toThrow('AccessDenied');
});

test('what is told of a frame is what the detector understands: whose it is, and when it was captured', async () => {
  const capturedAt = new Date(Date.now() - 1234);
  const told = created.parse(await store.putFrame('gate-1', Buffer.from('jpeg'), capturedAt));
  const frame = frameOf(told.Records[0]);
  expect(frame).toMatchObject({ bucket: 'media', device: 'gate-1', capturedAt });
  expect(s3).toHaveReceivedCommandWith(PutObjectCommand, { Key: frame.key, ContentType: 'image/jpeg' });
});

test('a recording is deleted when it is stored, and not before', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'fragment-')), '1795793470.mkv');
  writeFileSync(file, 'recording');
  s3.on(PutObjectCommand).rejectsOnce(failure('ServiceUnavailable')).resolves({});
  await expect(store.putFragment('gate-1', file)).rejects.toThrow('ServiceUnavailable');
  expect(existsSync(file)).toBe(true);
  await store.putFragment('gate-1', file);
  expect(existsSync(file)).toBe(false);
  const [, { args }] = s3.commandCalls(PutObjectCommand);
  expect(args[0].input).toMatchObject({ Key: 'recordings/gate-1/1795793470.mkv', ContentLength: 9 });
});
