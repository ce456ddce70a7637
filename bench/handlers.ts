import './support/quiet';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Context } from 'aws-lambda';
import { buildSync } from 'esbuild';
import { BUNDLE } from '../lambda/bundle';
import { urlEvent } from '../test/events/function-url';
import { ruleOutput } from '../test/events/iot-rule';
import { thingEvent } from '../test/events/iot-registry';
import { kinesisEvent } from '../test/events/kinesis';
import { hookInput } from '../test/events/provisioning-hook';
import { frameKey, objectCreatedAt } from '../test/events/s3';
import { sqsEvent } from '../test/events/sqs';
import { faceRecord, faceSeen, labelDetected, match, streamArn } from '../test/events/stream-processor';
import { answerAtOnce } from './support/answers';
import { MEDIA } from './support/media';
import { median, tell } from './support/tell';

/**
 * What handlers take of themselves: `npm run bench -- handlers`. Services answer at once, and all else is as deployed: the
 * AWS SDK with signatures, schemas, logs and metrics. A cold start is compared with that of a bare function that makes the
 * same clients of the SDK and nothing else, in turns.
 */
const ROUNDS = 15;
const WARM_UP = 300;
const EVENTS = 3000;

const ACCOUNT = 'https://sqs.eu-west-1.amazonaws.com/111122223333';
const OBSTACLES = JSON.stringify([
  { name: 'person', labels: ['Person', 'Pedestrian'], minimumConfidence: 80, severity: 'CRITICAL' },
]);
const DETECTOR = {
  FLEET_NAME: 'delivery',
  OBSTACLES,
  ALERTS: '{"topicArn":"arn:aws:sns:eu-west-1:111122223333:alerts","tableName":"History","repeatAfterSeconds":60}',
};
interface Case {
  readonly environment: Record<string, string>;
  /** Of another device each time, so that none is known already. */
  readonly event: (index: number) => unknown;
}

/** What Lambda hands over of a queue with one message. */
function queued(message: unknown) {
  const event = sqsEvent(JSON.stringify(message));
  event.Records[0].attributes.SentTimestamp = String(Date.now());
  return event;
}

const detection = (index: number) =>
  JSON.stringify({
    schemaVersion: '1.0',
    id: `m-${index}`,
    capturedAt: new Date().toISOString(),
    detections: Array.from({ length: 10 }, () => ({ label: 'Pedestrian', confidence: 91.5 })),
  });

const CASES: Record<string, Case> = {
  'on-device-detections': {
    environment: { ...DETECTOR, MESSAGES_PER_SECOND: '30' },
    event: (index) => queued(ruleOutput(`drone-${index}`, detection(index))),
  },
  'image-detector': {
    environment: {
      ...DETECTOR,
      FRAMES:
        '{"analyser":{"kind":"labels"},"maxConcurrency":5,"maximumAgeSeconds":60,"linkSeconds":900,"evidencePrefix":"evidence"}',
    },
    event: (index) => {
      const folder = `drone-${index}`;
      const key = frameKey({ folder: `frames/${folder}`, stream: folder, timecode: Date.now() });
      return queued(objectCreatedAt(new Date().toISOString(), key));
    },
  },
  'label-events': { environment: DETECTOR, event: (index) => queued(labelDetected(`drone-${index}`)) },
  'face-matches': {
    environment: DETECTOR,
    event: (index) =>
      kinesisEvent(JSON.stringify(faceRecord([faceSeen(match('person'))], { StreamArn: streamArn(`drone-${index}`) }))),
  },
  'alert-escalation': {
    environment: { STATE_MACHINE_ARN: 'arn:aws:states:eu-west-1:111122223333:stateMachine:Escalation' },
    event: (index) =>
      queued({
        schemaVersion: '1.1',
        id: `drone-${index}:1:person`,
        fleet: 'delivery',
        device: `drone-${index}`,
        source: 'IMAGE',
        obstacle: 'person',
        severity: 'CRITICAL',
        label: 'Person',
        confidence: 97.5,
        capturedAt: new Date().toISOString(),
        detectedAt: new Date().toISOString(),
      }),
  },
  'alert-acknowledgement': {
    environment: { ACKNOWLEDGEMENT_TABLE: 'Acknowledgements', RETENTION_DAYS: '90' },
    event: (index) => urlEvent('POST', { body: JSON.stringify({ detectionId: `drone-${index}:1:person` }) }),
  },
  'fleet-provisioning': {
    environment: {
      ALLOW_LIST_TABLE: 'AllowList',
      TEMPLATE_NAME: 'fleet',
      THING_NAME_PREFIX: '',
      REGISTRATION: 'REUSABLE',
      CELL: 'null',
    },
    event: (index) => hookInput(`drone-${index}`),
  },
  'motion-gate': {
    environment: {
      GATE: '{"tableName":"Gates","openForSeconds":30,"streamSecondsPerDay":7200,"fleetSecondsPerDay":360000}',
      PROCESSORS: '[]',
    },
    event: (index) =>
      queued(
        ruleOutput(
          `drone-${index}`,
          JSON.stringify({ schemaVersion: '1.0', id: `m-${index}`, detectedAt: new Date().toISOString() }),
        ),
      ),
  },
  'media-provisioner': {
    environment: { MEDIA: JSON.stringify(MEDIA), PACER: '{"tableName":"Pacer","rates":{}}' },
    event: (index) => queued(thingEvent({ operation: 'CREATED', thingName: `drone-${index}` })),
  },
};

