import * as z from 'zod';
import { boundingBox, severity, type BoundingBox } from './detection-event';

/** A class of obstacles, as `ObstacleClass` renders it into the environment. */
export const obstacleClass = z.object({
  name: z.string(),
  labels: z.array(z.string()),
  minimumConfidence: z.number(),
  severity,
  region: boundingBox.optional(),
  minimumCount: z.number().int().min(1).optional(),
  minimumValue: z.number().optional(),
  repeatAfterSeconds: z.number().optional(),
  clearAfterSeconds: z.number().optional(),
  releaseConfidence: z.number().optional(),
  confirmation: z.object({ sightings: z.number().int().min(2), withinSeconds: z.number() }).optional(),
});

export type ObstacleClass = z.infer<typeof obstacleClass>;

/** What a model says that it saw. */
export interface Sighting {
  readonly label: string;
  /** In percent. */
  readonly confidence: number;
  readonly boundingBox?: BoundingBox;
  /** What was measured, in the unit of whoever measures it: the temperature of a hotspot, say. */
  readonly value?: number;
}

export interface Obstacle {
  readonly class: ObstacleClass;
  /** The most confident one. */
  readonly sighting: Sighting;
  /** How many were seen at once. */
  readonly count: number;
  /** Sure enough to say that it is still there, but not that it has come. */
  readonly isFaint: boolean;
}

/** The classes that were seen. */
export function findObstacles(classes: ObstacleClass[], sightings: Sighting[]): Obstacle[] {
  return classes.flatMap((candidate) => {
    const { minimumConfidence } = candidate;
    const faint = seen(candidate, releaseConfidence(candidate), sightings);
    if (!faint) return [];
    const clear = seen(candidate, minimumConfidence, sightings);
    return [{ class: candidate, isFaint: !clear, ...(clear ?? faint) }];
  });
}

/** How sure a model must be to say that what was seen before is still there. */
export function releaseConfidence({ minimumConfidence, releaseConfidence: lower }: ObstacleClass): number {
  return lower ?? minimumConfidence;
}

function seen(candidate: ObstacleClass, confidence: number, sightings: Sighting[]) {
  const found = sightings
    .filter((sighting) => sighting.confidence >= confidence && belongsTo(candidate, sighting))
    .sort((a, b) => b.confidence - a.confidence);
  return found.length >= (candidate.minimumCount ?? 1) ? { sighting: found[0], count: found.length } : undefined;
}

function belongsTo({ labels, region, minimumValue }: ObstacleClass, sighting: Sighting): boolean {
  const label = sighting.label.toLowerCase();
  if (!labels.some((name) => name.toLowerCase() === label)) return false;
  if (minimumValue !== undefined && !(sighting.value !== undefined && sighting.value >= minimumValue)) return false;
  // A model that doesn't say where may mean here: better an alert too many than one too few.
  return !region || !sighting.boundingBox || overlap(region, sighting.boundingBox);
}

function overlap(a: BoundingBox, b: BoundingBox): boolean {
  return a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;
}
