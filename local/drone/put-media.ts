import { request as requestHttp, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Sha256 } from '@aws-crypto/sha256-js';
import { APIName, GetDataEndpointCommand, type KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentityProvider } from '@smithy/types';
import { acknowledgementReader, type Acknowledgement } from './acknowledgements';

export interface PutMediaProps {
  readonly kinesisVideo: KinesisVideoClient;
  readonly credentials: AwsCredentialIdentityProvider;
  readonly region: string;
  readonly streamName: string;
  readonly onAcknowledged: (acknowledgement: Acknowledgement) => void;
}

/** A connection on which media goes to a stream until it is ended, or fails. */
export interface Connection {
  /** When its credentials expire, in milliseconds since 1970. */
  readonly goodUntil: number;
  write(bytes: Uint8Array): void;
  /** Ends it after what was written. */
  end(): void;
  /** Ends it at once. */
  destroy(): void;
  /** Until it has ended. Rejects if that was no end that both sides wanted. */
  readonly closed: Promise<void>;
}

/** What PutMedia refused. */
export class PutMediaError extends Error {}

/**
 * Opens PutMedia as the producer SDK does: with absolute timecodes, and a signature to which the media is empty.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_dataplane_PutMedia.html
 * @throws PutMediaError, or what the SDK throws, when the stream has no endpoint
 */
export async function openPutMedia(props: PutMediaProps): Promise<Connection> {
  const { kinesisVideo, region, streamName: StreamName } = props;
  const { DataEndpoint } = await kinesisVideo.send(
    new GetDataEndpointCommand({ StreamName, APIName: APIName.PUT_MEDIA }),
  );
  if (!DataEndpoint) throw new PutMediaError(`The stream '${StreamName}' has no endpoint for PutMedia.`);
  const url = new URL('/putMedia', DataEndpoint);
  const credentials = await props.credentials();
  const signer = new SignatureV4({
    service: 'kinesisvideo',
    region,
    credentials,
    sha256: Sha256,
    // As the SDK in C: https://github.com/awslabs/amazon-kinesis-video-streams-producer-c
    applyChecksum: false,
  });
  const { headers } = await signer.sign(
    new HttpRequest({
      method: 'POST',
      hostname: url.hostname,
      path: url.pathname,
      headers: {
        host: url.host,
        'x-amzn-stream-name': StreamName,
        'x-amzn-fragment-timecode-type': 'ABSOLUTE',
        'x-amzn-fragment-acknowledgment-required': '1',
        'x-amzn-producer-start-timestamp': (Date.now() / 1000).toFixed(3),
      },
    }),
  );
  const open = url.protocol === 'https:' ? requestHttps : requestHttp;
  const request = open(url, { method: 'POST', headers: { ...headers, 'transfer-encoding': 'chunked' } });
  // The service answers when it has seen the headers, which wait for the first of the media otherwise.
  request.flushHeaders();
  return {
    goodUntil: credentials.expiration?.getTime() ?? Infinity,
    write: (bytes) => void request.write(bytes),
    end: () => void request.end(),
    destroy: () => void request.destroy(),
    closed: acknowledged(request, props.onAcknowledged),
  };
}

function acknowledged(request: ClientRequest, onAcknowledged: PutMediaProps['onAcknowledged']): Promise<void> {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    // Of a connection that is cut off, whoever listens to the response is told first.
    request.on('close', () => reject(new PutMediaError('The connection was closed.')));
    request.on('response', (response: IncomingMessage) => {
      response.setEncoding('utf8').on('error', reject);
      if (response.statusCode !== 200) return refused(response, reject);
      const read = acknowledgementReader(onAcknowledged);
      response.on('data', (text: string) => {
        try {
          read(text);
        } catch (error) {
          request.destroy(error as Error);
        }
      });
      response.on('end', resolve);
    });
  });
}

function refused(response: IncomingMessage, reject: (error: Error) => void): void {
  let body = '';
  response.on('data', (text: string) => (body += text));
  response.on('end', () => {
    const type = response.headers['x-amzn-errortype'] ?? 'an error';
    reject(new PutMediaError(`PutMedia answered with ${response.statusCode}, ${type}: ${body.slice(0, 500)}`));
  });
}
