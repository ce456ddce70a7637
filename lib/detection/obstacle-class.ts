import { type Duration } from 'aws-cdk-lib';
import { AlertSeverity } from '../alert/alert-topic';
import { checkDuration, checkPattern, checkRange, fail, lit } from '../private/validation';

/**
 * Properties of a `FrameRegion`. Each is a share of the frame's width or height, from 0 to 1.
 */
export interface FrameRegionProps {
  /** Where it starts, from the left, 0 to 1. */
  readonly left: number;

  /** Where it starts, from the top, 0 to 1. */
  readonly top: number;

  /** How wide it is, 0 to 1. */
  readonly width: number;

  /** How high it is, 0 to 1. */
  readonly height: number;
}

/**
 * A rectangle of the frame, in shares of its width and height.
 */
export class FrameRegion {
  /** Where it starts, from the left. */
  public readonly left: number;

  /** Where it starts, from the top. */
  public readonly top: number;

  /** How wide it is. */
  public readonly width: number;

  /** How high it is. */
  public readonly height: number;

  /**
   * @throws ValidationError `FrameRegion` when it isn't within the frame, or empty
   */
  constructor(props: FrameRegionProps) {
    const share = { min: 0, max: 1, whole: false };
    checkRange(undefined, lit`FrameRegion`, 'left', props.left, share);
    checkRange(undefined, lit`FrameRegion`, 'top', props.top, share);
    const remedy = 'The region must end within the frame.';
    checkRange(undefined, lit`FrameRegion`, 'width', props.width, { ...share, max: rest(props.left), remedy });
    checkRange(undefined, lit`FrameRegion`, 'height', props.height, { ...share, max: rest(props.top), remedy });
    if (props.width === 0 || props.height === 0) {
      fail(undefined, lit`FrameRegion`, 'The region is empty; `width` and `height` must be larger than 0.');
    }
    this.left = props.left;
    this.top = props.top;
    this.width = props.width;
    this.height = props.height;
  }
}

/**
 * How often something must be seen before it is believed.
 *
 * Of a camera with a frame each `t`, k of n frames are `k` sightings within `n - 1` times `t`. Frames in which nothing is
 * seen need not be told of, so that this works for devices too, which publish only what they see.
 */
export interface ObstacleConfirmation {
  /** How many sightings it takes: 2 to 20. */
  readonly sightings: number;

  /** Within how long they must be captured: 1 second to 1 hour. */
  readonly within: Duration;
}

/**
 * Properties of an `ObstacleClass`.
 */
export interface ObstacleClassProps {
  /**
   * The name, by which alerts are known: 1 to 64 of `a-z A-Z 0-9 _ -`.
   */
  readonly name: string;

  /**
   * The labels by which models call it, in any case. At least one, each of 1 to 128 characters.
   */
  readonly labels: string[];

  /**
   * How sure a model must be, in percent: 0 to 100.
   * @default 80
   */
  readonly minimumConfidence?: number;

  /**
   * How urgent it is.
   * @default AlertSeverity.WARNING
   */
  readonly severity?: AlertSeverity;

  /**
   * The part of the frame that it must reach into. A detection that doesn't tell where counts everywhere.
   * @default - the whole frame
   */
  readonly region?: FrameRegion;

  /**
   * How many must be seen at once in a frame: people in a queue, say. 1 to 100.
   * @default 1
   */
  readonly minimumCount?: number;

  /**
   * What the measured value must come up to, in the unit of the model: the temperature of a hotspot in °C, say. A detection
   * without a value doesn't count then.
   * @default - values don't matter
   */
  readonly minimumValue?: number;

  /**
   * How often it must be seen before there is an alert.
   * @default - once
   */
  readonly confirmation?: ObstacleConfirmation;

  /**
   * How long it must be out of sight to be another one: 1 second to 1 day. As long as it stays in sight, there is one alert.
   * @default - there is another alert after `repeatAfter`, still there or not
   */
  readonly clearAfter?: Duration;

  /**
   * How sure a model must be to say that it is still there, in percent: 0 to `minimumConfidence`. A model that wavers
   * around the one threshold so doesn't make it come and go. With `clearAfter` only.
   * @default - as `minimumConfidence`
   */
  readonly releaseConfidence?: number;

  /**
   * How long there is no other alert for a device after one: 1 second to 1 day.
   * @default - as of the `AlertTopic`
   */
  readonly repeatAfter?: Duration;
}

