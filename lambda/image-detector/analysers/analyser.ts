import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { RekognitionClient } from '@aws-sdk/client-rekognition';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { Sighting } from '../../common/obstacles';
import { VersionedTable } from '../../common/versioned-table';
import type { Frame } from '../frame';
import { customLabels } from './custom-labels';
import { endpoint } from './endpoint';
import { lambdaFunction } from './function';
import { labels } from './labels';
import { movement } from './movement';
import { thermal } from './thermal';

/** What looks at frames. */
export interface Analyser {
  /**
   * @throws UnusableMessage when the frame can't be analysed, now or ever
   */
  analyse(frame: Frame): Promise<Sighting[]>;
}

/** What `FrameAnalyser` puts into the environment. */
export const analyserSettings = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('labels'), maxLabels: z.number().optional() }),
  z.object({ kind: z.literal('custom-labels'), projectVersionArn: z.string().min(1) }),
  z.object({ kind: z.literal('endpoint'), endpointName: z.string().min(1), labels: z.array(z.string()).optional() }),
  z.object({ kind: z.literal('function'), functionArn: z.string().min(1) }),
  z.object({
    kind: z.literal('movement'),
    endpointName: z.string().min(1),
    tableName: z.string().min(1),
    moments: z.coerce.number().int().min(2).max(20),
    withinSeconds: z.coerce.number().positive(),
  }),
  z.object({ kind: z.literal('thermal'), coldest: z.number(), hottest: z.number(), hotspotAbove: z.number() }),
]);

export type AnalyserSettings = z.infer<typeof analyserSettings>;
export type SettingsOf<Kind extends AnalyserSettings['kind']> = Extract<AnalyserSettings, { kind: Kind }>;

/** The bytes of a frame, if there aren't too many. */
export type ReadFrame = (frame: Frame, maxBytes: number) => Promise<Buffer>;

export interface AnalyserPorts {
  readonly readFrame: ReadFrame;
  /** Of the least demanding class, in percent. */
  readonly minimumConfidence: number;
}

/** A person that is hardly seen is one all the same, who would be missing in the movement, in percent. */
const PERSON_CONFIDENCE = 50;

/** Rekognition is asked more slowly when it says that it is too much. */
const rekognition = () => new RekognitionClient({ retryMode: 'adaptive' });

/** The analyser of this function, with the clients that it needs. */
export function analyserOf(settings: AnalyserSettings, { readFrame, minimumConfidence }: AnalyserPorts): Analyser {
  switch (settings.kind) {
    case 'labels':
      return labels(settings, { rekognition: rekognition(), minimumConfidence });
    case 'custom-labels':
      return customLabels(settings, { rekognition: rekognition(), minimumConfidence });
    case 'endpoint':
      return endpoint(settings, { sagemaker: new SageMakerRuntimeClient(), readFrame });
    case 'function':
      return lambdaFunction(settings, { lambda: new LambdaClient() });
    case 'movement':
      return movement(settings, {
        people: labels({ kind: 'labels' }, { rekognition: rekognition(), minimumConfidence: PERSON_CONFIDENCE }),
        sagemaker: new SageMakerRuntimeClient(),
        table: new VersionedTable(DynamoDBDocumentClient.from(new DynamoDBClient()), settings.tableName),
        now: Date.now,
      });
    case 'thermal':
      return thermal(settings, { readFrame });
  }
}
