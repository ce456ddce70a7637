import { captureOutput } from '../../support/handler-output';
import { ListThingsCommand, ListThingsInThingGroupCommand, ResourceNotFoundException } from '@aws-sdk/client-iot';
import { DescribeStreamCommand } from '@aws-sdk/client-kinesis-video';
import { ADMIN, NORTH_PILOT, awsError, viewingOf } from '../../support/viewing';

const written = captureOutput();
const viewing = viewingOf();

const list = async (claims: Record<string, string>, query?: Record<string, string>) => {
  const { status, content } = await viewing.get('/v1/devices', claims, query);
  const { devices, nextToken } = content as { devices?: { device: string }[]; nextToken?: string };
  return { status, names: devices?.map(({ device }) => device), nextToken };
};
const inGroups = (groups: string) => ({ ...NORTH_PILOT, 'custom:device_groups': groups });

beforeEach(() => {
  viewing.iot
    .on(ListThingsCommand)
    .resolves({ things: ['drone-1', 'drone-2', 'drone-3'].map((thingName) => ({ thingName })) })
    .on(ListThingsInThingGroupCommand, { thingGroupName: 'north' })
    .resolves({ things: ['drone-1', 'kettle-1', 'drone-gone'] })
    .on(ListThingsInThingGroupCommand, { thingGroupName: 'night' })
    .resolves({ things: ['drone-1'] })
    .on(ListThingsInThingGroupCommand, { thingGroupName: 'south' })
    .resolves({ things: ['drone-2'] })
    .on(ListThingsInThingGroupCommand, { thingGroupName: 'gone' })
    .rejects(new ResourceNotFoundException({ $metadata: {}, message: 'gone' }));
});

test('an admin sees all devices of the fleet', async () => {
  expect(await list(ADMIN)).toEqual({ status: 200, names: ['drone-1', 'drone-2', 'drone-3'] });
  expect(viewing.iot).toHaveReceivedCommandWith(ListThingsCommand, { thingTypeName: 'drone', maxResults: 25 });
});

test('others see those of their groups, and not what is none of the fleet', async () => {
  expect(await list(inGroups('north'))).toEqual({ status: 200, names: ['drone-1'] });
  expect(await list(inGroups('south'))).toEqual({ status: 200, names: ['drone-2'] });
  expect(viewing.iot).not.toHaveReceivedCommand(ListThingsCommand);
});

test('who has no group sees none, and who has no role is refused', async () => {
  expect(await list(inGroups(''))).toEqual({ status: 200, names: [] });
  expect(await list({ 'custom:device_groups': 'north' })).toMatchObject({ status: 403 });
});

test('groups come page by page, and each device once', async () => {
  viewing.iot
    .on(ListThingsInThingGroupCommand, { thingGroupName: 'south' })
    .resolves({ things: [], nextToken: 'registry' })
    .on(ListThingsInThingGroupCommand, { thingGroupName: 'south', nextToken: 'registry' })
    .resolves({ things: ['drone-2'] });
  const pages: (string[] | undefined)[] = [];
  let token: string | undefined;
  do {
    const page = await list(inGroups('north,gone,south,night'), { limit: '7', ...(token && { nextToken: token }) });
    pages.push(page.names);
    token = page.nextToken;
  } while (token);
  expect(pages).toEqual([['drone-1'], [], [], ['drone-2'], []]);
  expect(viewing.iot).toHaveReceivedCommandWith(ListThingsInThingGroupCommand, {
    thingGroupName: 'south',
    maxResults: 7,
    nextToken: 'registry',
  });
});

test('all devices come page by page', async () => {
  viewing.iot.on(ListThingsCommand).resolves({ things: [{ thingName: 'drone-1' }], nextToken: 'registry' });
  const { nextToken } = await list(ADMIN, { limit: '1' });
  viewing.iot.on(ListThingsCommand, { nextToken: 'registry' }).resolves({ things: [{ thingName: 'drone-2' }] });
  expect(await list(ADMIN, { limit: '1', nextToken: nextToken! })).toEqual({ status: 200, names: ['drone-2'] });
});

test("a token of somebody else's list brings no device of theirs", async () => {
  viewing.iot
    .on(ListThingsInThingGroupCommand, { thingGroupName: 'south' })
    .resolves({ things: ['drone-2'], nextToken: 'theirs' });
  const { nextToken } = await list(inGroups('south'));
  // The registry takes its own token for whatever group, at worst.
  viewing.iot.on(ListThingsInThingGroupCommand, { nextToken: 'theirs' }).resolves({ things: ['drone-2', 'drone-1'] });
  expect(await list(inGroups('north'), { nextToken: nextToken! })).toMatchObject({ names: ['drone-1'] });
});

test.each(['x', '!', 'bnVsbA', Buffer.from('[-1]').toString('base64url'), Buffer.from('["0"]').toString('base64url')])(
  '%s is no token',
  async (nextToken) => {
    expect(await list(ADMIN, { nextToken })).toMatchObject({ status: 400 });
    expect(viewing.iot).not.toHaveReceivedCommand(ListThingsCommand);
  },
);

test('a token that the registry refuses is refused', async () => {
  viewing.iot.on(ListThingsCommand).rejects(awsError('InvalidRequestException'));
  const nextToken = Buffer.from('[0,"old"]').toString('base64url');
  expect(await list(ADMIN, { nextToken })).toMatchObject({ status: 400 });
});

test.each<Record<string, string>>([{ limit: '26' }, { limit: '0' }, { limit: 'all' }, { group: 'south' }])(
  '%j is refused',
  async (query) => {
    expect(await list(ADMIN, query)).toMatchObject({ status: 400 });
  },
);

describe('the status of a stream', () => {
  test('is asked for each camera', async () => {
    viewing.start({ cameras: ['front', 'rear'] });
    viewing.kinesisVideo
      .on(DescribeStreamCommand, { StreamName: 'drone-1.front' })
      .resolves({ StreamInfo: { Status: 'UPDATING' } })
      .on(DescribeStreamCommand, { StreamName: 'drone-1.rear' })
      .rejects(awsError('AccessDeniedException'));
    const { content } = await viewing.get('/v1/devices', NORTH_PILOT);
    expect(content.devices).toEqual([
      {
        device: 'drone-1',
        streams: [
          { camera: 'front', status: 'UPDATING' },
          { camera: 'rear', status: 'NONE' },
        ],
      },
    ]);
  });

  test('that can not be had fails', async () => {
    viewing.kinesisVideo.on(DescribeStreamCommand).rejects(awsError('ClientLimitExceededException'));
    expect(await list(NORTH_PILOT)).toMatchObject({ status: 429 });
  });
});

test('who listed which devices, and why they might, is on record', async () => {
  await list(inGroups('north'));
  expect(written().logs).toEqual([
    expect.objectContaining({
      message: 'Devices listed',
      sub: '6f2c1e4a-viewer',
      devices: ['drone-1'],
      reasons: ['pilot of north'],
    }),
  ]);
});
