import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PublishCommand, type IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { GetCommand, type DynamoDBDocumentClient, type PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Scheduler } from 'fast-check';
import { deviceCommand, type DeviceCommand } from '../../lambda/common/device-command';
import { initialControl, receive, tick, type DeviceControl } from '../../lambda/common/device-lease';
import type { Lease } from '../../lambda/common/lease';
import { handle, type Ports } from '../../lambda/takeover/handler';
import type { TakeoverResponse } from '../../lambda/common/takeover';

export const NOW = Date.parse('2026-11-24T10:00:00.000Z');
export const LEASE = 15_000;

/** What becomes of a call: it may have its effect without an answer, or twice as the SDK tries again, or not come at all. */
export type Fate = 'answered' | 'unanswered' | 'twice' | 'lost';

/** A change of the lease, at the real time at which the table made it. */
export interface Change {
  readonly at: number;
  readonly before?: Lease;
  readonly after: Lease;
}

interface Executed {
  readonly at: number;
  readonly message: DeviceCommand;
}

/**
 * A device, the tables, and functions with clocks of their own, for requests that overlap in any order. What is published
 * arrives in any order too, and twice now and then.
 */
export class TakeoverWorld {
  /** Which no clock shows for certain. */
  real = NOW;
  readonly changes: Change[] = [];
  readonly executed: Executed[] = [];
  readonly accepted: DeviceCommand[] = [];
  readonly lapses: number[] = [];
  control: DeviceControl = initialControl();
  private readonly items = new Map<string, Record<string, unknown>>();
  private readonly deliveries: Promise<unknown>[] = [];
  private ids = 0;

  /**
   * @param clocks by how much the clock of each function is wrong, in milliseconds
   * @param deviceClock by how much that of the device is
   */
  constructor(
    private readonly scheduler: Scheduler,
    private readonly fates: Fate[],
    readonly clocks: number[],
    private readonly deviceClock: number,
  ) {}

  ask(event: object, fn: number): Promise<TakeoverResponse> {
    const ports: Ports = {
      dynamodb: {
        send: (command: unknown) => this.call(() => this.table(command)),
      } as unknown as DynamoDBDocumentClient,
      iotData: { send: (command: unknown) => this.call(() => this.publish(command)) } as unknown as IoTDataPlaneClient,
      settings: {
        leaseTable: 'Leases',
        commandTable: 'Commands',
        topicPrefix: 'devices',
        leaseSeconds: LEASE / 1000,
        commandSeconds: 5,
        onLapse: 'HOVER',
      },
      newId: () => `own-${++this.ids}`,
      now: () => this.real + this.clocks[fn],
    };
    return handle({ device: 'drone-1', ...event }, ports);
  }

  /** Time goes by, and the device looks at its clock. */
  pass(milliseconds: number): void {
    this.real += milliseconds;
    const { control, lapse } = tick(this.control, this.deviceTime);
    this.control = control;
    if (lapse) this.lapses.push(this.real);
  }

  /** Until all that was published has arrived. */
  async settle(): Promise<void> {
    while (this.deliveries.length > 0) await this.deliveries.shift();
  }

  private get deviceTime() {
    return { wall: this.real + this.deviceClock, monotonic: this.real - NOW };
  }

  private async call<T>(perform: () => T): Promise<T> {
    await this.scheduler.schedule(Promise.resolve(), 'request');
    const fate = this.fates.shift() ?? 'answered';
    if (fate === 'lost') throw new Error('The call was lost.');
    let outcome = attempt(perform);
    if (fate === 'twice') outcome = attempt(perform);
    await this.scheduler.schedule(Promise.resolve(), 'answer');
    if (fate === 'unanswered') throw new Error('There was no answer.');
    return outcome();
  }

  private table(command: unknown): object {
    if (command instanceof GetCommand) {
      return { Item: structuredClone(this.items.get(keyOf(command.input.Key!))) };
    }
    const { TableName, Item, ConditionExpression, ExpressionAttributeValues } = (command as PutCommand).input;
    const key = keyOf(Item!);
    const before = this.items.get(key);
    const conditions: Record<string, boolean> = {
      'attribute_not_exists(device)': before === undefined,
      'attribute_not_exists(version)': before?.version === undefined,
      'version = :version': before?.version === ExpressionAttributeValues?.[':version'],
    };
    // A write that is always made, or under a condition that isn't known here, would be.
    if (conditions[ConditionExpression ?? ''] === false) {
      throw new ConditionalCheckFailedException({ message: 'No', $metadata: {} });
    }
    this.items.set(key, structuredClone(Item!));
    if (TableName === 'Leases') {
      this.changes.push({ at: this.real, before: before?.content as Lease | undefined, after: Item!.content });
    }
    return {};
  }

  private publish(command: unknown): object {
    const { input } = command as PublishCommand;
    if (!(command instanceof PublishCommand) || input.topic !== 'devices/drone-1/commands')
      throw new Error('Not that.');
    const message = deviceCommand.parse(JSON.parse(Buffer.from(input.payload as Uint8Array).toString()));
    for (let copy = 0; copy < 2; copy++) {
      this.deliveries.push(this.scheduler.schedule(Promise.resolve(), 'delivery').then(() => this.deliver(message)));
    }
    return {};
  }

  private deliver(message: DeviceCommand): void {
    this.pass(0);
    const isAgain = this.control.answered.some(({ id }) => id === message.id);
    const { control, acknowledgement, execute } = receive(this.control, message, this.deviceTime);
    this.control = control;
    if (acknowledgement?.outcome === 'ACCEPTED' && !isAgain) this.accepted.push(message);
    if (execute) this.executed.push({ at: this.real, message });
  }
}

function keyOf({ device, id }: Record<string, unknown>): string {
  return `${device} ${id ?? ''}`;
}

/** Has the effect now, and tells of it later. */
function attempt<T>(perform: () => T): () => T {
  try {
    const result = perform();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
