import { isDeepStrictEqual } from 'node:util';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PublishCommand, type IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { GetCommand, PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { CommandAcknowledgement, DeviceCommand } from '../common/device-command';
import type { Lease } from '../common/lease';

export interface CommandPorts {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly iotData: IoTDataPlaneClient;
  readonly commandTable: string;
  readonly topicPrefix: string;
  readonly onLapse: DeviceCommand['onLapse'];
  readonly now: () => number;
}

/** A command that was sent, as the table has it. */
export interface SentCommand {
  readonly device: string;
  readonly id: string;
  readonly pilot: string;
  readonly message: DeviceCommand;
  /** In milliseconds since 1970. */
  readonly publishedAt: number;
  readonly acknowledgement?: CommandAcknowledgement;
}

/** How long commands are kept, in milliseconds: as long as an acknowledgement may lie in the dead-letter queue. */
const KEPT = 14 * 86_400_000;

/** What is sent to devices, and noted so that they can acknowledge it. */
export class Commands {
  constructor(private readonly ports: CommandPorts) {}

  /**
   * Sends a command. One that was sent under the same id already is sent again as it was: the device does it once.
   * @param validUntil in milliseconds since 1970
   * @returns what was sent, or nothing if the id is that of another command
   */
  async send(
    lease: Lease,
    device: string,
    id: string,
    command: DeviceCommand['command'],
    validUntil: number,
  ): Promise<SentCommand | undefined> {
    const message = this.message(lease, id, command, validUntil);
    const sent = await this.note({ device, id, pilot: lease.pilot, message, publishedAt: this.ports.now() });
    const isSame = sent.message.token === lease.token && isDeepStrictEqual(sent.message.command, message.command);
    if (!isSame) return undefined;
    await this.publish(device, sent.message);
    return sent;
  }

  /** Tells the device that the lease goes on. It isn't noted, as there are many and a later one says the same. */
  async sendHeartbeat(lease: Lease, device: string, id: string): Promise<void> {
    await this.publish(device, this.message(lease, id, { name: 'HEARTBEAT' }, lease.until));
  }

  async find(device: string, id: string): Promise<SentCommand | undefined> {
    const { dynamodb, commandTable } = this.ports;
    const { Item } = await dynamodb.send(
      new GetCommand({ TableName: commandTable, Key: { device, id }, ConsistentRead: true }),
    );
    return Item && ({ ...Item, message: JSON.parse(Item.message) } as SentCommand);
  }

  /** The command as it was noted first. */
  private async note(command: SentCommand): Promise<SentCommand> {
    const { dynamodb, commandTable } = this.ports;
    const expiresAt = Math.ceil((command.publishedAt + KEPT) / 1000);
    try {
      await dynamodb.send(
        new PutCommand({
          TableName: commandTable,
          // As text: parameters may have numbers and depths that the table has not.
          Item: { ...command, message: JSON.stringify(command.message), expiresAt },
          ConditionExpression: 'attribute_not_exists(device)',
        }),
      );
      return command;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return (await this.find(command.device, command.id)) ?? command;
    }
  }

  private async publish(device: string, message: DeviceCommand): Promise<void> {
    const { iotData, topicPrefix, now } = this.ports;
    const seconds = Math.ceil((Date.parse(message.expiresAt) - now()) / 1000);
    // The device would refuse it.
    if (seconds < 1) return;
    await iotData.send(
      new PublishCommand({
        topic: `${topicPrefix}/${device}/commands`,
        qos: 1,
        // So that the broker keeps nothing for a device that is away that it would refuse later.
        messageExpiry: seconds,
        contentType: 'application/json',
        payload: Buffer.from(JSON.stringify(message)),
      }),
    );
  }

  private message(lease: Lease, id: string, command: DeviceCommand['command'], validUntil: number): DeviceCommand {
    return {
      schemaVersion: '1.0',
      id,
      token: lease.token,
      leaseExpiresAt: new Date(lease.until).toISOString(),
      command,
      issuedAt: new Date(this.ports.now()).toISOString(),
      expiresAt: new Date(Math.min(validUntil, lease.until)).toISOString(),
      onLapse: this.ports.onLapse,
    };
  }
}
