import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { handle, type Ports, type Step } from '../../lambda/media-erasure/handler';
import type { ErasureCertificate } from '../../lambda/media-erasure/certificate';
import type { Ending } from '../../lambda/media-erasure/ending';
import type { Medium } from '../../local/cloud/kinesis-video/medium';
import { KinesisVideoModel } from '../../local/cloud/kinesis-video/model';
import { ServiceError } from './service-error';
import { VersionedBucket } from './versioned-bucket';

export const STARTED_AT = '2026-03-01T12:00:00.000Z';
export const EXECUTION = 'arn:aws:states:eu-west-1:111122223333:execution:Erasure';

/** The function is ended at this call of a service, before or after it has its effect. */
export interface Crash {
  readonly call: number;
  readonly when: 'before' | 'after';
}

export interface Face {
  readonly FaceId: string;
  readonly ExternalImageId?: string;
  /** Of the user that it belongs to. */
  readonly UserId?: string;
}

/** Where tables are: in `LocalDynamoDB`, or in `MemoryTables`. */
export interface Tables {
  readonly client: { send(command: never): Promise<unknown> };
  createTable(partitionKey: string, sortKey?: string): Promise<string>;
  items(table: string): Promise<Record<string, unknown>[]>;
}

class Ended extends Error {}

/** What there is to erase, in memory, and the executions that erase it. */
export class ErasureWorld {
  static async create(dynamodb: Tables): Promise<ErasureWorld> {
    const [alerts, acknowledgements, commands, incidents] = await Promise.all([
      dynamodb.createTable('device', 'at'),
      dynamodb.createTable('detectionId'),
      dynamodb.createTable('device', 'id'),
      dynamodb.createTable('device', 'at'),
    ]);
    return new ErasureWorld(dynamodb, { alerts, acknowledgements, commands, incidents });
  }

  /** Everything is a day old when a request is made. */
  now = Date.parse(STARTED_AT) - 86_400_000;
  readonly unsettled: Medium[] = [];
  readonly video = new KinesisVideoModel(
    (medium) => this.unsettled.push(medium),
    () => this.now,
  );
  readonly media = new VersionedBucket('media', true, () => this.now);
  readonly clips = new VersionedBucket('clips', false, () => this.now);
  readonly proofs = new VersionedBucket('proofs', true, () => this.now);
  faces: Face[] = [];
  readonly provisioned: string[] = [];
  /** The calls that were made, by name. */
  readonly calls: string[] = [];
  crashes: Crash[] = [];
  /** How many calls an invocation may begin before it has to end. */
  patience = Infinity;
  /** What else happens at a call. */
  meanwhile?: (operation: string) => void;
  /** At most so many objects and faces in a page. */
  pageSize = 1000;
  private budget = 0;

  private constructor(
    private readonly dynamodb: Tables,
    readonly tables: Readonly<Record<'alerts' | 'acknowledgements' | 'commands' | 'incidents', string>>,
  ) {}

  stream(
    name: string,
    tags: Record<string, string> = { 'cdk-kinesis-video:fleet': 'delivery' },
    retention = 24,
  ): Medium {
    this.video.call('CreateStream', { StreamName: name, Tags: tags, DataRetentionInHours: retention });
    const medium = this.video.streams.get(name)!;
    this.settle();
    return medium;
  }

  /** With its acknowledgement. */
  async alert(device: string, capturedAt: string, id: string, event: object = { label: 'Person' }): Promise<void> {
    const { alerts, acknowledgements } = this.tables;
    const row = { device, at: `${capturedAt}#${id}`, event: JSON.stringify(event), publishedAt: capturedAt };
    await this.put(alerts, row);
    await this.put(acknowledgements, { detectionId: id });
  }

  async command(device: string, id: string, publishedAt: string): Promise<void> {
    await this.put(this.tables.commands, { device, id, publishedAt: Date.parse(publishedAt), pilot: 'sub' });
  }

  /** As the index of the archive has it. */
  async incident(device: string, at: string, id: string): Promise<void> {
    await this.put(this.tables.incidents, { device, at: `${at}#${id}`, trigger: 'ALERT' });
  }

  private async put(TableName: string, Item: object): Promise<void> {
    await this.dynamodb.client.send(new PutCommand({ TableName, Item }) as never);
  }

  /** All that is there, to be compared. */
  async content(): Promise<string[]> {
    const rows = async (table: string, ...keys: string[]) =>
      (await this.dynamodb.items(table)).map((row) => keys.map((key) => row[key]).join(' '));
    const { alerts, acknowledgements, commands, incidents } = this.tables;
    return [
      ...[...this.video.streams.values()].map(({ name, status }) => `stream ${name} ${status}`),
      ...this.media.keys,
      ...this.clips.keys,
      ...this.faces.map(({ FaceId }) => `face ${FaceId}`),
      ...(await rows(alerts, 'device', 'at')),
      ...(await rows(acknowledgements, 'detectionId')),
      ...(await rows(commands, 'device', 'id')),
      ...(await rows(incidents, 'device', 'at')),
    ].sort();
  }

