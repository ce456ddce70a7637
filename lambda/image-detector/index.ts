import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { detector } from '../common/detector';
import { jsonText, parseEnvironment } from '../common/environment';
import { releaseConfidence } from '../common/obstacles';
import { queueWorker } from '../common/queue-worker';
import { analyserOf, analyserSettings } from './analysers/analyser';
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
});

const { worker, ...common } = detector();
const { FRAMES } = parseEnvironment(z.object({ FRAMES: jsonText(settings) }));
const s3 = new S3Client();

const ports: Ports = {
  ...common,
  analyser: analyserOf(FRAMES.analyser, {
    readFrame: (frame, maxBytes) => read(s3, frame, maxBytes),
    minimumConfidence: Math.min(...common.obstacles.map(releaseConfidence)),
  }),
  turn: turns(FRAMES.callsPerSecond && FRAMES.callsPerSecond / FRAMES.maxConcurrency, {
    now: () => performance.now(),
    sleep: async (milliseconds) => {
      await sleep(milliseconds);
    },
  }),
  maximumAgeSeconds: FRAMES.maximumAgeSeconds,
  evidence: { s3, settings: FRAMES, now: common.alerts.now },
};

export const handler = queueWorker((body, delivery) => handle(body, ports, delivery), worker);
