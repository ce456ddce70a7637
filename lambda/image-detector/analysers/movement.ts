import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { askModel } from '../../common/model-endpoint';
import { metrics } from '../../common/observability';
import type { Sighting } from '../../common/obstacles';
import { parseMessage } from '../../common/queue-worker';
import type { VersionedTable } from '../../common/versioned-table';
import { streamNameOf } from '../../common/video-source';
import type { Frame } from '../frame';
import { frameAnalysis } from '../frame-analysis';
import type { Analyser, SettingsOf } from './analyser';
import type { Moment, MovementRequest } from './movement-request';

/** What is known of a camera: where people stood, by the time in milliseconds. */
export interface Window {
  readonly moments: readonly { readonly at: number; readonly people: Moment['people'] }[];
}

export interface MovementPorts {
  /** Says where people are. */
  readonly people: Analyser;
  readonly sagemaker: SageMakerRuntimeClient;
  readonly table: Pick<VersionedTable<Window>, 'read' | 'write'>;
  readonly now: () => number;
}

/** Functions that have frames of one camera at once. */
const MAX_ATTEMPTS = 10;

/** How long the positions of a camera are kept that sends nothing more, in milliseconds. */
const FORGOTTEN_AFTER = 3_600_000;

/** Has a model tell from where people stood in the last frames what they are doing. */
export function movement(settings: SettingsOf<'movement'>, ports: MovementPorts): Analyser {
  return {
    analyse: async (frame) => {
      const people = positionsOf(await ports.people.analyse(frame));
      const moments = await remember(frame, people, settings, ports);
      const { text } = await askModel(ports.sagemaker, {
        endpointName: settings.endpointName,
        body: JSON.stringify(requestOf(frame, moments)),
        contentType: 'application/json',
      });
      const { detections } = parseMessage(frameAnalysis, text);
      // Since S3 had the frame: what is before that is not for this function to change.
      const latency = Math.max(0, ports.now() - frame.createdAt.getTime());
      metrics.addMetric('PredictionLatency', MetricUnit.Milliseconds, latency);
      return detections;
    },
  };
}

function positionsOf(sightings: Sighting[]): Moment['people'] {
  return sightings.flatMap(({ label, boundingBox: box }) =>
    label === 'Person' && box ? [{ x: box.left + box.width / 2, y: Math.min(1, box.top + box.height) }] : [],
  );
}

/**
 * What was seen up to this frame, and within the time that counts. Frames may overtake each other, and come twice: each has its
 * place by its time.
 */
async function remember(
  frame: Frame,
  people: Moment['people'],
  { moments: most, withinSeconds }: SettingsOf<'movement'>,
  { table, now }: MovementPorts,
): Promise<Window['moments']> {
  const key = { stream: streamNameOf(frame) };
  const at = frame.capturedAt.getTime();
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const { content, version } = await table.read(key);
    const known = [...(content?.moments ?? []).filter((moment) => moment.at !== at), { at, people }];
    const latest = Math.max(...known.map((moment) => moment.at));
    const isIn = (end: number) => (moment: { at: number }) =>
      moment.at <= end && moment.at > end - 1000 * withinSeconds;
    const kept = known
      .filter(isIn(latest))
      .sort((one, other) => one.at - other.at)
      .slice(-most);
    if (await table.write(key, { moments: kept }, version, now() + FORGOTTEN_AFTER)) {
      return known
        .filter(isIn(at))
        .sort((one, other) => one.at - other.at)
        .slice(-most);
    }
  }
  throw new Error(`Too many functions write at once where people stand before '${key.stream}'.`);
}

function requestOf({ device, camera }: Frame, moments: Window['moments']): MovementRequest {
  return {
    schemaVersion: '1.0',
    device,
    camera,
    moments: moments.map(({ at, people }) => ({ capturedAt: new Date(at).toISOString(), people })),
  };
}
