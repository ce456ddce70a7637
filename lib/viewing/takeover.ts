import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { DeviceIdentity } from '../device/device-identity';
import { keptTable } from '../private/kept-table';
import { AUDIT_LOGS, HandlerFunction, handlerMetric } from '../private/handler-function';
import { TopicRule, iotArn } from '../private/topic-rule';
import { checkDuration, checkFleetName, checkPattern, checkRange, fail, lit } from '../private/validation';
import { QueueWorker, WorkQueue } from '../private/work-queue';
import { TakeoverGrants } from './takeover-grants';

/**
 * What a device does by itself when its pilot is gone without having released it.
 */
export enum LapseAction {
  /** It stays where it is. */
  HOVER = 'HOVER',

  /** It returns to where it started. */
  RETURN = 'RETURN',
}

/**
 * How pilots control devices.
 */
export interface TakeoverOptions {
  /**
   * How long a pilot is in control without extending it, which a console does at each third: whole seconds, 5 to 120. A
   * device whose pilot is gone does what `onLapse` says after that time.
   * @default Duration.seconds(15)
   */
  readonly leaseLength?: Duration;

  /**
   * What a device does by itself when its pilot is gone.
   * @default LapseAction.HOVER
   */
  readonly onLapse?: LapseAction;

  /**
   * Which commands pilots may send: 1 to 32 names of an upper-case letter and up to 63 of `A-Z 0-9 _`, without those of the
   * lease itself, `TAKE_CONTROL`, `HEARTBEAT` and `RELEASE`.
   * @default - any
   */
  readonly commands?: string[];

  /**
   * For how long a command may be on its way before the device must not do it any more: whole seconds, 1 to 60, and never
   * longer than the lease.
   * @default Duration.seconds(5)
   */
  readonly commandValidity?: Duration;
}

/**
 * Properties of `Takeover`.
 */
export interface TakeoverProps extends TakeoverOptions {
  /**
   * The name of the fleet. 1 to 64 of `a-z A-Z 0-9 _ -`.
   */
  readonly fleetName: string;

  /**
   * What the devices are. They are allowed to receive their commands and to acknowledge them.
   */
  readonly identity: DeviceIdentity;

  /**
   * The key of the tables and the queues.
   * @default - keys that the services own
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * What is done when the alarm goes off.
   * @default - nothing
   */
  readonly alarmActions?: cloudwatch.IAlarmAction[];

  /**
   * What becomes of the tables when they leave the stack. Unless it is DESTROY, DynamoDB refuses their deletion too.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Lets one pilot at a time control a device, and brings the pilot's commands to it.
 *
 * A pilot takes a lease of the device, extends it by heartbeats, and releases it; a supervisor takes it by force. Each lease
 * has a token that is higher than all before. It goes with each command, and the device refuses what has a lower one than it
 * has seen: so it hears of one pilot only, whatever is still on its way from another. When nothing extends the lease, it is
 * over for the table and for the device, which then does what `onLapse` says.
 *
 * Commands (`schemas/device-command.v1.json`) are published to `<prefix>/<thing>/commands` with QoS 1. The device publishes
 * an acknowledgement (`schemas/device-command-ack.v1.json`) to `<prefix>/<thing>/commands/acks`, which is kept with the
 * command for two weeks.
 *
 * The function is invoked with a request like `{"action": "take", "device": "drone-1", "pilot": "…"}`. It believes what it
 * is told of who asks: see `grants`.
 *
 * @see https://docs.aws.amazon.com/iot/latest/developerguide/mqtt.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const takeover = new Takeover(stack, 'Takeover', {
 *   fleetName: 'delivery',
 *   identity: new DeviceIdentity(stack, 'Identity'),
 *   commands: ['HOVER', 'RETURN', 'LAND'],
 *   leaseLength: Duration.seconds(30),
 *   onLapse: LapseAction.RETURN,
 * });
 */
export class Takeover extends Construct {
  /** The function to be invoked. */
  public readonly handler: lambda.IFunction;

  /** The function that notes acknowledgements. */
  public readonly acknowledgementHandler: lambda.IFunction;

  /** Who controls which device, with the key `device`. */
  public readonly leaseTable: dynamodb.ITable;

  /** The commands of the last two weeks and their acknowledgements, with the keys `device` and `id`. */
  public readonly commandTable: dynamodb.ITable;

  /** Acknowledgements that wait. */
  public readonly queue: sqs.IQueue;

  /** Acknowledgements that could not be processed, those of the rule's error action included. */
  public readonly deadLetterQueue: sqs.IQueue;

  /** Goes off when an acknowledgement is in the dead-letter queue. */
  public readonly deadLetterAlarm: cloudwatch.Alarm;

  /** Which commands pilots may send, unless they may send any. */
  public readonly commands?: string[];

  /** Permissions to control devices. */
  public readonly grants: TakeoverGrants;

