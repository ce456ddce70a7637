import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';
import { s3Notifications, type NotificationsProps } from './s3-notifications';
import type { Service } from './service';

/** The only one whom the store knows. */
const STORE_ACCOUNT = 'S3RVER';

/**
 * Buckets, in a folder that is there as long as it runs, by s3rver: objects, copies, uploads in parts, presigned URLs. It has
 * no versions, locks, encryption, lifecycles or policies. Who asks, the gateway has found out; of presigned URLs, it is seen
 * to that they expire.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html
 */
export async function startS3(props: NotificationsProps) {
  const directory = await mkdtemp(join(tmpdir(), 'buckets-'));
  // It can't sign as those whom the gateway knows.
  const store = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory, allowMismatchedSignatures: true });
  await store.run();
  const notifications = s3Notifications(props);
  store.on('event', ({ Records }) => Records.forEach(notifications.notify));

  const service: Service = {
    name: 's3',
    operationOf,
    handle: async ({ request, response }) => {
      request.url = pathStyle(request).replace(/(X-Amz-Credential=)[^%/]+/, `$1${STORE_ACCOUNT}`);
      request.headers.host = '127.0.0.1';
      request.headers.authorization &&= request.headers.authorization.replace(
        /Credential=[^/]+/,
        `Credential=${STORE_ACCOUNT}`,
      );
      store.httpServer.emit('request', request, response);
    },
    refuse: ({ response }, { name, message, status }) => {
      const told = message.replaceAll(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`);
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(
        `<Error><Code>${name}</Code><Message>${told}</Message><RequestId>${randomUUID()}</RequestId></Error>`,
      );
    },
  };

  return {
    service,
    configureNotifications: notifications.configure,
    stop: async () => {
      await notifications.stop();
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
}

export type S3 = Awaited<ReturnType<typeof startS3>>;

/** Clients name the bucket in the host where that is no address. */
function pathStyle({ url = '/', headers }: IncomingMessage): string {
  const bucket = /^(.+)\.localhost(:\d+)?$/.exec(headers.host ?? '')?.[1];
  return bucket ? `/${bucket}${url}` : url;
}

/** Clients say it of some; others are told by what they are made of. */
function operationOf(request: IncomingMessage): string {
  const { pathname, searchParams } = new URL(pathStyle(request), 'http://localhost');
  const named = searchParams.get('x-id');
  if (named) return named;
  const what = pathname.split('/').filter(Boolean).length > 1 ? 'Object' : 'Bucket';
  if (what === 'Bucket' && request.method === 'GET') return 'ListObjectsV2';
  const verb = { GET: 'Get', HEAD: 'Head', PUT: 'Put', DELETE: 'Delete', POST: 'Post' }[request.method!];
  return `${verb ?? request.method}${what}`;
}
