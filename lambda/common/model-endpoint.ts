import { InvokeEndpointCommand, ModelError, type SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { UnusableMessage } from './queue-worker';

export interface ModelRequest {
  readonly endpointName: string;
  readonly body: Buffer | string;
  readonly contentType: string;
  /** When whoever asks has no use for the answer any more. */
  readonly abortSignal?: AbortSignal;
}

export interface ModelAnswer {
  readonly text: string;
  /** The name of the production variant that answered: of a `ModelEndpoint` the version of the model. */
  readonly version?: string;
}

/**
 * Asks the model of an endpoint, which answers in JSON.
 *
 * @throws UnusableMessage when the model refuses what it is asked
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
 */
export async function askModel(sagemaker: SageMakerRuntimeClient, request: ModelRequest): Promise<ModelAnswer> {
  const { endpointName, body, contentType, abortSignal } = request;
  try {
    const { Body, InvokedProductionVariant } = await sagemaker.send(
      new InvokeEndpointCommand({
        EndpointName: endpointName,
        Body: body,
        ContentType: contentType,
        Accept: 'application/json',
      }),
      { abortSignal },
    );
    return { text: Buffer.from(Body ?? []).toString('utf8'), version: InvokedProductionVariant };
  } catch (error) {
    if (error instanceof ModelError && refuses(error.OriginalStatusCode)) {
      const reason = error.OriginalMessage ?? error.message;
      throw new UnusableMessage(`The model of '${endpointName}' refuses the request: ${reason}`);
    }
    throw error;
  }
}

/** What a server says of a request that is wrong, and not of one that came too late or too early. */
export function refuses(status = 500): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}
