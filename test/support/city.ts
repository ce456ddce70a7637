import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PublishCommand, SNSClient, type PublishCommandInput } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient, type SendMessageCommandInput } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { Acknowledgements } from '../../lambda/common/acknowledgement';
import { DeviceRate } from '../../lambda/common/device-rate';
import { handle as decision } from '../../lambda/shot-decision/handler';
import { cellOf } from '../../lambda/shot-detector/cameras';
import type { Hearing } from '../../lambda/shot-detector/corroboration';
import { Detector } from '../../lambda/shot-detector/detector';
import { unproject, type Point } from '../../lambda/shot-detector/geometry';
import { handle, type Ports } from '../../lambda/shot-detector/handler';
import { shotIncident, type ShotIncident } from '../../lambda/shot-detector/message';
import type { ShotSettings } from '../../lambda/shot-detector/settings';
import { webhookMessage } from '../../lambda/signed-webhook/handler';
import { urlEvent } from '../events/function-url';
import { ruleOutput } from '../events/iot-rule';
import type { LocalDynamoDB } from './dynamodb';
import { CITY, NOON } from './shots';
import { TestQueue } from './work-queue';

const WORK = 'https://sqs.eu-west-1.amazonaws.com/111122223333/work';
const WEBHOOK = 'https://sqs.eu-west-1.amazonaws.com/111122223333/webhook';
const CLIPS = 'https://sqs.eu-west-1.amazonaws.com/111122223333/clips';

/** A city whose sensors hear shots: its tables, its topic and its queues, and a clock that stands still. */
export class TestCity {
  static async in(dynamodb: LocalDynamoDB, change: Partial<ShotSettings> = {}) {
    const tables = [await dynamodb.createTable('id'), await dynamodb.createTable('cell', 'stream')];
    return new TestCity(dynamodb, tables, await dynamodb.createTable('detectionId'), change);
  }

  now = NOON;
  /** The service that does not answer, as long as it is there. */
  failing?: 'webhook' | 'topic' | 'clips';
  readonly sent: SendMessageCommandInput[] = [];
  readonly published: PublishCommandInput[] = [];
  readonly queue: TestQueue;
  readonly settings: ShotSettings;
  private readonly client: DynamoDBDocumentClient;
  private readonly sqs = new SQSClient({ region: 'eu-west-1' });

  private constructor(
    private readonly dynamodb: LocalDynamoDB,
    [tableName, cameraTableName]: string[],
    private readonly acknowledgementTable: string,
    change: Partial<ShotSettings>,
  ) {
    this.settings = {
      fleet: 'city-1',
      tableName,
      cameraTableName,
      minimumSensors: 3,
      minimumConfidence: 50,
      rangeMeters: 1000,
      speedOfSound: 343,
      jitterMilliseconds: 10,
      settleSeconds: 5,
      cameras: { most: 2, rangeMeters: 300, beforeSeconds: 30, afterSeconds: 120 },
      retentionDays: 365,
      topicArn: 'arn:aws:sns:eu-west-1:111122223333:alerts',
      webhookQueueUrl: WEBHOOK,
      clipQueueUrl: CLIPS,
      ...change,
    };
    const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
    this.client = DynamoDBDocumentClient.from(
      new DynamoDBClient({ region: 'eu-west-1', endpoint: dynamodb.endpoint, credentials }),
      { marshallOptions: { removeUndefinedValues: true } },
    );
    mockClient(this.sqs)
      .on(SendMessageCommand)
      .callsFake((input: SendMessageCommandInput) => {
        if (this.failing === 'webhook' && input.QueueUrl === WEBHOOK) throw new Error('The queue did not answer.');
        if (this.failing === 'clips' && input.QueueUrl === CLIPS) throw new Error('The queue did not answer.');
        this.sent.push(input);
        return {};
      });
    const sns = new SNSClient({ region: 'eu-west-1' });
    mockClient(sns)
      .on(PublishCommand)
      .callsFake((input: PublishCommandInput) => {
        if (this.failing === 'topic') throw new Error('The topic did not answer.');
        this.published.push(input);
        return {};
      });
    const now = () => this.now;
    const { settings, sqs } = this;
    const ports: Ports = {
      detector: new Detector({ dynamodb: this.client, sqs, sns, queueUrl: WORK, settings, now }),
      settings,
      rate: new DeviceRate(20),
      now,
    };
    this.queue = new TestQueue(
      (body, delivery) => handle(body, ports, delivery),
      () => this.now,
    );
  }

  get dispatched(): ShotIncident[] {
    const bodies = this.sent.filter(({ QueueUrl }) => QueueUrl === WEBHOOK).map(({ MessageBody }) => MessageBody!);
    return bodies.map((body) => shotIncident.parse(webhookMessage.parse(JSON.parse(body)).content));
  }

  get clips(): Record<string, unknown>[] {
    return this.sent.filter(({ QueueUrl }) => QueueUrl === CLIPS).map(({ MessageBody }) => JSON.parse(MessageBody!));
  }

  /** What waits in the queue of the detector itself. */
  get due(): { body: string; seconds?: number }[] {
    return this.sent
      .filter(({ QueueUrl }) => QueueUrl === WORK)
      .map(({ MessageBody, DelaySeconds }) => ({ body: MessageBody!, seconds: DelaySeconds }));
  }

  async mount(stream: string, place: Point): Promise<void> {
    const position = unproject(place, CITY);
    const Item = { cell: cellOf(position), stream, ...position };
    await this.client.send(new PutCommand({ TableName: this.settings.cameraTableName, Item }));
  }

  /** A hearing as the sensor publishes it. */
  message({ sensor, heardAt, latitude, longitude, confidence }: Hearing, change: object = {}): unknown {
    const content = {
      schemaVersion: '1.0',
      id: `m-${Math.round(heardAt)}`,
      heardAt: new Date(heardAt).toISOString(),
      confidence,
      position: { latitude, longitude },
      ...change,
    };
    return ruleOutput(sensor, JSON.stringify(content));
  }

  async hear(hearings: Hearing[], change: object = {}): Promise<void> {
    for (const hearing of hearings) {
      this.now = Math.max(this.now, hearing.heardAt + 200);
      expect(await this.queue.process(this.message(hearing, change))).toBe('done');
    }
  }

  async decide(): Promise<string> {
    return this.queue.process({ kind: 'DECIDE' });
  }

  async incidents(): Promise<Record<string, unknown>[]> {
    const items = await this.dynamodb.items(this.settings.tableName);
    return items.filter(({ id }) => id !== 'scene').map(({ content }) => content as Record<string, unknown>);
  }

  acknowledged(): Promise<Record<string, unknown>[]> {
    return this.dynamodb.items(this.acknowledgementTable);
  }

  async answer(event: unknown): Promise<{ status: number; content: Record<string, unknown> }> {
    const acknowledgements = new Acknowledgements({
      dynamodb: this.client,
      tableName: this.acknowledgementTable,
      retentionDays: 90,
      now: () => this.now,
    });
    const { sqs, settings } = this;
    const ports = { dynamodb: this.client, sqs, queueUrl: WORK, settings, acknowledgements, now: () => this.now };
    const { statusCode, body } = await decision(event, ports);
    return { status: statusCode!, content: JSON.parse(body!) };
  }

  post(content: unknown, userArn?: string) {
    const body = typeof content === 'string' ? content : JSON.stringify(content);
    return this.answer(urlEvent('POST', { body, userArn }));
  }
}
