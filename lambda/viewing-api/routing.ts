import type { Router } from '@aws-lambda-powertools/event-handler/http';
import type { Access, Admission } from '../common/access/access';
import type { Action } from '../common/access/authorize';
import type { Caller } from '../common/access/caller';
import { Problem } from '../common/problem';

/** What routes are added with. */
export interface Routing<Ports> {
  readonly router: Router;
  readonly ports: Ports;
  readonly access: Access;
  /** @throws Problem 401 */
  readonly callerOf: (event: unknown) => Caller;
  /** @throws Problem as `Access.admit` does */
  readonly admit: (event: unknown, device: string, action: Action) => Promise<Admission>;
}

/**
 * The name of the stream and the channel of a camera.
 * @throws Problem 400 if there is no such camera
 */
export function mediaName(device: string, camera: string | undefined, cameras: readonly string[]): string {
  if (cameras.length === 0 && camera === undefined) return device;
  if (camera !== undefined && cameras.includes(camera)) return `${device}.${camera}`;
  const known =
    cameras.length === 0 ? 'The devices have one camera, which has no name' : `One of ${cameras.join(', ')}`;
  throw new Problem(400, 'Malformed request', `${known}: \`camera\` must say so.`);
}
