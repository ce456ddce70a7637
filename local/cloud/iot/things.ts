import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type * as iot from '@aws-sdk/client-iot';
import { ServiceError } from '../service';
import { certificateOf, existing, invalid, page, type Store, type Thing } from './store';

/** A message that the registry publishes itself. */
export type PublishEvent = (topic: string, payload: object) => void;

/** https://docs.aws.amazon.com/general/latest/gr/iot-core.html#thing-limits */
const ATTRIBUTES_WITHOUT_TYPE = 3;
const ATTRIBUTES = 50;

/** Things, and what they are attached to. https://docs.aws.amazon.com/iot/latest/developerguide/thing-registry.html */
export function thingOperations(store: Store, publish: PublishEvent) {
  const account = store.arn.split(':')[4];
  const find = (name?: string) => existing(store.things, 'Thing', name);

  /** https://docs.aws.amazon.com/iot/latest/developerguide/registry-events.html */
  const tell = (thing: Thing, operation: 'CREATED' | 'UPDATED' | 'DELETED') => {
    if (!store.events.has('THING')) return;
    publish(`$aws/events/thing/${thing.thingName}/${operation.toLowerCase()}`, {
      eventType: 'THING_EVENT',
      eventId: randomUUID(),
      timestamp: Date.now(),
      operation,
      accountId: account,
      thingId: thing.thingId,
      thingName: thing.thingName,
      versionNumber: thing.version,
      thingTypeName: thing.thingTypeName ?? null,
      attributes: thing.attributes,
    });
  };

  const check = ({ thingTypeName, attributes }: Pick<Thing, 'thingTypeName' | 'attributes'>) => {
    if (thingTypeName !== undefined) existing(store.types, 'Thing type', thingTypeName);
    const most = thingTypeName === undefined ? ATTRIBUTES_WITHOUT_TYPE : ATTRIBUTES;
    if (Object.keys(attributes).length > most) throw invalid(`A thing of that kind has at most ${most} attributes`);
  };

  const identify = ({ thingName, thingArn, thingId }: Thing) => ({ thingName, thingArn, thingId });

  return {
    CreateThing: ({ thingName = '', thingTypeName, attributePayload }: iot.CreateThingRequest) => {
      const attributes = attributePayload?.attributes ?? {};
      const present = store.things.get(thingName);
      if (present) {
        const isSame = present.thingTypeName === thingTypeName && isDeepStrictEqual(present.attributes, attributes);
        if (isSame) return identify(present);
        const message = `Thing ${thingName} already exists in account with different attributes`;
        throw new ServiceError('ResourceAlreadyExistsException', message, 409);
      }
      check({ thingTypeName, attributes });
      const thing: Thing = {
        thingName,
        thingId: randomUUID(),
        thingArn: `${store.arn}:thing/${thingName}`,
        thingTypeName,
        attributes: { ...attributes },
        version: 1,
        principals: new Set(),
      };
      store.things.set(thingName, thing);
      tell(thing, 'CREATED');
      return identify(thing);
    },

    DescribeThing: ({ thingName }: iot.DescribeThingRequest): iot.DescribeThingResponse => {
      const { principals: _, ...thing } = find(thingName);
      return { ...thing, defaultClientId: thing.thingName };
    },

    UpdateThing: ({ expectedVersion, ...request }: iot.UpdateThingRequest) => {
      const thing = find(request.thingName);
      if (expectedVersion !== undefined && expectedVersion !== thing.version) {
        throw new ServiceError('VersionConflictException', `The version of ${thing.thingName} is another one`, 409);
      }
      const { attributes = {}, merge } = request.attributePayload ?? {};
      const changed = merge ? { ...thing.attributes, ...attributes } : attributes;
      const next = {
        thingTypeName: request.removeThingType ? undefined : (request.thingTypeName ?? thing.thingTypeName),
        // An attribute without a value is one that is taken away.
        attributes: request.attributePayload
          ? Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== ''))
          : thing.attributes,
      };
      check(next);
      Object.assign(thing, next, { version: thing.version + 1 });
      tell(thing, 'UPDATED');
      return {};
    },

    DeleteThing: ({ thingName = '' }: iot.DeleteThingRequest) => {
      const thing = store.things.get(thingName);
      if (!thing) return {};
      if (thing.principals.size > 0)
        throw invalid(`Cannot delete. Thing ${thingName} is still attached to one or more principals`);
      store.things.delete(thingName);
      for (const { things } of store.groups.values()) things.delete(thingName);
      tell(thing, 'DELETED');
      return {};
    },

    ListThings: ({ attributeName, attributeValue, thingTypeName, ...at }: iot.ListThingsRequest) => {
      const all = [...store.things.values()].filter(
        (thing) =>
          (thingTypeName === undefined || thing.thingTypeName === thingTypeName) &&
          (attributeName === undefined || thing.attributes[attributeName] === attributeValue),
      );
      const { items, next } = page(all, at);
      return { things: items.map(({ principals: _, thingId: __, ...thing }) => thing), nextToken: next };
    },

    AttachThingPrincipal: ({ thingName, principal = '' }: iot.AttachThingPrincipalRequest) => {
      const thing = find(thingName);
      if (!certificateOf(store, principal)) throw invalid(`The principal ${principal} is none of this account`);
      thing.principals.add(principal);
      return {};
    },

    DetachThingPrincipal: ({ thingName, principal = '' }: iot.DetachThingPrincipalRequest) => {
      const thing = find(thingName);
      if (!thing.principals.delete(principal)) {
        throw new ServiceError('ResourceNotFoundException', `${principal} is not attached to ${thing.thingName}`, 404);
      }
      return {};
    },

    ListThingPrincipals: ({ thingName, ...at }: iot.ListThingPrincipalsRequest) => {
      const { items, next } = page([...find(thingName).principals], at);
      return { principals: items, nextToken: next };
    },

    ListPrincipalThings: ({ principal = '', ...at }: iot.ListPrincipalThingsRequest) => {
      const all = [...store.things.values()].filter(({ principals }) => principals.has(principal));
      const { items, next } = page(all, at);
      return { things: items.map(({ thingName }) => thingName), nextToken: next };
    },
  };
}
