import type { ServerResponse } from 'node:http';
import * as kinesisVideo from '@aws-sdk/client-kinesis-video';
import { ID } from '../../../../lambda/canary/make-pattern';
import { startGateway } from '../../../../local/cloud/gateway';
import { Principals } from '../../../../local/cloud/principals';
import { modelled, ServiceError, type Call } from '../../../../local/cloud/service';

export const REGION = 'eu-west-1';

/** Of a connection: what came, and a way to say something to it. */
export interface Session {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly timecodes: number[];
  bytes: Buffer;
  say(acknowledgement: object): void;
  cut(): void;
  isEnded: boolean;
}

const CLUSTER = Buffer.from(ID.cluster.toString(16), 'hex');

/** A stream that keeps what is put to it, behind the gateway. */
export async function startIngest(principals = new Principals()) {
  principals.role('arn:aws:iam::111122223333:role/device', []);
  const sessions: Session[] = [];
  const state = {
    status: 'ACTIVE' as string | undefined,
    /** Instead of opening PutMedia. */
    refusal: undefined as ServiceError | undefined,
    /** What becomes of a fragment. */
    onFragment: (session: Session, timecode: number) =>
      session.say({ EventType: 'PERSISTED', FragmentTimecode: timecode, FragmentNumber: String(timecode) }),
  };
  const gateway = await startGateway({
    principals,
    services: [
      modelled({
        name: 'kinesisvideo',
        protocol: 'rest-json',
        schemas: [kinesisVideo],
        operations: {
          GetDataEndpoint: () => ({ DataEndpoint: gateway.url }),
          DescribeStream: ({ StreamName }: kinesisVideo.DescribeStreamInput) => {
            if (state.status) return { StreamInfo: { StreamName, Status: state.status } };
            throw new ServiceError('ResourceNotFoundException', 'There is none.', 404);
          },
        },
        raw: { '/putMedia': (call) => take(call) },
      }),
    ],
  });

  const take = async ({ request, response }: Call): Promise<void> => {
    if (state.refusal) throw state.refusal;
    response.writeHead(200).flushHeaders();
    const session: Session = {
      headers: request.headers,
      timecodes: [],
      bytes: Buffer.alloc(0),
      isEnded: false,
      say: (acknowledgement) => void response.write(`${JSON.stringify(acknowledgement)}\n`),
      cut: () => void request.socket.destroy(),
    };
    sessions.push(session);
    let read = 0;
    request.on('error', () => undefined);
    request.on('data', (bytes: Buffer) => {
      session.bytes = Buffer.concat([session.bytes, bytes]);
      for (let end; (end = endOfCluster(session.bytes, read)); read = end.at) {
        session.timecodes.push(end.timecode);
        state.onFragment(session, end.timecode);
      }
    });
    request.on('end', () => finish(session, response));
  };

  return {
    url: gateway.url,
    state,
    sessions,
    /** Times of all fragments of all sessions. */
    timecodes: () => sessions.flatMap(({ timecodes }) => timecodes),
    credentials: (seconds?: number) =>
      principals.issue('arn:aws:iam::111122223333:role/device', { sessionName: 'd', seconds }),
    stop: () => gateway.stop(),
  };
}

function finish(session: Session, response: ServerResponse): void {
  session.isEnded = true;
  response.end();
}

/** The next cluster that is whole: producers here write sizes of eight bytes. */
function endOfCluster(bytes: Buffer, from: number): { at: number; timecode: number } | undefined {
  const start = bytes.indexOf(CLUSTER, from);
  if (start < 0 || bytes.length < start + 12) return undefined;
  const at = start + 12 + Number(bytes.readBigUInt64BE(start + 4) & (2n ** 56n - 1n));
  if (bytes.length < at) return undefined;
  // Its first element is its time, of eight bytes too.
  return { at, timecode: Number(bytes.readBigUInt64BE(start + 12 + 9)) };
}
