import { MetricUnit } from '@aws-lambda-powertools/metrics';
import {
  DeleteSignalingChannelCommand,
  ListTagsForResourceCommand,
  paginateListSignalingChannels,
  type ChannelInfo,
} from '@aws-sdk/client-kinesis-video';
import { unlessNotFound } from '../common/errors';
import { FLEET_TAG } from '../common/fleet-tag';
import { logger, metrics } from '../common/observability';
import type { Appointment, Appointments } from '../common/consultation/appointments';
import { roomOf, stopRecording, type RoomPorts } from '../common/consultation/rooms';

export interface Ports extends RoomPorts {
  readonly appointments: Pick<Appointments, 'find'>;
  readonly now: () => number;
}

/**
 * Closes the rooms of appointments that are over, and stops recordings that aren't consented to any more.
 *
 * What is there is asked of Kinesis Video Streams and not remembered, so that whatever was left undone is done next time.
 *
 * @throws Error if anything could not be done, after all else was
 */
export async function closeRooms(ports: Ports): Promise<void> {
  const prefix = roomOf('', ports.rooms);
  const failed: string[] = [];
  let count = 0;
  for await (const { ChannelInfoList = [] } of paginateListSignalingChannels(
    { client: ports.kinesisVideo, pageSize: 1000 },
    { ChannelNameCondition: { ComparisonOperator: 'BEGINS_WITH', ComparisonValue: prefix } },
  )) {
    for (const channel of ChannelInfoList) {
      const name = channel.ChannelName!;
      if (channel.ChannelStatus === 'DELETING') continue;
      try {
        count += 1;
        if (await attendTo(channel, name.slice(prefix.length), ports)) count -= 1;
      } catch (error) {
        logger.error('A room could not be attended to', { device: name, error: error as Error });
        failed.push(name);
      }
    }
  }
  metrics.addMetric('RoomsOpen', MetricUnit.Count, count);
  if (failed.length > 0) throw new Error(`${failed.length} rooms could not be attended to, ${failed[0]} among them.`);
}

/** Whether the room was closed. */
async function attendTo(channel: ChannelInfo, appointmentId: string, ports: Ports): Promise<boolean> {
  const appointment = await ports.appointments.find(appointmentId);
  if (isOver(appointment, ports.now())) return close(channel, ports);
  // Between a withdrawal and what should have followed it, a function may have ended.
  if (appointment!.consent !== 'given' && (await stopRecording(channel.ChannelARN!, ports))) {
    logger.warn('Recording stopped', { device: channel.ChannelName, reason: 'there is no consent' });
    metrics.addMetric('RecordingStoppedLate', MetricUnit.Count, 1);
  }
  return false;
}

function isOver(appointment: Appointment | undefined, now: number): boolean {
  return !appointment || appointment.cancelled || Date.parse(appointment.end) <= now;
}

/** Only what carries the tag: the name of another fleet may begin like this one's. */
async function close(
  { ChannelARN, ChannelName, Version }: ChannelInfo,
  { kinesisVideo, rooms }: Ports,
): Promise<boolean> {
  const tags = await unlessNotFound(kinesisVideo.send(new ListTagsForResourceCommand({ ResourceARN: ChannelARN })));
  if (tags?.Tags?.[FLEET_TAG] !== rooms.fleetName) return false;
  await unlessNotFound(kinesisVideo.send(new DeleteSignalingChannelCommand({ ChannelARN, CurrentVersion: Version })));
  logger.info('Room closed', { device: ChannelName });
  metrics.addMetric('RoomClosed', MetricUnit.Count, 1);
  return true;
}
