import { type Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { ClipArchive } from '../archive/clip-archive';
import type { DeviceIdentity } from '../device/device-identity';
import { ABOVE_ZERO } from '../private/alarms';
import { handlerMetric } from '../private/handler-function';
import { renderObstacles } from '../private/detector';
import { iotArn } from '../private/topic-rule';
import { checkDuration, checkFleetName, checkPattern, checkRange, fail, lit } from '../private/validation';
import { QueueWorker } from '../private/work-queue';
import type { FrameStore } from './frame-store';
import type { IModelEndpoint } from './model-endpoint';
import type { ObstacleClass } from './obstacle-class';

/**
 * How pieces are inspected.
 */
export interface QualityInspectorOptions {
  /**
   * How long it takes from the camera to the gate that rejects: 1 second to 10 minutes. It is the time that there is for a
   * verdict. Kinesis Video Streams itself needs some seconds of it until there is an image.
   */
  readonly rejectWithin: Duration;

  /**
   * Whether the line is told of a piece of which there is no verdict in time, with the verdict `UNKNOWN`. Unless it is, such a
   * piece passes like a good one, and only the dead-letter queue has it.
   * @default true
   */
  readonly signalUnknown?: boolean;

  /**
   * The names of the model's classes, if it answers as SageMaker's own object detection does, with numbers. 100 at most.
   * @default - classes are called by their number
   */
  readonly labels?: string[];

  /**
   * How many invocations run at once, each with up to ten images: 2 to 1000. A serverless endpoint throttles what is above its
   * concurrency.
   * @default 5
   */
  readonly maxConcurrency?: number;
}

/**
 * Properties of `QualityInspector`.
 */
export interface QualityInspectorProps extends QualityInspectorOptions {
  /**
   * The name of the fleet, which stands in records and metrics: of the plant. 1 to 64 of `a-z A-Z 0-9 _ -`.
   */
  readonly fleetName: string;

  /**
   * What the lines are: they are allowed to receive their reject signals.
   */
  readonly identity: DeviceIdentity;

  /**
   * All lines, 1 to 25: the names of their things, of 1 to 64 of `a-z A-Z 0-9 _ -`, each of which has the cameras above the line
   * and drives its gate.
   */
  readonly lines: string[];

  /**
   * Where the images are, and the evidence for as long as the store keeps that. A store has one reader.
   */
  readonly frames: FrameStore;

  /**
   * The model. It gets the image as `image/jpeg` or `image/png`, and answers `schemas/frame-analysis.v1.json`, or as the
   * built-in object detection of SageMaker does.
   */
  readonly endpoint: IModelEndpoint;

  /**
   * What is a defect: at least one class; names must differ. A piece is faulty if the model sees one of them, in its region, as
   * often and as surely as it says; what it says of repetitions and confirmation is for alerts.
   */
  readonly defects: ObstacleClass[];

  /**
   * Where clips of faulty pieces are kept.
   * @default - the image is all the evidence there is
   */
  readonly clips?: ClipArchive;

  /**
   * The key of the table.
   * @default - that of `frames`, or a key that DynamoDB owns
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * Inspects the pieces on production lines with a model of one's own, and tells each line which to reject.
 *
 * A faulty piece is told of to `<prefix>/<line>/rejects` with QoS 1, as `schemas/reject-signal.v1.json`: once for each image,
 * however often that is delivered, and only as long as the piece has not passed the gate. The image is kept as evidence, with
 * `schemas/inspection-record.v1.json` beside it, which has the version of the model.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const inspector = new QualityInspector(stack, 'Inspector', {
 *   fleetName: 'plant',
 *   identity: new DeviceIdentity(stack, 'Identity'),
 *   frames: new FrameStore(stack, 'Frames'),
 *   endpoint: ModelEndpoint.fromEndpointName(stack, 'Model', 'defects'),
 *   lines: ['line-1', 'line-2'],
 *   defects: [new ObstacleClass({ name: 'scratch', labels: ['scratch'] })],
 *   rejectWithin: Duration.seconds(4),
 * });
 */
export class QualityInspector extends Construct {
  /** The function that inspects. */
  public readonly handler: lambda.IFunction;

  /** Of which pieces lines were told in the last two weeks, with the key `id`. */
  public readonly table: dynamodb.ITable;

  /** Goes off when an image could not be inspected: it is in the dead-letter queue of the store. */
  public readonly deadLetterAlarm: cloudwatch.Alarm;

  /** Goes off when a piece has passed the gate before there was a verdict. */
  public readonly lateAlarm: cloudwatch.Alarm;

  /** All alarms. */
  public readonly alarms: cloudwatch.Alarm[];

  private readonly fleetName: string;
  private readonly lines: string[];

  /**
   * @throws ValidationError with one of the codes `FleetName`, `Obstacles`, `InspectorLines`, `InspectorTime`,
   * `InspectorLabels`, `InspectorConcurrency` and `InspectorSettings`
   */
  constructor(scope: Construct, id: string, props: QualityInspectorProps) {
    super(scope, id);
    const { fleetName, identity, lines, frames, endpoint, clips, maxConcurrency = 5 } = props;
    checkFleetName(this, fleetName);
    checkRange(this, lit`InspectorConcurrency`, 'maxConcurrency', maxConcurrency, { min: 2, max: 1000 });
    this.checkLines(lines);
    this.fleetName = fleetName;
    this.lines = lines;
    const settings = this.render(props);

    const encryptionKey = props.encryptionKey ?? frames.bucket.encryptionKey;
    const table = new dynamodb.Table(this, 'Table', {
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
      timeToLiveAttribute: 'expiresAt',
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryptionKey,
      // It remembers two weeks; what has to be kept longer is the evidence.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.table = table;
    const handler = new QueueWorker(this, 'Handler', {
      work: frames._work,
      handler: 'quality-inspector',
      description: `Inspects pieces of ${fleetName} and tells lines which to reject`,
      // It decodes nothing, but the piece doesn't wait.
      memorySize: 512,
      maxConcurrency,
      environment: {
        INSPECTOR: Stack.of(this).toJsonString({
          ...settings,
          fleet: fleetName,
          lines,
          tableName: table.tableName,
          topicPrefix: identity.topicPrefix,
          endpointName: endpoint.endpointName,
          evidencePrefix: frames.evidencePrefix,
          clipQueueUrl: clips?.queue.queueUrl,
        }),
      },
    });
    table.grants.actions(handler, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem');
    encryptionKey?.grantEncryptDecrypt(handler);
    frames._grantRead(handler);
    frames._grantKeepEvidence(handler);
    handler.addToRolePolicy(
      // Without it, S3 says of an image that is gone that access is denied.
      new iam.PolicyStatement({ actions: ['s3:ListBucket'], resources: [frames.bucket.bucketArn] }),
    );
    endpoint.grants.invoke(handler);
    clips?.grants.requestClip(handler);
    identity.allowSubscribe('rejects');
    handler.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['iot:Publish'],
        resources: lines.map((line) => iotArn(this, 'topic', identity.topic(line, 'rejects'))),
      }),
    );
    this.handler = handler;
    this.deadLetterAlarm = frames.deadLetterAlarm;
    this.lateAlarm = this.metric('PieceLate').createAlarm(this, 'LateAlarm', {
      alarmDescription: `Inspection in ${fleetName}: pieces pass the gate before there is a verdict`,
      ...ABOVE_ZERO,
    });
    this.alarms = [this.deadLetterAlarm, this.lateAlarm];
  }

  /**
   * A metric of all lines, in the namespace `KinesisVideoFleet`: `SignalSent`, `PieceLate`, `VerdictUnknown`, `EvidenceKept`,
   * `FrameRepeated`, `FrameUnwanted`, `FrameExpired`, as sums over 5 minutes.
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return handlerMetric(this, 'quality-inspector', metricName, { statistic: cloudwatch.Stats.SUM, ...props });
  }

  /** How many images of a line were inspected. Sum over 5 minutes. */
  public metricInspected(line: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOf(line, 'PieceInspected', props);
  }

  /** On how many images of a line a piece was faulty. Sum over 5 minutes. */
  public metricFaulty(line: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOf(line, 'PieceFaulty', props);
  }

  /** How long it took from the image in S3 to the verdict, in milliseconds; nine of ten took no longer. */
  public metricVerdictLatency(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('VerdictLatency', { statistic: cloudwatch.Stats.p(90), ...props });
  }

  private metricOf(line: string, metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    if (!this.lines.includes(line)) {
      fail(this, lit`InspectorLines`, `'${line}' is none of the lines: ${this.lines.join(', ')}.`);
    }
    const dimensionsMap = { service: 'quality-inspector', fleet: this.fleetName, line, ...props?.dimensionsMap };
    return this.metric(metricName, { ...props, dimensionsMap });
  }

  private checkLines(lines: string[]): void {
    const code = lit`InspectorLines`;
    checkRange(this, code, 'lines.length', lines.length, { min: 1, max: 25 });
    for (const line of lines) {
      if (Token.isUnresolved(line)) fail(this, code, 'The name of a line is a token; metrics need it at synthesis.');
      checkPattern(this, code, 'lines', line, /^[a-zA-Z0-9_-]{1,64}$/, '1 to 64 of a-z A-Z 0-9 _ -');
    }
    const twice = lines.find((line, index) => lines.indexOf(line) !== index);
    if (twice) fail(this, code, `Two of the \`lines\` are called '${twice}'.`);
  }

  private render({ rejectWithin, signalUnknown = true, labels, defects, lines }: QualityInspectorProps): object {
    const time = { min: 1, max: 600, unit: 'seconds' } as const;
    checkRange(this, lit`InspectorLabels`, 'labels', labels?.length, { min: 1, max: 100, unit: 'names' });
    const settings = {
      rejectWithinSeconds: checkDuration(this, lit`InspectorTime`, 'rejectWithin', rejectWithin, time),
      signalUnknown,
      labels,
      defects: renderObstacles(this, defects),
    };
    // Of the 4 KB that a function's environment may have.
    const bytes = Buffer.byteLength(JSON.stringify({ ...settings, lines }));
    if (bytes > 2800) {
      const remedy = 'Use shorter names, or several inspectors with a part of the lines each.';
      fail(
        this,
        lit`InspectorSettings`,
        `\`lines\`, \`defects\` and \`labels\` have ${bytes} bytes; 2800 are allowed. ${remedy}`,
      );
    }
    return settings;
  }
}
