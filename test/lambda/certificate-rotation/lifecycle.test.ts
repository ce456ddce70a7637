import { captureOutput } from '../../support/handler-output';
import { IoTClient, UpdateCertificateCommand } from '@aws-sdk/client-iot';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { handle as check } from '../../../lambda/certificate-expiry/handler';
import { handle as retire } from '../../../lambda/certificate-retirement/handler';
import { handle as rotate } from '../../../lambda/certificate-rotation/handler';
import { handle as register } from '../../../lambda/fleet-provisioning/handler';
import {
  CERTIFICATE_EXPIRES_AT,
  CERTIFICATE_PEM,
  FIRST,
  SECOND,
  THIRD,
  confirmation,
  rotationInput,
} from '../../events/certificate-rotation';
import { hookInput } from '../../events/provisioning-hook';
import { LocalDynamoDB } from '../../support/dynamodb';

const DAY = 86_400_000;
const iot = mockClient(IoTClient);
captureOutput();

let dynamodb: LocalDynamoDB;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());

/** What each of the functions knows, on a day. */
async function fleet() {
  const tableName = await dynamodb.createTable('serialNumber');
  let today = Date.parse('2026-11-24T10:00:00.000Z');
  const ports = {
    dynamodb: dynamodb.client,
    tableName,
    thingNamePrefix: '',
    now: () => today,
    iot: new IoTClient(),
    policyName: 'device',
    certificates: 'arn:aws:iot:eu-west-1:111122223333:cert/',
    deletes: false,
    minimumIntervalHours: 24,
    warningHours: 720,
  };
  const registration = { ...ports, templateName: 'fleet', once: true };
  const rotation = { ...ports, templateName: 'rotation' };
  return {
    register: (id: string, given = registration) =>
      register({ ...hookInput('drone-1', id), certificatePem: CERTIFICATE_PEM }, given),
    registerAnew: (id: string) =>
      register({ ...hookInput('drone-1', id), certificatePem: CERTIFICATE_PEM }, { ...registration, once: false }),
    rotate: (current: string, next: string) => rotate(rotationInput('drone-1', current, next), rotation),
    confirm: (id: string) => retire(confirmation('drone-1', id), ports),
    check: () => check(ports),
    wait: (days: number) => void (today += days * DAY),
    entry: async () => (await dynamodb.items(tableName))[0],
    add: () => dynamodb.client.send(new PutCommand({ TableName: tableName, Item: { serialNumber: 'drone-1' } })),
  };
}

/** The certificates that were deactivated since the last look. */
function deactivated(): unknown[] {
  const ids = iot.commandCalls(UpdateCertificateCommand).map(({ args }) => args[0].input.certificateId);
  iot.resetHistory();
  return ids;
}

beforeEach(() => {
  iot.reset();
  iot.onAnyCommand().resolves({});
});

test('a device gets one certificate after the other, and has one at the end', async () => {
  const device = await fleet();
  await device.add();
  expect(await device.register(FIRST)).toEqual({ allowProvisioning: true });
  for (const [current, next] of [
    [FIRST, SECOND],
    [SECOND, THIRD],
    [THIRD, FIRST],
  ]) {
    device.wait(300);
    expect(await device.rotate(current, next)).toEqual({ allowProvisioning: true });
    await device.confirm(current);
    expect(deactivated()).toEqual([]);
    device.wait(2);
    expect(await device.check()).toMatchObject({ certificates: 1, rotationsPending: 1, withoutExpiry: 0 });
    await device.confirm(next);
    expect(deactivated()).toEqual([current]);
    expect(await device.check()).toMatchObject({ certificates: 1, rotationsPending: 0, withoutExpiry: 0 });
    expect(await device.rotate(current, THIRD)).toEqual({ allowProvisioning: false });
    expect(await device.entry()).toMatchObject({
      certificateId: next,
      certificateExpiresAt: CERTIFICATE_EXPIRES_AT,
      certificateIds: new Set([next]),
    });
  }
});

test('a device that registers anew leaves its rotation behind, and the next one cleans up', async () => {
  const device = await fleet();
  await device.add();
  await device.register(FIRST);
  device.wait(2);
  await device.rotate(FIRST, SECOND);
  expect(await device.registerAnew(THIRD)).toEqual({ allowProvisioning: true });
  await device.confirm(SECOND);
  expect(await device.entry()).toMatchObject({ certificateId: THIRD });
  device.wait(2);
  const FOURTH = 'd'.repeat(64);
  expect(await device.rotate(THIRD, FOURTH)).toEqual({ allowProvisioning: true });
  await device.confirm(FOURTH);
  expect(deactivated().sort()).toEqual([FIRST, SECOND, THIRD]);
  expect(await device.entry()).toMatchObject({ certificateId: FOURTH, certificateIds: new Set([FOURTH]) });
});
