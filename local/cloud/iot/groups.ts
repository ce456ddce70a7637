import { randomUUID } from 'node:crypto';
import type * as iot from '@aws-sdk/client-iot';
import { existing, page, vacant, type Store } from './store';

/** What things are sorted by. Groups have no parents here, and aren't dynamic. */
export function groupOperations(store: Store) {
  const findGroup = (name?: string) => existing(store.groups, 'Thing group', name);

  return {
    CreateThingType: ({ thingTypeName = '', thingTypeProperties = {} }: iot.CreateThingTypeRequest) => {
      vacant(store.types, 'Thing type', thingTypeName);
      const names = {
        thingTypeName,
        thingTypeArn: `${store.arn}:thingtype/${thingTypeName}`,
        thingTypeId: randomUUID(),
      };
      store.types.set(thingTypeName, { ...names, thingTypeProperties, creationDate: new Date() });
      return names;
    },

    DescribeThingType: ({ thingTypeName }: iot.DescribeThingTypeRequest): iot.DescribeThingTypeResponse => {
      const { creationDate, ...type } = existing(store.types, 'Thing type', thingTypeName);
      return { ...type, thingTypeMetadata: { deprecated: false, creationDate } };
    },

    CreateThingGroup: ({ thingGroupName = '', thingGroupProperties = {} }: iot.CreateThingGroupRequest) => {
      vacant(store.groups, 'Thing group', thingGroupName);
      const names = {
        thingGroupName,
        thingGroupArn: `${store.arn}:thinggroup/${thingGroupName}`,
        thingGroupId: randomUUID(),
      };
      store.groups.set(thingGroupName, { ...names, thingGroupProperties, creationDate: new Date(), things: new Set() });
      return names;
    },

    DescribeThingGroup: ({ thingGroupName }: iot.DescribeThingGroupRequest): iot.DescribeThingGroupResponse => {
      const { creationDate, things: _, ...group } = findGroup(thingGroupName);
      return { ...group, version: 1, thingGroupMetadata: { creationDate } };
    },

    ListThingGroups: ({ namePrefixFilter = '', ...at }: iot.ListThingGroupsRequest) => {
      const all = [...store.groups.values()].filter(({ thingGroupName }) =>
        thingGroupName.startsWith(namePrefixFilter),
      );
      const { items, next } = page(all, at);
      return { thingGroups: items.map(identify), nextToken: next };
    },

    AddThingToThingGroup: ({ thingGroupName, thingName }: iot.AddThingToThingGroupRequest) => {
      findGroup(thingGroupName).things.add(existing(store.things, 'Thing', thingName).thingName);
      return {};
    },

    RemoveThingFromThingGroup: ({ thingGroupName, thingName }: iot.RemoveThingFromThingGroupRequest) => {
      findGroup(thingGroupName).things.delete(existing(store.things, 'Thing', thingName).thingName);
      return {};
    },

    ListThingGroupsForThing: ({ thingName, ...at }: iot.ListThingGroupsForThingRequest) => {
      const thing = existing(store.things, 'Thing', thingName);
      const all = [...store.groups.values()].filter(({ things }) => things.has(thing.thingName));
      const { items, next } = page(all, at);
      return { thingGroups: items.map(identify), nextToken: next };
    },

    ListThingsInThingGroup: ({ thingGroupName, ...at }: iot.ListThingsInThingGroupRequest) => {
      const { items, next } = page([...findGroup(thingGroupName).things], at);
      return { things: items, nextToken: next };
    },
  };
}

function identify({ thingGroupName, thingGroupArn }: { thingGroupName: string; thingGroupArn: string }) {
  return { groupName: thingGroupName, groupArn: thingGroupArn };
}
