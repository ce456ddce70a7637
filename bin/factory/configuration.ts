import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Duration, type App } from 'aws-cdk-lib';
import * as z from 'zod';
import { ObstacleClass } from '../../lib';
import { modelConfiguration } from '../model';

const defect = z.strictObject({
  name: z.string(),
  labels: z.array(z.string()),
  minimumConfidence: z.number().optional(),
});

/** What can be configured of the plant. The constructs check the rest, and say what is wrong with it. */
const configuration = z.strictObject({
  name: z
    .string()
    .regex(/^[a-zA-Z][a-zA-Z0-9-]{0,31}$/, 'must be 1 to 32 of a-z A-Z 0-9 -, and start with a letter')
    .default('plant'),
  env: z.strictObject({ account: z.string().optional(), region: z.string().optional() }).default({}),
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
  const given: unknown = app.node.tryGetContext('plant') ?? {};
  const result = configuration.safeParse(typeof given === 'string' ? readJson(given) : given);
  if (result.success) return result.data;
  throw new Error(`The configuration of the plant is wrong:\n${z.prettifyError(result.error)}`);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(resolve(path), 'utf8'));
  } catch (error) {
    throw new Error(`The configuration ${path} can't be read: ${(error as Error).message}`);
  }
}

export function defectsOf({ defects }: Plant): ObstacleClass[] {
  return defects.map((each) => new ObstacleClass(each));
}

export function linesOf({ lines, signalUnknown, rejectWithinSeconds }: Plant) {
  return { lines, signalUnknown, rejectWithin: Duration.seconds(rejectWithinSeconds) };
}
