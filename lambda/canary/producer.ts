import type { KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { APIName, GetDataEndpointCommand } from '@aws-sdk/client-kinesis-video';
import { HttpRequest } from '@smithy/core/protocols';
import type { SignatureV4 } from '@smithy/signature-v4';
import * as z from 'zod';

export interface ProducerPorts {
  readonly kinesisVideo: KinesisVideoClient;
  readonly signer: Pick<SignatureV4, 'sign'>;
  readonly fetch: typeof fetch;
}

/** https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_dataplane_PutMedia.html */
const acknowledgement = z.object({
  EventType: z.enum(['BUFFERING', 'RECEIVED', 'PERSISTED', 'ERROR', 'IDLE']),
  ErrorId: z.union([z.number(), z.string()]).optional(),
  ErrorCode: z.string().optional(),
});

/**
 * Sends media to a stream by PutMedia, which is in no SDK for JavaScript.
 *
 * @param startedAt what the time codes of the media are relative to, in milliseconds since 1970
 * @returns how many fragments the stream keeps
 * @throws Error if it was refused, or a fragment was
 */
export async function putMedia(
  StreamName: string,
  media: Uint8Array,
  startedAt: number,
  { kinesisVideo, signer, fetch }: ProducerPorts,
): Promise<number> {
  const { DataEndpoint } = await kinesisVideo.send(
    new GetDataEndpointCommand({ StreamName, APIName: APIName.PUT_MEDIA }),
  );
  if (!DataEndpoint) throw new Error(`The stream '${StreamName}' has no endpoint for PutMedia.`);
  const { hostname } = new URL(DataEndpoint);
  // The media goes on and on in general, so it isn't part of the signature.
  const signed = await signer.sign(
    new HttpRequest({
      method: 'POST',
      hostname,
      path: '/putMedia',
      headers: {
        host: new URL(DataEndpoint).host,
        'x-amzn-stream-name': StreamName,
        'x-amzn-fragment-timecode-type': 'RELATIVE',
        'x-amzn-fragment-acknowledgment-required': '1',
        'x-amzn-producer-start-timestamp': (startedAt / 1000).toFixed(3),
      },
    }),
  );
  // The client says itself which host it is for.
  const { host, ...headers } = signed.headers;
  const response = await fetch(new URL('/putMedia', DataEndpoint), {
    method: 'POST',
    headers,
    body: Buffer.from(media),
    signal: AbortSignal.timeout(60_000),
  });
  const answer = await response.text();
  if (!response.ok) {
    const type = response.headers.get('x-amzn-errortype') ?? 'an error';
    throw new Error(`PutMedia answered with ${response.status}, ${type}: ${answer.slice(0, 500)}`);
  }
  return persisted(answer);
}

function persisted(answer: string): number {
  const lines = answer.split('\n').filter((line) => line.trim() !== '');
  const acknowledgements = lines.map((line) => acknowledgement.parse(JSON.parse(line)));
  const refused = acknowledgements.find(({ EventType }) => EventType === 'ERROR');
  if (refused) throw new Error(`A fragment was refused: ${refused.ErrorId} ${refused.ErrorCode ?? ''}`.trim());
  return acknowledgements.filter(({ EventType }) => EventType === 'PERSISTED').length;
}
