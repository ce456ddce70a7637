import {
  DescribeSignalingChannelCommand,
  DescribeStreamCommand,
  KinesisVideoClient,
  type ChannelInfo,
  type KinesisVideoClientConfig,
  type StreamInfo,
} from '@aws-sdk/client-kinesis-video';
import { createWaiter, WaiterState } from '@smithy/util-waiter';
import { isNamed, retryAlso, unlessNotFound } from './errors';

/**
 * A client that tries again what deserves it and the SDK takes for the caller's fault: Kinesis Video Streams says
 * `ClientLimitExceededException` with status 400 where other services say `ThrottlingException`, and
 * `ResourceInUseException` to an update that comes while another one is going on.
 *
 * @param transient names of further errors that pass by themselves
 */
export function kinesisVideoClient(config: KinesisVideoClientConfig = {}, ...transient: string[]): KinesisVideoClient {
  const client = new KinesisVideoClient({ maxAttempts: 8, retryMode: 'adaptive', ...config });
  return retryAlso(client, (error, commandName) => {
    if (isNamed(error, 'ClientLimitExceededException')) return 'throttled';
    const isBusy = isNamed(error, 'ResourceInUseException') && commandName.startsWith('Update');
    return isBusy || isNamed(error, ...transient) ? 'transient' : undefined;
  });
}

/** The stream of that name, or nothing if there is none. */
export async function findStream(client: KinesisVideoClient, name: string): Promise<StreamInfo | undefined> {
  const found = await unlessNotFound(client.send(new DescribeStreamCommand({ StreamName: name })));
  return found?.StreamInfo;
}

/** The signaling channel of that name, or nothing if there is none. */
export async function findChannel(client: KinesisVideoClient, name: string): Promise<ChannelInfo | undefined> {
  const found = await unlessNotFound(client.send(new DescribeSignalingChannelCommand({ ChannelName: name })));
  return found?.ChannelInfo;
}

/**
 * The stream, as soon as it is ACTIVE: while it is being created or updated, changes to it are refused.
 * @throws Error after a minute, and when there is no such stream
 */
export async function activeStream(client: KinesisVideoClient, name: string): Promise<StreamInfo> {
  return whenActive(
    client,
    `stream '${name}'`,
    () => findStream(client, name),
    (stream) => stream.Status,
  );
}

/**
 * The signaling channel, as soon as it is ACTIVE.
 * @throws Error after a minute, and when there is no such channel
 */
export async function activeChannel(client: KinesisVideoClient, name: string): Promise<ChannelInfo> {
  return whenActive(
    client,
    `channel '${name}'`,
    () => findChannel(client, name),
    (channel) => channel.ChannelStatus,
  );
}

async function whenActive<T>(
  client: KinesisVideoClient,
  what: string,
  find: () => Promise<T | undefined>,
  status: (found: T) => string | undefined,
): Promise<T> {
  let found: T | undefined;
  const { state } = await createWaiter({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 5 }, {}, async () => {
    found = await find();
    if (found === undefined) return { state: WaiterState.FAILURE };
    return { state: status(found) === 'ACTIVE' ? WaiterState.SUCCESS : WaiterState.RETRY };
  });
  if (found === undefined) throw new Error(`There is no ${what}.`);
  if (state !== WaiterState.SUCCESS)
    throw new Error(`The ${what} is ${status(found)} for a minute; it should be ACTIVE.`);
  return found;
}
