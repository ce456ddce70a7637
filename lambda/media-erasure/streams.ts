import {
  DeleteStreamCommand,
  ListStreamsCommand,
  ListTagsForStreamCommand,
  type KinesisVideoClient,
  type StreamInfo,
} from '@aws-sdk/client-kinesis-video';
import { unlessNotFound } from '../common/errors';
import { FLEET_TAG } from '../common/fleet-tag';
import { activeStream, findStream } from '../common/kinesis-video';
import { isPartial, type ErasureRequest } from './request';
import type { Item, Keep, Page, Source } from './source';

export interface StreamPorts {
  readonly kinesisVideo: KinesisVideoClient;
  readonly fleetName: string;
  readonly now: () => number;
}

const HOUR = 3_600_000;

/**
 * The streams of a device: the one of its name and those of its cameras, also of cameras that it has no more.
 *
 * Kinesis Video Streams deletes a stream as a whole, and makes its media inaccessible at once. There is no call that
 * deletes media of a time.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_DeleteStream.html
 */
export class StreamSource implements Source {
  readonly name = 'streams';

  constructor(
    private readonly device: string,
    private readonly request: Pick<ErasureRequest, 'from' | 'to'>,
    private readonly startedAt: number,
    private readonly ports: StreamPorts,
  ) {}

  async find(token?: string): Promise<Page> {
    const { kinesisVideo } = this.ports;
    const { StreamInfoList = [], NextToken } = await kinesisVideo.send(
      new ListStreamsCommand({
        StreamNameCondition: { ComparisonOperator: 'BEGINS_WITH', ComparisonValue: this.device },
        MaxResults: 1000,
        NextToken: token,
      }),
    );
    const items: Item[] = [];
    let isUnsettled = false;
    for (const stream of StreamInfoList) {
      // A device whose name goes on is another one; a dot can't be part of a name.
      if (stream.StreamName !== this.device && !stream.StreamName!.startsWith(`${this.device}.`)) continue;
      if (stream.Status === 'DELETING') isUnsettled = true;
      // Made anew since, so that it has nothing of what was asked for.
      else if (stream.CreationTime!.getTime() <= this.startedAt) items.push(...(await this.itemOf(stream)));
    }
    return { items, token: NextToken, isUnsettled };
  }

  async erase(ids: readonly Item['id'][]): Promise<(Keep | undefined)[]> {
    const kept: (Keep | undefined)[] = [];
    for (const { stream, arn } of ids) kept.push(await this.eraseStream(stream, arn));
    return kept;
  }

  private async itemOf({ StreamName, StreamARN, DataRetentionInHours = 0 }: StreamInfo): Promise<Item[]> {
    const id = { stream: StreamName!, arn: StreamARN! };
    if (!(await this.isOurs(StreamARN!))) return [{ id, keep: { reason: 'FOREIGN' } }];
    if (!isPartial(this.request)) return [{ id }];
    const end = Math.min(this.request.to === undefined ? Infinity : Date.parse(this.request.to), this.startedAt);
    const until = end + DataRetentionInHours * HOUR;
    if (DataRetentionInHours === 0 || until <= this.ports.now()) return [];
    return [{ id, keep: { reason: 'PART_OF_STREAM', until: new Date(until).toISOString() } }];
  }

  private async eraseStream(name: string, StreamARN: string): Promise<Keep | undefined> {
    const { kinesisVideo } = this.ports;
    const isSame = (stream?: StreamInfo) => stream?.StreamARN === StreamARN && stream.Status !== 'DELETING';
    if (!isSame(await findStream(kinesisVideo, name))) return undefined;
    // Whatever was looked at before: this can't be taken back.
    if (!(await this.isOurs(StreamARN))) return { reason: 'FOREIGN' };
    const stream = await activeStream(kinesisVideo, name);
    if (!isSame(stream)) return undefined;
    await unlessNotFound(kinesisVideo.send(new DeleteStreamCommand({ StreamARN, CurrentVersion: stream.Version })));
    return undefined;
  }

  private async isOurs(StreamARN: string): Promise<boolean> {
    const { kinesisVideo, fleetName } = this.ports;
    const found = await unlessNotFound(kinesisVideo.send(new ListTagsForStreamCommand({ StreamARN })));
    return found?.Tags?.[FLEET_TAG] === fleetName;
  }
}
