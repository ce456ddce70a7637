import { MetricUnit } from '@aws-lambda-powertools/metrics';
import {
  AttachPolicyCommand,
  DescribeThingCommand,
  DetachPolicyCommand,
  UpdateCertificateCommand,
  paginateListThingPrincipals,
  type IoTClient,
} from '@aws-sdk/client-iot';
import { DeleteConnectionCommand, type IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { TagResourceCommand, UntagResourceCommand, type KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { unlessNotFound } from '../common/errors';
import { findChannel, findStream } from '../common/kinesis-video';
import { logger, metrics } from '../common/observability';

export interface Ports {
  readonly iot: IoTClient;
  readonly iotData: IoTDataPlaneClient;
  readonly kinesisVideo: KinesisVideoClient;
  readonly dynamodb: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly quarantinePolicyName: string;
  readonly thingTypeName: string;
  readonly cameras: string[];
  readonly now: () => number;
}

const order = z.strictObject({
  thingName: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
  action: z.enum(['QUARANTINE', 'RELEASE', 'REVOKE']),
  reason: z.string().min(1).max(500),
});

export interface Report {
  readonly thingName: string;
  readonly action: string;
  readonly certificates: string[];
  readonly media: string[];
  readonly disconnected: boolean;
}

/** The tag that keeps a device from its own streams and channels: see `DeviceIdentity`. */
const QUARANTINE_TAG = 'cdk-kinesis-video:quarantine';

/**
 * Shuts a device out, or lets it in again. Each step may be repeated, so an order that failed is given again.
 *
 * @throws Error when the order is malformed, or the thing isn't one of the fleet
 */
export async function handle(event: unknown, ports: Ports): Promise<Report> {
  const parsed = order.safeParse(event);
  if (!parsed.success) throw new Error(`The order is malformed: ${z.prettifyError(parsed.error)}`);
  const { thingName, action, reason } = parsed.data;
  const thing = await unlessNotFound(ports.iot.send(new DescribeThingCommand({ thingName })));
  if (thing?.thingTypeName !== ports.thingTypeName) throw new Error(`The fleet has no thing '${thingName}'.`);

  const out = action !== 'RELEASE';
  // Registration first, or the device could come back with a new certificate meanwhile; certificates last on the way in.
  await setBlocked(thing.attributes?.serialNumber, out, reason, ports);
  const media = await tagMedia(thingName, out, ports);
  const certificates = await certificatesOf(thingName, ports);
  for (const certificate of certificates) await setAdmitted(certificate, action, ports);
  const disconnected = out && (await disconnect(thingName, ports));

  const report = { thingName, action, certificates: certificates.map(idOf), media, disconnected };
  logger.warn('Quarantine', { ...report, reason });
  metrics.addMetric(out ? 'DeviceQuarantined' : 'DeviceReleased', MetricUnit.Count, 1);
  return report;
}

async function setBlocked(
  serialNumber: string | undefined,
  blocked: boolean,
  reason: string,
  ports: Ports,
): Promise<void> {
  if (serialNumber === undefined) return;
  try {
    await ports.dynamodb.send(
      new UpdateCommand({
        TableName: ports.tableName,
        Key: { serialNumber },
        UpdateExpression: 'SET blocked = :blocked, blockedReason = :reason, blockedAt = :now',
        // Who isn't listed can't register anyway, and an entry would be an admission.
        ConditionExpression: 'attribute_exists(serialNumber)',
        ExpressionAttributeValues: {
          ':blocked': blocked,
          ':reason': reason,
          ':now': new Date(ports.now()).toISOString(),
        },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

/** Takes effect on the credentials that the device has already. Recordings stay, and may be watched. */
async function tagMedia(thingName: string, out: boolean, ports: Ports): Promise<string[]> {
  const { kinesisVideo, cameras } = ports;
  const names = cameras.length === 0 ? [thingName] : cameras.map((camera) => `${thingName}.${camera}`);
  const found = await Promise.all(
    names.flatMap((name) => [
      findStream(kinesisVideo, name).then((stream) => stream?.StreamARN),
      findChannel(kinesisVideo, name).then((channel) => channel?.ChannelARN),
    ]),
  );
  const arns = found.filter((arn) => arn !== undefined);
  for (const ResourceARN of arns) {
    if (out)
      await kinesisVideo.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: QUARANTINE_TAG, Value: 'true' }] }));
    else await kinesisVideo.send(new UntagResourceCommand({ ResourceARN, TagKeyList: [QUARANTINE_TAG] }));
  }
  return arns;
}

async function certificatesOf(thingName: string, { iot }: Ports): Promise<string[]> {
  const arns: string[] = [];
  for await (const { principals = [] } of paginateListThingPrincipals({ client: iot }, { thingName })) {
    arns.push(...principals.filter((principal) => principal.includes(':cert/')));
  }
  return arns;
}

async function setAdmitted(
  target: string,
  action: string,
  { iot, quarantinePolicyName: policyName }: Ports,
): Promise<void> {
  if (action === 'RELEASE') {
    await iot.send(new DetachPolicyCommand({ policyName, target }));
    return;
  }
  await iot.send(new AttachPolicyCommand({ policyName, target }));
  if (action === 'REVOKE') {
    await iot.send(new UpdateCertificateCommand({ certificateId: idOf(target), newStatus: 'REVOKED' }));
  }
}

/** Policies are asked when something is published, and not for the connection that there is. */
async function disconnect(clientId: string, { iotData }: Ports): Promise<boolean> {
  const dropped = await unlessNotFound(
    iotData.send(new DeleteConnectionCommand({ clientId, preventWillMessage: true })),
  );
  return dropped !== undefined;
}

function idOf(certificateArn: string): string {
  return certificateArn.split('/')[1];
}
