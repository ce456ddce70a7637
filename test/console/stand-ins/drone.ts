import { connectAsync } from 'mqtt';
import { followCommands } from '../../../local/drone/commands';
import { publishDetection, type DeviceMessage, type Seen } from '../../../local/drone/detections';

export interface DroneProps {
  readonly name: string;
  readonly url: string;
  readonly topicPrefix: string;
}

/** A device on its topics: it tells what it sees, and does what its pilot wants. */
export async function startDrone({ name, url, topicPrefix }: DroneProps) {
  const client = await connectAsync(url, { clientId: name, protocolVersion: 4 });
  const topic = (rest: string) => `${topicPrefix}/${name}/${rest}`;
  const commands = await followCommands({ client, topic: topic('commands') });
  return {
    ...commands,
    name,
    /** Publishes what its model has seen, and gives the message. */
    detect: (detection: Seen, more?: Partial<DeviceMessage>) =>
      publishDetection(client, topic('detections'), detection, more),
    stop: async () => {
      commands.stop();
      await client.endAsync(true);
    },
  };
}

export type Drone = Awaited<ReturnType<typeof startDrone>>;
