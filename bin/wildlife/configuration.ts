import { Duration, type App } from 'aws-cdk-lib';
import * as z from 'zod';
import { AlertSeverity, ClosedArea, NightTime, ObstacleClass, type FieldWatchProps } from '../../lib';
import { environment, name, readContext } from '../context';

const point = z.strictObject({ latitude: z.number(), longitude: z.number() });
const minutes = z.number().positive().optional();

/** What can be configured of the reserve. The constructs check the rest, and say what is wrong with it. */
const configuration = z.strictObject({
  name: name.default('reserve'),
  env: environment,
  /** Around a point of the sea, where nobody has a reserve: to be replaced. */
  areas: z.array(z.strictObject({ name: z.string(), corners: z.array(point) })).default([
    {
      name: 'closed',
      corners: [
        { latitude: -0.05, longitude: -0.05 },
        { latitude: -0.05, longitude: 0.05 },
        { latitude: 0.05, longitude: 0.05 },
        { latitude: 0.05, longitude: -0.05 },
      ],
    },
  ]),
  night: z
    .union([
      z.strictObject({ degreesBelow: z.number().default(6) }),
      z.strictObject({ start: z.string(), end: z.string(), timeZone: z.string() }),
      z.literal('always'),
    ])
    .default({ degreesBelow: 6 }),
  minimumConfidence: z.number().min(0).max(100).default(60),
  incidentGapMinutes: minutes,
  lateAfterMinutes: minutes,
  recordOnlyAfterMinutes: minutes,
  recordRetentionDays: z.number().positive().optional(),
  rangerPhones: z.array(z.e164()).default([]),
  rangerEmails: z.array(z.email()).default([]),
  alarmEmails: z.array(z.email()).default([]),
});

export type Reserve = z.infer<typeof configuration>;

/**
 * The configuration: the context value `reserve`, either itself or the path of a JSON file that has it (`-c reserve=…`).
 * @throws Error which names each field that is wrong, and says why
 */
export function readReserve(app: App): Reserve {
  return readContext(app, 'reserve', configuration);
}

/** What is of concern, where and when. */
export function watchOf(
  reserve: Reserve,
): Pick<
  FieldWatchProps,
  'areas' | 'night' | 'obstacles' | 'incidentGap' | 'lateAfter' | 'recordOnlyAfter' | 'recordRetention'
> {
  const { minimumConfidence, incidentGapMinutes, lateAfterMinutes, recordOnlyAfterMinutes, recordRetentionDays } =
    reserve;
  const duration = (amount: number | undefined) => (amount === undefined ? undefined : Duration.minutes(amount));
  const concern = (name: string, ...labels: string[]) =>
    new ObstacleClass({ name, labels, minimumConfidence, severity: AlertSeverity.CRITICAL });
  return {
    areas: reserve.areas.map(({ name, corners }) => new ClosedArea(name, corners)),
    night: nightOf(reserve),
    obstacles: [concern('person', 'person'), concern('vehicle', 'vehicle', 'car', 'truck', 'motorcycle', 'boat')],
    incidentGap: duration(incidentGapMinutes),
    lateAfter: duration(lateAfterMinutes),
    recordOnlyAfter: duration(recordOnlyAfterMinutes),
    recordRetention: recordRetentionDays === undefined ? undefined : Duration.days(recordRetentionDays),
  };
}

/** What has no position is taken to be in the first area. */
function nightOf({ night, areas }: Reserve): NightTime | undefined {
  if (night === 'always') return undefined;
  if ('start' in night) return NightTime.hours(night.start, night.end, night.timeZone);
  return NightTime.sun(areas[0]?.corners[0] ?? { latitude: 0, longitude: 0 }, night.degreesBelow);
}
