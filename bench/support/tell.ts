/** Prints rows as a table of Markdown, as they stand in docs/benchmarks.md. */
export function tell(title: string, rows: readonly Record<string, string | number | boolean>[]): void {
  const columns = Object.keys(rows[0]);
  const line = (cells: readonly unknown[]) => `| ${cells.join(' | ')} |`;
  const body = rows.map((row) => line(columns.map((column) => row[column])));
  console.log([`**${title}**`, '', line(columns), line(columns.map(() => '---')), ...body, ''].join('\n'));
}

export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
