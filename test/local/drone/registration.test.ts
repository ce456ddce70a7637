import { mkdtempSync, statSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeThingCommand, ListThingPrincipalsCommand, UpdateCertificateCommand } from '@aws-sdk/client-iot';
import { close, listen } from '../../../local/cloud/http';
import { createAuthority } from '../../../local/cloud/iot/authority';
import { CredentialsRefused, deviceCredentials } from '../../../local/drone/credentials';
import { register, type RegistrationProps } from '../../../local/drone/registration';
import { openStorage, type Identity, type Storage } from '../../../local/drone/storage';
import { until } from '../iot/support';
import { ROLE_ALIAS, TEMPLATE, startFleet, type Fleet } from './support/iot';

let fleet: Fleet;
let storage: Storage;
let file: string;
let failures: Error[];
let stopping: AbortController;

beforeEach(async () => {
  fleet = await startFleet();
  file = join(mkdtempSync(join(tmpdir(), 'drone-')), 'device.json');
  [failures, storage, stopping] = [[], openStorage(file), new AbortController()];
});
afterEach(async () => {
  stopping.abort();
  await fleet.stop();
});

const registered = (more: Partial<RegistrationProps> = {}): Promise<Identity> =>
  register({
    url: `mqtts://${fleet.iot.dataEndpoint}`,
    ca: fleet.iot.caPem,
    claim: fleet.claim,
    serialNumber: 'drone-0001',
    templateName: TEMPLATE,
    storage,
    signal: stopping.signal,
    onFailure: (error) => failures.push(error),
    ...more,
  });

const hooked = () => fleet.sent.filter(({ service }) => service === 'lambda').map(({ body }) => JSON.parse(body));

describe('a device with a claim', () => {
  test('becomes a thing with a certificate of its own, once', async () => {
    const identity = await registered();
    expect(identity).toMatchObject({
      thing: 'drone-0001',
      configuration: { roleAlias: ROLE_ALIAS, streams: '{thing}' },
    });
    const { principals } = await fleet.client.send(new ListThingPrincipalsCommand({ thingName: 'drone-0001' }));
    expect(principals).toHaveLength(1);
    expect(hooked()).toMatchObject([{ clientId: 'claim-drone-0001', parameters: { SerialNumber: 'drone-0001' } }]);

    // After a restart it knows who it is.
    expect(await registered({ storage: openStorage(file) })).toEqual(identity);
    expect(hooked()).toHaveLength(1);
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(failures).toEqual([]);
  });

  test('that is refused becomes none, tries again later, and with the same certificate', async () => {
    fleet.state.allows = false;
    const registering = registered();
    await until(() => failures.length === 1);
    expect(failures[0]).toMatchObject({ statusCode: 403, errorCode: 'AccessDenied' });
    await expect(fleet.client.send(new DescribeThingCommand({ thingName: 'drone-0001' }))).rejects.toThrow();
    stopping.abort();
    await expect(registering).rejects.toThrow('stopped');
    expect(storage.read().identity).toBeUndefined();

    // A hook that lets a device in once does so again with the same certificate only.
    fleet.state.allows = true;
    stopping = new AbortController();
    await registered({ storage: openStorage(file) });
    const [first, second] = hooked();
    expect(second.certificateId).toBe(first.certificateId);
  });

  test('whose certificate can not be claimed any more takes a new one', async () => {
    storage.write({ pending: { certificate: 'old', privateKey: 'old', ownershipToken: 'old', createdAt: Date.now() } });
    const { certificate } = await registered();
    expect(failures).toMatchObject([{ errorCode: 'InvalidCertificateOwnershipToken' }]);
    expect(certificate).toContain('BEGIN CERTIFICATE');
  });

  test('tries again when the broker was out of reach', async () => {
    const registering = registered({ url: 'mqtts://localhost:1' });
    await until(() => failures.length === 2);
    stopping.abort();
    await expect(registering).rejects.toThrow('stopped');
  });
});

describe('credentials', () => {
  const credentialsOf = (
    { thing, certificate, privateKey }: Identity,
    url = `https://${fleet.iot.credentialsEndpoint}`,
  ) => deviceCredentials({ url, ca: fleet.iot.caPem, certificate, privateKey, roleAlias: ROLE_ALIAS, thing });

  test('are those of the role, for the thing, and are kept while they are good', async () => {
    const provider = credentialsOf(await registered());
    const [first, second] = await Promise.all([provider(), provider()]);
    expect(second).toBe(first);
    expect(await provider()).toBe(first);
    expect(first.expiration!.getTime()).toBeGreaterThan(Date.now() + 800_000);
    expect(fleet.principals.find(first.accessKeyId)?.principal).toMatchObject({
      roleArn: 'arn:aws:iam::111122223333:role/Device',
      thingName: 'drone-0001',
    });
  });

  test('are refused to another thing, and to a certificate that is none any more', async () => {
    const identity = await registered();
    await expect(credentialsOf({ ...identity, thing: 'drone-0002' })()).rejects.toThrow(CredentialsRefused);
    const { principals } = await fleet.client.send(new ListThingPrincipalsCommand({ thingName: 'drone-0001' }));
    const certificateId = principals![0].split('/')[1];
    await fleet.client.send(new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }));
    await expect(credentialsOf(identity)()).rejects.toThrow(/403/);
  });

  test('are fetched anew before they expire, and again when the provider fails', async () => {
    const identity = await registered();
    const authority = await createAuthority();
    const answers = [503, 200, 200];
    const asked: unknown[] = [];
    const server = createServer(await authority.forServer(), (request, response) => {
      asked.push(request.headers['x-amzn-iot-thingname']);
      const credentials = {
        accessKeyId: `key-${asked.length}`,
        secretAccessKey: 'secret',
        sessionToken: 'token',
        // Soon: each time that somebody asks, they are nearly over.
        expiration: `${new Date(Date.now() + 30_000).toISOString().slice(0, 19)}Z`,
      };
      response.writeHead(answers.shift()!).end(JSON.stringify({ credentials }));
    });
    const url = `https://localhost:${await listen(server)}`;
    const { certificate, privateKey, thing } = identity;
    const provider = deviceCredentials({
      url,
      ca: authority.caPem,
      certificate,
      privateKey,
      roleAlias: ROLE_ALIAS,
      thing,
    });
    expect(await provider()).toMatchObject({ accessKeyId: 'key-2' });
    expect(await provider()).toMatchObject({ accessKeyId: 'key-3' });
    expect(asked).toEqual(['drone-0001', 'drone-0001', 'drone-0001']);
    await close(server);
  });
});
