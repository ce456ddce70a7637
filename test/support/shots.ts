import type { Hearing, ShotRule } from '../../lambda/shot-detector/corroboration';
import { distance, project, unproject, type Point, type Position } from '../../lambda/shot-detector/geometry';
import { gaussian } from './heat';

export const CITY: Position = { latitude: 48.2, longitude: 16.37 };
export const NOON = Date.parse('2026-11-27T12:00:00.000Z');

/** The defaults of `ShotDetector`. */
export const SHOT_RULE: ShotRule = {
  minimumSensors: 3,
  range: 1000,
  speedOfSound: 343,
  jitter: 10,
  settle: 5000,
};

/** Sensors on a grid of streets, 400 m apart, each somewhere near its corner. */
export function sensorsOf(seed: number, across = 4): Point[] {
  const gauss = gaussian(seed);
  return Array.from({ length: across * across }, (_each, index) => ({
    x: 400 * (index % across) + 40 * gauss(),
    y: 400 * Math.floor(index / across) + 40 * gauss(),
  }));
}

/** What the sensors that are near enough, and not offline, hear of a shot. */
export function heard(
  shot: Point & { time: number },
  sensors: Point[],
  noise: () => number,
  offline: number[] = [],
): Hearing[] {
  return sensors.flatMap((sensor, index) => {
    const meters = distance(sensor, shot);
    if (meters > 900 || offline.includes(index)) return [];
    const heardAt = NOON + shot.time + (1000 * meters) / 343 + noise();
    return [
      {
        id: `sensor-${index}:${Math.round(heardAt)}`,
        sensor: `sensor-${index}`,
        heardAt,
        ...unproject(sensor, CITY),
        confidence: 80,
        receivedAt: heardAt + 200,
      },
    ];
  });
}

/** How far off a position is, in meters. */
export const off = (position: Position, point: Point) => distance(project(position, CITY), point);
