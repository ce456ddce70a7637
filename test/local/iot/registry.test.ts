import {
  AddThingToThingGroupCommand,
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateCertificateFromCsrCommand,
  CreatePolicyCommand,
  CreateThingCommand,
  CreateThingGroupCommand,
  CreateThingTypeCommand,
  DeleteCertificateCommand,
  DeleteThingCommand,
  DescribeCertificateCommand,
  DescribeEndpointCommand,
  DescribeIndexCommand,
  DescribeThingCommand,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  ListAttachedPoliciesCommand,
  ListThingsCommand,
  ListThingsInThingGroupCommand,
  UpdateCertificateCommand,
  UpdateEventConfigurationsCommand,
  UpdateIndexingConfigurationCommand,
  UpdateThingCommand,
  paginateListThingGroupsForThing,
  paginateListThingPrincipals,
} from '@aws-sdk/client-iot';
import { thingEvent } from '../../events/iot-registry';
import { allow, hear, startCloud, until, type Cloud } from './support';

let cloud: Cloud;

beforeAll(async () => {
  cloud = await startCloud();
  await cloud.client.send(new CreateThingTypeCommand({ thingTypeName: 'camera' }));
});
afterAll(() => cloud.stop());

const create = (thingName: string, attributes: Record<string, string> = {}, thingTypeName: string | null = 'camera') =>
  cloud.client.send(
    new CreateThingCommand({ thingName, thingTypeName: thingTypeName ?? undefined, attributePayload: { attributes } }),
  );
const describeThing = (thingName: string) => cloud.client.send(new DescribeThingCommand({ thingName }));

