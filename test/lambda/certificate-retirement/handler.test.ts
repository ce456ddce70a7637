import { captureOutput } from '../../support/handler-output';
import {
  CertificateStateException,
  DeleteCertificateCommand,
  DeleteConflictException,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  IoTClient,
  ResourceNotFoundException,
  ThrottlingException,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { handle, type Ports } from '../../../lambda/certificate-retirement/handler';
import { metrics } from '../../../lambda/common/observability';
import { UnusableMessage } from '../../../lambda/common/queue-worker';
import { CERTIFICATE_EXPIRES_AT, FIRST, SECOND, THIRD, confirmation } from '../../events/certificate-rotation';
import { LocalDynamoDB } from '../../support/dynamodb';

const NOW = '2026-11-24T10:00:00.000Z';
const STARTED = '2026-11-24T09:00:00.000Z';
const CERTIFICATES = 'arn:aws:iot:eu-west-1:111122223333:cert/';

interface Certificate {
  status?: string;
  policies: string[];
  things: string[];
}

const iot = mockClient(IoTClient);
const written = captureOutput();
let dynamodb: LocalDynamoDB;
let ports: Ports;
/** The registry of AWS IoT. */
let registry: Record<string, Certificate>;
/** Runs before each call that changes something, of the registry and of the list. */
let beforeChange: () => unknown;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
  dynamodb.client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName === 'UpdateItemCommand' || commandName === 'UpdateCommand') await beforeChange();
        return await next(args);
      },
    { step: 'initialize', name: 'beforeChange' },
  );
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  metrics.clearMetrics();
  beforeChange = () => undefined;
  registry = Object.fromEntries([FIRST, SECOND].map((id) => [id, active()]));
  playRegistry();
  ports = {
    iot: new IoTClient(),
    dynamodb: dynamodb.client,
    tableName: await dynamodb.createTable('serialNumber'),
    thingNamePrefix: '',
    policyName: 'device',
    certificates: CERTIFICATES,
    deletes: false,
    now: () => Date.parse(NOW),
  };
});

const active = (): Certificate => ({ status: 'ACTIVE', policies: ['device'], things: ['drone-1'] });
const retired: Certificate = { status: 'INACTIVE', policies: [], things: [] };

/** What AWS IoT does, as its API reference has it. */
function playRegistry(): void {
  const problem = { $metadata: {}, message: 'no' };
  const find = (id = ''): Certificate => {
    beforeChange();
    if (!registry[id]) throw new ResourceNotFoundException(problem);
    return registry[id];
  };
  iot.reset();
  iot.on(UpdateCertificateCommand).callsFake(({ certificateId, newStatus }) => {
    find(certificateId).status = newStatus;
    return {};
  });
  iot.on(DetachPolicyCommand).callsFake(({ target, policyName }) => {
    const certificate = find(target.replace(CERTIFICATES, ''));
    certificate.policies = certificate.policies.filter((name) => name !== policyName);
    return {};
  });
  iot.on(DetachThingPrincipalCommand).callsFake(({ principal, thingName }) => {
    const certificate = find(principal.replace(CERTIFICATES, ''));
    if (!certificate.things.includes(thingName)) throw new ResourceNotFoundException(problem);
    certificate.things = certificate.things.filter((name) => name !== thingName);
    return {};
  });
  iot.on(DeleteCertificateCommand).callsFake(({ certificateId, forceDelete }) => {
    const { status, things, policies } = find(certificateId);
    if (status === 'ACTIVE') throw new CertificateStateException(problem);
    if (things.length > 0 || (policies.length > 0 && !forceDelete)) throw new DeleteConflictException(problem);
    delete registry[certificateId];
    return {};
  });
}

/** An entry as the hook of the rotation leaves it. */
async function rotating(more: object = {}): Promise<void> {
  const Item = {
    serialNumber: 'drone-1',
    certificateId: FIRST,
    certificateExpiresAt: '2027-01-01T00:00:00.000Z',
    pendingCertificateId: SECOND,
    pendingCertificateExpiresAt: CERTIFICATE_EXPIRES_AT,
    certificateIds: new Set([FIRST, SECOND]),
    rotationStartedAt: STARTED,
    ...more,
  };
  await dynamodb.client.send(new PutCommand({ TableName: ports.tableName, Item }));
}

function output() {
  metrics.publishStoredMetrics();
  return written();
}

const list = () => dynamodb.items(ports.tableName);

const ROTATED = {
  serialNumber: 'drone-1',
  certificateId: SECOND,
  certificateExpiresAt: CERTIFICATE_EXPIRES_AT,
  certificateIds: new Set([SECOND]),
  rotationStartedAt: STARTED,
  rotatedAt: NOW,
};

