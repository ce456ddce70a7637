import { createHash } from 'node:crypto';

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
