import type { Position } from '../common/detection-event';
import type { Area } from './settings';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Of a sphere with the volume of the earth. */
const METERS_PER_DEGREE = 111_195;

/**
 * Whether somebody at a position may be in an area: is in it, or no further from it than is uncertain.
 *
 * The ground is taken for flat, which is wrong by less than a metre in areas of some kilometres, away from the poles.
 */
export function mayBeIn(area: Area, { latitude, longitude, uncertaintyMeters = 0 }: Position): boolean {
  // In metres around the position, which is at 0, 0. What is on the other side of the date line is near, too.
  const perDegree = METERS_PER_DEGREE * Math.cos((latitude * Math.PI) / 180);
  const corners = area.corners.map(([cornerLatitude, cornerLongitude]) => ({
    x: shortest(cornerLongitude - longitude) * perDegree,
    y: (cornerLatitude - latitude) * METERS_PER_DEGREE,
  }));
  const edges = corners.map((from, index) => [from, corners[(index + 1) % corners.length]] as const);
  return isInside(edges) || edges.some(([from, to]) => distance(from, to) <= uncertaintyMeters);
}

/** Of two ways around the earth, in degrees. */
function shortest(degrees: number): number {
  return ((((degrees + 180) % 360) + 360) % 360) - 180;
}

/** A ray to the right crosses the edges of what it begins in an odd number of times. */
function isInside(edges: readonly (readonly [Point, Point])[]): boolean {
  const crossed = edges.filter(([a, b]) => a.y > 0 !== b.y > 0 && a.x + (a.y / (a.y - b.y)) * (b.x - a.x) > 0);
  return crossed.length % 2 === 1;
}

/** From 0, 0 to an edge. */
function distance(a: Point, b: Point): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, -(a.x * dx + a.y * dy) / length));
  return Math.hypot(a.x + along * dx, a.y + along * dy);
}
