import { IoTDataPlaneClient, PublishCommand, type PublishCommandInput } from '@aws-sdk/client-iot-data-plane';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { clipRequest } from '../../lambda/common/incident';
import { read } from '../../lambda/image-detector/objects';
import { handle, type Ports } from '../../lambda/quality-inspector/handler';
import { Ledger } from '../../lambda/quality-inspector/ledger';
import { inspectionRecord, rejectSignal, type RejectSignal } from '../../lambda/quality-inspector/record';
import { frameKey, objectCreatedAt } from '../events/s3';
import type { LocalDynamoDB } from './dynamodb';
import { FrameBucket } from './frame-bucket';
import { testFrame } from './frame-detector';
import { TestQueue } from './work-queue';

const CLIP_QUEUE = 'https://sqs.eu-west-1.amazonaws.com/111122223333/clips';

const DEFECT = {
  name: 'scratch',
  labels: ['scratch', 'dent'],
  minimumConfidence: 80,
  severity: 'WARNING' as const,
};

/** A plant whose pieces are inspected: its model, its lines, its bucket and table, and a clock that stands still. */
export class TestPlant {
  static async in(dynamodb: LocalDynamoDB, settings: Partial<Ports['settings']> = {}): Promise<TestPlant> {
    return new TestPlant(dynamodb, await dynamodb.createTable('id'), settings);
  }

  /** In milliseconds since 1970. */
  now = 1_795_514_400_000;
  /** What the model answers, and how long it takes, in milliseconds. */
  answer: (attempt: number) => object | string = () => ({ schemaVersion: '1.0', detections: [] });
  latency = 0;
  /** How the broker answers, as long as it is there. */
  publishFailure?: Error;
  asked = 0;
  readonly timeouts: number[] = [];
  readonly published: PublishCommandInput[] = [];
  readonly clips: unknown[] = [];
  readonly bucket = new FrameBucket();
  readonly queue: TestQueue;

  private constructor(
    private readonly dynamodb: LocalDynamoDB,
    private readonly tableName: string,
    settings: Partial<Ports['settings']>,
  ) {
    const now = () => this.now;
    const ports: Ports = {
      settings: {
        fleet: 'plant-3',
        tableName,
        topicPrefix: 'devices',
        lines: ['line-1', 'line-2'],
        endpointName: 'quality',
        defects: [DEFECT],
        rejectWithinSeconds: 20,
        signalUnknown: true,
        evidencePrefix: 'evidence',
        clipQueueUrl: CLIP_QUEUE,
        ...settings,
      },
      s3: this.bucket.client,
      sqs: this.clipQueue(),
      iotData: this.broker(),
      sagemaker: this.model(),
      ledger: new Ledger({ dynamodb: dynamodb.client, tableName, now }),
      readFrame: (frame, maxBytes) => read(this.bucket.client, frame, maxBytes),
      abortAfter: (milliseconds) => {
        this.timeouts.push(milliseconds);
        return new AbortController().signal;
      },
      topicPrefix: 'devices',
      signalUnknown: settings.signalUnknown ?? true,
      now,
    };
    this.queue = new TestQueue((body, delivery) => handle(body, ports, delivery));
  }

  /** A notification of an image that was captured so many milliseconds ago. */
  image({ line = 'line-1', age = 5000, bytes = testFrame('thermal-cool.jpg') } = {}) {
    const key = frameKey({ folder: `frames/${line}`, stream: line, timecode: this.now - age });
    this.bucket.objects.set(key, bytes);
    return objectCreatedAt(new Date(this.now - 1000).toISOString(), key);
  }

  get signals(): (RejectSignal & { topic?: string })[] {
    return this.published.map(({ topic, payload }) => ({
      topic,
      ...rejectSignal.strict().parse(JSON.parse(Buffer.from(payload as Uint8Array).toString())),
    }));
  }

  get records() {
    return [...this.bucket.objects]
      .filter(([key]) => key.endsWith('.json'))
      .map(([key, bytes]) => ({ key, ...inspectionRecord.strict().parse(JSON.parse(bytes.toString())) }));
  }

  remembered(): Promise<Record<string, unknown>[]> {
    return this.dynamodb.items(this.tableName);
  }

  private model(): SageMakerRuntimeClient {
    const client = new SageMakerRuntimeClient({ region: 'eu-west-1' });
    mockClient(client)
      .on(InvokeEndpointCommand)
      .callsFake(() => {
        const answer = this.answer(++this.asked);
        this.now += this.latency;
        const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
        return { Body: Buffer.from(text), InvokedProductionVariant: '1-2-0' };
      });
    return client;
  }

  private broker(): IoTDataPlaneClient {
    const client = new IoTDataPlaneClient({ region: 'eu-west-1' });
    mockClient(client)
      .on(PublishCommand)
      .callsFake((input) => {
        if (this.publishFailure) throw this.publishFailure;
        this.published.push(input);
        return {};
      });
    return client;
  }

  private clipQueue(): SQSClient {
    const client = new SQSClient({ region: 'eu-west-1' });
    mockClient(client)
      .on(SendMessageCommand, { QueueUrl: CLIP_QUEUE })
      .callsFake(({ MessageBody }) => {
        this.clips.push(clipRequest.parse(JSON.parse(MessageBody)));
        return {};
      });
    return client;
  }
}
