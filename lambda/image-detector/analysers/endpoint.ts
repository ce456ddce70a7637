import type { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import * as z from 'zod';
import { askModel } from '../../common/model-endpoint';
import type { Sighting } from '../../common/obstacles';
import { UnusableMessage, parseMessage } from '../../common/queue-worker';
import type { Frame } from '../frame';
import { frameAnalysis } from '../frame-analysis';
import { contentType } from '../objects';
import type { Analyser, ReadFrame, SettingsOf } from './analyser';

export interface EndpointPorts {
  readonly sagemaker: SageMakerRuntimeClient;
  readonly readFrame: ReadFrame;
}

/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html */
const MAX_BYTES = 6 * 1024 * 1024;

const share = z.number();
const objectDetection = z.object({
  prediction: z.array(z.tuple([z.number().int().nonnegative(), z.number().min(0).max(1), share, share, share, share])),
});

type Prediction = z.infer<typeof objectDetection>['prediction'][number];

/** https://docs.aws.amazon.com/sagemaker/latest/dg/object-detection-in-formats.html */
export function endpoint({ endpointName, labels }: SettingsOf<'endpoint'>, ports: EndpointPorts): Analyser {
  return {
    analyse: async (frame) => {
      const { text } = await askModel(ports.sagemaker, { endpointName, ...(await requestOf(frame, ports)) });
      return sightingsIn(text, labels);
    },
  };
}

/**
 * A frame, as models are asked about it.
 * @throws UnusableMessage when it is no image
 */
export async function requestOf(frame: Frame, { readFrame }: Pick<EndpointPorts, 'readFrame'>) {
  const body = await readFrame(frame, MAX_BYTES);
  const type = contentType(body);
  if (!type) throw new UnusableMessage(`s3://${frame.bucket}/${frame.key} is neither a JPEG nor a PNG.`);
  return { body, contentType: type };
}

/**
 * What the answer of a model says, in either form.
 * @throws UnusableMessage when it is in another one
 */
export function sightingsIn(answer: string, labels: string[] | undefined): Sighting[] {
  const content = parseMessage(z.unknown(), answer);
  const own = objectDetection.safeParse(content);
  if (own.success) return own.data.prediction.map((prediction) => sightingOf(prediction, labels));
  return parseMessage(frameAnalysis, answer).detections;
}

/** Boxes may reach over the edge of the frame. */
function sightingOf([number, confidence, ...corners]: Prediction, labels: string[] = []): Sighting {
  const [left, top, right, bottom] = corners.map((corner) => Math.min(1, Math.max(0, corner)));
  return {
    label: labels[number] ?? String(number),
    confidence: 100 * confidence,
    boundingBox: { left, top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) },
  };
}
