import { captureOutput } from '../../support/handler-output';
import { DescribeStreamCommand, GetDataEndpointCommand } from '@aws-sdk/client-kinesis-video';
import { ListFragmentsCommand } from '@aws-sdk/client-kinesis-video-archived-media';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { functionAuthorizer } from '../../../lambda/common/access/authorizer';
import { RECEPTION_TTL } from '../../../lambda/viewing-api/reception';
import { ADMIN, NORTH_PILOT, NORTH_REVIEWER, NOW, awsError, invoked, viewingOf } from '../../support/viewing';

const written = captureOutput();
const viewing = viewingOf();
const iso = (later: number) => new Date(NOW + later).toISOString();

const look = (claims: Record<string, string> = NORTH_PILOT, device = 'drone-1') =>
  viewing.get(`/v1/devices/${device}`, claims);
const receivedAt = async () => {
  const { status, content } = await look();
  expect(status).toBe(200);
  const [stream, ...others] = content.streams as { status: string; receivedAt?: string }[];
  expect(others).toEqual([]);
  return stream.receivedAt;
};
const receive = (...later: number[]) =>
  viewing.archivedMedia
    .on(ListFragmentsCommand)
    .resolves({ Fragments: later.map((milliseconds) => ({ ServerTimestamp: new Date(NOW + milliseconds) })) });

describe('when a device was received last', () => {
  test('is the time of the last fragment of two minutes, in whatever order they come', async () => {
    receive(-9000, -1000, -5000);
    expect(await receivedAt()).toBe(iso(-1000));
    expect(viewing.archivedMedia).toHaveReceivedCommandTimes(ListFragmentsCommand, 1);
    expect(viewing.archivedMedia).toHaveReceivedCommandWith(ListFragmentsCommand, {
      StreamName: 'drone-1',
      FragmentSelector: {
        FragmentSelectorType: 'SERVER_TIMESTAMP',
        TimestampRange: { StartTimestamp: new Date(NOW - 120_000), EndTimestamp: new Date(NOW) },
      },
      MaxResults: 1000,
    });
    expect(viewing.state.endpoints).toEqual(['https://drone-1.LIST_FRAGMENTS.example.com']);
  });

  test('is not there of a device that is silent', async () => {
    expect((await look()).content).toEqual({
      device: 'drone-1',
      streams: [{ status: 'ACTIVE' }],
      control: expect.anything(),
    });
  });

  test.each(['NoDataRetentionException', 'ResourceNotFoundException', 'NotAuthorizedException'])(
    'is not there where nothing is kept: %s',
    async (name) => {
      viewing.archivedMedia.on(ListFragmentsCommand).rejects(awsError(name));
      expect(await receivedAt()).toBeUndefined();
      expect(written().logs.map(({ level }) => level)).toEqual(['INFO']);
    },
  );

  test.each(['ClientLimitExceededException', 'InternalFailure'])(
    'is not there if it can not be told: %s',
    async (name) => {
      viewing.archivedMedia.on(ListFragmentsCommand).rejects(awsError(name));
      expect(await receivedAt()).toBeUndefined();
      expect(written().logs).toContainEqual(
        expect.objectContaining({ level: 'WARN', message: 'It is not known whether the device is sending' }),
      );
    },
  );

  test('is not there without an endpoint to ask at', async () => {
    viewing.kinesisVideo.on(GetDataEndpointCommand).rejects(awsError('ResourceNotFoundException'));
    expect(await receivedAt()).toBeUndefined();
  });

  test('is asked once for many viewers, and anew after a moment', async () => {
    receive(-1000);
    await Promise.all([look(), look(NORTH_REVIEWER), look(ADMIN)]);
    receive(1500);
    viewing.state.now += RECEPTION_TTL - 1;
    expect(await receivedAt()).toBe(iso(-1000));
    expect(viewing.archivedMedia).toHaveReceivedCommandTimes(ListFragmentsCommand, 1);
    viewing.state.now += 2;
    expect(await receivedAt()).toBe(iso(1500));
    expect(viewing.archivedMedia).toHaveReceivedCommandTimes(ListFragmentsCommand, 2);
  });

  test('is not asked more often while it can not be told', async () => {
    viewing.archivedMedia.on(ListFragmentsCommand).rejects(awsError('ClientLimitExceededException'));
    await look();
    await look();
    expect(viewing.archivedMedia).toHaveReceivedCommandTimes(ListFragmentsCommand, 1);
  });

  test('is of each camera', async () => {
    viewing.start({ cameras: ['front', 'rear'] });
    viewing.kinesisVideo
      .on(DescribeStreamCommand, { StreamName: 'drone-1.rear' })
      .rejects(awsError('AccessDeniedException'));
    viewing.archivedMedia
      .on(ListFragmentsCommand, { StreamName: 'drone-1.front' })
      .resolves({ Fragments: [{ ServerTimestamp: new Date(NOW - 1000) }] })
      .on(ListFragmentsCommand, { StreamName: 'drone-1.rear' })
      .rejects(awsError('ResourceNotFoundException'));
    expect((await look()).content.streams).toEqual([
      { camera: 'front', status: 'ACTIVE', receivedAt: iso(-1000) },
      { camera: 'rear', status: 'NONE' },
    ]);
  });
});

