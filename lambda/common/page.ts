import * as z from 'zod';

const number = z.number().int().min(0);

/** How far a page has been worked off. */
const progress = z.object({
  /** How often it was worked on. */
  round: number,
  /** The first of the names that wasn't looked at. */
  next: number,
  /** Those of the names that are to be tried again at the end. */
  late: z.array(number),
  /** Without those that are zero: the counts of all pages of a run have to fit into one state. */
  counts: z.object({
    checked: number,
    created: number.optional(),
    repaired: number.optional(),
    removed: number.optional(),
    orphaned: number.optional(),
    failed: number.optional(),
  }),
});

/** A page of the lister. */
export const page = progress.extend({ kind: z.enum(['things', 'streams', 'channels']), names: z.array(z.string()) });

export type Progress = z.infer<typeof progress>;
export type Page = z.infer<typeof page>;

export interface Round {
  /** To be handed in for the next round. */
  readonly progress: Progress;
  readonly done: boolean;
  /** How many entries the report has. */
  readonly reported: number;
  readonly report: {
    /** As `stream/<name>` and `channel/<name>`. */
    readonly orphaned: string[];
    readonly failed: { readonly thing: string; readonly error: string }[];
  };
}

/** Does what it is given until it is given nothing, so many at once. */
export async function inParallel(width: number, take: () => Promise<void> | undefined): Promise<void> {
  const work = async () => {
    for (let task = take(); task; task = take()) await task;
  };
  await Promise.all(Array.from({ length: width }, work));
}
