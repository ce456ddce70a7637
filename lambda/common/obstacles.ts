import * as z from 'zod';
import { boundingBox, severity, type BoundingBox } from './detection-event';

/** A class of obstacles, as `ObstacleClass` renders it into the environment. */
export const obstacleClass = z.object({
  name: z.string(),
  labels: z.array(z.string()),
  minimumConfidence: z.number(),
  severity,
  region: boundingBox.optional(),
});

export type ObstacleClass = z.infer<typeof obstacleClass>;

/** What a model says that it saw. */
export interface Sighting {
  readonly label: string;
  /** In percent. */
  readonly confidence: number;
  readonly boundingBox?: BoundingBox;
  readonly value?: number;
}

export interface Obstacle {
  readonly class: ObstacleClass;
  readonly sighting: Sighting;
}

/** The classes that were seen, each with its most confident sighting. */
export function findObstacles(classes: ObstacleClass[], sightings: Sighting[]): Obstacle[] {
  return classes.flatMap((candidate) => {
    const [best] = sightings
      .filter((sighting) => belongsTo(candidate, sighting))
      .sort((a, b) => b.confidence - a.confidence);
    return best ? [{ class: candidate, sighting: best }] : [];
  });
}

function belongsTo({ labels, minimumConfidence, region }: ObstacleClass, sighting: Sighting): boolean {
  const label = sighting.label.toLowerCase();
  if (sighting.confidence < minimumConfidence || !labels.some((name) => name.toLowerCase() === label)) return false;
  // A model that doesn't say where may mean here: better an alert too many than one too few.
  return !region || !sighting.boundingBox || overlap(region, sighting.boundingBox);
}

function overlap(a: BoundingBox, b: BoundingBox): boolean {
  return a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;
}