const RUNTIME = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'key',
  AWS_SECRET_ACCESS_KEY: 'secret',
  QUEUE_URL: `${ACCOUNT}/work`,
  DEAD_LETTER_QUEUE_URL: `${ACCOUNT}/dead-letters`,
};

type Handler = (event: unknown, context: Context) => Promise<{ batchItemFailures?: unknown[] }>;

/** The time of each event of one message, in milliseconds, when the function is warm. */
async function ownTimes(name: string, { environment, event }: Case): Promise<number[]> {
  Object.assign(process.env, RUNTIME, environment);
  const { handler } = (await import(`../lambda/${name}/index`)) as { handler: Handler };
  const context = { awsRequestId: '1', functionName: name } as Context;
  const times: number[] = [];
  for (let index = 0; index < WARM_UP + EVENTS; index++) {
    const given = event(index);
    const start = performance.now();
    const result = await handler(given, context);
    times.push(performance.now() - start);
    if (result.batchItemFailures?.length) throw new Error(`${name} failed with ${JSON.stringify(given)}`);
  }
  return times.slice(WARM_UP).sort((a, b) => a - b);
}

/** A function that makes the clients of the SDK that the handler makes, and nothing else. */
async function bareBundle(name: string, folder: string): Promise<string> {
  const { metafile } = buildSync({
    ...BUNDLE,
    entryPoints: [`lambda/${name}/index.ts`],
    write: false,
    metafile: true,
    outdir: folder,
  });
  const packages = new Set(
    Object.keys(metafile!.inputs).flatMap(
      (input) => /node_modules\/(@aws-sdk\/client-[a-z0-9-]+)\//.exec(input)?.[1] ?? [],
    ),
  );
  const lines: string[] = [];
  for (const client of packages) {
    const exported = Object.keys((await import(client)) as object).find((key) => /^[A-Z]\w*Client$/.test(key));
    lines.push(`import { ${exported} } from '${client}';`, `new ${exported}();`);
  }
  const outfile = join(folder, `${name}.js`);
  const contents = `${lines.join('\n')}\nexport const handler = async () => {};`;
  buildSync({ ...BUNDLE, stdin: { contents, resolveDir: join(__dirname, '..') }, outfile });
  return outfile;
}

/** How long a process takes to load a bundle, in milliseconds. */
function load(file: string, environment: Record<string, string>): number {
  const script = `const s = performance.now(); require(${JSON.stringify(file)}); console.log(performance.now() - s); process.exit()`;
  const output = execFileSync(process.execPath, ['-e', script], {
    env: { ...RUNTIME, ...environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return Number(output.toString().trim().split('\n').at(-1));
}

async function main(): Promise<void> {
  answerAtOnce();
  const folder = mkdtempSync(join(tmpdir(), 'bare-'));
  const rows = [];
  for (const [name, handlerCase] of Object.entries(CASES)) {
    const times = await ownTimes(name, handlerCase);
    const bundle = join(__dirname, '..', 'build', 'lambda', name, 'index.js');
    const bare = await bareBundle(name, folder);
    const starts = Array.from({ length: ROUNDS }, () => [load(bundle, handlerCase.environment), load(bare, {})]);
    rows.push({
      handler: name,
      'p50 ms': times[Math.floor(0.5 * times.length)].toFixed(2),
      'p99 ms': times[Math.floor(0.99 * times.length)].toFixed(2),
      'gzip KiB': Math.round(gzipSync(readFileSync(bundle)).length / 1024),
      size: (statSync(bundle).size / statSync(bare).size).toFixed(2),
      'cold start': (median(starts.map(([own]) => own)) / median(starts.map(([, other]) => other))).toFixed(2),
    });
  }
  rmSync(folder, { recursive: true });
  tell('Handlers', rows);
}

void main();