/** Whatever the message is, nothing is changed. */
async function expectIgnored(message: string, reason: RegExp, given = ports): Promise<void> {
  const before = { list: await list(), registry: structuredClone(registry) };
  await handle(message, given);
  expect({ list: await list(), registry }).toEqual(before);
  expect(iot.calls()).toEqual([]);
  const { logs, metrics } = output();
  expect(metrics).toEqual({ ConfirmationIgnored: [1] });
  expect(logs).toEqual([expect.objectContaining({ message: 'Confirmation ignored', reason: expect.any(String) })]);
  expect(logs[0].reason).toMatch(reason);
}

describe('a device that works with its next certificate', () => {
  test('has it as its present one, and loses the old one', async () => {
    await rotating();
    await handle(confirmation('drone-1', SECOND), ports);
    expect(registry).toEqual({ [FIRST]: retired, [SECOND]: active() });
    expect(await list()).toEqual([ROTATED]);
    expect(output().metrics).toEqual({ CertificateReplaced: [1], CertificateRetired: [1] });
  });

  test('loses the old one for good, if so wished, whatever other policies it has', async () => {
    await rotating();
    registry[FIRST].policies.push('quarantine');
    await handle(confirmation('drone-1', SECOND), { ...ports, deletes: true });
    expect(registry).toEqual({ [SECOND]: active() });
    expect(await list()).toEqual([ROTATED]);
  });

  test('loses those that it got before and never used, too', async () => {
    registry[THIRD] = active();
    await rotating({ pendingCertificateId: THIRD, certificateIds: new Set([FIRST, SECOND, THIRD]) });
    await handle(confirmation('drone-1', THIRD), ports);
    expect(registry).toEqual({ [FIRST]: retired, [SECOND]: retired, [THIRD]: active() });
    expect(await list()).toEqual([{ ...ROTATED, certificateId: THIRD, certificateIds: new Set([THIRD]) }]);
  });

  test('is not held up by a certificate that AWS IoT has deleted, as it was never activated', async () => {
    delete registry[FIRST];
    await rotating();
    await handle(confirmation('drone-1', SECOND), ports);
    expect(registry).toEqual({ [SECOND]: active() });
    expect(await list()).toEqual([ROTATED]);
  });

  test('has a name with a prefix, if there is one', async () => {
    await rotating();
    for (const certificate of Object.values(registry)) certificate.things = ['fleet-drone-1'];
    const prefixed = { ...ports, thingNamePrefix: 'fleet-' };
    await expectIgnored(confirmation('drone-1', SECOND), /not one of this fleet/, prefixed);
    await handle(confirmation('fleet-drone-1', SECOND), prefixed);
    expect(await list()).toEqual([ROTATED]);
    expect(registry[FIRST]).toEqual(retired);
  });
});

describe.each([
  ['deactivated', false],
  ['deleted', true],
])('whatever fails, the same message goes on with it: old certificates are %s', (_what, deletes) => {
  const before = { [FIRST]: active(), [SECOND]: active() };

  /** How many changes a rotation is. */
  const changes = deletes ? 6 : 5;

  test.each(Array.from({ length: changes }, (_, index) => [index + 1]))('change %i', async (failing) => {
    await rotating();
    let count = 0;
    beforeChange = () => {
      // The one with which the device works is as it was, all the time.
      expect(registry[SECOND]).toEqual(before[SECOND]);
      if (++count === failing) throw new ThrottlingException({ $metadata: {}, message: 'slower' });
    };
    const message = confirmation('drone-1', SECOND);
    await expect(handle(message, { ...ports, deletes })).rejects.toThrow(ThrottlingException);
    // What is not retired yet is still known.
    if (registry[FIRST]) expect((await list())[0].certificateIds).toEqual(new Set([FIRST, SECOND]));
    await handle(message, { ...ports, deletes });
    expect(registry).toEqual(deletes ? { [SECOND]: active() } : { [FIRST]: retired, [SECOND]: active() });
    expect(await list()).toEqual([ROTATED]);
  });

  test('there are no further changes', async () => {
    await rotating();
    let count = 0;
    beforeChange = () => void count++;
    await handle(confirmation('drone-1', SECOND), { ...ports, deletes });
    expect(count).toBe(changes);
  });

  test('nothing is left to do when it comes once more', async () => {
    await rotating();
    await handle(confirmation('drone-1', SECOND), { ...ports, deletes });
    const after = { list: await list(), registry: structuredClone(registry) };
    beforeChange = () => {
      throw new Error('nothing should change');
    };
    await handle(confirmation('drone-1', SECOND), { ...ports, deletes });
    expect({ list: await list(), registry }).toEqual(after);
  });
});

test('the old certificate is of no use before anything else is taken from it', async () => {
  await rotating();
  iot.on(DetachPolicyCommand).rejects(new ThrottlingException({ $metadata: {}, message: 'slower' }));
  await expect(handle(confirmation('drone-1', SECOND), ports)).rejects.toThrow(ThrottlingException);
  expect(registry[FIRST].status).toBe('INACTIVE');
});

