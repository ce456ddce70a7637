import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { MediaStore } from '../../../lambda/common/media-store';
import { ObjectStore } from '../../support/object-store';

const MB = 1024 * 1024;
let s3: ObjectStore;
let store: MediaStore;

beforeEach(() => {
  s3 = new ObjectStore();
  store = new MediaStore({ s3: s3.client, bucket: 'archive' });
});

/** So many megabytes, and how much of them has been asked for. */
function media(megabytes: number, breaksAt = Infinity) {
  const hash = createHash('sha256');
  const given = { bytes: 0, ahead: 0 };
  const chunks = function* () {
    for (let index = 0; index < megabytes * 16; index++) {
      if (index === breaksAt) throw new Error('The connection is lost.');
      const chunk = Buffer.alloc(MB / 16, index);
      hash.update(chunk);
      given.bytes += chunk.length;
      given.ahead = Math.max(given.ahead, given.bytes - received());
      yield chunk;
    }
  };
  const received = () =>
    [...s3.uploads.values()].flatMap(({ parts }) => [...parts.values()]).reduce((sum, { length }) => sum + length, 0);
  return { body: Readable.from(chunks()), given, sha256: () => hash.digest('hex') };
}

test('a large object goes through in parts, of which few are in memory at a time', async () => {
  const { body, given, sha256 } = media(31);
  const stored = await store.put({ key: 'clip', contentType: 'video/mp4', body });
  expect(stored).toEqual({ key: 'clip', bytes: 31 * MB, sha256: sha256() });
  expect(s3.find('clip').parts).toBe(7);
  expect(s3.find('clip').content.length).toBe(31 * MB);
  // Two on their way, one that fills, and what streams keep of a chunk or two.
  expect(given.ahead).toBeLessThanOrEqual(21 * MB);
  expect(s3.mostInFlight).toBeLessThanOrEqual(10 * MB);
});

test('a small object is written at once', async () => {
  const { body, sha256 } = media(1);
  expect(await store.put({ key: 'clip', contentType: 'video/mp4', body, legalHold: true })).toEqual({
    key: 'clip',
    bytes: MB,
    sha256: sha256(),
  });
  expect(s3.find('clip')).toMatchObject({ parts: 1, contentType: 'video/mp4', legalHold: true });
});

test('what is there already stays, and is what is told of', async () => {
  await store.put({ key: 'clip', contentType: 'video/mp4', body: 'first' });
  const sha256 = createHash('sha256').update('first').digest('hex');
  const found = { key: 'clip', bytes: 5, sha256 };
  expect(await store.put({ key: 'clip', contentType: 'video/mp4', body: 'second' })).toEqual(found);
  expect(await store.put({ key: 'clip', contentType: 'video/mp4', body: media(12).body })).toEqual(found);
  expect(await store.measure('clip')).toEqual(found);
  expect(s3.find('clip').content.toString()).toBe('first');
});

test.each([
  ['early', 8, 1],
  ['late', 16 * 11, 12],
])('media that breaks off %s is no object, nor half of one', async (_when, breaksAt, megabytes) => {
  const { body } = media(megabytes, breaksAt);
  await expect(store.put({ key: 'clip', contentType: 'video/mp4', body })).rejects.toThrow('The connection is lost.');
  expect(s3.objects.size).toBe(0);
  expect(s3.uploads.size).toBe(0);
});

test('media is not read on when it can not be stored', async () => {
  s3.before = (operation) => {
    if (operation === 'UploadPart') throw Object.assign(new Error('AccessDenied'), { name: 'AccessDenied' });
  };
  const { body } = media(31);
  await expect(store.put({ key: 'clip', contentType: 'video/mp4', body })).rejects.toMatchObject({
    name: 'AccessDenied',
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(body.destroyed).toBe(true);
  expect(s3.uploads.size).toBe(0);
});

test('all keys of a folder are listed, and all its objects come under a hold', async () => {
  for (const key of ['a/1', 'a/2', 'a/3', 'a/4', 'ab/1']) {
    await store.put({ key, contentType: 'text/plain', body: key });
  }
  expect(await store.list('a/')).toEqual(new Set(['a/1', 'a/2', 'a/3', 'a/4']));
  expect(await store.hold('a/', true)).toBe(4);
  const held = () => [...s3.objects].filter(([, { legalHold }]) => legalHold).map(([key]) => key);
  expect(held()).toEqual(['a/1', 'a/2', 'a/3', 'a/4']);
  expect(await store.hold('a/', false)).toBe(4);
  expect(held()).toEqual([]);
});
