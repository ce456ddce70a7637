import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { alertSettings, topicPublisher } from './alerts';
import { Encounters } from './encounters';
import { jsonText, parseEnvironment } from './environment';
import { obstacleClass } from './obstacles';
import { workerPorts, type WorkerPorts } from './queue-worker';
import type { ReportPorts } from './report';
import { VersionedTable } from './versioned-table';

const environment = z.object({
  FLEET_NAME: z.string().min(1),
  OBSTACLES: jsonText(z.array(obstacleClass).min(1)),
  ALERTS: jsonText(alertSettings),
});

export interface Detector extends ReportPorts {
  readonly worker: WorkerPorts;
}

/** What it takes to report what was seen, from the environment. */
export function reportPorts(): ReportPorts {
  const { FLEET_NAME, OBSTACLES, ALERTS } = parseEnvironment(environment);
  return {
    fleet: FLEET_NAME,
    obstacles: OBSTACLES,
    alerts: {
      publish: topicPublisher(new SNSClient(), ALERTS.topicArn),
      encounters: new Encounters({
        table: new VersionedTable(DynamoDBDocumentClient.from(new DynamoDBClient()), ALERTS.tableName),
        now: Date.now,
      }),
      settings: ALERTS,
      now: Date.now,
    },
  };
}

/** What every detector that works a queue off has, from its environment. */
export function detector(): Detector {
  return { ...reportPorts(), worker: workerPorts() };
}
