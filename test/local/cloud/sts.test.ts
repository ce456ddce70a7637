import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { sts } from '../../../local/cloud/sts';
import { ACCOUNT, ROLE, startTestCloud } from './support';

let cloud: Awaited<ReturnType<typeof startTestCloud>>;
let client: STSClient;

beforeAll(async () => {
  cloud = await startTestCloud();
  cloud.add(sts({ principals: cloud.principals, account: ACCOUNT }));
  client = new STSClient({ ...cloud.client, maxAttempts: 1 });
});

afterAll(async () => {
  client.destroy();
  await cloud.stop();
});

const Policy = JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } });
const assume = (more: object = {}) =>
  client.send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'viewer', ...more }));

test('gives credentials of a role, bounded by the policy of the session', async () => {
  const { Credentials, AssumedRoleUser } = await assume({ Policy, DurationSeconds: 900 });
  const Arn = `arn:aws:sts::${ACCOUNT}:assumed-role/tester/viewer`;
  expect(AssumedRoleUser).toMatchObject({ Arn });
  const left = Credentials!.Expiration!.getTime() - Date.now();
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(900_000);
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
  const credentials = { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
  expect(cloud.principals.find(AccessKeyId!)!.principal).toMatchObject({ sessionPolicy: JSON.parse(Policy) });
  const viewer = new STSClient({ ...cloud.client, credentials });
  expect(await viewer.send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: ACCOUNT, Arn });
  viewer.destroy();
});

test.each([
  ['a role that is not there', { RoleArn: `${ROLE}-none` }, 'AccessDenied'],
  ['a policy that is no JSON', { Policy: '{' }, 'MalformedPolicyDocumentException'],
  ['too short a time', { DurationSeconds: 899 }, 'ValidationError'],
])('refuses %s', async (_, more, name) => {
  await expect(assume(more)).rejects.toMatchObject({ name });
});
