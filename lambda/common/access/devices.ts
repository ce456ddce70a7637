import {
  DescribeThingCommand,
  ListThingsCommand,
  ListThingsInThingGroupCommand,
  paginateListThingGroupsForThing,
  type IoTClient,
} from '@aws-sdk/client-iot';
import { LRUCache } from 'lru-cache';
import * as z from 'zod';
import { unlessNotFound } from '../errors';
import type { Device } from './authorizer';
import { Problem } from './problem';

export interface DevicePorts {
  readonly iot: IoTClient;
  readonly thingTypeName: string;
  readonly now: () => number;
}

/** For how long it is believed in which groups a device is, in milliseconds. */
export const DEVICE_TTL = 30_000;

/** A dot separates a device from its camera, and a colon is in no name of a stream. */
export const deviceName = z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/);

/** Where the next page begins: in which of the groups, and there. */
const position = z.tuple([z.number().int().min(0), z.string().min(1).optional()]);

export interface Page {
  readonly devices: Device[];
  readonly nextToken?: string;
}

/** The fleet's devices, as the registry of AWS IoT knows them. */
export class Devices {
  private readonly known: LRUCache<string, Device>;

  constructor(private readonly ports: DevicePorts) {
    this.known = new LRUCache({ max: 1000, ttl: DEVICE_TTL, ttlResolution: 0, perf: { now: ports.now } });
  }

  /** The device and its groups, or nothing if the fleet has none of that name. */
  async find(name: string): Promise<Device | undefined> {
    if (!deviceName.safeParse(name).success) return undefined;
    const known = this.known.get(name);
    if (known) return known;
    const { iot, thingTypeName } = this.ports;
    const thing = await unlessNotFound(iot.send(new DescribeThingCommand({ thingName: name })));
    if (thing?.thingTypeName !== thingTypeName) return undefined;
    const groups = await unlessNotFound(this.groupsOf(name));
    if (!groups) return undefined;
    const device = { name, groups };
    this.known.set(name, device);
    return device;
  }

  /**
   * A page of the devices in these groups, some of which may have fewer than the limit, or none.
   *
   * @throws Problem 400 for a token that isn't one
   */
  async page(groups: readonly string[] | 'all', limit: number, token?: string): Promise<Page> {
    const [index, start] = token === undefined ? [0, undefined] : parseToken(token);
    if (groups === 'all') {
      const { things = [], nextToken } = await this.ports.iot.send(
        new ListThingsCommand({ thingTypeName: this.ports.thingTypeName, maxResults: limit, nextToken: start }),
      );
      const devices = await this.findAll(things.flatMap(({ thingName }) => thingName ?? []));
      return { devices, nextToken: nextToken && renderToken(0, nextToken) };
    }
    const group = groups.at(index);
    if (group === undefined) return { devices: [] };
    const listed = await unlessNotFound(
      this.ports.iot.send(
        new ListThingsInThingGroupCommand({ thingGroupName: group, maxResults: limit, nextToken: start }),
      ),
    );
    const devices = await this.findAll(listed?.things ?? []);
    const hasMore = listed?.nextToken !== undefined || index + 1 < groups.length;
    return {
      // A device of several groups is in the list of the first of them.
      devices: devices.filter((device) => groups.find((name) => device.groups.includes(name)) === group),
      nextToken: hasMore ? renderToken(listed?.nextToken ? index : index + 1, listed?.nextToken) : undefined,
    };
  }

  /** Those of the devices that the fleet has. */
  async findAll(names: readonly string[]): Promise<Device[]> {
    const found = await Promise.all(names.map((name) => this.find(name)));
    return found.filter((device) => device !== undefined);
  }

  private async groupsOf(thingName: string): Promise<string[]> {
    const found: string[] = [];
    const pages = paginateListThingGroupsForThing({ client: this.ports.iot, pageSize: 250 }, { thingName });
    for await (const { thingGroups = [] } of pages)
      found.push(...thingGroups.flatMap(({ groupName }) => groupName ?? []));
    return found;
  }
}

function renderToken(index: number, token: string | undefined): string {
  return Buffer.from(JSON.stringify(token === undefined ? [index] : [index, token])).toString('base64url');
}

function parseToken(token: string): z.infer<typeof position> {
  try {
    return position.parse(JSON.parse(Buffer.from(token, 'base64url').toString('utf8')));
  } catch {
    throw new Problem(400, 'Malformed request', '`nextToken` is none that this API has given.');
  }
}