  /** As the state machine does it: what fails is done again from where the last step ended. */
  async erase(request: { readonly requestId: string; readonly [member: string]: unknown }): Promise<Ending> {
    let progress: Step['progress'] | null = null;
    this.now = Math.max(this.now, Date.parse(STARTED_AT));
    for (let steps = 0; steps < 1000; steps++) {
      const execution = { id: `${EXECUTION}:${request.requestId}`, name: request.requestId, startedAt: STARTED_AT };
      // Through JSON, as between invocations.
      const event = JSON.parse(JSON.stringify({ request, execution, progress }));
      try {
        const step = await this.invoke(event);
        progress = step.progress;
        if (step.next === 'DONE') return step.ending!;
        if (step.next === 'WAIT') {
          this.now += 15_000;
          this.settle();
        }
      } catch (error) {
        if (!(error instanceof Ended)) throw error;
      }
    }
    throw new Error('It never ends.');
  }

  invoke(event: unknown): Promise<Step> {
    this.budget = this.patience;
    return handle(event, this.ports());
  }

  certificate(requestId: string): ErasureCertificate {
    return JSON.parse(this.proofs.text(`${requestId}/certificate.json`));
  }

  settle(): void {
    for (const medium of this.unsettled.splice(0)) this.video.settle(medium);
  }

  ports(): Ports {
    const client = <T>(answer: (operation: string, input: never) => unknown): T =>
      ({
        // Of waiters.
        config: {},
        send: (command: { constructor: { name: string }; input: never }) => {
          const operation = command.constructor.name.replace(/Command$/, '');
          return this.call(operation, async () => answer(operation, command.input));
        },
      }) as T;
    const buckets = new Map([this.media, this.clips, this.proofs].map((bucket) => [bucket.name, bucket]));
    const { alerts, acknowledgements, commands, incidents } = this.tables;
    return {
      kinesisVideo: client((operation, input) => this.video.call(operation, input)),
      s3: client((operation, input: { Bucket: string; MaxKeys?: number }) =>
        buckets.get(input.Bucket)!.call(operation, { ...input, MaxKeys: this.pageSize }),
      ),
      rekognition: client((operation, input) => this.rekognition(operation, input)),
      dynamodb: {
        send: (command: { constructor: { name: string } }) =>
          this.call(command.constructor.name, () => this.dynamodb.client.send(command as never)),
      } as unknown as DynamoDBDocumentClient,
      places: {
        fleetName: 'delivery',
        folders: [
          { bucket: 'media', prefix: 'frames' },
          { bucket: 'media', prefix: 'evidence' },
          { bucket: 'clips', prefix: 'clips' },
        ],
        incidentTable: incidents,
        alertTable: alerts,
        acknowledgementTable: acknowledgements,
        commandTable: commands,
        collectionId: 'known',
      },
      proofBucket: 'proofs',
      provisioning: async (device) => {
        await this.call('SendMessage', async () => this.provisioned.push(device));
      },
      now: () => this.now,
      remaining: () => (this.budget > 0 ? 900_000 : 0),
    };
  }

  private async call<T>(operation: string, effect: () => Promise<T>): Promise<T> {
    this.calls.push(operation);
    this.budget--;
    const number = this.calls.length;
    const isHit = (when: Crash['when']) => this.crashes.some((crash) => crash.call === number && crash.when === when);
    if (isHit('before')) throw new Ended();
    this.meanwhile?.(operation);
    const answer = await effect();
    if (isHit('after')) throw new Ended();
    return answer;
  }

  private rekognition(
    operation: string,
    input: { readonly FaceIds: string[]; readonly NextToken?: string; readonly CollectionId: string },
  ): object {
    if (input.CollectionId !== 'known') throw new ServiceError('ResourceNotFoundException');
    if (operation === 'ListFaces') {
      const start = Number(input.NextToken ?? 0);
      const end = start + this.pageSize;
      const NextToken = end < this.faces.length ? String(end) : undefined;
      return { Faces: this.faces.slice(start, end), NextToken };
    }
    const of = (id: string) => this.faces.find(({ FaceId }) => FaceId === id);
    const failures = input.FaceIds.flatMap((FaceId) => {
      const face = of(FaceId);
      if (!face) return [{ FaceId, Reasons: ['FACE_NOT_FOUND'] }];
      return face.UserId ? [{ FaceId, UserId: face.UserId, Reasons: ['ASSOCIATED_TO_AN_EXISTING_USER'] }] : [];
    });
    const failed = failures.map(({ FaceId }) => FaceId);
    this.faces = this.faces.filter(({ FaceId }) => !input.FaceIds.includes(FaceId) || failed.includes(FaceId));
    return { UnsuccessfulFaceDeletions: failures };
  }
}
