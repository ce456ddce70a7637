import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { DeviceRate } from '../../lambda/common/device-rate';
import { handle, type Ports } from '../../lambda/heat-monitor/handler';
import { Monitor } from '../../lambda/heat-monitor/monitor';
import type { HeatSettings } from '../../lambda/heat-monitor/settings';
import { maintenanceWorkOrder, type MaintenanceWorkOrder } from '../../lambda/heat-monitor/work-order';
import { handle as command } from '../../lambda/heat-monitor-command/handler';
import { urlEvent } from '../events/function-url';
import type { LocalDynamoDB } from './dynamodb';
import { TestQueue } from './work-queue';

/** A plant whose assets are watched: its table and its bus, and a clock that stands still. */
export class TestPlant {
  static async in(dynamodb: LocalDynamoDB, assets: HeatSettings['assets'], change: Partial<HeatSettings> = {}) {
    return new TestPlant(dynamodb, await dynamodb.createTable('asset'), assets, change);
  }

  /** In milliseconds since 1970; messages are sent at that time, as `sqsEvent` says. */
  now = 1_545_082_649_183;
  /** How the bus answers, as long as it is there. */
  failure?: Error | { readonly FailedEntryCount: number; readonly Entries: object[] };
  readonly entries: PutEventsRequestEntry[] = [];
  readonly queue: TestQueue;
  readonly settings: HeatSettings;
  private readonly client: DynamoDBDocumentClient;

  private constructor(
    private readonly dynamodb: LocalDynamoDB,
    tableName: string,
    assets: HeatSettings['assets'],
    change: Partial<HeatSettings>,
  ) {
    this.settings = {
      fleet: 'plant-1',
      tableName,
      assets,
      needsAmbient: true,
      learnForSeconds: 600,
      adaptOverSeconds: 172_800,
      watchAbove: 4,
      alarmAbove: 12,
      driftAbove: 5,
      alarmAfterSeconds: 120,
      calmAfterSeconds: 120,
      watchForSeconds: 86_400,
      silentAfterSeconds: 900,
      ...change,
    };
    const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
    // As the function has it, which drops what is undefined.
    this.client = DynamoDBDocumentClient.from(
      new DynamoDBClient({ region: 'eu-west-1', endpoint: dynamodb.endpoint, credentials }),
      { marshallOptions: { removeUndefinedValues: true } },
    );
    const ports: Ports = {
      monitor: new Monitor({
        dynamodb: this.client,
        events: this.bus(),
        eventBusName: 'maintenance',
        settings: this.settings,
        now: () => this.now,
      }),
      settings: this.settings,
      rate: new DeviceRate(10),
      now: () => this.now,
    };
    this.queue = new TestQueue(
      (body, delivery) => handle(body, ports, delivery),
      () => this.now,
    );
  }

  get orders(): MaintenanceWorkOrder[] {
    return this.entries.map(({ Detail }) => maintenanceWorkOrder.parse(JSON.parse(Detail!)));
  }

  /** What the table has of each asset, by its name. */
  async remembered(): Promise<Record<string, Record<string, unknown>>> {
    const items = await this.dynamodb.items(this.settings.tableName);
    return Object.fromEntries(items.map(({ asset, content }) => [asset, content as Record<string, unknown>]));
  }

  post(content: unknown, userArn?: string) {
    return this.answer(
      urlEvent('POST', { body: typeof content === 'string' ? content : JSON.stringify(content), userArn }),
    );
  }

  get(asset: string) {
    return this.answer(urlEvent('GET', { query: { asset } }));
  }

  async answer(event: unknown): Promise<{ status: number; content: Record<string, unknown> }> {
    const ports = { dynamodb: this.client, settings: this.settings, now: () => this.now };
    const { statusCode, body } = await command(event, ports);
    return { status: statusCode!, content: JSON.parse(body!) };
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
}