  /**
   * @throws ValidationError with one of the codes `FleetName`, `TakeoverLease`, `TakeoverCommands` and
   * `TakeoverCommandValidity`
   */
  constructor(scope: Construct, id: string, props: TakeoverProps) {
    super(scope, id);
    checkFleetName(this, props.fleetName);
    const settings = this.render(props);
    const { fleetName, identity, encryptionKey, removalPolicy = RemovalPolicy.RETAIN } = props;
    this.commands = props.commands;

    this.leaseTable = this.table('Leases', props);
    this.commandTable = this.table('Commands', props, 'id');
    const handler = new HandlerFunction(this, 'Handler', {
      handler: 'takeover',
      description: `Lets one pilot at a time control a device of ${fleetName}`,
      timeout: Duration.seconds(10),
      logs: { ...AUDIT_LOGS, removalPolicy },
      environment: {
        TAKEOVER: Stack.of(this).toJsonString({
          leaseTable: this.leaseTable.tableName,
          commandTable: this.commandTable.tableName,
          topicPrefix: identity.topicPrefix,
          ...settings,
        }),
      },
    });
    for (const table of [this.leaseTable, this.commandTable]) {
      table.grant(handler, 'dynamodb:GetItem', 'dynamodb:PutItem');
    }
    encryptionKey?.grantEncryptDecrypt(handler);
    handler.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['iot:Publish'],
        resources: [iotArn(this, 'topic', identity.topic('*', 'commands'))],
      }),
    );
    this.handler = handler;
    this.grants = TakeoverGrants.fromHandler(handler);

    const work = new WorkQueue(this, 'Acknowledgements', { content: 'acknowledgements of commands', encryptionKey });
    this.queue = work.queue;
    this.deadLetterQueue = work.deadLetterQueue;
    this.deadLetterAlarm = work.deadLetterAlarm;
    work.deadLetterAlarm.addAlarmAction(...(props.alarmActions ?? []));
    const acknowledgementHandler = new QueueWorker(this, 'AcknowledgementHandler', {
      work,
      handler: 'command-acknowledgement',
      description: `Notes which commands the devices of ${fleetName} have acknowledged`,
      environment: { COMMAND_TABLE: this.commandTable.tableName },
    });
    this.commandTable.grant(acknowledgementHandler, 'dynamodb:UpdateItem');
    encryptionKey?.grantEncryptDecrypt(acknowledgementHandler);
    this.acknowledgementHandler = acknowledgementHandler;

    identity.allowSubscribe('commands');
    identity.allowPublish('commands/acks');
    new TopicRule(this, 'Rule', {
      description: `Acknowledgements of the devices of ${fleetName}`,
      // Encoded, so that a message that isn't JSON reaches the handler too, which says what is wrong with it.
      sql: `SELECT topic(2) AS device, encode(*, 'base64') AS content FROM '${identity.topic('+', 'commands/acks')}'`,
      target: work,
    });
  }

  /**
   * A metric of control, in the namespace `KinesisVideoFleet`: `ControlTaken`, `ControlForced`, `ControlReleased`,
   * `ControlRefused`, `ControlLost`, `RequestInvalid`, `CommandSent`, all as sums.
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOf('takeover', metricName, { statistic: cloudwatch.Stats.SUM, ...props });
  }

  /**
   * A metric of what devices answer, in the namespace `KinesisVideoFleet`: `CommandAccepted`, `CommandRefused`,
   * `AcknowledgementUnknown`, all as sums.
   */
  public metricAcknowledgements(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOf('command-acknowledgement', metricName, { statistic: cloudwatch.Stats.SUM, ...props });
  }

  /** How long it took from sending a command to its acknowledgement, in milliseconds; nine of ten took no longer. */
  public metricCommandLatency(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOf('command-acknowledgement', 'CommandLatency', { statistic: cloudwatch.Stats.p(90), ...props });
  }

  private metricOf(handler: string, metricName: string, props: cloudwatch.MetricOptions): cloudwatch.Metric {
    return handlerMetric(this, handler, metricName, props);
  }

  private table(id: string, { encryptionKey, removalPolicy }: TakeoverProps, sortKey?: string): dynamodb.Table {
    return keptTable(this, id, {
      partitionKey: 'device',
      sortKey,
      expires: true,
      encryptionKey,
      removalPolicy: removalPolicy ?? RemovalPolicy.RETAIN,
    });
  }

  private render({ leaseLength, commandValidity, onLapse, commands }: TakeoverOptions): object {
    const seconds = (max: number, min: number) => ({ min, max, unit: 'seconds' }) as const;
    const length = leaseLength ?? Duration.seconds(15);
    const validity = commandValidity ?? Duration.seconds(5);
    this.checkCommands(commands);
    return {
      leaseSeconds: checkDuration(this, lit`TakeoverLease`, 'leaseLength', length, seconds(120, 5)),
      commandSeconds: checkDuration(this, lit`TakeoverCommandValidity`, 'commandValidity', validity, seconds(60, 1)),
      onLapse: onLapse ?? LapseAction.HOVER,
      commands,
    };
  }

  private checkCommands(commands?: string[]): void {
    if (!commands) return;
    checkRange(this, lit`TakeoverCommands`, 'commands.length', commands.length, { min: 1, max: 32 });
    for (const name of commands) {
      const rule = 'an upper-case letter and up to 63 of A-Z 0-9 _';
      checkPattern(this, lit`TakeoverCommands`, 'commands', name, /^[A-Z][A-Z0-9_]{0,63}$/, rule);
      if (['TAKE_CONTROL', 'HEARTBEAT', 'RELEASE'].includes(name)) {
        fail(this, lit`TakeoverCommands`, `\`commands\` has '${name}', which the lease itself sends.`);
      }
    }
  }
}
