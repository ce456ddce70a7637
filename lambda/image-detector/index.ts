import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { detector } from '../common/detector';
import { jsonText, parseEnvironment } from '../common/environment';
import { Gates, gateSettings } from '../common/gates';
import { releaseConfidence } from '../common/obstacles';
import { queueWorker } from '../common/queue-worker';
import { analyserOf, analyserSettings, type ReadFrame } from './analysers/analyser';
import type { GatingPorts } from './gating';
import { handle, type Ports } from './handler';
import { read } from './objects';
import { turns } from './turns';

/** What `ImageDetector` puts into the environment. */
const settings = z.object({
  analyser: analyserSettings,
  callsPerSecond: z.coerce.number().positive().optional(),
  maxConcurrency: z.coerce.number().positive(),
  maximumAgeSeconds: z.coerce.number().positive(),
  linkSeconds: z.coerce.number().positive(),
  evidencePrefix: z.string().optional(),
  motionShare: z.coerce.number().positive().optional(),
});

const { worker, ...common } = detector();
const { FRAMES, GATE } = parseEnvironment(
  z.object({ FRAMES: jsonText(settings), GATE: jsonText(gateSettings).optional() }),
);
const s3 = new S3Client();
const { now } = common.alerts;
const readFrame: ReadFrame = (frame, maxBytes) => read(s3, frame, maxBytes);

function gatingBy(gate: z.infer<typeof gateSettings>): GatingPorts {
  const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient());
  const { motionShare } = FRAMES;
  return {
    gates: new Gates({ dynamodb, settings: gate, now }),
    difference: motionShare ? { dynamodb, tableName: gate.tableName, readFrame, motionShare, now } : undefined,
  };
}

const ports: Ports = {
  ...common,
  analyser: analyserOf(FRAMES.analyser, {
    readFrame,
    minimumConfidence: Math.min(...common.obstacles.map(releaseConfidence)),
  }),
  turn: turns(FRAMES.callsPerSecond && FRAMES.callsPerSecond / FRAMES.maxConcurrency, {
    now: () => performance.now(),
    sleep: async (milliseconds) => {
      await sleep(milliseconds);
    },
  }),
  maximumAgeSeconds: FRAMES.maximumAgeSeconds,
  evidence: { s3, settings: FRAMES, now },
  gating: GATE && gatingBy(GATE),
};

export const handler = queueWorker((body, delivery) => handle(body, ports, delivery), worker);