describe('things', () => {
  test('are what they were made as, and counted up when they change', async () => {
    await create('a-1', { serialNumber: 'a-1', cell: 'x' });
    const change = { attributes: { cell: '', floor: '2' }, merge: true };
    await cloud.client.send(new UpdateThingCommand({ thingName: 'a-1', attributePayload: change }));
    expect(await describeThing('a-1')).toMatchObject({
      thingName: 'a-1',
      thingTypeName: 'camera',
      thingArn: 'arn:aws:iot:eu-west-1:111122223333:thing/a-1',
      attributes: { serialNumber: 'a-1', floor: '2' },
      version: 2,
    });
    const stale = new UpdateThingCommand({ thingName: 'a-1', expectedVersion: 1 });
    await expect(cloud.client.send(stale)).rejects.toMatchObject({ name: 'VersionConflictException' });
  });

  test('are made twice if they are the same, and not if they differ', async () => {
    const first = await create('a-2', { one: '1' });
    expect((await create('a-2', { one: '1' })).thingId).toBe(first.thingId);
    await expect(create('a-2', { one: '2' })).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
  });

  test.each([
    ['ResourceNotFoundException', () => describeThing('nobody')],
    ['ResourceNotFoundException', () => create('a-3', {}, 'no-such-type')],
    ['InvalidRequestException', () => create('a-3', { a: '1', b: '2', c: '3', d: '4' }, null)],
    ['InvalidRequestException', () => create('with a space')],
    ['InvalidRequestException', () => cloud.client.send(new ListThingsCommand({ nextToken: 'none' }))],
    ['InvalidRequestException', () => cloud.client.send(new ListThingsCommand({ maxResults: 251 }))],
  ])('are refused with %s', async (name, act) => {
    await expect(act()).rejects.toMatchObject({ name });
  });

  test('are listed by type in pages', async () => {
    await cloud.client.send(new CreateThingTypeCommand({ thingTypeName: 'listed' }));
    for (const name of ['p-1', 'p-2', 'p-3']) await create(name, {}, 'listed');
    const list = (nextToken?: string) =>
      cloud.client.send(new ListThingsCommand({ thingTypeName: 'listed', maxResults: 2, nextToken }));
    const first = await list();
    const second = await list(first.nextToken);
    expect([first.things, second.things].map((things) => things!.map(({ thingName }) => thingName))).toEqual([
      ['p-1', 'p-2'],
      ['p-3'],
    ]);
    expect(second.nextToken).toBeUndefined();
  });

  test('are in groups', async () => {
    await create('g-1');
    for (const thingGroupName of ['north', 'south']) {
      await cloud.client.send(new CreateThingGroupCommand({ thingGroupName }));
      await cloud.client.send(new AddThingToThingGroupCommand({ thingGroupName, thingName: 'g-1' }));
    }
    const groups: string[] = [];
    for await (const page of paginateListThingGroupsForThing(
      { client: cloud.client, pageSize: 1 },
      { thingName: 'g-1' },
    ))
      groups.push(...page.thingGroups!.map(({ groupName }) => groupName!));
    expect(groups).toEqual(['north', 'south']);
    const members = await cloud.client.send(new ListThingsInThingGroupCommand({ thingGroupName: 'north' }));
    expect(members.things).toEqual(['g-1']);
    await expect(
      cloud.client.send(new ListThingsInThingGroupCommand({ thingGroupName: 'west' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('certificates', () => {
  test('are attached to things, which then can’t be deleted', async () => {
    const { arn: principal } = await cloud.certificate();
    await create('c-1');
    await cloud.client.send(new AttachThingPrincipalCommand({ thingName: 'c-1', principal }));
    const found: string[] = [];
    for await (const page of paginateListThingPrincipals({ client: cloud.client }, { thingName: 'c-1' }))
      found.push(...page.principals!);
    expect(found).toEqual([principal]);
    const deletion = new DeleteThingCommand({ thingName: 'c-1' });
    await expect(cloud.client.send(deletion)).rejects.toMatchObject({ name: 'InvalidRequestException' });
    await cloud.client.send(new DetachThingPrincipalCommand({ thingName: 'c-1', principal }));
    await expect(
      cloud.client.send(new DetachThingPrincipalCommand({ thingName: 'c-1', principal })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await cloud.client.send(deletion);
    // As AWS documents it: once more is no error.
    await cloud.client.send(deletion);
    await expect(describeThing('c-1')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('are deleted once they are inactive, with policies by force only', async () => {
    const { id: certificateId, arn: target } = await cloud.certificate(allow('iot:Connect', 'client/x'));
    const remove = (forceDelete?: boolean) =>
      cloud.client.send(new DeleteCertificateCommand({ certificateId, forceDelete }));
    await expect(remove(true)).rejects.toMatchObject({ name: 'CertificateStateException' });
    await cloud.client.send(new UpdateCertificateCommand({ certificateId, newStatus: 'REVOKED' }));
    const { certificateDescription } = await cloud.client.send(new DescribeCertificateCommand({ certificateId }));
    expect(certificateDescription).toMatchObject({ certificateId, status: 'REVOKED' });
    await expect(remove()).rejects.toMatchObject({ name: 'DeleteConflictException' });
    await remove(true);
    await expect(cloud.client.send(new ListAttachedPoliciesCommand({ target }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test('have ten policies at most', async () => {
    const { arn: target } = await cloud.certificate();
    const policyDocument = JSON.stringify(allow('iot:Connect', 'client/x'));
    const attach = async (index: number) => {
      const policyName = `limit-${index}`;
      await cloud.client.send(new CreatePolicyCommand({ policyName, policyDocument }));
      await cloud.client.send(new AttachPolicyCommand({ policyName, target }));
    };
    for (let index = 0; index < 10; index++) await attach(index);
    await expect(attach(10)).rejects.toMatchObject({ name: 'LimitExceededException' });
    await cloud.client.send(new DetachPolicyCommand({ policyName: 'limit-0', target }));
    await cloud.client.send(new AttachPolicyCommand({ policyName: 'limit-10', target }));
  });

  test('aren’t made for requests that are none', async () => {
    const command = new CreateCertificateFromCsrCommand({ certificateSigningRequest: 'none' });
    await expect(cloud.client.send(command)).rejects.toMatchObject({ name: 'InvalidRequestException' });
  });

  test.each([
    ['no JSON', 'MalformedPolicyException', 'none'],
    ['no statement', 'MalformedPolicyException', '{"Version":"2012-10-17","Statement":[]}'],
    [
      'no resource',
      'MalformedPolicyException',
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"x"}]}',
    ],
    ['too much', 'MalformedPolicyException', JSON.stringify(allow('iot:Connect', `client/${'x'.repeat(2000)}`))],
  ])('have no policies with %s', async (_, name, policyDocument) => {
    const command = new CreatePolicyCommand({ policyName: 'malformed', policyDocument });
    await expect(cloud.client.send(command)).rejects.toMatchObject({ name });
  });
});

test('events of things are published once they are switched on', async () => {
  const { tls } = await cloud.certificate(allow('iot:*', '*'));
  const client = await cloud.connect({ ...tls, clientId: 'events' });
  const heard = hear(client);
  await client.subscribeAsync('$aws/events/thing/+/+', { qos: 1 });
  await create('e-0');
  const eventConfigurations = { THING: { Enabled: true } };
  await cloud.client.send(new UpdateEventConfigurationsCommand({ eventConfigurations }));
  await create('e-1', { serialNumber: 'e-1' });
  await cloud.client.send(new UpdateThingCommand({ thingName: 'e-1', attributePayload: { attributes: { a: 'b' } } }));
  await cloud.client.send(new DeleteThingCommand({ thingName: 'e-1' }));
  await until(() => heard.length === 3);
  expect(heard.map(({ topic }) => topic)).toEqual(
    ['created', 'updated', 'deleted'].map((operation) => `$aws/events/thing/e-1/${operation}`),
  );
  const [event] = heard.map(({ payload }) => JSON.parse(payload) as object);
  const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/);
  expect(event).toEqual({
    ...thingEvent({ operation: 'CREATED', thingName: 'e-1' }),
    eventId: uuid,
    thingId: uuid,
    timestamp: expect.any(Number),
  });
});

test('an account has its endpoints, and an index once it wants one', async () => {
  const endpoint = async (endpointType: string) =>
    (await cloud.client.send(new DescribeEndpointCommand({ endpointType }))).endpointAddress;
  expect(await endpoint('iot:Data-ATS')).toBe(cloud.iot.dataEndpoint);
  expect(await endpoint('iot:CredentialProvider')).toBe(cloud.iot.credentialsEndpoint);
  await expect(endpoint('iot:Other')).rejects.toMatchObject({ name: 'InvalidRequestException' });
  const index = () => cloud.client.send(new DescribeIndexCommand({ indexName: 'AWS_Things' }));
  await expect(index()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  const thingIndexingConfiguration = { thingIndexingMode: 'REGISTRY' as const };
  await cloud.client.send(new UpdateIndexingConfigurationCommand({ thingIndexingConfiguration }));
  expect(await index()).toMatchObject({ indexStatus: 'ACTIVE' });
});
