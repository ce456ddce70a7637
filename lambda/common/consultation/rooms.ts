import {
  CreateSignalingChannelCommand,
  CreateStreamCommand,
  DescribeMediaStorageConfigurationCommand,
  UpdateMediaStorageConfigurationCommand,
  type KinesisVideoClient,
} from '@aws-sdk/client-kinesis-video';
import * as z from 'zod';
import { unlessThere } from '../errors';
import { FLEET_TAG } from '../fleet-tag';
import { activeChannel, activeStream, findChannel } from '../kinesis-video';
import { Problem } from '../problem';

/** As `Consultations` renders it into the environment. */
export const roomConfiguration = z.object({
  fleetName: z.string().min(1),
  recordingHours: z.number().int().min(1),
  keyArn: z.string().min(1),
});

export interface RoomPorts {
  readonly kinesisVideo: KinesisVideoClient;
  readonly rooms: z.infer<typeof roomConfiguration>;
}

/** The name of the channel of an appointment, and of the stream with its recording. */
export function roomOf(appointmentId: string, { fleetName }: RoomPorts['rooms']): string {
  return `${fleetName}-${appointmentId}`;
}

/**
 * The channel of an appointment, which is made when somebody comes.
 * @throws Problem 409 while a former one of that name is being deleted
 */
export async function openRoom(name: string, { kinesisVideo, rooms }: RoomPorts): Promise<string> {
  const created = await unlessThere(
    kinesisVideo.send(
      new CreateSignalingChannelCommand({
        ChannelName: name,
        ChannelType: 'SINGLE_MASTER',
        Tags: [{ Key: FLEET_TAG, Value: rooms.fleetName }],
      }),
    ),
  );
  const there = created ? undefined : await findChannel(kinesisVideo, name);
  if (there?.ChannelStatus === 'DELETING') {
    throw new Problem(409, 'Not ready', 'The room is being closed. Try again in a minute.');
  }
  return (await activeChannel(kinesisVideo, name)).ChannelARN!;
}

/**
 * Has what goes through the channel stored in a stream of the appointment's own, from the next connection on.
 * @returns the ARN of the stream
 */
export async function record(name: string, ChannelARN: string, { kinesisVideo, rooms }: RoomPorts): Promise<string> {
  await unlessThere(
    kinesisVideo.send(
      new CreateStreamCommand({
        StreamName: name,
        DataRetentionInHours: rooms.recordingHours,
        MediaType: 'video/h264,audio/aac',
        KmsKeyId: rooms.keyArn,
        Tags: { [FLEET_TAG]: rooms.fleetName },
      }),
    ),
  );
  const { StreamARN } = await activeStream(kinesisVideo, name);
  if (!(await isStored(ChannelARN, kinesisVideo))) {
    await kinesisVideo.send(
      new UpdateMediaStorageConfigurationCommand({
        ChannelARN,
        MediaStorageConfiguration: { Status: 'ENABLED', StreamARN },
      }),
    );
  }
  return StreamARN!;
}

/** Has nothing stored any more. Whether something was. */
export async function stopRecording(
  ChannelARN: string,
  { kinesisVideo }: Pick<RoomPorts, 'kinesisVideo'>,
): Promise<boolean> {
  if (!(await isStored(ChannelARN, kinesisVideo))) return false;
  await kinesisVideo.send(
    new UpdateMediaStorageConfigurationCommand({ ChannelARN, MediaStorageConfiguration: { Status: 'DISABLED' } }),
  );
  return true;
}

/** As `stopRecording`, of a room that may not have been opened yet. */
export async function stopRecordingIn(name: string, ports: RoomPorts): Promise<boolean> {
  const channel = await findChannel(ports.kinesisVideo, name);
  if (!channel || channel.ChannelStatus === 'DELETING') return false;
  return stopRecording(channel.ChannelARN!, ports);
}

async function isStored(ChannelARN: string, kinesisVideo: KinesisVideoClient): Promise<boolean> {
  const { MediaStorageConfiguration } = await kinesisVideo.send(
    new DescribeMediaStorageConfigurationCommand({ ChannelARN }),
  );
  return MediaStorageConfiguration?.Status === 'ENABLED';
}
