import { Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { AnalyserBinding } from '../private/analyser-binding';
import { checkDuration, checkPattern, checkRange, fail, lit } from '../private/validation';
import type { FrameStore } from './frame-store';
import type { IModelEndpoint } from './model-endpoint';

/**
 * Options of `FrameAnalyser.labels`.
 */
export interface LabelsAnalyserOptions {
  /**
   * How many labels of a frame are returned, the surest first: 1 to 1000. Fewer make answers shorter, not cheaper.
   * @default 1000
   */
  readonly maxLabels?: number;
}

/**
 * Properties of `FrameAnalyser.customLabels`.
 */
export interface CustomLabelsAnalyserProps {
  /**
   * The version of the model, which must be running: `arn:…:project/<project>/version/<version>/<time>`.
   */
  readonly projectVersionArn: string;
}

/**
 * Properties of `FrameAnalyser.endpoint`.
 */
export interface EndpointAnalyserProps {
  /**
   * The endpoint, in the account and region of the detector.
   */
  readonly endpoint: IModelEndpoint;

  /**
   * The names of the model's classes, the first one that of class 0. Only for answers in the form of SageMaker's own
   * object detection, which have a number where others have a label. 100 at most, each of 1 to 128 characters.
   * @default - classes are called by their number
   */
  readonly labels?: string[];
}

/**
 * Properties of `FrameAnalyser.movement`.
 */
export interface MovementAnalyserProps {
  /**
   * The endpoint, in the account and region of the detector. It gets `schemas/movement-request.v1.json`, and answers
   * `schemas/frame-analysis.v1.json`.
   */
  readonly endpoint: IModelEndpoint;

  /**
   * Of how many frames the model is told: 2 to 20.
   * @default 8
   */
  readonly moments?: number;

  /**
   * How old the first of them may be before the last: 1 second to 1 minute.
   * @default Duration.seconds(5)
   */
  readonly within?: Duration;
}

/**
 * Properties of `FrameAnalyser.thermal`. Temperatures are in °C, from -273.15 to 10,000.
 */
export interface ThermalAnalyserProps {
  /** What black stands for, in °C. */
  readonly coldest: number;

  /** What white stands for, in °C. More than `coldest`. */
  readonly hottest: number;

  /** What is hot, in °C. Between `coldest` and `hottest`. */
  readonly hotspotAbove: number;
}

/**
 * What looks at frames: which model, and where it runs.
 *
 * All of them end in sightings, each with a label, a confidence in percent and, if the model tells, a box. What of them
 * is an obstacle is for the detector's classes to say.
 */
export abstract class FrameAnalyser {
  /**
   * Rekognition's DetectLabels, which knows some thousands of common things.
   *
   * @throws ValidationError `AnalyserLabels` when `maxLabels` is out of range
   * @see https://docs.aws.amazon.com/rekognition/latest/dg/labels-detect-labels-image.html
   */
  public static labels(options: LabelsAnalyserOptions = {}): FrameAnalyser {
    const { maxLabels } = options;
    checkRange(undefined, lit`AnalyserLabels`, 'maxLabels', maxLabels, { min: 1, max: 1000 });
    return new Analyser((detector) => {
      // The call has no resource to name. Rekognition reads the frame with the permissions of its caller.
      allow(detector, 'rekognition:DetectLabels', '*');
      return { settings: { kind: 'labels', maxLabels }, callsPerSecond: 5 };
    });
  }

  /**
   * A model that was trained with Rekognition Custom Labels. It isn't started or stopped here: it costs by the hour.
   *
   * @throws ValidationError `AnalyserModel` when the ARN isn't one of a project version, or of another region
   * @see https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/running-model.html
   */
  public static customLabels(props: CustomLabelsAnalyserProps): FrameAnalyser {
    const { projectVersionArn } = props;
    const arn =
      /^arn:[a-z\d-]+:rekognition:[a-z\d-]+:\d{12}:project\/[a-zA-Z0-9_.-]{1,255}\/version\/[a-zA-Z0-9_.-]{1,255}\/\d+$/;
    const rule =
      'the ARN of a project version, arn:<partition>:rekognition:…:project/<project>/version/<version>/<time>';
    checkPattern(undefined, lit`AnalyserModel`, 'projectVersionArn', projectVersionArn, arn, rule);
    return new Analyser((detector) => {
      checkRegion(detector, projectVersionArn);
      allow(detector, 'rekognition:DetectCustomLabels', projectVersionArn);
      return { settings: { kind: 'custom-labels', projectVersionArn }, callsPerSecond: 5 };
    });
  }

  /**
   * An endpoint of SageMaker. It gets the bytes of the frame, 6 MiB at most, as `image/jpeg` or `image/png`, and answers
   * in JSON: either `schemas/frame-analysis.v1.json`, or as the built-in object detection does,
   * `{"prediction": [[class, confidence, xmin, ymin, xmax, ymax], …]}` with numbers from 0 to 1.
   *
   * @throws ValidationError `AnalyserLabels`
   * @see https://docs.aws.amazon.com/sagemaker/latest/dg/object-detection-in-formats.html
   */
  public static endpoint(props: EndpointAnalyserProps): FrameAnalyser {
    const { endpoint, labels } = props;
    checkRange(undefined, lit`AnalyserLabels`, 'labels', labels?.length, { min: 1, max: 100, unit: 'names' });
    for (const label of labels ?? []) {
      checkPattern(undefined, lit`AnalyserLabels`, 'labels', label, /^.{1,128}$/, '1 to 128 characters');
    }
    return new Analyser((detector) => {
      endpoint.grants.invoke(detector);
      return { settings: { kind: 'endpoint', endpointName: endpoint.endpointName, labels } };
    });
  }

  /**
   * A function of one's own. It is invoked with `schemas/frame-analysis-request.v1.json`, which says where the frame is,
   * and returns `schemas/frame-analysis.v1.json` within 20 seconds. What it throws has the frame tried again; what it
   * returns in another form brings the frame to the dead-letter queue. It is allowed to read the frames.
   */
  public static function(fn: lambda.IFunction): FrameAnalyser {
    return new Analyser((detector, frames) => {
      fn.grantInvoke(detector);
      frames._grantRead(fn);
      return { settings: { kind: 'function', functionArn: fn.functionArn } };
    });
  }

  /**
   * What people are doing, by how they move: Rekognition's DetectLabels says where people are in a frame, and an endpoint of
   * SageMaker gets where they were in the last ones. What it answers are the sightings, as surely as it is of them.
   *
   * Of people nothing but positions is handed on, and those of the last frames of each camera are kept; they expire after an hour.
   *
   * @throws ValidationError `AnalyserMovement` when a value is out of range
   */
  public static movement(props: MovementAnalyserProps): FrameAnalyser {
    const { endpoint, moments = 8, within = Duration.seconds(5) } = props;
    const code = lit`AnalyserMovement`;
    checkRange(undefined, code, 'moments', moments, { min: 2, max: 20 });
    const time = { min: 1, max: 60, unit: 'seconds' } as const;
    const withinSeconds = checkDuration(undefined, code, 'within', within, time);
    return new Analyser((detector, frames) => {
      const table = new dynamodb.Table(detector, 'Positions', {
        partitionKey: { name: 'stream', type: dynamodb.AttributeType.STRING },
        timeToLiveAttribute: 'expiresAt',
        billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
        encryptionKey: frames.bucket.encryptionKey,
        // It remembers some seconds.
        removalPolicy: RemovalPolicy.DESTROY,
      });
      table.grants.actions(detector, 'dynamodb:GetItem', 'dynamodb:PutItem');
      frames.bucket.encryptionKey?.grantEncryptDecrypt(detector);
      // The call has no resource to name. Rekognition reads the frame with the permissions of its caller.
      allow(detector, 'rekognition:DetectLabels', '*');
      endpoint.grants.invoke(detector);
      const { tableName } = table;
      const { endpointName } = endpoint;
      const settings = { kind: 'movement', endpointName, tableName, moments, withinSeconds };
      return { settings, callsPerSecond: 5 };
    });
  }

  /**
   * Hot places in frames of a thermal camera, whose gray is a temperature: black is `coldest`, white is `hottest`, and
   * what is between is linear. No model is asked, so it costs nothing but the time of the function.
   *
   * Each connected region above `hotspotAbove` is a sighting with the label `hotspot`, confidence 100, its box, and its
   * highest temperature as `value`. Frames have 1920 × 1080 pixels and 5 MiB at most, with 8 bits a channel; the camera
   * must not stretch the contrast of each frame by itself.
   *
   * @throws ValidationError `AnalyserTemperature` when a temperature is out of range
   */
  public static thermal(props: ThermalAnalyserProps): FrameAnalyser {
    const { coldest, hottest, hotspotAbove } = props;
    const range = { min: -273.15, max: 10_000, unit: '°C', whole: false };
    checkRange(undefined, lit`AnalyserTemperature`, 'coldest', coldest, range);
    checkRange(undefined, lit`AnalyserTemperature`, 'hottest', hottest, range);
    if (hottest <= coldest) {
      fail(undefined, lit`AnalyserTemperature`, `\`hottest\` is ${hottest} °C; it must be more than \`coldest\`.`);
    }
    const within = { ...range, min: coldest, max: hottest };
    checkRange(undefined, lit`AnalyserTemperature`, 'hotspotAbove', hotspotAbove, within);
    return new Analyser(() => ({ settings: { kind: 'thermal', coldest, hottest, hotspotAbove } }));
  }

  /**
   * Lets the function of a detector use the analyser, and says how.
   * @internal
   */
  public abstract _bind(detector: lambda.Function, frames: FrameStore): AnalyserBinding;
}

/** One that is nothing but how it is bound. */
class Analyser extends FrameAnalyser {
  constructor(private readonly binding: (detector: lambda.Function, frames: FrameStore) => AnalyserBinding) {
    super();
  }

  public override _bind(detector: lambda.Function, frames: FrameStore): AnalyserBinding {
    return this.binding(detector, frames);
  }
}

function allow(detector: lambda.Function, action: string, resource: string): void {
  detector.addToRolePolicy(new iam.PolicyStatement({ actions: [action], resources: [resource] }));
}

/** The detector calls the Rekognition of its own region, which doesn't know models of another. */
function checkRegion(detector: lambda.Function, arn: string): void {
  const { region } = Stack.of(detector);
  if (Token.isUnresolved(region) || Token.isUnresolved(arn) || arn.split(':')[3] === region) return;
  fail(
    detector,
    lit`AnalyserModel`,
    `\`projectVersionArn\` is '${arn}'; the model must be in ${region}, as the detector.`,
  );
}