describe('who is in control', () => {
  const HELD = { holder: '6f2c1e4a-viewer', until: iso(15_000) };

  test('is told to who may take it, without the token', async () => {
    expect((await look()).content.control).toEqual(HELD);
    expect((await look(ADMIN, 'drone-3')).content.control).toEqual(HELD);
  });

  test('is not told to others, and not asked for them', async () => {
    const { status, content } = await look(NORTH_REVIEWER);
    expect({ status, control: content.control }).toEqual({ status: 200 });
    expect(viewing.lambda).not.toHaveReceivedCommand(InvokeCommand);
    // It was not asked for, so nothing is denied.
    expect(written().logs.map(({ message }) => message)).toEqual(['Access granted']);
  });

  test('is decided by the function that decides', async () => {
    const client = new LambdaClient({ region: 'eu-west-1' });
    const authorizer = mockClient(client);
    let mayControl = false;
    authorizer.on(InvokeCommand).callsFake(({ Payload }) => {
      const { action } = JSON.parse(String(Payload));
      const allow = action === 'list' || mayControl;
      return invoked({ schemaVersion: '1.0', decisions: [{ device: 'drone-1', allow, reason: 'so' }] });
    });
    viewing.start({ authorizer: functionAuthorizer(client, 'arn:authorizer') });
    expect((await look()).content).not.toHaveProperty('control');
    mayControl = true;
    expect((await look()).content.control).toEqual(HELD);
  });

  test('is nobody', async () => {
    viewing.lambda.on(InvokeCommand).resolves(invoked({ ok: true, control: { device: 'drone-1' } }));
    expect((await look()).content).not.toHaveProperty('control');
  });

  test('does not keep a device from being seen', async () => {
    viewing.lambda.on(InvokeCommand).rejects(awsError('TooManyRequestsException'));
    const { status, content } = await look();
    expect({ status, content }).toEqual({
      status: 200,
      content: { device: 'drone-1', streams: [{ status: 'ACTIVE' }] },
    });
    expect(written().logs).toContainEqual(
      expect.objectContaining({ level: 'WARN', message: 'It is not known who is in control' }),
    );
  });

  test('is not asked where nobody takes control', async () => {
    viewing.start({ takeover: undefined });
    expect((await look()).content).not.toHaveProperty('control');
    expect(viewing.lambda).not.toHaveReceivedCommand(InvokeCommand);
  });
});

test('a device whose stream can not be described is not told of', async () => {
  viewing.kinesisVideo.on(DescribeStreamCommand).rejects(awsError('ClientLimitExceededException'));
  expect(await look()).toMatchObject({ status: 429 });
});
