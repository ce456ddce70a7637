import {
  CreateSignalingChannelCommand,
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeImageGenerationConfigurationCommand,
  DescribeSignalingChannelCommand,
  DescribeStreamCommand,
  GetDataEndpointCommand,
  GetSignalingChannelEndpointCommand,
  ListStreamsCommand,
  ListTagsForStreamCommand,
  paginateListStreams,
  TagStreamCommand,
  UntagStreamCommand,
  UpdateDataRetentionCommand,
  UpdateImageGenerationConfigurationCommand,
  UpdateMediaStorageConfigurationCommand,
} from '@aws-sdk/client-kinesis-video';
import { GetIceServerConfigCommand } from '@aws-sdk/client-kinesis-video-signaling';
import { ACCOUNT, REGION, startWorld, type World } from './world';

let world: World;

beforeEach(async () => {
  world = await startWorld();
});

afterEach(() => world.stop());

test('a stream is being made, is active after a while, and is gone when it is deleted', async () => {
  const { control } = world;
  const input = {
    StreamName: 'drone-1',
    DataRetentionInHours: 24,
    MediaType: 'video/h264',
    Tags: { fleet: 'delivery' },
  };
  const { StreamARN } = await control.send(new CreateStreamCommand(input));
  expect(StreamARN).toMatch(new RegExp(`^arn:aws:kinesisvideo:${REGION}:${ACCOUNT}:stream/drone-1/\\d{13}$`));
  expect(await world.describe('drone-1')).toMatchObject({ Status: 'CREATING', DataRetentionInHours: 24 });
  await expect(control.send(new CreateStreamCommand(input))).rejects.toMatchObject({ name: 'ResourceInUseException' });
  await expect(control.send(new DeleteStreamCommand({ StreamARN }))).rejects.toMatchObject({
    name: 'ResourceInUseException',
  });

  await world.settled('drone-1');
  const info = await world.describe('drone-1');
  expect(info).toMatchObject({ StreamARN, Status: 'ACTIVE', MediaType: 'video/h264' });
  expect(info.CreationTime!.getTime()).toBeGreaterThan(Date.now() - 10_000);
  expect((await control.send(new ListTagsForStreamCommand({ StreamARN }))).Tags).toEqual({ fleet: 'delivery' });

  await control.send(new DeleteStreamCommand({ StreamARN }));
  while (world.video.model.streams.has('drone-1')) await new Promise((resolve) => setTimeout(resolve, 5));
  await expect(world.describe('drone-1')).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    $metadata: { httpStatusCode: 404 },
  });
});

test('a change needs the version that there is', async () => {
  const { control } = world;
  const StreamARN = await world.stream('drone-1');
  const { Version: CurrentVersion } = await world.describe('drone-1');
  const change = new UpdateDataRetentionCommand({
    StreamARN,
    CurrentVersion,
    Operation: 'INCREASE_DATA_RETENTION',
    DataRetentionChangeInHours: 2,
  });
  await control.send(change);
  await world.settled('drone-1');
  expect(await world.describe('drone-1')).toMatchObject({ DataRetentionInHours: 3 });
  await expect(control.send(change)).rejects.toMatchObject({ name: 'VersionMismatchException' });
});

test('what is out of bounds is refused, as the model of AWS has it', async () => {
  const { control } = world;
  await expect(control.send(new CreateStreamCommand({ StreamName: 'drone 1' }))).rejects.toMatchObject({
    name: 'InvalidArgumentException',
    message: expect.stringContaining("Value at 'StreamName' failed to satisfy constraint"),
  });
  await expect(control.send(new CreateStreamCommand({} as never))).rejects.toMatchObject({
    name: 'InvalidArgumentException',
  });
  await expect(control.send(new DescribeStreamCommand({}))).rejects.toMatchObject({ name: 'InvalidArgumentException' });
  await expect(
    control.send(new CreateStreamCommand({ StreamName: 'drone-1', DataRetentionInHours: 87_601 })),
  ).rejects.toMatchObject({ name: 'InvalidArgumentException' });
});

describe('images', () => {
  const configuration = (change: object = {}) => ({
    Status: 'ENABLED' as const,
    ImageSelectorType: 'PRODUCER_TIMESTAMP' as const,
    DestinationConfig: { Uri: 's3://frames/drone-1', DestinationRegion: REGION },
    SamplingInterval: 1000,
    Format: 'JPEG' as const,
    ...change,
  });
  const update = (change?: object) =>
    world.control.send(
      new UpdateImageGenerationConfigurationCommand({
        StreamName: 'drone-1',
        ImageGenerationConfiguration: configuration(change),
      }),
    );

  test('are configured', async () => {
    await world.stream('drone-1');
    await update();
    await world.settled('drone-1');
    const found = await world.control.send(new DescribeImageGenerationConfigurationCommand({ StreamName: 'drone-1' }));
    expect(found.ImageGenerationConfiguration).toEqual(configuration());
  });

  test.each([
    ['too often', { SamplingInterval: 199 }],
    ['too wide', { WidthPixels: 3841 }],
    ['to another region', { DestinationConfig: { Uri: 's3://frames', DestinationRegion: 'us-east-1' } }],
    ['in another format', { Format: 'GIF' }],
  ])('are not made %s', async (_, change) => {
    await world.stream('drone-1');
    await expect(update(change)).rejects.toMatchObject({ name: 'InvalidArgumentException' });
  });

  test('need a stream that retains data', async () => {
    await world.stream('drone-1', 0);
    await expect(update()).rejects.toMatchObject({ name: 'NoDataRetentionException' });
  });
});

