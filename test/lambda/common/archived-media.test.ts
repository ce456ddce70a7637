import { GetHLSStreamingSessionURLCommand } from '@aws-sdk/client-kinesis-video-archived-media';
import { MAX_ATTEMPTS, archivedMediaClient } from '../../../lambda/common/archived-media';

/** A client of a service that gives these errors first, and then a URL. */
function clientOf(errors: string[]) {
  const paths: string[] = [];
  const requestHandler = {
    async handle({ path }: { path: string }) {
      const error = errors.at(paths.length);
      paths.push(path);
      const body = error ? { Message: error } : { HLSStreamingSessionURL: 'https://media.example.com/hls' };
      const headers = { 'content-type': 'application/json', ...(error && { 'x-amzn-errortype': error }) };
      return { response: { statusCode: error ? 400 : 200, headers, body: Buffer.from(JSON.stringify(body)) } };
    },
  };
  const client = archivedMediaClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    requestHandler,
  });
  return { send: () => client.send(new GetHLSStreamingSessionURLCommand({ StreamName: 'drone-1' })), paths };
}

beforeEach(() => {
  // Pauses between tries are of no interest here.
  jest.spyOn(Math, 'random').mockReturnValue(0);
});
afterEach(() => jest.restoreAllMocks());

test('who is told to be slower tries again', async () => {
  const { send, paths } = clientOf(['ClientLimitExceededException', 'ClientLimitExceededException']);
  expect(await send()).toMatchObject({ HLSStreamingSessionURL: 'https://media.example.com/hls' });
  expect(paths).toHaveLength(3);
});

test('but gives up soon, since somebody waits', async () => {
  const { send, paths } = clientOf(Array(20).fill('ClientLimitExceededException'));
  await expect(send()).rejects.toMatchObject({ name: 'ClientLimitExceededException' });
  expect(paths).toHaveLength(MAX_ATTEMPTS);
});

test('what is wrong is tried once', async () => {
  const { send, paths } = clientOf(['InvalidArgumentException']);
  await expect(send()).rejects.toMatchObject({ name: 'InvalidArgumentException' });
  expect(paths).toHaveLength(1);
});
