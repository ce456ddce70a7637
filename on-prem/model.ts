import { UnusableMessage } from '../lambda/common/queue-worker';
import type { Analyser, ReadFrame } from '../lambda/image-detector/analysers/analyser';
import { requestOf, sightingsIn } from '../lambda/image-detector/analysers/endpoint';
import { refuses } from '../lambda/common/model-endpoint';

export interface ModelSettings {
  readonly url: string;
  /** Names of the classes, where the model answers with their numbers. */
  readonly labels?: string[];
}

/** In milliseconds. */
const PATIENCE = 30_000;

/**
 * A model in a container that an endpoint of SageMaker would run too, asked without SageMaker: `POST /invocations`.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
 */
export function model({ url, labels }: ModelSettings, readFrame: ReadFrame): Analyser {
  return {
    analyse: async (frame) => {
      const { body, contentType } = await requestOf(frame, { readFrame });
      const response = await fetch(new URL('invocations', url), {
        method: 'POST',
        headers: { 'content-type': contentType, accept: 'application/json' },
        body: Uint8Array.from(body),
        signal: AbortSignal.timeout(PATIENCE),
      });
      const answer = await response.text();
      if (response.ok) return sightingsIn(answer, labels);
      const message = `The model says ${response.status}: ${answer.slice(0, 500)}`;
      throw refuses(response.status) ? new UnusableMessage(message) : new Error(message);
    },
  };
}
