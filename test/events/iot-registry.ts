export interface ThingEvent {
  readonly operation: 'CREATED' | 'UPDATED' | 'DELETED';
  readonly thingName: string;
  readonly thingTypeName?: string | null;
}

/**
 * What the registry of AWS IoT publishes about a thing, and an IoT rule hands on.
 * https://docs.aws.amazon.com/iot/latest/developerguide/registry-events.html
 */
export function thingEvent({ operation, thingName, thingTypeName = 'camera' }: ThingEvent) {
  return {
    eventType: 'THING_EVENT',
    eventId: 'f5ae9b94-8b8e-4d8e-8c8f-b3266dd89853',
    timestamp: 1795514400123,
    operation,
    accountId: '111122223333',
    thingId: 'b604f69c-aa9a-4d4a-829e-c480e958a0b5',
    thingName,
    versionNumber: operation === 'CREATED' ? 1 : 2,
    thingTypeName,
    attributes: { serialNumber: thingName },
  };
}
