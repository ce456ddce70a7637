import { QuietWindow } from '../alert/quiet-window';
import { checkPattern, checkRange, fail, lit, type ErrorCode } from '../private/validation';

/**
 * A point of the earth, in degrees of WGS 84.
 */
export interface GeoPoint {
  /** From -90 to 90, the north being positive. */
  readonly latitude: number;

  /** From -180 to 180, the east being positive. */
  readonly longitude: number;
}

function checkPoint(code: ErrorCode, { latitude, longitude }: GeoPoint): void {
  checkRange(undefined, code, 'latitude', latitude, { min: -90, max: 90, unit: 'degrees', whole: false });
  checkRange(undefined, code, 'longitude', longitude, { min: -180, max: 180, unit: 'degrees', whole: false });
}

/**
 * An area in which nobody should be, with straight edges: some kilometres wide, and not around a pole.
 */
export class ClosedArea {
  /** The name, which people are told. */
  public readonly name: string;

  /** The corners, in the order in which they are connected. */
  public readonly corners: GeoPoint[];

  /**
   * @param name 1 to 32 of `a-z A-Z 0-9 _ . -` and spaces, which phones show
   * @param corners 3 to 50 corners, all of them different, in the order in which they are connected
   * @throws ValidationError `ClosedArea`
   */
  constructor(name: string, corners: GeoPoint[]) {
    const code = lit`ClosedArea`;
    checkPattern(undefined, code, 'name', name, /^[a-zA-Z0-9][a-zA-Z0-9_. -]{0,31}$/, '1 to 32 of a-z A-Z 0-9 _ . -');
    if (corners.length < 3 || corners.length > 50) {
      fail(undefined, code, `The area '${name}' has ${corners.length} \`corners\`; it must have 3 to 50.`);
    }
    for (const corner of corners) checkPoint(code, corner);
    if (new Set(corners.map(({ latitude, longitude }) => `${latitude} ${longitude}`)).size < corners.length) {
      fail(undefined, code, `Two \`corners\` of '${name}' are the same; it closes without repeating the first.`);
    }
    this.name = name;
    this.corners = corners;
  }

  /**
   * As the function reads it.
   * @internal
   */
  public _render(): object {
    return { name: this.name, corners: this.corners.map(({ latitude, longitude }) => [latitude, longitude]) };
  }
}

/**
 * When it is night.
 */
export class NightTime {
  /**
   * When the sun is below the horizon, where something was seen, or else here.
   *
   * @param place where what has no position is taken to be
   * @param degreesBelow how far, from 0 to 18; 6 if it isn't given, when one needs a lamp
   * @throws ValidationError `NightTime`
   */
  public static sun(place: GeoPoint, degreesBelow = 6): NightTime {
    const code = lit`NightTime`;
    checkPoint(code, place);
    checkRange(undefined, code, 'degreesBelow', degreesBelow, { min: 0, max: 18, unit: 'degrees', whole: false });
    return new NightTime({ by: 'sun', ...place, degreesBelow });
  }

  /**
   * Between two times of the clock on the wall.
   *
   * @param start `HH:MM` from 00:00 to 23:59
   * @param end `HH:MM` from 00:00 to 24:00; when it isn't after `start`, it is meant of the next day
   * @param timeZone its name in the IANA's database, like `Africa/Nairobi`
   * @throws ValidationError with one of the codes `QuietWindowTime` and `QuietWindowZone`
   */
  public static hours(start: string, end: string, timeZone: string): NightTime {
    return new NightTime({ by: 'hours', ...new QuietWindow({ start, end, timeZone })._render() });
  }

  private constructor(private readonly rendered: object) {}

  /**
   * As the function reads it.
   * @internal
   */
  public _render(): object {
    return this.rendered;
  }
}
