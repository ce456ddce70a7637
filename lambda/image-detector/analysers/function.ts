import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { parseMessage } from '../../common/queue-worker';
import { frameAnalysis, type FrameAnalysisRequest } from '../frame-analysis';
import type { Frame } from '../frame';
import type { Analyser, SettingsOf } from './analyser';

export interface FunctionPorts {
  readonly lambda: LambdaClient;
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export function lambdaFunction({ functionArn }: SettingsOf<'function'>, { lambda }: FunctionPorts): Analyser {
  return {
    analyse: async (frame) => {
      const { FunctionError, Payload } = await lambda.send(
        new InvokeCommand({ FunctionName: functionArn, Payload: JSON.stringify(requestOf(frame)) }),
      );
      const answer = Buffer.from(Payload ?? []).toString('utf8');
      if (FunctionError) throw new Error(`${functionArn} failed: ${answer.slice(0, 500)}`);
      return parseMessage(frameAnalysis, answer).detections;
    },
  };
}

function requestOf({ bucket, key, device, camera, capturedAt }: Frame): FrameAnalysisRequest {
  return { schemaVersion: '1.0', bucket, key, device, camera, capturedAt: capturedAt.toISOString() };
}
