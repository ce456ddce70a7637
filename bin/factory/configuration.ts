import { Duration, type App } from 'aws-cdk-lib';
import * as z from 'zod';
import { ObstacleClass } from '../../lib';
import { modelConfiguration } from '../model';
import { environment, name, readContext } from '../context';

const defect = z.strictObject({
  name: z.string(),
  labels: z.array(z.string()),
  minimumConfidence: z.number().optional(),
});

/** What can be configured of the plant. The constructs check the rest, and say what is wrong with it. */
const configuration = z.strictObject({
  name: name.default('plant'),
  env: environment,
  inspection: z.enum(['cloud', 'device']).default('cloud'),
  lines: z.array(z.string()).default(['line-1']),
  model: modelConfiguration.default({ image: 'factory-quality:v1', capacity: {} }),
  defects: z.array(defect).default([{ name: 'defect', labels: ['defect'] }]),
  rejectWithinSeconds: z.number().default(20),
  signalUnknown: z.boolean().default(true),
  imageIntervalSeconds: z.number().min(0.2).max(60).default(1),
  evidenceDays: z.number().default(365),
  clips: z.boolean().default(false),
  alarmEmails: z.array(z.email()).default([]),
});

export type Plant = z.infer<typeof configuration>;

/**
 * The configuration: the context value `plant`, either itself or the path of a JSON file that has it (`-c plant=…`).
 * @throws Error which names each field that is wrong, and says why
 */
export function readPlant(app: App): Plant {
  return readContext(app, 'plant', configuration);
}

export function defectsOf({ defects }: Plant): ObstacleClass[] {
  return defects.map((each) => new ObstacleClass(each));
}

export function linesOf({ lines, signalUnknown, rejectWithinSeconds }: Plant) {
  return { lines, signalUnknown, rejectWithin: Duration.seconds(rejectWithinSeconds) };
}
