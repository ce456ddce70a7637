import * as z from 'zod';
import { obstacleClass } from '../common/obstacles';

/** What `QualityInspector` puts into the environment. */
export const inspectorSettings = z.object({
  fleet: z.string().min(1),
  tableName: z.string().min(1),
  topicPrefix: z.string().min(1),
  lines: z.array(z.string().min(1)).min(1),
  endpointName: z.string().min(1),
  labels: z.array(z.string()).optional(),
  defects: z.array(obstacleClass).min(1),
  rejectWithinSeconds: z.number().positive(),
  signalUnknown: z.boolean(),
  evidencePrefix: z.string().min(1),
  /** Where clips are asked for; without it, there are none. */
  clipQueueUrl: z.url().optional(),
});

export type InspectorSettings = z.infer<typeof inspectorSettings>;
