import { checkRange, fail, lit } from '../private/validation';

/**
 * A point of the frame. Each number is a share of the frame's width or height, from 0 to 1.
 */
export interface FramePoint {
  /** How far from the left, 0 to 1. */
  readonly x: number;

  /** How far from the top, 0 to 1. */
  readonly y: number;
}

/**
 * A part of the frame with straight edges, in shares of its width and height.
 *
 * @see https://docs.aws.amazon.com/rekognition/latest/APIReference/API_RegionOfInterest.html
 */
export class FramePolygon {
  /** The corners, in the order in which they are connected. */
  public readonly points: FramePoint[];

  /**
   * @param points 3 to 10 corners, all of them different, in the order in which they are connected
   * @throws ValidationError `FramePolygon` when there are fewer, more, or one outside of the frame
   */
  constructor(points: FramePoint[]) {
    const code = lit`FramePolygon`;
    if (points.length < 3 || points.length > 10) {
      fail(undefined, code, `The polygon has ${points.length} \`points\`; it must have 3 to 10.`);
    }
    for (const { x, y } of points) {
      checkRange(undefined, code, 'x', x, { min: 0, max: 1, whole: false });
      checkRange(undefined, code, 'y', y, { min: 0, max: 1, whole: false });
    }
    if (new Set(points.map(({ x, y }) => `${x} ${y}`)).size < points.length) {
      fail(undefined, code, 'Two of the `points` of the polygon are the same; it closes without repeating the first.');
    }
    this.points = points;
  }
}