test('tags are put on and taken off, and are fifty at most', async () => {
  const StreamARN = await world.stream('drone-1');
  const tags = (from: number, to: number) =>
    Object.fromEntries(Array.from({ length: to - from }, (_, index) => [`tag-${from + index}`, 'x']));
  await world.control.send(new TagStreamCommand({ StreamARN, Tags: tags(0, 50) }));
  await expect(world.control.send(new TagStreamCommand({ StreamARN, Tags: { more: 'x' } }))).rejects.toMatchObject({
    name: 'TagsPerResourceExceededLimitException',
  });
  await world.control.send(new UntagStreamCommand({ StreamARN, TagKeyList: Object.keys(tags(1, 50)) }));
  expect((await world.control.send(new ListTagsForStreamCommand({ StreamARN }))).Tags).toEqual({ 'tag-0': 'x' });
});

test('streams are listed page by page, by how their names begin', async () => {
  for (const name of ['drone-1', 'drone-2', 'drone-3', 'robot-1']) await world.stream(name);
  const names: string[] = [];
  const condition = { ComparisonOperator: 'BEGINS_WITH' as const, ComparisonValue: 'drone-' };
  const pages = paginateListStreams({ client: world.control, pageSize: 2 }, { StreamNameCondition: condition });
  for await (const { StreamInfoList = [] } of pages) names.push(...StreamInfoList.map((info) => info.StreamName!));
  expect(names).toEqual(['drone-1', 'drone-2', 'drone-3']);
});

test('a channel has endpoints, and no relays', async () => {
  const { control, signaling, gateway } = world;
  const { ChannelARN } = await control.send(
    new CreateSignalingChannelCommand({ ChannelName: 'drone-1', SingleMasterConfiguration: { MessageTtlSeconds: 30 } }),
  );
  await world.settled('drone-1');
  const { ChannelInfo } = await control.send(new DescribeSignalingChannelCommand({ ChannelARN }));
  expect(ChannelInfo).toMatchObject({
    ChannelName: 'drone-1',
    ChannelType: 'SINGLE_MASTER',
    ChannelStatus: 'ACTIVE',
    SingleMasterConfiguration: { MessageTtlSeconds: 30 },
  });
  const { ResourceEndpointList } = await control.send(
    new GetSignalingChannelEndpointCommand({
      ChannelARN,
      SingleMasterChannelEndpointConfiguration: { Protocols: ['WSS', 'HTTPS'], Role: 'VIEWER' },
    }),
  );
  expect(ResourceEndpointList).toEqual([
    { Protocol: 'WSS', ResourceEndpoint: world.video.signaling.origin },
    { Protocol: 'HTTPS', ResourceEndpoint: gateway.url },
  ]);
  const command = new GetIceServerConfigCommand({ ChannelARN, Service: 'TURN', ClientId: 'viewer-1' });
  expect((await signaling.send(command)).IceServerList).toEqual([]);
});

test('sessions of a channel are stored in a stream that retains data, and in no other', async () => {
  const { ChannelARN } = await world.control.send(new CreateSignalingChannelCommand({ ChannelName: 'room-1' }));
  await world.settled('room-1');
  const store = (StreamARN: string) =>
    world.control.send(
      new UpdateMediaStorageConfigurationCommand({
        ChannelARN,
        MediaStorageConfiguration: { StreamARN, Status: 'ENABLED' },
      }),
    );
  await expect(store(await world.stream('empty', 0))).rejects.toMatchObject({ name: 'NoDataRetentionException' });
  await store(await world.stream('kept', 1));
});

describe('limits', () => {
  test('of calls on a stream a second', async () => {
    await world.stream('drone-1');
    await world.stream('drone-2');
    const ask = (StreamName: string) =>
      world.control.send(new GetDataEndpointCommand({ StreamName, APIName: 'PUT_MEDIA' }));
    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => ask('drone-1')));
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as Error] : []));
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]).toMatchObject({ name: 'ClientLimitExceededException', $metadata: { httpStatusCode: 400 } });
    await expect(ask('drone-2')).resolves.toMatchObject({ DataEndpoint: world.gateway.url });
  });

  test('of streams and channels of the account', async () => {
    await world.stop();
    world = await startWorld({ limits: { streams: 1, channels: 1 } });
    await world.stream('drone-1');
    await expect(world.stream('drone-2')).rejects.toMatchObject({ name: 'AccountStreamLimitExceededException' });
    const create = (ChannelName: string) => world.control.send(new CreateSignalingChannelCommand({ ChannelName }));
    await create('drone-1');
    await expect(create('drone-2')).rejects.toMatchObject({ name: 'AccountChannelLimitExceededException' });
  });
});

describe('a device', () => {
  test('describes its own stream, and no other one', async () => {
    await world.stream('drone-1');
    await world.stream('drone-10');
    const { control } = world.clients(world.device('drone-1'));
    await control.send(new DescribeStreamCommand({ StreamName: 'drone-1' }));
    await expect(control.send(new DescribeStreamCommand({ StreamName: 'drone-10' }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringMatching(
        /^User: arn:aws:sts::111122223333:assumed-role\/Device\/drone-1 is not authorized to perform: kinesisvideo:DescribeStream on resource: arn:aws:kinesisvideo:eu-west-1:111122223333:stream\/drone-10\/\d+ because no identity-based policy allows the kinesisvideo:DescribeStream action$/,
      ),
    });
  });

  test('lists no streams', async () => {
    await expect(world.clients(world.device('drone-1')).control.send(new ListStreamsCommand({}))).rejects.toMatchObject(
      { name: 'AccessDeniedException' },
    );
  });
});
