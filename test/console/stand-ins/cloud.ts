import { connectAsync } from 'mqtt';
import { handle as handleCommandAcknowledgement } from '../../../lambda/command-acknowledgement/handler';
import { DeviceRate } from '../../../lambda/common/device-rate';
import { topicPublisher } from '../../../lambda/common/alerts';
import { Encounters } from '../../../lambda/common/encounters';
import { VersionedTable } from '../../../lambda/common/versioned-table';
import { handle as handleDetections } from '../../../lambda/on-device-detections/handler';
import { ruleOutput } from '../../events/iot-rule';
import type { LocalDynamoDB } from '../../support/dynamodb';
import { UnderWay } from '../../../local/cloud/http';
import type { answerForAws } from './aws';

export const FLEET = 'delivery';
export const TOPIC_PREFIX = 'devices';

/** What the fleet looks for. Each sighting is an alert, as tests wait for none. */
const OBSTACLES = [
  { name: 'person', labels: ['Person'], minimumConfidence: 60, severity: 'CRITICAL' as const, repeatAfterSeconds: 0 },
  { name: 'bird', labels: ['Bird'], minimumConfidence: 60, severity: 'WARNING' as const, repeatAfterSeconds: 0 },
];

export interface CloudProps {
  readonly aws: ReturnType<typeof answerForAws>;
  readonly dynamodb: LocalDynamoDB;
  readonly deviceUrl: string;
  readonly tables: { readonly commands: string; readonly encounters: string };
  /** Until what a device tells has come through queues, in milliseconds. */
  readonly delay: () => number;
}

/** What becomes of messages of devices: rules hand them to the functions, which are the real ones. */
export async function startCloud({ aws, dynamodb, deviceUrl, tables, delay }: CloudProps) {
  const client = await connectAsync(deviceUrl, { clientId: 'rules', protocolVersion: 4 });
  const now = Date.now;
  const alerts = {
    publish: topicPublisher(aws.sns, 'arn:aws:sns:eu-west-1:111122223333:alerts'),
    encounters: new Encounters({ table: new VersionedTable(dynamodb.client, tables.encounters), now }),
    settings: { repeatAfterSeconds: 0 },
    now,
  };
  const rate = new DeviceRate(1000);
  const underWay = new UnderWay();
  const timers = new Set<NodeJS.Timeout>();
  const later = (work: () => Promise<void>) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      underWay.add(work());
    }, delay());
    timers.add(timer);
  };

  client.on('message', (topic, payload) => {
    const [, device, kind] = topic.split('/');
    const body = JSON.stringify(ruleOutput(device, payload));
    const delivery = { sentAt: now(), tries: 1 };
    if (kind === 'detections') {
      later(() => handleDetections(body, { fleet: FLEET, obstacles: OBSTACLES, alerts, rate }, delivery));
    } else {
      const ports = { dynamodb: dynamodb.client, commandTable: tables.commands, rate, now };
      underWay.add(handleCommandAcknowledgement(body, ports, delivery));
    }
  });
  await client.subscribeAsync([`${TOPIC_PREFIX}/+/detections`, `${TOPIC_PREFIX}/+/commands/acks`], { qos: 1 });

  return {
    stop: async () => {
      for (const timer of timers) clearTimeout(timer);
      await client.endAsync(true);
      await underWay.end();
    },
  };
}
