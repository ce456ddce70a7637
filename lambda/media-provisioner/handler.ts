import * as z from 'zod';
import { bringToOrder, countChanges, type MediaPorts } from '../common/fleet-media';
import { UnusableMessage, parseMessage } from '../common/queue-worker';

/** https://docs.aws.amazon.com/iot/latest/developerguide/registry-events.html */
const thingEvent = z.object({
  eventType: z.literal('THING_EVENT'),
  operation: z.enum(['CREATED', 'UPDATED', 'DELETED']),
  thingName: z.string().min(1).max(128),
});

/** Gives a thing its media, or takes it away; the event only says which thing to look at. */
export async function handle(body: string, ports: MediaPorts): Promise<void> {
  const { thingName } = parseMessage(thingEvent, body);
  if (!/^[a-zA-Z0-9_-]+$/.test(thingName)) {
    throw new UnusableMessage(`The thing '${thingName}' can't have a stream: the names of streams have no colon.`);
  }
  countChanges(thingName, await bringToOrder(thingName, ports));
}