/**
 * A kind of thing that a camera's operator wants to be alerted of.
 *
 * Which labels there are depends on the model. Those of Rekognition's DetectLabels are listed by AWS; thin and
 * far objects like power lines need a model of one's own, on the device or in the cloud.
 *
 * @see https://docs.aws.amazon.com/rekognition/latest/dg/labels.html
 */
export class ObstacleClass {
  /** The name. */
  public readonly name: string;

  /** The labels by which models call it. */
  public readonly labels: string[];

  /** How sure a model must be, in percent. */
  public readonly minimumConfidence: number;

  /** How urgent it is. */
  public readonly severity: AlertSeverity;

  /** The part of the frame that it must reach into. */
  public readonly region?: FrameRegion;

  private readonly rule: object;

  /**
   * @throws ValidationError with one of the codes `ObstacleName`, `ObstacleLabels`, `ObstacleConfidence`, `ObstacleCount`,
   * `ObstacleConfirmation`, `ObstacleClearAfter` and `ObstacleRepeatAfter`
   */
  constructor(props: ObstacleClassProps) {
    const name = /^[a-zA-Z0-9_-]{1,64}$/;
    checkPattern(undefined, lit`ObstacleName`, 'name', props.name, name, '1 to 64 of a-z A-Z 0-9 _ -');
    if (props.labels.length === 0) {
      fail(
        undefined,
        lit`ObstacleLabels`,
        `The obstacle class '${props.name}' has no \`labels\`; it needs at least one.`,
      );
    }
    for (const label of props.labels) {
      checkPattern(undefined, lit`ObstacleLabels`, 'labels', label, /^.{1,128}$/, '1 to 128 characters');
    }
    const { minimumConfidence = 80 } = props;
    checkRange(undefined, lit`ObstacleConfidence`, 'minimumConfidence', minimumConfidence, {
      min: 0,
      max: 100,
      unit: 'percent',
      whole: false,
    });
    this.name = props.name;
    this.labels = props.labels;
    this.minimumConfidence = minimumConfidence;
    this.severity = props.severity ?? AlertSeverity.WARNING;
    this.region = props.region;
    this.rule = renderRule(props, minimumConfidence);
  }

  /**
   * As the detectors read it.
   * @internal
   */
  public _render(): object {
    const { name, labels, minimumConfidence, severity, region } = this;
    return { name, labels, minimumConfidence, severity, region, ...this.rule };
  }
}

function renderRule(props: ObstacleClassProps, minimumConfidence: number): object {
  const { minimumCount, minimumValue, confirmation, clearAfter, releaseConfidence, repeatAfter } = props;
  if (minimumCount !== undefined) {
    checkRange(undefined, lit`ObstacleCount`, 'minimumCount', minimumCount, { min: 1, max: 100 });
  }
  if (releaseConfidence !== undefined) {
    if (clearAfter === undefined) {
      fail(undefined, lit`ObstacleConfidence`, '`releaseConfidence` says what is still there; it needs `clearAfter`.');
    }
    checkRange(undefined, lit`ObstacleConfidence`, 'releaseConfidence', releaseConfidence, {
      min: 0,
      max: minimumConfidence,
      unit: 'percent',
      whole: false,
      remedy: 'It must not be above `minimumConfidence`.',
    });
  }
  return {
    minimumCount,
    minimumValue,
    releaseConfidence,
    confirmation: confirmation && renderConfirmation(confirmation),
    clearAfterSeconds: seconds(lit`ObstacleClearAfter`, 'clearAfter', clearAfter, 86_400),
    repeatAfterSeconds: seconds(lit`ObstacleRepeatAfter`, 'repeatAfter', repeatAfter, 86_400),
  };
}

function renderConfirmation({ sightings, within }: ObstacleConfirmation): object {
  checkRange(undefined, lit`ObstacleConfirmation`, 'confirmation.sightings', sightings, { min: 2, max: 20 });
  return { sightings, withinSeconds: seconds(lit`ObstacleConfirmation`, 'confirmation.within', within, 3600) };
}

function seconds(code: ReturnType<typeof lit>, name: string, value: Duration | undefined, max: number) {
  return value && checkDuration(undefined, code, name, value, { min: 1, max, unit: 'seconds' });
}

/** What is left of the frame. Rounded, because 1 - 0.8 is less than 0.2. */
function rest(start: number): number {
  return Number((1 - start).toFixed(9));
}
