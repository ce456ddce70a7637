import * as z from 'zod';

const count = z.number().int().min(0);

/** What is kept for one reason. */
const kept = z.object({ count, until: z.string().optional() });

/**
 * How far a request has come. Each step starts from here, and when it is done again it does the same to the same, so
 * what a crash interrupts is neither missed nor counted twice.
 */
export const progress = z.object({
  phase: z.enum(['find', 'erase', 'certify']),
  /** How many files each pass has found things for, the last one being under way. */
  passes: z.array(count).min(1),
  /** Where things are looked for next: in which place, and on which page there. */
  place: count,
  token: z.string().optional(),
  /** The next file: of this pass to be erased, or in the end of all to be noted with its checksum. */
  next: count,
  /** By place: what this pass found, and what all of them deleted. */
  found: z.record(z.string(), count),
  deleted: z.record(z.string(), count),
  /** By reason: what this pass left. */
  kept: z.record(z.string(), kept),
  /** What this pass deleted. */
  changed: count,
  /** How often something was waited for that is being deleted. */
  waits: count,
});

export type Progress = z.infer<typeof progress>;

export const START: Progress = {
  phase: 'find',
  passes: [0],
  place: 0,
  next: 0,
  found: {},
  deleted: {},
  kept: {},
  changed: 0,
  waits: 0,
};

/** All places from the beginning, to see what is left. */
export function nextPass({ passes, deleted, waits }: Progress): Progress {
  return { ...START, passes: [...passes, 0], deleted, waits };
}
