import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { ListThingsCommand, type IoTClient } from '@aws-sdk/client-iot';
import {
  ListSignalingChannelsCommand,
  ListStreamsCommand,
  type KinesisVideoClient,
} from '@aws-sdk/client-kinesis-video';
import * as z from 'zod';
import { metrics } from '../common/observability';

export interface Ports {
  readonly iot: IoTClient;
  readonly kinesisVideo: KinesisVideoClient;
  readonly thingTypeName: string;
  /** Of things, each page has as many at most. */
  readonly pageSize: number;
  /** Under which name it is counted how many things there are. */
  readonly countAs: (typeof COUNTS)[number];
}

/** Each of those who list has a count of its own, so that one doesn't miss the runs of the other. */
export const COUNTS = ['DevicesRegistered', 'DevicesToArchive'] as const;

/** Where a listing has come to; the first time without a token, and with a total of 0. */
export const position = z.object({
  kind: z.enum(['things', 'streams', 'channels']),
  nextToken: z.string().optional(),
  total: z.number().int().min(0),
});

type Position = z.infer<typeof position>;

export interface Page {
  /** To be handed in for the next page. */
  readonly at: Position;
  readonly done: boolean;
  /** How many names the content has. None doesn't mean that it was the last page. */
  readonly size: number;
  /** Names of things, each once. */
  readonly content: { readonly kind: Position['kind']; readonly names: string[] };
}

/** As many as AWS IoT gives at once. */
const CALL_SIZE = 250;

/** A filtered listing may give empty answers for a long while. */
const MAX_CALLS = 20;

/** Lists what comes next, as the names of the things concerned: a stream or channel is that of the thing before its dot. */
export async function handle(event: unknown, ports: Ports): Promise<Page> {
  const { kind, nextToken, total } = position.parse(event);
  const names = new Set<string>();
  const callSize = Math.min(CALL_SIZE, ports.pageSize);
  let token = nextToken;
  let found = total;
  let calls = 0;
  do {
    const answer = await list(kind, token, callSize, ports);
    for (const name of answer.names) names.add(name);
    found += answer.names.length;
    token = answer.nextToken;
  } while (token && names.size + callSize <= ports.pageSize && ++calls < MAX_CALLS);

  const done = !token;
  // Known as a whole at the end only.
  if (done && kind === 'things') metrics.addMetric(ports.countAs, MetricUnit.Count, found);
  return { at: { kind, nextToken: token, total: found }, done, size: names.size, content: { kind, names: [...names] } };
}

interface Answer {
  readonly names: string[];
  readonly nextToken?: string;
}

async function list(
  kind: Position['kind'],
  nextToken: string | undefined,
  maxResults: number,
  ports: Ports,
): Promise<Answer> {
  const { iot, kinesisVideo, thingTypeName } = ports;
  switch (kind) {
    case 'things': {
      const { things = [], nextToken: next } = await iot.send(
        new ListThingsCommand({ thingTypeName, maxResults, nextToken }),
      );
      return { names: things.map(({ thingName }) => thingName!), nextToken: next };
    }
    case 'streams': {
      const { StreamInfoList = [], NextToken } = await kinesisVideo.send(
        new ListStreamsCommand({ MaxResults: maxResults, NextToken: nextToken }),
      );
      return { names: StreamInfoList.flatMap(({ StreamName }) => thingOf(StreamName!)), nextToken: NextToken };
    }
    case 'channels': {
      const { ChannelInfoList = [], NextToken } = await kinesisVideo.send(
        new ListSignalingChannelsCommand({ MaxResults: maxResults, NextToken: nextToken }),
      );
      return { names: ChannelInfoList.flatMap(({ ChannelName }) => thingOf(ChannelName!)), nextToken: NextToken };
    }
  }
}

/** Nothing for a name that no thing can have, so that the stream or channel is somebody else's. */
function thingOf(name: string): string[] {
  const [thing] = name.split('.');
  return /^[a-zA-Z0-9_-]{1,128}$/.test(thing) ? [thing] : [];
}