test('when two bring the same message at once, both rest in the same', async () => {
  await rotating();
  const message = confirmation('drone-1', SECOND);
  const results = await Promise.allSettled([handle(message, ports), handle(message, ports)]);
  // The slower one is tried again.
  if (results.some(({ status }) => status === 'rejected')) await handle(message, ports);
  expect(registry).toEqual({ [FIRST]: retired, [SECOND]: active() });
  expect(await list()).toEqual([ROTATED]);
});

test('when the device begins another rotation meanwhile, that one stands', async () => {
  await rotating();
  const another = { pendingCertificateId: THIRD, certificateIds: new Set([FIRST, SECOND, THIRD]) };
  beforeChange = () => rotating(another);
  const message = confirmation('drone-1', SECOND);
  await expect(handle(message, ports)).rejects.toThrow('conditional request failed');
  expect(await list()).toMatchObject([{ ...another, certificateId: FIRST }]);
  metrics.clearMetrics();
  written();
  await expectIgnored(message, /neither the present nor the next one/);
});

describe('nothing is done', () => {
  const neither = /neither the present nor the next one/;

  test('when the device publishes with the old certificate: it is the present one, and the next one waits', async () => {
    await rotating();
    const before = await list();
    await handle(confirmation('drone-1', FIRST), ports);
    expect(await list()).toEqual(before);
    expect(iot.calls()).toEqual([]);
  });

  test('for a certificate that was replaced', async () => {
    await rotating({
      certificateId: SECOND,
      pendingCertificateId: undefined,
      certificateIds: new Set([FIRST, SECOND]),
    });
    await expectIgnored(confirmation('drone-1', FIRST), neither);
  });

  test('for one that was superseded before it was used', async () => {
    registry[THIRD] = active();
    await rotating({ pendingCertificateId: THIRD, certificateIds: new Set([FIRST, SECOND, THIRD]) });
    await expectIgnored(confirmation('drone-1', SECOND), neither);
  });

  test('for the certificate of another device', async () => {
    await rotating();
    await expectIgnored(confirmation('drone-1', THIRD), neither);
  });

  test('for a device that is not on the list', async () => {
    await rotating();
    await expectIgnored(confirmation('drone-10', SECOND), neither);
  });

  test('to the only certificate', async () => {
    delete registry[FIRST];
    await rotating({ certificateId: SECOND, pendingCertificateId: undefined, certificateIds: new Set([SECOND]) });
    await handle(confirmation('drone-1', SECOND), ports);
    expect(registry).toEqual({ [SECOND]: active() });
  });

  test('to the next one, when what is left of the rotation before is retired', async () => {
    registry[THIRD] = active();
    await rotating({
      certificateId: SECOND,
      pendingCertificateId: THIRD,
      certificateIds: new Set([FIRST, SECOND, THIRD]),
    });
    await handle(confirmation('drone-1', SECOND), ports);
    expect(registry).toEqual({ [FIRST]: retired, [SECOND]: active(), [THIRD]: active() });
    expect(await list()).toMatchObject([{ pendingCertificateId: THIRD, certificateIds: new Set([SECOND, THIRD]) }]);
  });

  test('for a device that is shut out, whose certificates may be revoked; the message is kept for later', async () => {
    await rotating({ blocked: true });
    registry[FIRST].status = 'REVOKED';
    await expect(handle(confirmation('drone-1', SECOND), ports)).rejects.toThrow(UnusableMessage);
    expect(registry[FIRST].status).toBe('REVOKED');
    await rotating({ blocked: false });
    await handle(confirmation('drone-1', SECOND), ports);
    expect(await list()).toEqual([{ ...ROTATED, blocked: false }]);
  });

  test('to an entry that was deleted meanwhile, which does not come back', async () => {
    await rotating();
    iot.on(DetachThingPrincipalCommand).callsFake(async () => {
      await dynamodb.client.send(new DeleteCommand({ TableName: ports.tableName, Key: { serialNumber: 'drone-1' } }));
      return {};
    });
    await expect(handle(confirmation('drone-1', SECOND), ports)).rejects.toThrow('conditional request failed');
    expect(await list()).toEqual([]);
  });
});

test.each([
  ['no JSON', 'no JSON'],
  ['a user of the console', JSON.stringify({ thingName: 'drone-1', certificateId: 'ABCD1EFG3HIJK2LMNOP5:session' })],
  ['nobody', JSON.stringify({ thingName: 'drone-1' })],
  ['nothing', JSON.stringify({ certificateId: SECOND })],
])('a message of %s is unusable', async (_what, message) => {
  await rotating();
  await expect(handle(message, ports)).rejects.toThrow(UnusableMessage);
  expect(iot.calls()).toEqual([]);
});
