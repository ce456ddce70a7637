import { captureOutput } from '../../support/handler-output';
import { IoTClient, ListThingsCommand } from '@aws-sdk/client-iot';
import { KinesisVideoClient, ListSignalingChannelsCommand, ListStreamsCommand } from '@aws-sdk/client-kinesis-video';
import { mockClient } from 'aws-sdk-client-mock';
import { handle, type Page } from '../../../lambda/fleet-lister/handler';
import { metrics } from '../../../lambda/common/observability';

const iotClient = new IoTClient({ region: 'eu-west-1' });
const videoClient = new KinesisVideoClient({ region: 'eu-west-1' });
const iot = mockClient(iotClient);
const video = mockClient(videoClient);
const written = captureOutput();
const ports = {
  iot: iotClient,
  kinesisVideo: videoClient,
  thingTypeName: 'camera',
  pageSize: 1000,
  countAs: 'DevicesRegistered' as const,
};

type Kind = 'things' | 'streams' | 'channels';

beforeEach(() => {
  metrics.clearMetrics();
  iot.reset();
  video.reset();
});

/** Lists the names as the services do: so many at once, with the position as token. */
function listed(names: string[], sizeOf = (asked: number) => asked): void {
  const page = (token: string | undefined, asked: number) => {
    const start = Number(token ?? 0);
    const end = start + sizeOf(asked);
    return { names: names.slice(start, end), token: end < names.length ? String(end) : undefined };
  };
  iot.on(ListThingsCommand).callsFake(({ nextToken, maxResults }) => {
    const { names: found, token } = page(nextToken, maxResults);
    return { things: found.map((thingName) => ({ thingName })), nextToken: token };
  });
  video.on(ListStreamsCommand).callsFake(({ NextToken, MaxResults }) => {
    const { names: found, token } = page(NextToken, MaxResults);
    return { StreamInfoList: found.map((StreamName) => ({ StreamName })), NextToken: token };
  });
  video.on(ListSignalingChannelsCommand).callsFake(({ NextToken, MaxResults }) => {
    const { names: found, token } = page(NextToken, MaxResults);
    return { ChannelInfoList: found.map((ChannelName) => ({ ChannelName })), NextToken: token };
  });
}

/** All pages, as the state machine asks for them. */
async function allPages(kind: Kind): Promise<Page[]> {
  const pages: Page[] = [];
  let at: object = { kind, total: 0 };
  do {
    // Between states, there is only JSON.
    const page = JSON.parse(JSON.stringify(await handle(at, ports))) as Page;
    pages.push(page);
    at = page.at;
  } while (!pages.at(-1)!.done);
  return pages;
}

function drones(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `drone-${index + 1}`);
}

/** The values of the gauge. */
function registered(): number[] {
  metrics.publishStoredMetrics();
  return written().metrics.DevicesRegistered ?? [];
}

test.each<Kind>(['things', 'streams', 'channels'])('%s are listed in pages of a thousand', async (kind) => {
  listed(drones(2300));
  const pages = await allPages(kind);
  expect(pages.map(({ size, done, at }) => ({ size, done, total: at.total }))).toEqual([
    { size: 1000, done: false, total: 1000 },
    { size: 1000, done: false, total: 2000 },
    { size: 300, done: true, total: 2300 },
  ]);
  expect(pages.flatMap(({ content }) => content.names)).toEqual(drones(2300));
  expect(pages.every(({ content }) => content.kind === kind)).toBe(true);
});

test('things are those of the type', async () => {
  listed(drones(300));
  await handle({ kind: 'things', total: 0 }, ports);
  expect(iot.commandCalls(ListThingsCommand).map(({ args }) => args[0].input)).toEqual([
    { thingTypeName: 'camera', maxResults: 250, nextToken: undefined },
    { thingTypeName: 'camera', maxResults: 250, nextToken: '250' },
  ]);
});

test.each<Kind>(['streams', 'channels'])('%s of several cameras are those of one thing', async (kind) => {
  listed(['drone-1.front', 'drone-1.down', 'drone-2', 'drone-2.front.left']);
  expect((await handle({ kind, total: 0 }, ports)).content.names).toEqual(['drone-1', 'drone-2']);
});

test('names that no thing can have are left out', async () => {
  listed(['.front', `${'x'.repeat(129)}.front`, 'x'.repeat(128)]);
  expect((await handle({ kind: 'streams', total: 0 }, ports)).content.names).toEqual(['x'.repeat(128)]);
});

test('the longest names fit into half of what a state may have', async () => {
  listed(drones(5000).map((name) => name.padEnd(128, 'x')));
  const pages = await allPages('things');
  expect(Math.max(...pages.map((page) => JSON.stringify(page).length))).toBeLessThan(256 * 512 + 1024);
});

test('empty answers are no end, and none goes on for too long', async () => {
  listed(drones(30), () => 0);
  iot.on(ListThingsCommand).callsFakeOnce(() => ({ things: [], nextToken: 'a' }));
  iot.on(ListThingsCommand).resolves({ things: [], nextToken: 'b' });
  expect(await handle({ kind: 'things', total: 7 }, ports)).toEqual({
    at: { kind: 'things', nextToken: 'b', total: 7 },
    done: false,
    size: 0,
    content: { kind: 'things', names: [] },
  });
  expect(iot.commandCalls(ListThingsCommand)).toHaveLength(20);
});

describe('the gauge of devices', () => {
  test('is written once, when all are known', async () => {
    listed(drones(2300));
    await allPages('things');
    expect(registered()).toEqual([2300]);
  });

  test('is 0 for a fleet without devices', async () => {
    listed([]);
    expect(await allPages('things')).toHaveLength(1);
    expect(registered()).toEqual([0]);
  });

  test.each<Kind>(['streams', 'channels'])('does not count %s', async (kind) => {
    listed(drones(3));
    await allPages(kind);
    expect(registered()).toEqual([]);
  });
});

test.each([[{}], [{ kind: 'rooms', total: 0 }], [{ kind: 'things' }], [{ kind: 'things', total: -1 }]])(
  'what is no position fails: %j',
  async (event) => {
    await expect(handle(event, ports)).rejects.toThrow();
    expect(iot.calls()).toHaveLength(0);
  },
);
