import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { RekognitionClient } from '@aws-sdk/client-rekognition';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { DeviceRate } from '../common/device-rate';
import { jsonText, parseEnvironment } from '../common/environment';
import { queueWorker, workerPorts } from '../common/queue-worker';
import { labels } from '../image-detector/analysers/labels';
import { turns } from '../image-detector/turns';
import type { FramePorts } from './frames';
import { handle, type Ports } from './handler';
import { Monitor } from './monitor';
import { monitorSettings, type MonitorSettings } from './settings';

/** Of one device; each has a count every ten seconds or so. */
const MESSAGES_PER_SECOND = 10;

const { MONITOR: settings } = parseEnvironment(z.object({ MONITOR: jsonText(monitorSettings) }));
const now = Date.now;
const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(), {
  marshallOptions: { removeUndefinedValues: true },
});

function framePorts({
  minimumConfidence,
  callsPerSecond,
  maxConcurrency,
}: NonNullable<MonitorSettings['frames']>): FramePorts {
  return {
    s3: new S3Client(),
    analyser: labels(
      { kind: 'labels' },
      { rekognition: new RekognitionClient({ retryMode: 'adaptive' }), minimumConfidence },
    ),
    turn: turns(callsPerSecond / maxConcurrency, {
      now: () => performance.now(),
      sleep: async (milliseconds) => {
        await sleep(milliseconds);
      },
    }),
    minimumConfidence,
    staleAfter: 1000 * settings.staleAfterSeconds,
    now,
  };
}

const ports: Ports = {
  monitor: new Monitor({ dynamodb, events: new EventBridgeClient(), settings, now }),
  registers: settings.registers,
  rate: new DeviceRate(MESSAGES_PER_SECOND),
  now,
  frames: settings.frames && framePorts(settings.frames),
};

export const handler = queueWorker((body, delivery) => handle(body, ports, delivery), workerPorts());
