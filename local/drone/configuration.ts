import * as z from 'zod';
import type { Identity } from './storage';

/** What the answer to a registration says: docs/devices.md. Where the endpoints are, a drone on this machine knows better. */
const deviceConfiguration = z.object({
  region: z.string(),
  roleAlias: z.string(),
  streams: z.string().min(1),
  channels: z.string().optional(),
  detectionsTopic: z.string().regex(/\/detections$/),
});

/** @throws ZodError when the document isn't one for a device */
export function configurationOf({ thing, configuration }: Identity) {
  const { region, roleAlias, streams, channels = '', detectionsTopic } = deviceConfiguration.parse(configuration);
  const own = (text: string) => text.replaceAll('{thing}', thing);
  const names = (list: string) =>
    own(list)
      .split(',')
      .filter((name) => name !== '');
  return {
    region,
    roleAlias,
    streams: names(streams),
    channels: names(channels),
    /** A topic of its own, by how it ends. */
    topic: (rest: string) => own(detectionsTopic).replace(/detections$/, rest),
    own,
  };
}
