import type { IoTClient } from '@aws-sdk/client-iot';
import type { KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import type { KinesisVideoArchivedMediaClient } from '@aws-sdk/client-kinesis-video-archived-media';
import type { KinesisVideoSignalingClient } from '@aws-sdk/client-kinesis-video-signaling';
import type { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';

export function isNamed(error: unknown, ...names: string[]): error is Error {
  return error instanceof Error && names.includes(error.name);
}

/** What the call gives, or nothing if what it is about doesn't exist. */
export async function unlessNotFound<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isNamed(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  }
}

/** What was made, or nothing if there is one of that name. */
export async function unlessThere<T>(creation: Promise<T>): Promise<T | undefined> {
  try {
    return await creation;
  } catch (error) {
    if (isNamed(error, 'ResourceInUseException')) return undefined;
    throw error;
  }
}

/**
 * Lets a client try again what the SDK would give up at.
 *
 * @param judge of an error and the command that failed: whether it passes by itself, and whether it means "slower"
 */
export function retryAlso<
  C extends
    | IoTClient
    | KinesisVideoArchivedMediaClient
    | KinesisVideoClient
    | KinesisVideoSignalingClient
    | SageMakerRuntimeClient,
>(client: C, judge: (error: unknown, commandName: string) => 'transient' | 'throttled' | undefined): C {
  // The stacks differ in the types of what goes through, which doesn't matter here.
  (client as KinesisVideoClient).middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        try {
          return await next(args);
        } catch (error) {
          const verdict = judge(error, commandName);
          if (verdict) Object.assign(error as Error, { $retryable: { throttling: verdict === 'throttled' } });
          throw error;
        }
      },
    { step: 'finalizeRequest', priority: 'low', name: 'retryAlso' },
  );
  return client;
}

/** A permission that was made right before takes some seconds to work everywhere. */
export const NOT_YET_ALLOWED = ['AccessDeniedException', 'NotAuthorizedException', 'UnauthorizedException'];
