import { UnusableMessage } from './queue-worker';

export interface VideoSource {
  readonly device: string;
  readonly camera?: string;
}

/** Whose stream it is: the name of a stream is `<thing>` or `<thing>.<camera>`. */
export function videoSource(streamArn: string): VideoSource {
  const [, device, camera] =
    /^arn:[^:]+:kinesisvideo:[^:]*:[^:]*:stream\/([\w-]+)(?:\.([\w.-]+))?(?:\/\d+)?$/.exec(streamArn) ?? [];
  if (!device) throw new UnusableMessage(`The stream '${streamArn}' names no device; it should be <thing>[.<camera>].`);
  return { device, camera };
}

/** The name of the stream of a device, or of one of its cameras. */
export function streamNameOf({ device, camera }: VideoSource): string {
  return camera ? `${device}.${camera}` : device;
}

/** From 2001 on: earlier times come from devices without a clock, or are seconds. */
const EARLIEST = 1e12;

/** How far a device's clock may be ahead. */
const TOLERANCE = 60_000;

/**
 * When a frame was captured, by the first clock that can be believed; now where there is none.
 *
 * @param clocks in milliseconds since 1970
 */
export function captureTime(now: number, ...clocks: (number | undefined)[]): Date {
  const time = clocks.find((clock = 0) => clock >= EARLIEST && clock <= now + TOLERANCE);
  return new Date(Math.round(time ?? now));
}
