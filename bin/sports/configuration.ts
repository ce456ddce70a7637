import { Duration, type App } from 'aws-cdk-lib';
import * as z from 'zod';
import { AlertSeverity, ObstacleClass, type ViewerPoolOptions } from '../../lib';
import { modelConfiguration } from '../model';
import { environment, name, readContext } from '../context';

const play = z.strictObject({
  name: z.string(),
  labels: z.array(z.string()),
  minimumConfidence: z.number().optional(),
});

const PLAYS = ['counter-attack', 'press', 'wide-attack'].map((name) => ({ name, labels: [name] }));

/** What can be configured of the stadium. The constructs check the rest, and say what is wrong with it. */
const configuration = z.strictObject({
  name: name.default('stadium'),
  env: environment,
  model: modelConfiguration.default({
    image: 'play-model:v1',
    capacity: { instanceType: 'ml.c7i.large', instanceCount: 1 },
  }),
  plays: z.array(play).default(PLAYS),
  imagesPerSecond: z.number().min(0.1).max(5).default(2),
  detectLabelsPerSecond: z.number().min(5).default(50),
  callbackUrl: z.url().default('http://localhost:8080/'),
  clipDays: z.int().min(31).default(90),
  alarmEmails: z.array(z.email()).default([]),
});

export type Stadium = z.infer<typeof configuration>;

/**
 * The configuration: the context value `stadium`, either itself or the path of a JSON file that has it (`-c stadium=…`).
 * @throws Error which names each field that is wrong, and says why
 */
export function readStadium(app: App): Stadium {
  return readContext(app, 'stadium', configuration);
}

/** A play is told of when it begins, and again if it goes on for ten seconds. */
export function playsOf({ plays }: Stadium): ObstacleClass[] {
  return plays.map(
    (each) => new ObstacleClass({ severity: AlertSeverity.INFO, repeatAfter: Duration.seconds(10), ...each }),
  );
}

export function signInOf({ callbackUrl }: Stadium): ViewerPoolOptions {
  return { callbackUrls: [callbackUrl] };
}

/** At the pace of the quota, which all invocations share: a frame that waits for its turn is no prediction any more. */
export function paceOf({ detectLabelsPerSecond }: Stadium) {
  return { callsPerSecond: detectLabelsPerSecond, maximumAge: Duration.seconds(5) };
}
