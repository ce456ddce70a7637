import {
  CopyObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  type CopyObjectCommandInput,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { FRAME_BUCKET } from '../events/s3';

/** The bucket of frames, as a role sees it that may list it: what isn't there is not found, rather than denied. */
export class FrameBucket {
  readonly client = new S3Client({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' },
  });
  readonly objects = new Map<string, Buffer>();
  readonly copies: CopyObjectCommandInput[] = [];
  /** How S3 answers to copies, as long as it is there. */
  copyFailure?: Error;
  /** How S3 answers to what is put, as long as it is there. */
  putFailure?: Error;

  constructor() {
    mockClient(this.client)
      .on(GetObjectCommand)
      .callsFake(({ Key, Range }) => ({ Body: { transformToByteArray: async () => this.part(Key, Range) } }))
      .on(HeadObjectCommand)
      .callsFake(({ Key }) => {
        if (!this.objects.has(Key)) throw named('NotFound');
        return {};
      })
      .on(PutObjectCommand)
      .callsFake(({ Key, Body }) => {
        if (this.putFailure) throw this.putFailure;
        this.objects.set(Key, Buffer.from(Body));
        return {};
      })
      .on(CopyObjectCommand)
      .callsFake((input: CopyObjectCommandInput) => {
        if (this.copyFailure) throw this.copyFailure;
        const [bucket, ...path] = input.CopySource!.split('/').map(decodeURIComponent);
        const source = this.objects.get(path.join('/'));
        if (bucket !== FRAME_BUCKET || !source) throw named('NoSuchKey');
        this.objects.set(input.Key!, source);
        this.copies.push(input);
        return {};
      });
  }

  private part(key: string, range: string): Uint8Array {
    const bytes = this.objects.get(key);
    if (!bytes) throw named('NoSuchKey');
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range)!;
    if (Number(first) >= bytes.length) throw named('InvalidRange');
    return bytes.subarray(Number(first), Number(last) + 1);
  }
}

function named(name: string): Error {
  return Object.assign(new Error(`It is ${name}.`), { name });
}
