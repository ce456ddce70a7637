import { AlertSeverity } from '../alert/alert-topic';
import { checkPattern, checkRange, fail, lit } from '../private/validation';

/**
 * Properties of a `FrameRegion`. Each is a share of the frame's width or height, from 0 to 1.
 */
export interface FrameRegionProps {
  /** Where it starts, from the left. */
  readonly left: number;

  /** Where it starts, from the top. */
  readonly top: number;

  /** How wide it is. */
  readonly width: number;

  /** How high it is. */
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

  /**
   * @throws ValidationError with one of the codes `ObstacleName`, `ObstacleLabels` and `ObstacleConfidence`
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
  }
}

/** What is left of the frame. Rounded, because 1 - 0.8 is less than 0.2. */
function rest(start: number): number {
  return Number((1 - start).toFixed(9));
}
