import { InvokeEndpointCommand, ModelError, type SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import * as z from 'zod';
import type { Sighting } from '../../common/obstacles';
import { UnusableMessage, parseMessage } from '../../common/queue-worker';
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
      const bytes = await ports.readFrame(frame, MAX_BYTES);
      const type = contentType(bytes);
      if (!type) throw new UnusableMessage(`s3://${frame.bucket}/${frame.key} is neither a JPEG nor a PNG.`);
      return sightingsIn(await invoke(endpointName, bytes, type, ports), labels);
    },
  };
}

/** @throws UnusableMessage when the model refuses the frame */
async function invoke(name: string, bytes: Buffer, type: string, { sagemaker }: EndpointPorts): Promise<string> {
  try {
    const { Body } = await sagemaker.send(
      new InvokeEndpointCommand({
        EndpointName: name,
        Body: bytes,
        ContentType: type,
        Accept: 'application/json',
      }),
    );
    return Buffer.from(Body ?? []).toString('utf8');
  } catch (error) {
    if (error instanceof ModelError && refuses(error.OriginalStatusCode)) {
      throw new UnusableMessage(`The model of '${name}' refuses the frame: ${error.OriginalMessage ?? error.message}`);
    }
    throw error;
  }
}

/** What a server says of a request that is wrong, and not of one that came too late or too early. */
function refuses(status = 500): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

function sightingsIn(answer: string, labels: string[] | undefined): Sighting[] {
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
