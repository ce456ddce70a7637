import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { DeleteObjectCommand, S3Client, HeadObjectCommand } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { DeviceRate } from '../../lambda/common/device-rate';
import { handle, type Ports } from '../../lambda/queue-monitor/handler';
import type { FramePorts } from '../../lambda/queue-monitor/frames';
import { Monitor } from '../../lambda/queue-monitor/monitor';
import type { MonitorSettings } from '../../lambda/queue-monitor/settings';
import { staffingSignal, type StaffingSignal } from '../../lambda/queue-monitor/signal';
import type { LocalDynamoDB } from './dynamodb';
import { TestQueue } from './work-queue';

type Registers = MonitorSettings['registers'];

/** A store whose people are counted: its table, its bus and its bucket, and a clock that stands still. */
export class TestStore {
  static async in(dynamodb: LocalDynamoDB, registers: Registers, analyse?: FramePorts['analyser']['analyse']) {
    return new TestStore(dynamodb, await dynamodb.createTable('fleet'), registers, analyse);
  }

  /** In milliseconds since 1970; messages are sent at that time, as `sqsEvent` says. */
  now = 1_545_082_649_183;
  /** How the bus answers, as long as it is there. */
  failure?: Error | { readonly FailedEntryCount: number; readonly Entries: object[] };
  readonly entries: PutEventsRequestEntry[] = [];
  readonly objects = new Set<string>();
  readonly queue: TestQueue;

  private constructor(
    private readonly dynamodb: LocalDynamoDB,
    private readonly tableName: string,
    registers: Registers,
    analyse?: FramePorts['analyser']['analyse'],
  ) {
    const settings = {
      fleet: 'store-7',
      tableName,
      eventBusName: 'default',
      registers,
      openAbove: 4,
      openAfterSeconds: 120,
      closeBelow: 1,
      closeAfterSeconds: 600,
      staleAfterSeconds: 60,
    };
    const now = () => this.now;
    const ports: Ports = {
      monitor: new Monitor({ dynamodb: dynamodb.client, events: this.bus(), settings, now }),
      registers,
      rate: new DeviceRate(10),
      now,
      frames: analyse && {
        s3: this.bucket(),
        analyser: { analyse },
        turn: async () => {},
        minimumConfidence: 70,
        staleAfter: 60_000,
        now,
      },
    };
    this.queue = new TestQueue(
      (body, delivery) => handle(body, ports, delivery),
      () => this.now,
    );
  }

  get signals(): StaffingSignal[] {
    return this.entries.map(({ Detail }) => staffingSignal.parse(JSON.parse(Detail!)));
  }

  remembered(): Promise<Record<string, unknown>[]> {
    return this.dynamodb.items(this.tableName);
  }

  private bus(): EventBridgeClient {
    const client = new EventBridgeClient({ region: 'eu-west-1' });
    mockClient(client)
      .on(PutEventsCommand)
      .callsFake(({ Entries }) => {
        if (this.failure instanceof Error) throw this.failure;
        if (this.failure) return this.failure;
        this.entries.push(...Entries);
        return { FailedEntryCount: 0, Entries: [{ EventId: '11710aed-b79e-4468-a20b-bb3c0c3b4860' }] };
      });
    return client;
  }

  private bucket(): S3Client {
    const client = new S3Client({ region: 'eu-west-1' });
    mockClient(client)
      .on(HeadObjectCommand)
      .callsFake(({ Key }) => {
        if (!this.objects.has(Key)) throw Object.assign(new Error('It is not there.'), { name: 'NotFound' });
        return {};
      })
      .on(DeleteObjectCommand)
      .callsFake(({ Key }) => {
        this.objects.delete(Key);
        return {};
      });
    return client;
  }
}
