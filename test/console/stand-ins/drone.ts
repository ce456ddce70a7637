import { randomUUID } from 'node:crypto';
import { connectAsync } from 'mqtt';
import type * as z from 'zod';
import type { CommandAcknowledgement, DeviceCommand } from '../../../lambda/common/device-command';
import { deviceCommand } from '../../../lambda/common/device-command';
import { initialControl, receive, tick, type DeviceControl } from '../../../lambda/common/device-lease';
import type { deviceMessage, seen } from '../../../lambda/common/device-message';

export interface DroneProps {
  readonly name: string;
  readonly url: string;
  readonly topicPrefix: string;
}

export type DeviceMessage = z.infer<typeof deviceMessage>;

/** A device on its topics: it tells what it sees, and does what its pilot wants. */
export async function startDrone({ name, url, topicPrefix }: DroneProps) {
  const client = await connectAsync(url, { clientId: name, protocolVersion: 4 });
  const executed: DeviceCommand['command'][] = [];
  const lapses: string[] = [];
  const state = { control: initialControl() as DeviceControl, refuses: [] as string[] };
  const clock = () => ({ wall: Date.now(), monotonic: performance.now() });
  const topic = (rest: string) => `${topicPrefix}/${name}/${rest}`;

  client.on('message', (_, payload) => {
    const message = deviceCommand.parse(JSON.parse(payload.toString()));
    const { control, acknowledgement, execute } = receive(state.control, message, clock());
    state.control = control;
    if (execute && !state.refuses.includes(execute.name)) executed.push(execute);
    if (acknowledgement) void acknowledge(message, acknowledgement);
  });
  await client.subscribeAsync(topic('commands'), { qos: 1 });

  const acknowledge = ({ command }: DeviceCommand, acknowledgement: CommandAcknowledgement) => {
    const isUnable = acknowledgement.outcome === 'ACCEPTED' && state.refuses.includes(command.name);
    const told = isUnable
      ? { ...acknowledgement, outcome: 'REFUSED', reason: 'UNABLE', detail: 'Not in this wind.' }
      : acknowledgement;
    return client.publishAsync(topic('commands/acks'), JSON.stringify(told), { qos: 1 });
  };

  const watch = setInterval(() => {
    const { control, lapse } = tick(state.control, clock());
    state.control = control;
    if (lapse) lapses.push(lapse);
  }, 200);

  return {
    name,
    /** What it was told to do and did. */
    executed,
    /** What it did by itself when it heard no more of its pilot. */
    lapses,
    control: () => state.control,
    /** Commands that it can't do now. */
    refuse: (...names: string[]) => void (state.refuses = names),
    /** Publishes what its model has seen, and gives the message. */
    detect: async (detection: z.infer<typeof seen>, more: Partial<DeviceMessage> = {}): Promise<DeviceMessage> => {
      const message: DeviceMessage = {
        schemaVersion: '1.1',
        id: randomUUID(),
        capturedAt: new Date().toISOString(),
        detections: [detection],
        ...more,
      };
      await client.publishAsync(topic('detections'), JSON.stringify(message), { qos: 1 });
      return message;
    },
    stop: async () => {
      clearInterval(watch);
      await client.endAsync(true);
    },
  };
}

export type Drone = Awaited<ReturnType<typeof startDrone>>;
