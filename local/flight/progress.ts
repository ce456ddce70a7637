/** Milliseconds as people read them. */
export function duration(milliseconds: number): string {
  return milliseconds < 10_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** Tells a line, and how long after the beginning it was. */
export function progress(): (words: string) => void {
  const began = Date.now();
  return (words) => console.log(`${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${words}`);
}
