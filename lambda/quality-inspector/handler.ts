import { createHash } from 'node:crypto';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import * as z from 'zod';
import { askModel } from '../common/model-endpoint';
import { logger, metrics } from '../common/observability';
import { findObstacles } from '../common/obstacles';
import { UnusableMessage, mostSecondsToNextTry, parseMessage, type Delivery } from '../common/queue-worker';
import type { ReadFrame } from '../image-detector/analysers/analyser';
import { requestOf, sightingsIn } from '../image-detector/analysers/endpoint';
import { created, frameOf, type Frame } from '../image-detector/frame';
import { keepEvidence, type EvidencePorts } from './evidence';
import type { Ledger } from './ledger';
import { late, tellLine, untold, type LinePorts, type Told } from './line';
import type { Decision } from './record';
import type { InspectorSettings } from './settings';

export interface Ports extends LinePorts, EvidencePorts {
  readonly ledger: Ledger;
  readonly sagemaker: SageMakerRuntimeClient;
  readonly readFrame: ReadFrame;
  /** Ends a call after so many milliseconds. */
  readonly abortAfter: (milliseconds: number) => AbortSignal;
  readonly settings: InspectorSettings;
}

/** S3 sends it once, when the notification is configured. */
const testEvent = z.object({ Event: z.literal('s3:TestEvent') });

/** What telling the line takes, in milliseconds, which the model can't have. */
const RESERVE = 500;

/** Less than an invocation may last, in milliseconds. */
const LONGEST_CALL = 20_000;

/** Asks the model about the images that a notification of S3 tells of, and tells lines of pieces that are faulty. */
export async function handle(body: string, ports: Ports, { tries }: Delivery): Promise<void> {
  // Not a union with the other: what that says of a wrong message names no field.
  if (testEvent.safeParse(parseMessage(z.unknown(), body)).success) return;
  for (const record of parseMessage(created, body).Records) await inspect(frameOf(record), tries, ports);
}

async function inspect(frame: Frame, tries: number, ports: Ports): Promise<void> {
  const { settings, now } = ports;
  const { bucket, key, device: line, camera, capturedAt } = frame;
  if (!settings.lines.includes(line)) {
    metrics.addMetric('FrameUnwanted', MetricUnit.Count, 1);
    logger.warn('Frame is of no line', { bucket, key, line });
    return;
  }
  const id = createHash('sha256').update(`${bucket}/${key}`).digest('hex').slice(0, 32);
  const deadline = capturedAt.getTime() + 1000 * settings.rejectWithinSeconds;
  if (now() >= deadline) return finishLate(id, frame, ports);

  const decide = (verdict: Decision['verdict'], rest: Pick<Decision, 'defects' | 'model' | 'reason'>): Decision => ({
    schemaVersion: '1.0',
    id,
    fleet: settings.fleet,
    line,
    camera,
    verdict,
    capturedAt: capturedAt.toISOString(),
    decidedAt: new Date(now()).toISOString(),
    deadline: new Date(deadline).toISOString(),
    ...rest,
  });
  const answer = await defectsIn(frame, deadline, ports).catch((error: Error) => error);
  if (answer instanceof Error) {
    if (comesAgainInTime(answer, tries, deadline - now())) throw answer;
    const reason = `s3://${bucket}/${key} has no verdict: ${answer.message}`.slice(0, 1000);
    metrics.addMetric('VerdictUnknown', MetricUnit.Count, 1);
    await settle(frame, decide('UNKNOWN', { defects: [], model: { endpoint: settings.endpointName }, reason }), ports);
    // Of the model somebody has to take care.
    throw new UnusableMessage(reason);
  }
  const { defects, model } = answer;
  measure(frame, defects.length > 0, ports);
  if (defects.length > 0) await settle(frame, decide('FAULTY', { defects, model }), ports);
}

/** What is wrong with the piece, by the classes of defects. */
async function defectsIn(frame: Frame, deadline: number, ports: Ports): Promise<Pick<Decision, 'defects' | 'model'>> {
  const { settings, sagemaker, now, abortAfter } = ports;
  const { endpointName, labels } = settings;
  const request = await requestOf(frame, ports);
  const abortSignal = abortAfter(Math.max(0, Math.min(LONGEST_CALL, deadline - RESERVE - now())));
  const { text, version } = await askModel(sagemaker, { endpointName, abortSignal, ...request });
  const found = findObstacles(settings.defects, sightingsIn(text, labels)).filter(({ isFaint }) => !isFaint);
  const defects = found.map(({ class: { name, severity }, sighting: { label, confidence, boundingBox } }) => ({
    name,
    severity,
    label,
    confidence,
    boundingBox,
  }));
  return { defects, model: { endpoint: endpointName, version } };
}

/** Whether the next try of the message would still be in time. */
function comesAgainInTime(error: Error, tries: number, left: number): boolean {
  return !(error instanceof UnusableMessage) && left > 1000 * mostSecondsToNextTry(tries) + RESERVE;
}

/** Tells the line, and keeps the evidence. */
async function settle(frame: Frame, decision: Decision, ports: Ports): Promise<void> {
  await keep(frame, await tellLine(decision, ports), ports);
}

/** The piece has passed the gate: the model isn't asked any more, but what was begun in time is brought to its end. */
async function finishLate(id: string, frame: Frame, ports: Ports): Promise<void> {
  const entry = await ports.ledger.find(id);
  if (!entry) return late(frame.device, id);
  const { decision, sentAt, keptAt } = entry;
  if (keptAt !== undefined) {
    metrics.addMetric('FrameRepeated', MetricUnit.Count, 1);
    return;
  }
  await keep(
    frame,
    { decision, signal: sentAt === undefined ? untold(decision, ports) : 'SENT', isKept: false },
    ports,
  );
  if (decision.verdict === 'UNKNOWN') throw new UnusableMessage(decision.reason ?? 'It has no verdict.');
}

async function keep(frame: Frame, { decision, signal, isKept }: Told, ports: Ports): Promise<void> {
  if (isKept) return;
  await keepEvidence(frame, decision, signal, ports);
  await ports.ledger.note(decision.id, 'keptAt');
}

function measure({ device, createdAt }: Frame, isFaulty: boolean, { settings, now }: Ports): void {
  // Since S3 had the image: what is before that is not for this function to change.
  metrics.addMetric('VerdictLatency', MetricUnit.Milliseconds, Math.max(0, now() - createdAt.getTime()));
  // Each is a line of its own, which has the dimensions of one metric.
  for (const [name, value] of Object.entries({ PieceInspected: 1, PieceFaulty: isFaulty ? 1 : 0 })) {
    const metric = metrics.singleMetric();
    metric.addDimension('fleet', settings.fleet);
    metric.addDimension('line', device);
    metric.addMetric(name, MetricUnit.Count, value);
  }
}
