import type { MqttClient } from 'mqtt';
import type { CommandAcknowledgement, DeviceCommand } from '../../lambda/common/device-command';
import { deviceCommand } from '../../lambda/common/device-command';
import { initialControl, receive, tick, type DeviceControl } from '../../lambda/common/device-lease';

export interface CommandsProps {
  readonly client: MqttClient;
  /** Where commands come, which ends in `/commands`. */
  readonly topic: string;
  /** The highest token that the device had seen before it was switched on. @default 0 */
  readonly token?: number;
  /** Keeps a higher one. */
  readonly onToken?: (token: number) => void;
  /** Is told what the device does: when somebody takes or gives back control, what it is told to do, and when it is left alone. */
  readonly onAct?: (act: Act) => void;
}

export type Act =
  | { readonly type: 'CONTROLLED' | 'RELEASED'; readonly token: number }
  | { readonly type: 'COMMANDED'; readonly command: DeviceCommand['command'] }
  | { readonly type: 'LAPSED'; readonly lapse: DeviceCommand['onLapse'] };

/** How often a device looks whether its lease is over, in milliseconds: docs/takeover.md wants it once a second at least. */
const WATCH = 200;

/** What a device does with what its pilot tells it: it keeps to the lease, and says what became of each command. */
export async function followCommands({ client, topic, token, onToken, onAct }: CommandsProps) {
  const executed: DeviceCommand['command'][] = [];
  const lapses: DeviceCommand['onLapse'][] = [];
  const state = { control: initialControl(token) as DeviceControl, refuses: [] as string[] };
  const clock = () => ({ wall: Date.now(), monotonic: performance.now() });

  const take = (message: DeviceCommand) => {
    const before = state.control;
    const { control, acknowledgement, execute } = receive(before, message, clock());
    if (control.token > before.token) onToken?.(control.token);
    state.control = control;
    tellOf(before, control);
    if (execute && !state.refuses.includes(execute.name)) {
      executed.push(execute);
      onAct?.({ type: 'COMMANDED', command: execute });
    }
    if (acknowledgement) acknowledge(message, acknowledgement);
  };

  const tellOf = (before: DeviceControl, { mode, token: now }: DeviceControl) => {
    const isTaken = mode === 'controlled' && (before.mode !== 'controlled' || now > before.token);
    if (isTaken) onAct?.({ type: 'CONTROLLED', token: now });
    if (mode === 'free' && before.mode !== 'free') onAct?.({ type: 'RELEASED', token: now });
  };

  const acknowledge = ({ command }: DeviceCommand, acknowledgement: CommandAcknowledgement) => {
    const isUnable = acknowledgement.outcome === 'ACCEPTED' && state.refuses.includes(command.name);
    const told = isUnable
      ? { ...acknowledgement, outcome: 'REFUSED', reason: 'UNABLE', detail: 'Not in this wind.' }
      : acknowledgement;
    // It is kept until there is a connection; when there is none any more, nobody wants to know.
    client.publish(`${topic}/acks`, JSON.stringify(told), { qos: 1 }, () => undefined);
  };

  client.on('message', (published, payload) => {
    const message = published === topic ? readCommand(payload) : undefined;
    if (message) take(message);
  });
  await subscribe(client, topic);

  const watch = setInterval(() => {
    const { control, lapse } = tick(state.control, clock());
    state.control = control;
    if (!lapse) return;
    lapses.push(lapse);
    onAct?.({ type: 'LAPSED', lapse });
  }, WATCH);

  return {
    /** What it was told to do and did. */
    executed,
    /** What it did by itself when it heard no more of its pilot. */
    lapses,
    control: () => state.control,
    /** Commands that it can't do now. */
    refuse: (...names: string[]) => void (state.refuses = names),
    stop: () => clearInterval(watch),
  };
}

/** If the connection is lost before the broker has answered, the client does it by itself with the next one. */
async function subscribe(client: MqttClient, topic: string): Promise<void> {
  try {
    await client.subscribeAsync(topic, { qos: 1 });
  } catch (error) {
    if (client.disconnecting) throw error;
  }
}

/** A device does nothing that it doesn't understand. */
function readCommand(payload: Buffer): DeviceCommand | undefined {
  try {
    return deviceCommand.safeParse(JSON.parse(payload.toString())).data;
  } catch {
    return undefined;
  }
}
