/** A table in Markdown, with columns as wide as what is in them; those of numbers are to the right. */
export function markdownTable(head: string[], rows: string[][], numbers: number[] = []): string[] {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column].length)));
  const padded = (cells: string[]) => `| ${cells.map((cell, column) => pad(cell, column)).join(' | ')} |`;
  const pad = (cell: string, column: number) =>
    numbers.includes(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column]);
  const rule = widths.map((width, column) =>
    numbers.includes(column) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  return [padded(head), `| ${rule.join(' | ')} |`, ...rows.map(padded)];
}

/** Columns for a terminal, two spaces apart. */
export function columns(rows: string[][], numbers: number[] = [], indent = '  '): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    `${indent}${row
      .map((cell, column) => (numbers.includes(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
      .join('  ')}`.trimEnd(),
  );
}
