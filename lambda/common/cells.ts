import { createHash } from 'node:crypto';
import * as z from 'zod';

/** A cell among those of its fleet, as `CellMembership` is rendered into the environment. */
export const cellMembership = z.object({ name: z.string(), cells: z.array(z.string()).min(1) });

export type CellMembership = z.infer<typeof cellMembership>;

/**
 * The cell that a device belongs to: the one whose hash with the serial number is the highest (rendezvous hashing). It
 * needs no list of devices, is the same everywhere, and a new cell takes its share evenly from the others, which keep all
 * the rest.
 */
export function cellOf(serialNumber: string, cells: readonly string[]): string {
  const weights = cells.map((cell) => ({ cell, weight: weightOf(cell, serialNumber) }));
  return weights.reduce((a, b) => (b.weight > a.weight || (b.weight === a.weight && b.cell > a.cell) ? b : a)).cell;
}

function weightOf(cell: string, serialNumber: string): bigint {
  return createHash('sha256').update(`${cell}/${serialNumber}`).digest().readBigUInt64BE();
}
